/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_store: a hash table of answers with an end of life each, bounded in
 * entries and bytes. When it is full the clock hand throws out what is dead or
 * was not used since the hand came by last (second chance). No lock: the
 * shard of dns_cache that owns it has one. Slots are touched first when they
 * are filled, so an empty store costs no memory.
 */
#ifndef CM_DNS_DNS_STORE_H
#define CM_DNS_DNS_STORE_H

#include "dns/dns_name.h"

struct dns_slot;

struct dns_store {
	struct dns_slot *slots;
	uint32_t *buckets; /* index + 1 of the first slot, 0 = none */
	size_t n_slots;
	size_t n_buckets; /* a power of two */
	size_t hand;
	size_t count;
	size_t bytes, max_bytes;
};

/* Room for `entries` answers (0: none is ever kept) of `max_bytes` together.
 * 0 or ERR_NOMEM. */
int dns_store_init(struct dns_store *s, size_t entries,
    size_t max_bytes) A_MUST_USE;
void dns_store_fini(struct dns_store *s);

/* Borrowed until the next put; NULL if there is none that lives at `now`. */
const struct dns_answer *dns_store_find(struct dns_store *s,
    const struct dns_key *k, uint64_t hash, int64_t now);
/* Takes a reference of its own and replaces an older answer. Times are those
 * of clock_coarse_ms. What is too large is not kept. */
void dns_store_put(struct dns_store *s, const struct dns_answer *a,
    uint64_t hash, int64_t until, int64_t now);

#endif
