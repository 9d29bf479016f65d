/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_message: see dns_message.h. Two lists in the message's arena: the
 * answers that were used (pins, which are the trace too) and the flights of
 * prefetches, held so that an answer with a TTL of 0 is still there when it is
 * asked for.
 */
#include "dns/dns_message.h"

#include "base/err.h"
#include "base/vec.h"
#include "dns/dns_answer.h"
#include "dns/resolver_private.h"

#define DEFAULT_TICK_MS ((int64_t)1000)

struct pin {
	uint64_t hash;
	const struct dns_answer *answer;
};
VEC_DEFINE(pin_vec, struct pin);

struct held {
	uint64_t hash;
	struct dns_flight *flight; /* NULL: given back */
};
VEC_DEFINE(held_vec, struct held);

struct dns_message {
	struct resolver *resolver;
	struct arena *arena;
	int64_t budget_ms; /* what is left of it */
	int64_t waited_ms;
	struct deadline soft;
	struct dns_wait wait;
	struct pin_vec pins;
	struct held_vec held;
	size_t asked, most; /* distinct questions */
	struct limits limits;
};

static void
message_end(void *ptr)
{
	struct dns_message *m = ptr;

	for (size_t i = 0; i < m->pins.n; i++)
		dns_answer_put(m->pins.at[i].answer);
	for (size_t i = 0; i < m->held.n; i++)
		dns_flight_put(m->held.at[i].flight);
}

struct dns_message *
dns_message_new(struct resolver *r, struct arena *a, int64_t budget_ms,
    const struct dns_wait *wait)
{
	struct dns_message *m = arena_zalloc(a, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->resolver = r;
	m->arena = a;
	m->budget_ms = budget_ms;
	m->soft = DEADLINE_NEVER;
	m->most = SIZE_MAX;
	if (wait != NULL)
		m->wait = *wait;
	if (m->wait.tick_ms <= 0)
		m->wait.tick_ms = DEFAULT_TICK_MS;
	return arena_hook(a, message_end, m) == 0 ? m : NULL;
}

/* The part of a name by which one that DNS cannot carry is remembered. */
static struct slice
cut_name(struct slice name)
{
	return slice_sub(name, 0, DNS_NAME_PLAIN + 1);
}

static const struct dns_answer *
find_pin(const struct dns_message *m, uint64_t hash, enum dns_type type,
    struct slice name)
{
	for (size_t i = 0; i < m->pins.n; i++) {
		const struct pin *p = &m->pins.at[i];

		if (p->hash == hash && p->answer->type == type &&
		    slice_eq(p->answer->name, name))
			return p->answer;
	}
	return NULL;
}

/* Keeps an answer, whose reference it takes, until the message ends. */
static int
pin(struct dns_message *m, uint64_t hash, const struct dns_answer *a,
    const struct dns_answer **out)
{
	struct pin *slot;

	if (a == NULL)
		return ERR_NOMEM;
	slot = pin_vec_push(&m->pins, m->arena);
	if (slot == NULL) {
		dns_answer_put(a);
		return ERR_NOMEM;
	}
	slot->hash = hash;
	slot->answer = a;
	*out = a;
	return 0;
}

static struct held *
find_held(const struct dns_message *m, uint64_t hash, const struct dns_key *k)
{
	for (size_t i = 0; i < m->held.n; i++) {
		struct held *h = &m->held.at[i];

		if (h->hash == hash && h->flight != NULL &&
		    dns_key_eq(dns_flight_key(h->flight), k))
			return h;
	}
	return NULL;
}

/* Takes the reference; without memory the flight goes on by itself. */
static struct held *
hold(struct dns_message *m, uint64_t hash, struct dns_flight *f)
{
	struct held *slot = held_vec_push(&m->held, m->arena);

	if (slot == NULL) {
		dns_flight_put(f);
		return NULL;
	}
	slot->hash = hash;
	slot->flight = f;
	return slot;
}

static void
release(struct held *h)
{
	dns_flight_put(h->flight);
	h->flight = NULL;
}

void
dns_message_prefetch(struct dns_message *m, struct slice name,
    enum dns_type type, dns_chase_fn chase, unsigned left)
{
	const struct dns_answer *answer;
	struct dns_flight *flight;
	struct dns_key k;
	uint64_t hash;

	if (m->budget_ms <= 0 || !dns_key_init(&k, name, type))
		return;
	hash = dns_cache_hash(resolver_cache(m->resolver), &k);
	if (find_pin(m, hash, type, dns_key_name(&k)) != NULL ||
	    find_held(m, hash, &k) != NULL || m->asked >= m->most)
		return;
	if (resolver_ask(m->resolver, &k, (struct dns_chase){ chase, left },
		&answer, &flight) != 0)
		return;
	dns_answer_put(answer);
	if (flight != NULL) {
		m->asked++;
		(void)hold(m, hash, flight);
	}
}

/* A name that no server can know (RFC 7208 section 4.3 makes it "none"). */
static int
refuse_name(struct dns_message *m, struct slice name, enum dns_type type,
    const struct dns_answer **out)
{
	struct slice lower = arena_lower(m->arena, cut_name(name));
	struct dns_answer_spec spec = { .status = DNS_NXDOMAIN,
		.type = type,
		.name = lower };

	if (lower.p == NULL)
		return ERR_NOMEM;
	*out = find_pin(m, 0, type, lower);
	return *out != NULL ? 0 : pin(m, 0, dns_answer_new(&spec), out);
}

/* Waits for a flight to the nearest of its own deadline, the budget and the
 * soft deadline, telling the daemon. */
static enum dns_flown
await(struct dns_message *m, struct dns_flight *f,
    const struct dns_answer **answer)
{
	struct deadline until = deadline_min(m->soft, dns_flight_deadline(f));
	const struct dns_wait *w = &m->wait;
	int64_t begun = clock_mono_ms(), spent;
	enum dns_flown flown;

	until = deadline_min(until, deadline_in(m->budget_ms));
	flown = dns_flight_wait(f, (struct deadline){ 0 }, answer);
	if (flown != DNS_FLOWN_UP || deadline_passed(until))
		return flown;
	resolver_count(m->resolver, RESOLVER_WAITED);
	if (w->begin != NULL)
		w->begin(w->ctx);
	for (;;) {
		struct deadline tick = deadline_in(w->tick_ms);

		flown = dns_flight_wait(f, deadline_min(until, tick), answer);
		if (flown != DNS_FLOWN_UP || deadline_passed(until))
			break;
		if (w->tick != NULL)
			w->tick(w->ctx);
	}
	if (w->end != NULL)
		w->end(w->ctx);
	spent = clock_mono_ms() - begun;
	m->waited_ms += spent;
	m->budget_ms = m->budget_ms > spent ? m->budget_ms - spent : 0;
	return flown;
}

/* What to make of a flight that is not down when waiting is over. */
static int
give_up(struct dns_message *m, struct dns_flight *f,
    const struct dns_answer **answer)
{
	const struct dns_key *k = dns_flight_key(f);

	if (deadline_passed(dns_flight_deadline(f))) {
		resolver_count(m->resolver, RESOLVER_TIMEOUT);
		dns_flight_expire(f);
		(void)!dns_flight_wait(f, (struct deadline){ 0 }, answer);
		return *answer != NULL ? 0 : ERR_NOMEM;
	}
	if (m->budget_ms > 0)
		return ERR_TIMEOUT;
	resolver_count(m->resolver, RESOLVER_BUDGET);
	limits_meet(&m->limits, LIMIT_DNS_TIME);
	*answer = dns_answer_failed(dns_key_name(k), k->type, "budget", 0);
	return *answer != NULL ? 0 : ERR_NOMEM;
}

/* Brings a flight's answer home and pins it. */
static int
land(struct dns_message *m, struct held *h, const struct dns_answer **out)
{
	const struct dns_answer *answer = NULL;
	int err = 0;

	switch (await(m, h->flight, &answer)) {
	case DNS_FLOWN_UP:
		err = give_up(m, h->flight, &answer);
		break;
	case DNS_FLOWN_ANSWER:
		break;
	case DNS_FLOWN_NOMEM:
		err = ERR_NOMEM;
		break;
	}
	if (err == ERR_TIMEOUT)
		return err;
	if (err == 0)
		err = pin(m, h->hash, answer, out);
	release(h);
	return err;
}

/* Answers a question that is not asked any more. */
static int
refuse(struct dns_message *m, uint64_t hash, const struct dns_key *k,
    enum limit limit, const struct dns_answer **out)
{
	const char *why = limit == LIMIT_DNS_TIME ? "budget" : "limit";

	limits_meet(&m->limits, limit);
	return pin(m, hash, dns_answer_failed(dns_key_name(k), k->type, why, 0),
	    out);
}

int
dns_message_get(struct dns_message *m, struct slice name, enum dns_type type,
    const struct dns_answer **out)
{
	struct dns_cache *cache = resolver_cache(m->resolver);
	const struct dns_answer *answer;
	struct dns_flight *flight;
	struct held *held;
	struct dns_key k;
	uint64_t hash;

	*out = NULL;
	if (!dns_key_init(&k, name, type))
		return refuse_name(m, name, type, out);
	hash = dns_cache_hash(cache, &k);
	*out = find_pin(m, hash, type, dns_key_name(&k));
	if (*out != NULL)
		return 0;
	held = find_held(m, hash, &k);
	if (held != NULL)
		return land(m, held, out);
	if (m->asked >= m->most)
		return refuse(m, hash, &k, LIMIT_DNS_LOOKUPS, out);
	m->asked++;
	answer = dns_cache_find(cache, &k, hash);
	if (answer != NULL) {
		resolver_count(m->resolver, RESOLVER_HIT);
		return pin(m, hash, answer, out);
	}
	if (m->budget_ms <= 0) {
		resolver_count(m->resolver, RESOLVER_BUDGET);
		return refuse(m, hash, &k, LIMIT_DNS_TIME, out);
	}
	if (resolver_ask(m->resolver, &k, (struct dns_chase){ NULL, 0 },
		&answer, &flight) != 0)
		return ERR_NOMEM;
	if (answer != NULL)
		return pin(m, hash, answer, out);
	held = hold(m, hash, flight);
	return held != NULL ? land(m, held, out) : ERR_NOMEM;
}

bool
dns_message_ready(struct dns_message *m, struct slice name, enum dns_type type)
{
	const struct dns_answer *answer;
	enum dns_flown flown;
	struct held *held;
	struct dns_key k;
	uint64_t hash;

	if (m->budget_ms <= 0 || !dns_key_init(&k, name, type))
		return true;
	hash = dns_cache_hash(resolver_cache(m->resolver), &k);
	if (find_pin(m, hash, type, dns_key_name(&k)) != NULL)
		return true;
	answer = dns_cache_find(resolver_cache(m->resolver), &k, hash);
	if (answer != NULL) {
		dns_answer_put(answer);
		return true;
	}
	held = find_held(m, hash, &k);
	if (held == NULL)
		return false;
	flown = dns_flight_wait(held->flight, (struct deadline){ 0 }, &answer);
	dns_answer_put(answer);
	return flown != DNS_FLOWN_UP ||
	    deadline_passed(dns_flight_deadline(held->flight));
}

void
dns_message_most(struct dns_message *m, size_t questions)
{
	m->most = questions;
}

struct limits
dns_message_limits(const struct dns_message *m)
{
	return m->limits;
}

void
dns_message_soft_deadline(struct dns_message *m, struct deadline d)
{
	m->soft = d;
}

size_t
dns_message_count(const struct dns_message *m)
{
	return m->pins.n;
}

const struct dns_answer *
dns_message_answer(const struct dns_message *m, size_t i)
{
	return i < m->pins.n ? m->pins.at[i].answer : NULL;
}

int64_t
dns_message_waited(const struct dns_message *m)
{
	return m->waited_ms;
}
