/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_name: the three forms of a domain name and the ways between them.
 *
 *   wire    length-carried labels and a final zero (RFC 1035 section 3.1),
 *           never compressed here
 *   text    presentation form, no final dot; every byte that is not printable
 *           ASCII, and SP " . \ inside a label, is written \DDD, so that no
 *           name can look like another one. The root is ""
 *   plain   what checks ask for: labels joined by dots, all other bytes as
 *           they are, a backslash too. A label with a dot inside has no such
 *           form
 *
 * Everything is bounded by the limits of RFC 1035 section 2.3.4. Pure.
 */
#ifndef CM_DNS_DNS_NAME_H
#define CM_DNS_DNS_NAME_H

#include "dns/resolver.h"

#define DNS_NAME_WIRE ((size_t)255)  /* longest wire form */
#define DNS_NAME_PLAIN ((size_t)253) /* longest plain form */
#define DNS_NAME_TEXT ((size_t)1024) /* holds the longest text form */

struct dns_wire {
	uint8_t b[DNS_NAME_WIRE];
	size_t n;
};

/* A question, normalised: the key of cache, flights and pins. */
struct dns_key {
	char name[DNS_NAME_PLAIN]; /* lower case, no final dot */
	uint8_t n;
	enum dns_type type;
};

/* False for a name that DNS cannot carry: empty, an empty label, a label over
 * 63 bytes, over 253 bytes. One final dot is taken off. */
bool dns_key_init(struct dns_key *k, struct slice name,
    enum dns_type type) A_MUST_USE;
static inline struct slice
dns_key_name(const struct dns_key *k)
{
	return slice_of(k->name, k->n);
}
bool dns_key_eq(const struct dns_key *a, const struct dns_key *b) A_PURE;

/* SipHash-1-3 of name and type: with a random seed nobody can choose names
 * that collide. */
uint64_t dns_key_hash(const struct dns_key *k, const uint64_t seed[2]) A_PURE;

/* From plain; false when DNS cannot carry it. */
bool dns_wire_from_plain(struct slice plain, struct dns_wire *out) A_MUST_USE;
/* From presentation form with escapes \DDD and \c; a final dot is optional,
 * "." is the root. False when it is malformed or too long. */
bool dns_wire_from_text(struct slice text, struct dns_wire *out) A_MUST_USE;
/* Takes one name off the front of *rest, checked against its end; compression
 * pointers and unknown label types are refused. */
bool dns_wire_take(struct slice *rest, struct dns_wire *out) A_MUST_USE;
/* The text form; borrowed from `out`. */
struct slice dns_wire_text(const struct dns_wire *w, char out[DNS_NAME_TEXT]);
/* The plain form, borrowed from `out`; false when a label holds a dot or the
 * name is the root. */
bool dns_wire_plain(const struct dns_wire *w, char out[DNS_NAME_PLAIN],
    struct slice *plain) A_MUST_USE;

#endif
