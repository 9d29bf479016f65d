/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sets: data sets of networks, hosts, domains, addresses and words, and maps
 * of them; read once at load, immutable and thread-safe afterwards. Lookups
 * do not allocate and do not grow with the size of a set (hash tables; networks
 * by prefix length).
 *
 * Entries: "192.0.2.0/24", "2001:db8::/32", "host.example", ".example" (the
 * domain and everything below), "user@domain", "user@" (any domain), "word";
 * a leading "!" excludes and wins. A map entry is "key value".
 */
#ifndef CM_MAIL_SETS_H
#define CM_MAIL_SETS_H

#include "base/ip.h"
#include "base/lines.h"
#include "mail/address.h"

struct set;

/* source: "file:/path" or a bare path beginning with "/" (one entry a line, second word = map
 * value), "refile:/path" ("*" patterns, first match wins), "csl:a,b,c", "{a, b}", or
 * a single entry. Sources we do not support ("ldap:", "mysql:", "db:" ...)
 * are named in the error. Problems are reported at `at` or inside the file.
 * 0, ERR_CONFIG (reported) or ERR_NOMEM. */
int set_load(struct arena *a, struct slice source, struct place at,
    struct problems *p, struct set **out) A_MUST_USE;
/* An empty set to which entries can be added before first use. */
struct set *set_new(struct arena *a) A_MUST_USE;
int set_add(struct arena *a, struct set *s, struct slice entry,
    struct slice value, struct place at, struct problems *p) A_MUST_USE;

size_t set_count(const struct set *s);
bool set_is_map(const struct set *s);
/* NULL sets are empty. */
bool set_has_ip(const struct set *s, const struct ip *ip);
/* host or domain by name: exact entries and ".parent" entries. */
bool set_has_domain(const struct set *s, struct slice domain);
/* "user@domain", "user@", exact domain or ".domain" of the address. */
bool set_has_address(const struct set *s, const struct mailbox *m);
/* Any text: as an address when it holds '@', as an IP address if it is one, else as domain or word. */
bool set_has(const struct set *s, struct slice text);
/* Value of the first key that matches; false if none. */
bool set_map(const struct set *s, struct slice key, struct slice *value);
/* Every entry in file order, for dump and for KeyTable-like uses. */
bool set_entry(const struct set *s, size_t i, struct slice *key,
    struct slice *value, struct place *at);

#endif
