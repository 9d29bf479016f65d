/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_hold: the lookups that were begun for one message, by its own thread or
 * behind it by the DNS thread. What they bring stays here until the message
 * ends, so that it is still there when the message asks, however short its TTL
 * and however slowly the message arrives.
 *
 * Counted: the message has a reference, so has every chase that stands for it.
 * Thread-safe. Bounded: what is over the limit is looked up all the same, but
 * not kept. Made when the first lookup of a message takes off; a message that
 * finds all in the cache has none.
 */
#ifndef CM_DNS_DNS_HOLD_H
#define CM_DNS_DNS_HOLD_H

#include "dns/dns_cache.h"

#define DNS_HOLD_MAX ((size_t)512)

struct dns_hold;

/* NULL when out of memory. The message may ask `most` distinct questions and
 * has asked `asked` of them. */
struct dns_hold *dns_hold_new(size_t asked, size_t most) A_MUST_USE;
/* Counts one more question; false: there were too many already. */
bool dns_hold_count(struct dns_hold *h);
void dns_hold_get(struct dns_hold *h);
void dns_hold_put(struct dns_hold *h); /* NULL is harmless */
/* The message has ended: all is given back, and nothing kept any more. */
void dns_hold_close(struct dns_hold *h);

bool dns_hold_is_closed(struct dns_hold *h);

/* A lookup that had to come before another one: its number among those of the
 * message, and how many its chain has so far. */
struct dns_behind {
	size_t nth; /* SLICE_NONE: there was none */
	unsigned depth;
};
#define DNS_BEHIND_NONE ((struct dns_behind){ SLICE_NONE, 0 })

/* Keeps a flight, begun behind another one, or an answer that was there
 * already; takes no reference of the caller's. Returns what is to be told of
 * lookups behind it. */
struct dns_behind dns_hold_flight(struct dns_hold *h, uint64_t hash,
    struct dns_flight *f, struct dns_behind behind);
void dns_hold_answer(struct dns_hold *h, uint64_t hash,
    const struct dns_answer *a);

/* What is kept for a question: the flight, else the answer, each with a
 * reference for the caller. False: nothing. */
struct dns_held {
	struct dns_flight *flight;
	const struct dns_answer *answer;
	struct dns_behind self; /* as others are behind it */
};
bool dns_hold_find(struct dns_hold *h, const struct dns_key *k, uint64_t hash,
    struct dns_held *out);

/* What is kept for a question and has come, with a reference for the caller;
 * NULL: nothing. *begun: it was asked for the message. */
const struct dns_answer *dns_hold_look(struct dns_hold *h,
    const struct dns_key *k, uint64_t hash, bool *begun);

/* The i-th flight in the order in which they began, with a reference for the
 * caller; NULL when there are no more. */
struct dns_flight *dns_hold_nth(struct dns_hold *h, size_t i,
    struct dns_behind *behind);

#endif
