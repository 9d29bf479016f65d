/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_hold: see dns_hold.h. One list under one lock, which is held for no call
 * that takes another one.
 */
#include "dns/dns_hold.h"

#include <pthread.h>

#include "base/num.h"

#define FIRST_ROOM ((size_t)16)

struct entry {
	uint64_t hash;
	struct dns_flight *flight;       /* or */
	const struct dns_answer *answer; /* ... this */
	struct dns_behind behind;        /* of a flight */
	size_t nth;                      /* among the flights */
};

struct dns_hold {
	struct refs refs;
	atomic_size_t asked;
	size_t most;
	pthread_mutex_t lock; /* of what follows */
	struct entry *all;
	size_t n, room, flights;
	bool closed;
};

struct dns_hold *
dns_hold_new(size_t asked, size_t most)
{
	struct dns_hold *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	if (pthread_mutex_init(&h->lock, NULL) != 0) {
		free(h);
		return NULL;
	}
	refs_init(&h->refs);
	atomic_init(&h->asked, asked);
	h->most = most;
	return h;
}

bool
dns_hold_count(struct dns_hold *h)
{
	if (atomic_fetch_add(&h->asked, 1) < h->most)
		return true;
	atomic_fetch_sub(&h->asked, 1);
	return false;
}

void
dns_hold_get(struct dns_hold *h)
{
	refs_get(&h->refs);
}

static void
entry_put(const struct entry *e)
{
	dns_flight_put(e->flight);
	dns_answer_put(e->answer);
}

/* Gives back what was kept; of one thread alone. */
static void
empty(struct entry *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		entry_put(&all[i]);
	free(all);
}

void
dns_hold_put(struct dns_hold *h)
{
	if (h == NULL || !refs_put(&h->refs))
		return;
	empty(h->all, h->n);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

void
dns_hold_close(struct dns_hold *h)
{
	struct entry *all;
	size_t n;

	(void)pthread_mutex_lock(&h->lock);
	all = h->all;
	n = h->n;
	h->all = NULL;
	h->n = h->room = 0;
	h->closed = true;
	(void)pthread_mutex_unlock(&h->lock);
	empty(all, n);
}

bool
dns_hold_is_closed(struct dns_hold *h)
{
	bool closed;

	(void)pthread_mutex_lock(&h->lock);
	closed = h->closed;
	(void)pthread_mutex_unlock(&h->lock);
	return closed;
}

static const struct entry *
find_locked(const struct dns_hold *h, enum dns_type type, struct slice name,
    uint64_t hash)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct entry *e = &h->all[i];
		struct slice is;
		enum dns_type of;

		if (e->hash != hash)
			continue;
		is = e->flight != NULL ?
		    dns_key_name(dns_flight_key(e->flight)) :
		    e->answer->name;
		of = e->flight != NULL ? dns_flight_key(e->flight)->type :
					 e->answer->type;
		if (of == type && slice_eq(is, name))
			return e;
	}
	return NULL;
}

static bool
make_room_locked(struct dns_hold *h)
{
	size_t room = h->room == 0 ? FIRST_ROOM : h->room * 2;
	struct entry *all;

	if (h->closed || h->n == DNS_HOLD_MAX)
		return false;
	if (h->n < h->room)
		return true;
	all = realloc(h->all, num_mul(room, sizeof(*all)));
	if (all == NULL)
		return false;
	h->all = all;
	h->room = room;
	return true;
}

/* The number of a flight. Without room the entry is given back. */
static size_t
add(struct dns_hold *h, struct entry e, enum dns_type type, struct slice name)
{
	bool kept;

	e.nth = SLICE_NONE;
	(void)pthread_mutex_lock(&h->lock);
	kept =
	    find_locked(h, type, name, e.hash) == NULL && make_room_locked(h);
	if (kept) {
		if (e.flight != NULL)
			e.nth = h->flights++;
		h->all[h->n++] = e;
	}
	(void)pthread_mutex_unlock(&h->lock);
	if (!kept)
		entry_put(&e);
	return e.nth;
}

struct dns_behind
dns_hold_flight(struct dns_hold *h, uint64_t hash, struct dns_flight *f,
    struct dns_behind behind)
{
	const struct dns_key *k = dns_flight_key(f);

	struct entry e = { .hash = hash, .flight = f, .behind = behind };

	dns_flight_get(f);
	return (struct dns_behind){ add(h, e, k->type, dns_key_name(k)),
		behind.depth + 1 };
}

void
dns_hold_answer(struct dns_hold *h, uint64_t hash, const struct dns_answer *a)
{
	dns_answer_get(a);
	(void)add(h, (struct entry){ .hash = hash, .answer = a }, a->type,
	    a->name);
}

bool
dns_hold_find(struct dns_hold *h, const struct dns_key *k, uint64_t hash,
    struct dns_held *out)
{
	const struct entry *e;

	*out = (struct dns_held){ 0 };
	(void)pthread_mutex_lock(&h->lock);
	e = find_locked(h, k->type, dns_key_name(k), hash);
	if (e != NULL) {
		*out = (struct dns_held){ .flight = e->flight,
			.answer = e->answer,
			.self = DNS_BEHIND_NONE };
		if (e->flight != NULL)
			out->self =
			    (struct dns_behind){ e->nth, e->behind.depth + 1 };
		if (e->flight != NULL)
			dns_flight_get(e->flight);
		else
			dns_answer_get(e->answer);
	}
	(void)pthread_mutex_unlock(&h->lock);
	return e != NULL;
}

const struct dns_answer *
dns_hold_look(struct dns_hold *h, const struct dns_key *k, uint64_t hash,
    bool *begun)
{
	const struct dns_answer *a;
	struct dns_held held;

	*begun = false;
	if (!dns_hold_find(h, k, hash, &held))
		return NULL;
	a = held.answer;
	*begun = held.flight != NULL;
	if (held.flight != NULL)
		(void)!dns_flight_wait(held.flight, (struct deadline){ 0 }, &a);
	dns_flight_put(held.flight);
	return a;
}

struct dns_flight *
dns_hold_nth(struct dns_hold *h, size_t i, struct dns_behind *behind)
{
	struct dns_flight *f = NULL;

	(void)pthread_mutex_lock(&h->lock);
	for (size_t at = 0; at < h->n && f == NULL; at++)
		if (h->all[at].flight != NULL && h->all[at].nth == i) {
			f = h->all[at].flight;
			*behind = h->all[at].behind;
			dns_flight_get(f);
		}
	(void)pthread_mutex_unlock(&h->lock);
	return f;
}
