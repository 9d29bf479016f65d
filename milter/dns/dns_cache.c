/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_cache: see dns_cache.h. A shard holds a store of answers and a list of
 * the flights whose questions fall to it, under one mutex; a flight's
 * condition variable goes with the mutex of its shard.
 */
#include "dns/dns_cache.h"

#include <pthread.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/num.h"
#include "dns/dns_answer.h"
#include "dns/dns_store.h"

#define MAX_SHARDS ((size_t)64)
#define SHARD_ENTRIES ((size_t)64)   /* at least, before there is another */
#define ENTRY_BYTES ((size_t)1024)   /* of the ceiling, for each entry */
#define SHARD_BYTES ((size_t)262144) /* at least */

#define MAX_TTL ((int64_t)86400)
#define MAX_NEGATIVE_TTL ((int64_t)10800) /* RFC 2308 section 5: 1-3 hours */
#define MAX_FAILURE_TTL ((int64_t)30)     /* RFC 9520 section 3.2: 5 min */

struct shard {
	pthread_mutex_t lock;
	struct dns_store store;
	struct dns_flight *flights; /* in the air */
};

struct dns_flight {
	struct refs refs;
	struct shard *shard;
	struct dns_flight *next, **at; /* in the shard's list while flying */
	pthread_cond_t landed;
	struct dns_key key;
	uint64_t hash;
	int64_t began_us;
	struct deadline deadline;
	/* once it has ended; NULL: no memory */
	const struct dns_answer *answer;
	int64_t ended_us;
	bool flying;
	struct dns_chased *chased;
	struct dns_flight_link link;
};

struct dns_cache {
	uint64_t seed[2];
	int64_t timeout_ms;
	size_t n_shards; /* a power of two */
	pthread_condattr_t monotonic;
	struct shard shards[];
};

static int
shard_init(struct shard *s, size_t entries)
{
	size_t bytes = num_mul(entries, ENTRY_BYTES);

	if (dns_store_init(&s->store, entries,
		bytes > SHARD_BYTES ? bytes : SHARD_BYTES) != 0)
		return ERR_NOMEM;
	if (pthread_mutex_init(&s->lock, NULL) != 0) {
		dns_store_fini(&s->store);
		return ERR_NOMEM;
	}
	return 0;
}

struct dns_cache *
dns_cache_new(size_t entries, int64_t timeout_ms)
{
	struct dns_cache *c;
	size_t shards = 1;

	while (shards < MAX_SHARDS && shards * 2 * SHARD_ENTRIES <= entries)
		shards *= 2;
	c = calloc(1, sizeof(*c) + shards * sizeof(c->shards[0]));
	if (c == NULL)
		return NULL;
	c->timeout_ms = timeout_ms;
	if (pthread_condattr_init(&c->monotonic) != 0) {
		free(c);
		return NULL;
	}
	if (pthread_condattr_setclock(&c->monotonic, CLOCK_MONOTONIC) != 0 ||
	    getrandom(c->seed, sizeof(c->seed), 0) != sizeof(c->seed)) {
		dns_cache_free(c);
		return NULL;
	}
	for (; c->n_shards < shards; c->n_shards++)
		if (shard_init(&c->shards[c->n_shards], entries / shards) !=
		    0) {
			dns_cache_free(c);
			return NULL;
		}
	return c;
}

void
dns_cache_free(struct dns_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_shards; i++) {
		assert(c->shards[i].flights == NULL);
		dns_store_fini(&c->shards[i].store);
		(void)pthread_mutex_destroy(&c->shards[i].lock);
	}
	(void)pthread_condattr_destroy(&c->monotonic);
	free(c);
}

static void
lock(struct shard *s)
{
	(void)pthread_mutex_lock(&s->lock);
}

static void
unlock(struct shard *s)
{
	(void)pthread_mutex_unlock(&s->lock);
}

/* The store takes the low bits of the hash, so the shard takes high ones. */
static struct shard *
shard_of(struct dns_cache *c, uint64_t hash)
{
	return &c->shards[hash >> 48 & (c->n_shards - 1)];
}

uint64_t
dns_cache_hash(const struct dns_cache *c, const struct dns_key *k)
{
	return dns_key_hash(k, c->seed);
}

static const struct dns_answer *
find_locked(struct shard *s, const struct dns_key *k, uint64_t hash)
{
	const struct dns_answer *a =
	    dns_store_find(&s->store, k, hash, clock_coarse_ms());

	if (a != NULL)
		dns_answer_get(a);
	return a;
}

const struct dns_answer *
dns_cache_find(struct dns_cache *c, const struct dns_key *k, uint64_t hash)
{
	struct shard *s = shard_of(c, hash);
	const struct dns_answer *a;

	lock(s);
	a = find_locked(s, k, hash);
	unlock(s);
	return a;
}

static struct dns_flight *
flight_new(struct dns_cache *c, const struct dns_key *k, uint64_t hash)
{
	struct dns_flight *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	if (pthread_cond_init(&f->landed, &c->monotonic) != 0) {
		free(f);
		return NULL;
	}
	refs_init(&f->refs);
	f->key = *k;
	f->hash = hash;
	f->flying = true;
	f->shard = shard_of(c, hash);
	f->began_us = clock_mono_us();
	f->ended_us = -1;
	f->deadline = deadline_in(c->timeout_ms);
	return f;
}

void
dns_flight_get(struct dns_flight *f)
{
	refs_get(&f->refs);
}

void
dns_flight_put(struct dns_flight *f)
{
	if (f == NULL || !refs_put(&f->refs))
		return;
	dns_chased_free(f->chased);
	dns_answer_put(f->answer);
	(void)pthread_cond_destroy(&f->landed);
	free(f);
}

static struct dns_flight *
join_locked(struct shard *s, const struct dns_key *k, uint64_t hash)
{
	for (struct dns_flight *f = s->flights; f != NULL; f = f->next)
		if (f->hash == hash && dns_key_eq(&f->key, k)) {
			refs_get(&f->refs);
			return f;
		}
	return NULL;
}

static void
launch_locked(struct shard *s, struct dns_flight *f)
{
	refs_get(&f->refs); /* the backend's */
	f->next = s->flights;
	f->at = &s->flights;
	if (f->next != NULL)
		f->next->at = &f->next;
	s->flights = f;
}

int
dns_cache_ask(struct dns_cache *c, const struct dns_key *k, enum dns_ask *how,
    const struct dns_answer **answer, struct dns_flight **flight)
{
	uint64_t hash = dns_cache_hash(c, k);
	struct shard *s = shard_of(c, hash);
	int err = 0;

	*flight = NULL;
	lock(s);
	*answer = find_locked(s, k, hash);
	if (*answer != NULL) {
		*how = DNS_ASK_CACHED;
	} else if ((*flight = join_locked(s, k, hash)) != NULL) {
		*how = DNS_ASK_JOINED;
	} else if ((*flight = flight_new(c, k, hash)) != NULL) {
		*how = DNS_ASK_STARTED;
		launch_locked(s, *flight);
	} else {
		err = ERR_NOMEM;
	}
	unlock(s);
	return err;
}

void
dns_chased_free(struct dns_chased *list)
{
	while (list != NULL) {
		struct dns_chased *next = list->next;

		dns_chaser_put(list->chase.ctx);
		free(list);
		list = next;
	}
}

/* Without memory nothing is chased: who needs the answers asks then. */
static void
note_chase_locked(struct dns_flight *f, const struct dns_chase *chase)
{
	struct dns_chased *n;

	for (n = f->chased; n != NULL; n = n->next)
		if (n->chase.fn == chase->fn && n->chase.ctx == chase->ctx) {
			if (n->chase.left < chase->left)
				n->chase.left = chase->left;
			return;
		}
	n = malloc(sizeof(*n));
	if (n == NULL)
		return;
	n->chase = *chase;
	if (chase->ctx != NULL)
		refs_get(&chase->ctx->refs);
	n->next = f->chased;
	f->chased = n;
}

bool
dns_flight_chase(struct dns_flight *f, const struct dns_chase *chase)
{
	bool flying;

	lock(f->shard);
	flying = f->flying;
	if (flying)
		note_chase_locked(f, chase);
	unlock(f->shard);
	return flying;
}

static bool
is_failure(const struct dns_answer *a)
{
	return a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS;
}

/* How many seconds an answer may be kept. */
static int64_t
lifetime(const struct dns_answer *a)
{
	int64_t most = MAX_TTL;

	switch (a->status) {
	case DNS_OK:
		break;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		most = MAX_NEGATIVE_TTL;
		break;
	case DNS_TEMPFAIL:
	case DNS_BOGUS:
		most = MAX_FAILURE_TTL;
		break;
	}
	return a->ttl < most ? a->ttl : most;
}

/* A failure never replaces what is known. */
static void
keep_locked(struct dns_flight *f, const struct dns_answer *a)
{
	struct dns_store *store = &f->shard->store;
	int64_t now = clock_coarse_ms();
	int64_t life = lifetime(a);

	if (life == 0)
		return;
	if (is_failure(a) && dns_store_find(store, &f->key, f->hash, now))
		return;
	dns_store_put(store, a, f->hash, now + life * 1000, now);
}

/* Ends the flight if it is in the air; takes the reference then. */
static bool
land_locked(struct dns_flight *f, const struct dns_answer *a)
{
	if (!f->flying)
		return false;
	f->flying = false;
	f->ended_us = clock_mono_us();
	f->answer = a;
	*f->at = f->next;
	if (f->next != NULL)
		f->next->at = f->at;
	(void)pthread_cond_broadcast(&f->landed);
	return true;
}

bool
dns_flight_done(struct dns_flight *f, const struct dns_answer *answer,
    struct dns_chased **chased)
{
	bool first;

	lock(f->shard);
	if (answer != NULL)
		keep_locked(f, answer);
	first = land_locked(f, answer);
	if (first && chased != NULL) {
		*chased = f->chased;
		f->chased = NULL;
	}
	unlock(f->shard);
	if (!first)
		dns_answer_put(answer);
	return first;
}

void
dns_flight_expire(struct dns_flight *f)
{
	struct dns_answer *a = dns_answer_failed(dns_key_name(&f->key),
	    f->key.type, "timeout", DNS_FAILURE_TTL);

	if (a != NULL)
		a->asked_ms = (clock_mono_us() - f->began_us) / 1000;
	(void)dns_flight_done(f, a, NULL);
}

enum dns_flown
dns_flight_wait(struct dns_flight *f, struct deadline until,
    const struct dns_answer **answer)
{
	struct timespec ts = deadline_timespec(until);
	enum dns_flown flown;

	*answer = NULL;
	lock(f->shard);
	while (f->flying && !deadline_passed(until))
		(void)pthread_cond_timedwait(&f->landed, &f->shard->lock, &ts);
	if (f->flying) {
		flown = DNS_FLOWN_UP;
	} else if (f->answer == NULL) {
		flown = DNS_FLOWN_NOMEM;
	} else {
		flown = DNS_FLOWN_ANSWER;
		*answer = f->answer;
		dns_answer_get(*answer);
	}
	unlock(f->shard);
	return flown;
}

struct deadline
dns_flight_deadline(const struct dns_flight *f)
{
	return f->deadline;
}

const struct dns_key *
dns_flight_key(const struct dns_flight *f)
{
	return &f->key;
}

int64_t
dns_flight_began_us(const struct dns_flight *f)
{
	return f->began_us;
}

int64_t
dns_flight_ended_us(struct dns_flight *f)
{
	int64_t at;

	lock(f->shard);
	at = f->ended_us;
	unlock(f->shard);
	return at;
}

struct dns_flight_link *
dns_flight_link(struct dns_flight *f)
{
	return &f->link;
}

size_t
dns_cache_count(struct dns_cache *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_shards; i++) {
		lock(&c->shards[i]);
		n += c->shards[i].store.count;
		unlock(&c->shards[i]);
	}
	return n;
}
