/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sets_private: the inside of a set, for sets.c (look-up) and sets_load.c
 * (reading) alone.
 */
#ifndef CM_MAIL_SETS_PRIVATE_H
#define CM_MAIL_SETS_PRIVATE_H

#include "mail/sets.h"

/* One entry as it was written. */
struct set_item {
	struct slice text; /* with its "!" */
	struct slice value;
	struct place at;
	bool no; /* excludes */
};
VEC_DEFINE(set_item_vec, struct set_item);

/* What the hash table holds: one spelling or one network of an item. */
struct set_key {
	uint64_t hash;
	struct slice text; /* p == NULL: a network */
	struct ip_net net; /* host bits clear, IPv4-mapped undone */
	size_t item;
	size_t next; /* index + 1 of the next key that is equal; 0 = none */
};
VEC_DEFINE(set_key_vec, struct set_key);

/* A text with "*" in it. */
struct set_pattern {
	struct slice text;
	size_t item;
};
VEC_DEFINE(set_pattern_vec, struct set_pattern);

struct set {
	struct set_item_vec items;
	struct set_key_vec keys;
	struct set_pattern_vec patterns;
	size_t *slots;  /* open addressing: index + 1 into keys; 0 = free */
	size_t n_slots; /* a power of two, or 0 */
	bool bits4[33], bits6[129]; /* prefix lengths that occur */
	bool map;
};

/* Hash of a text given in pieces from its end to its start: begin with
 * SET_HASH, add the last piece first. So the hash of every parent of a domain
 * comes from one walk. */
#define SET_HASH UINT64_C(0xcbf29ce484222325)
uint64_t set_hash_before(uint64_t h, struct slice piece) A_PURE;
uint64_t set_hash_net(const struct ip *ip, unsigned bits) A_PURE;

/* Adds a key of the last item. 0 or ERR_NOMEM. */
int set_add_text(struct arena *a, struct set *s, struct slice text) A_MUST_USE;
int set_add_net(struct arena *a, struct set *s,
    const struct ip_net *net) A_MUST_USE;

#endif
