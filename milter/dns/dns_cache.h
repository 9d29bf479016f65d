/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_cache: parsed answers by question, and the questions in flight, where
 * equal ones are asked once ("single flight").
 *
 * Answers live as long as their TTL says, at most a day; negative ones by the
 * TTL that the backend took from the SOA (RFC 2308 section 5), at most three
 * hours; failures some seconds (RFC 9520 section 3.2). A TTL of 0 is not kept:
 * only those who hold the flight get that answer. The cache is bounded in
 * entries and in bytes; what was used least recently goes first.
 *
 * Sharded, a mutex each; thread-safe throughout. A hit makes no system call
 * and allocates nothing. A flight is counted: one reference is the backend's
 * from submission to dns_flight_done(), every asker holds one of its own.
 */
#ifndef CM_DNS_DNS_CACHE_H
#define CM_DNS_DNS_CACHE_H

#include "dns/dns_name.h"

struct dns_cache;
struct dns_flight;

/* NULL when out of memory. timeout_ms: how long a flight may take before
 * those who wait give it up. */
struct dns_cache *dns_cache_new(size_t entries, int64_t timeout_ms) A_MUST_USE;
/* No flight may be in the air. NULL is harmless. */
void dns_cache_free(struct dns_cache *c);

/* A cached answer with a reference for the caller, or NULL. `hash` is
 * dns_cache_hash of the key. */
uint64_t dns_cache_hash(const struct dns_cache *c, const struct dns_key *k);
const struct dns_answer *dns_cache_find(struct dns_cache *c,
    const struct dns_key *k, uint64_t hash);

/* What became of dns_cache_ask. */
enum dns_ask {
	DNS_ASK_CACHED,  /* *answer, with a reference */
	DNS_ASK_JOINED,  /* *flight of someone else, with a reference */
	DNS_ASK_STARTED, /* a new *flight with two references: the caller must
			    submit it, which takes one */
};

/* Finds the answer, or the flight that will bring it, or begins one. 0 or
 * ERR_NOMEM. */
int dns_cache_ask(struct dns_cache *c, const struct dns_key *k,
    enum dns_ask *how, const struct dns_answer **answer,
    struct dns_flight **flight) A_MUST_USE;

/* Notes what is to be done when the flight ends; the chase takes a reference
 * to its ctx. The same one again just raises `left`. False: it has ended. */
bool dns_flight_chase(struct dns_flight *f, const struct dns_chase *chase);

/* Chases that were noted. */
struct dns_chased {
	struct dns_chased *next;
	struct dns_chase chase;
};
void dns_chased_free(struct dns_chased *list);

/* Ends a flight with an answer, whose reference it takes (NULL: out of
 * memory); wakes all who wait and keeps the answer if it may be kept. Drops no
 * reference to the flight. True if this was the first end (it had not been
 * given up): *chased, unless that is NULL, then is what was noted, and the
 * caller's. */
bool dns_flight_done(struct dns_flight *f, const struct dns_answer *answer,
    struct dns_chased **chased);

/* What a look at a flight, or a wait for it, found. */
enum dns_flown {
	DNS_FLOWN_UP,     /* still in the air */
	DNS_FLOWN_ANSWER, /* *answer, with a reference */
	DNS_FLOWN_NOMEM,  /* it ended without an answer */
};

/* Waits until the flight ends or `until` passes; a deadline in the past makes
 * it a look. */
enum dns_flown dns_flight_wait(struct dns_flight *f, struct deadline until,
    const struct dns_answer **answer) A_MUST_USE;
/* When it took too long. */
struct deadline dns_flight_deadline(const struct dns_flight *f);
/* Gives it up: a TEMPFAIL "timeout" unless it has ended meanwhile. What the
 * network still brings goes into the cache. */
void dns_flight_expire(struct dns_flight *f);

const struct dns_key *dns_flight_key(const struct dns_flight *f);
/* When it began, by clock_mono_us. */
int64_t dns_flight_began_us(const struct dns_flight *f);
/* When it ended, or -1. */
int64_t dns_flight_ended_us(struct dns_flight *f);
void dns_flight_get(struct dns_flight *f);
void dns_flight_put(struct dns_flight *f); /* NULL is harmless */

/* A place for the backend's own bookkeeping; not touched here. */
struct dns_flight_link {
	struct dns_flight *next, *prev;
	int64_t due_ms;
	void *owner;
};
struct dns_flight_link *dns_flight_link(struct dns_flight *f);

/* Answers that are kept now. */
size_t dns_cache_count(struct dns_cache *c);

#endif
