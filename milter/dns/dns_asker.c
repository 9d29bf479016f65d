/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_asker: see dns_asker.h.
 */
#include "dns/dns_asker.h"

#include "dns/dns_hold.h"
#include "dns/dns_message_private.h"
#include "dns/resolver_private.h"

void
dns_asker_of_message(struct dns_asker *k, struct dns_message *m)
{
	*k = (struct dns_asker){ .resolver = m->resolver,
		.message = m,
		.behind = m->behind };
}

void
dns_asker_of_nobody(struct dns_asker *k, struct resolver *r)
{
	*k = (struct dns_asker){ .resolver = r, .behind = DNS_BEHIND_NONE };
}

bool
dns_asker_of_chase(struct dns_asker *k, struct resolver *r,
    const struct dns_answer *came, const struct dns_chase *c)
{
	*k = (struct dns_asker){ .resolver = r,
		.hold = c->ctx != NULL ? c->ctx->hold : NULL,
		.behind = DNS_BEHIND_NONE };
	if (k->hold != NULL && dns_hold_is_closed(k->hold))
		return false;
	dns_asker_behind(k, came);
	return true;
}

void
dns_asker_behind(struct dns_asker *k, const struct dns_answer *a)
{
	struct dns_hold *hold = k->message != NULL ? k->message->hold : k->hold;
	struct dns_held held;
	struct dns_key key;

	if (hold == NULL || !dns_key_init(&key, a->name, a->type) ||
	    !dns_hold_find(hold, &key,
		dns_cache_hash(resolver_cache(k->resolver), &key), &held))
		return;
	k->behind = held.self;
	dns_flight_put(held.flight);
	dns_answer_put(held.answer);
}

/* Made when first needed; NULL: there is no message, or no memory. */
static struct dns_hold *
hold_of(struct dns_asker *k)
{
	return k->message != NULL ? dns_message_hold(k->message) : k->hold;
}

/* What a flight brought, with a reference; NULL: nothing yet. */
static const struct dns_answer *
landed(struct dns_flight *f)
{
	const struct dns_answer *a;

	(void)!dns_flight_wait(f, (struct deadline){ 0 }, &a);
	return a;
}

const struct dns_answer *
dns_asker_look(struct dns_asker *k, struct slice name, enum dns_type type)
{
	struct dns_cache *cache = resolver_cache(k->resolver);
	const struct dns_answer *a = NULL;
	struct dns_key key;
	uint64_t hash;
	bool begun;

	if (!dns_key_init(&key, name, type))
		return NULL;
	hash = dns_cache_hash(cache, &key);
	if (k->message != NULL)
		return dns_message_look(k->message, &key, hash);
	if (k->hold != NULL)
		a = dns_hold_look(k->hold, &key, hash, &begun);
	if (a != NULL)
		return a;
	a = dns_cache_find(cache, &key, hash);
	if (a != NULL && k->hold != NULL)
		dns_hold_answer(k->hold, hash, a);
	return a;
}

/* The flight for a question, begun before or now, with a reference; NULL and
 * *answer if that is there already. */
static struct dns_flight *
take_off(struct dns_asker *k, const struct dns_key *key,
    const struct dns_answer **answer)
{
	uint64_t hash = dns_cache_hash(resolver_cache(k->resolver), key);
	struct dns_hold *hold = hold_of(k);
	struct dns_flight *flight = NULL;
	struct dns_held held;

	*answer = NULL;
	if (hold != NULL && dns_hold_find(hold, key, hash, &held)) {
		*answer = held.answer;
		return held.flight;
	}
	if ((hold != NULL && !dns_hold_count(hold)) ||
	    resolver_ask(k->resolver, key, answer, &flight) != 0)
		return NULL;
	if (hold != NULL && flight != NULL)
		(void)dns_hold_flight(hold, hash, flight, k->behind);
	else if (hold != NULL)
		dns_hold_answer(hold, hash, *answer);
	return flight;
}

const struct dns_answer *
dns_asker_begin(struct dns_asker *k, struct slice name, enum dns_type type,
    const struct dns_chase *c)
{
	const struct dns_answer *answer;
	struct dns_flight *flight;
	struct dns_key key;

	if (!dns_key_init(&key, name, type) ||
	    (k->message != NULL && k->message->budget_ms <= 0))
		return NULL;
	flight = take_off(k, &key, &answer);
	if (flight == NULL)
		return answer;
	if (c == NULL || c->fn == NULL || !dns_flight_chase(flight, c))
		answer = landed(flight);
	dns_flight_put(flight);
	return answer;
}

void
dns_asker_prefetch(struct dns_asker *k, struct slice name, enum dns_type type)
{
	const struct dns_answer *a = dns_asker_look(k, name, type);

	if (a == NULL)
		a = dns_asker_begin(k, name, type, NULL);
	dns_answer_put(a);
}

void
dns_chaser_init(struct dns_chaser *c, struct dns_asker *k,
    void (*free)(struct dns_chaser *c))
{
	refs_init(&c->refs);
	c->hold = hold_of(k);
	if (c->hold != NULL)
		dns_hold_get(c->hold);
	c->free = free;
}

void
dns_chaser_put(struct dns_chaser *c)
{
	if (c == NULL || !refs_put(&c->refs))
		return;
	dns_hold_put(c->hold);
	c->free(c);
}
