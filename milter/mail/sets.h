/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sets: data sets of networks, hosts, domains, addresses and words, and maps
 * of them; read once at load, immutable and thread-safe afterwards. Lookups
 * do not allocate and do not grow with the size of a set (hash tables; networks
 * by prefix length).
 *
 * Entries: "192.0.2.0/24", "2001:db8::/32", "host.example", ".example" (the
 * domain and everything below), "user@domain", "user@" (any domain, or none),
 * "@domain" (any user), "word", "<>" (the empty text); a leading "!" excludes
 * and wins.
 * A map entry is "key value". All of it is compared without case (ASCII); a
 * final dot and the quotes of a local-part do not count; a U-label in an entry
 * also matches its A-label.
 */
#ifndef CM_MAIL_SETS_H
#define CM_MAIL_SETS_H

#include "base/ip.h"
#include "base/lines.h"
#include "mail/address.h"

struct set;

/* source: "file:/path" or a bare path beginning with "/" (one entry a line,
 * second word = map value), "refile:/path" ("*" matches any text, first match
 * wins), "csl:a,b,c" or a bare text with a comma, "{a, b}", or a single entry.
 * An entry of a list may be quoted, then commas are part of it. Sources we do
 * not support ("ldap:", "mysql:", "db:" ...) are named in the error. Problems
 * are reported at `at` or inside the file. 0, ERR_CONFIG (reported) or
 * ERR_NOMEM. */
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
/* A host of which both are known: one entry may name its address, another one
 * its name, and one that excludes wins over both. An empty name is none. */
bool set_has_host(const struct set *s, const struct ip *ip, struct slice name);
/* "user@domain", "user@", "@domain", exact domain or ".domain" of the address;
 * a pattern must match all of it. An address without domain is also a word. */
bool set_has_address(const struct set *s, const struct mailbox *m);
/* Any text: as an address when it holds '@', as an IP address if it is one,
 * with or without brackets, else as domain or word. */
bool set_has(const struct set *s, struct slice text);
/* Value of the first key that matches; false if none. */
bool set_map(const struct set *s, struct slice key, struct slice *value);
/* All values: the first entry from *next on, in file order, that matches the
 * key; *next then stands behind it. Begin with *next = 0; false at the end (or
 * if an entry excludes the key). */
bool set_map_next(const struct set *s, struct slice key, size_t *next,
    struct slice *value);
/* Every entry in file order, as written ("!" included), for dump
 * and for KeyTable-like uses. false when there is no such entry. Out pointers
 * may be NULL. */
bool set_entry(const struct set *s, size_t i, struct slice *key,
    struct slice *value, struct place *at);

#endif
