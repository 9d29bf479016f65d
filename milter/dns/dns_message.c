/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_message: see dns_message.h. Two lists: the answers that were found or
 * brought home (pins, of which those that were used are the trace), and what
 * was begun (dns_hold), which the DNS thread adds to as well.
 */
#include "dns/dns_message.h"

#include "base/err.h"
#include "dns/dns_answer.h"
#include "dns/dns_asker.h"
#include "dns/dns_message_private.h"
#include "dns/resolver_private.h"

#define DEFAULT_TICK_MS ((int64_t)1000)

static void
message_end(void *ptr)
{
	struct dns_message *m = ptr;

	for (size_t i = 0; i < m->pins.n; i++)
		dns_answer_put(m->pins.at[i].answer);
	if (m->hold != NULL)
		dns_hold_close(m->hold);
	dns_hold_put(m->hold);
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
	m->behind = DNS_BEHIND_NONE;
	m->most = SIZE_MAX;
	if (wait != NULL)
		m->wait = *wait;
	if (m->wait.tick_ms <= 0)
		m->wait.tick_ms = DEFAULT_TICK_MS;
	return arena_hook(a, message_end, m) == 0 ? m : NULL;
}

struct dns_hold *
dns_message_hold(struct dns_message *m)
{
	if (m->hold == NULL)
		m->hold = dns_hold_new(m->asked, m->most);
	return m->hold;
}

/* Counts a question that was not counted when it was begun. */
static bool
count(struct dns_message *m)
{
	if (m->hold != NULL)
		return dns_hold_count(m->hold);
	if (m->asked >= m->most)
		return false;
	m->asked++;
	return true;
}

/* The part of a name by which one that DNS cannot carry is remembered. */
static struct slice
cut_name(struct slice name)
{
	return slice_sub(name, 0, DNS_NAME_PLAIN + 1);
}

static struct dns_pin *
find_pin(const struct dns_message *m, uint64_t hash, enum dns_type type,
    struct slice name)
{
	for (size_t i = 0; i < m->pins.n; i++) {
		struct dns_pin *p = &m->pins.at[i];

		if (p->hash == hash && p->answer->type == type &&
		    slice_eq(p->answer->name, name))
			return p;
	}
	return NULL;
}

/* Keeps an answer, whose reference it takes, until the message ends. */
static struct dns_pin *
pin(struct dns_message *m, uint64_t hash, const struct dns_answer *a)
{
	struct dns_pin *slot;

	if (a == NULL)
		return NULL;
	slot = dns_pin_vec_push(&m->pins, m->arena);
	if (slot == NULL) {
		dns_answer_put(a);
		return NULL;
	}
	slot->hash = hash;
	slot->answer = a;
	return slot;
}

/* Gives a pinned answer to who asked for it; NULL: there was no memory. */
static int
use(struct dns_message *m, struct dns_pin *p, const struct dns_answer **out)
{
	const struct dns_answer **slot;

	if (p == NULL)
		return ERR_NOMEM;
	if (!p->used) {
		slot = dns_used_vec_push(&m->used, m->arena);
		if (slot == NULL)
			return ERR_NOMEM;
		*slot = p->answer;
		p->used = true;
	}
	*out = p->answer;
	return 0;
}

/* Pins what can be had without waiting; NULL: nothing, or no memory. */
static struct dns_pin *
find(struct dns_message *m, const struct dns_key *k, uint64_t hash)
{
	struct dns_pin *p = find_pin(m, hash, k->type, dns_key_name(k));
	const struct dns_answer *a = NULL;
	bool begun = false;

	if (p != NULL)
		return p;
	if (m->hold != NULL)
		a = dns_hold_look(m->hold, k, hash, &begun);
	if (a == NULL)
		a = dns_cache_find(resolver_cache(m->resolver), k, hash);
	p = pin(m, hash, a);
	if (p != NULL)
		p->counted = begun;
	return p;
}

const struct dns_answer *
dns_message_look(struct dns_message *m, const struct dns_key *k, uint64_t hash)
{
	const struct dns_pin *p = find(m, k, hash);

	if (p != NULL)
		dns_answer_get(p->answer);
	return p != NULL ? p->answer : NULL;
}

void
dns_message_prefetch(struct dns_message *m, struct slice name,
    enum dns_type type)
{
	struct dns_asker k;

	dns_asker_of_message(&k, m);
	dns_asker_prefetch(&k, name, type);
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
	struct dns_pin *p;

	if (lower.p == NULL)
		return ERR_NOMEM;
	p = find_pin(m, 0, type, lower);
	return use(m, p != NULL ? p : pin(m, 0, dns_answer_new(&spec)), out);
}

/* For the timeline; a wait that finds no memory is not told. */
static void
note_wait(struct dns_message *m, const struct dns_flight *f, int64_t from_us,
    int64_t to_us)
{
	const struct dns_key *k = dns_flight_key(f);
	struct dns_waited *slot = dns_waited_vec_push(&m->waits, m->arena);

	if (slot != NULL)
		*slot =
		    (struct dns_waited){ arena_copy(m->arena, dns_key_name(k)),
			    k->type, from_us, to_us };
}

/* Waits for a flight to the nearest of its own deadline, the budget and the
 * soft deadline, telling the daemon. */
static enum dns_flown
await(struct dns_message *m, struct dns_flight *f,
    const struct dns_answer **answer)
{
	struct deadline until = deadline_min(m->soft, dns_flight_deadline(f));
	const struct dns_wait *w = &m->wait;
	int64_t begun = clock_mono_us(), ended, spent;
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
	ended = clock_mono_us();
	note_wait(m, f, begun, ended);
	spent = ended / 1000 - begun / 1000; /* as deadlines count */
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

/* Brings a flight's answer home. From here on it is what lookups are behind:
 * they may have had to wait for it. */
static int
land(struct dns_message *m, struct dns_flight *f, uint64_t hash,
    struct dns_behind self, const struct dns_answer **out)
{
	const struct dns_answer *answer = NULL;
	struct dns_pin *p;
	int err = 0;

	switch (await(m, f, &answer)) {
	case DNS_FLOWN_UP:
		err = give_up(m, f, &answer);
		break;
	case DNS_FLOWN_ANSWER:
		break;
	case DNS_FLOWN_NOMEM:
		err = ERR_NOMEM;
		break;
	}
	if (err != 0)
		return err;
	/* Of two as deep the later one is what the evaluation goes on with. */
	if (m->behind.depth <= self.depth)
		m->behind = self;
	p = pin(m, hash, answer);
	if (p != NULL)
		p->counted = true;
	return use(m, p, out);
}

/* Answers a question that is not asked any more, or whose answer (`p`) is not
 * given any more. */
static int
refuse(struct dns_message *m, struct dns_pin *p, const struct dns_key *k,
    uint64_t hash, enum limit limit, const struct dns_answer **out)
{
	const char *why = limit == LIMIT_DNS_TIME ? "budget" : "limit";
	const struct dns_answer *a =
	    dns_answer_failed(dns_key_name(k), k->type, why, 0);

	limits_meet(&m->limits, limit);
	if (p == NULL || a == NULL)
		return use(m, pin(m, hash, a), out);
	dns_answer_put(p->answer);
	p->answer = a;
	p->counted = true;
	return use(m, p, out);
}

/* Gives an answer that is there. */
static int
give(struct dns_message *m, struct dns_pin *p, const struct dns_key *k,
    const struct dns_answer **out)
{
	if (!p->used)
		resolver_count(m->resolver, RESOLVER_HIT);
	if (!p->counted && !p->used && !count(m))
		return refuse(m, p, k, p->hash, LIMIT_DNS_LOOKUPS, out);
	return use(m, p, out);
}

/* Asks what was never asked before. */
static int
ask(struct dns_message *m, const struct dns_key *k, uint64_t hash,
    const struct dns_answer **out)
{
	struct dns_hold *hold = dns_message_hold(m);
	const struct dns_answer *answer;
	struct dns_behind self;
	struct dns_flight *flight;
	int err;

	if (hold == NULL)
		return ERR_NOMEM;
	if (!count(m))
		return refuse(m, NULL, k, hash, LIMIT_DNS_LOOKUPS, out);
	if (m->budget_ms <= 0) {
		resolver_count(m->resolver, RESOLVER_BUDGET);
		return refuse(m, NULL, k, hash, LIMIT_DNS_TIME, out);
	}
	if (resolver_ask(m->resolver, k, &answer, &flight) != 0)
		return ERR_NOMEM;
	if (flight == NULL)
		return use(m, pin(m, hash, answer), out);
	self = dns_hold_flight(hold, hash, flight, m->behind);
	err = land(m, flight, hash, self, out);
	dns_flight_put(flight);
	return err;
}

int
dns_message_get(struct dns_message *m, struct slice name, enum dns_type type,
    const struct dns_answer **out)
{
	struct dns_held held;
	struct dns_pin *p;
	struct dns_key k;
	uint64_t hash;
	int err;

	*out = NULL;
	if (!dns_key_init(&k, name, type))
		return refuse_name(m, name, type, out);
	hash = dns_cache_hash(resolver_cache(m->resolver), &k);
	p = find(m, &k, hash);
	if (p != NULL)
		return give(m, p, &k, out);
	if (m->hold == NULL || !dns_hold_find(m->hold, &k, hash, &held))
		return ask(m, &k, hash, out);
	if (held.flight == NULL)
		return use(m, pin(m, hash, held.answer), out);
	err = land(m, held.flight, hash, held.self, out);
	dns_flight_put(held.flight);
	return err;
}

bool
dns_message_ready(struct dns_message *m, struct slice name, enum dns_type type)
{
	struct dns_held held = { 0 };
	struct dns_key k;
	uint64_t hash;
	bool late;

	if (m->budget_ms <= 0 || !dns_key_init(&k, name, type))
		return true;
	hash = dns_cache_hash(resolver_cache(m->resolver), &k);
	if (find(m, &k, hash) != NULL)
		return true;
	if (m->hold == NULL || !dns_hold_find(m->hold, &k, hash, &held))
		return false;
	late = held.flight != NULL &&
	    deadline_passed(dns_flight_deadline(held.flight));
	dns_flight_put(held.flight);
	dns_answer_put(held.answer);
	return late;
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
	return m->used.n;
}

const struct dns_answer *
dns_message_answer(const struct dns_message *m, size_t i)
{
	return i < m->used.n ? m->used.at[i] : NULL;
}

int64_t
dns_message_waited(const struct dns_message *m)
{
	return m->waited_ms;
}

const struct dns_waited_vec *
dns_message_waited_for(const struct dns_message *m)
{
	return &m->waits;
}

int
dns_message_lookups(const struct dns_message *m, struct dns_lookup_vec *out)
{
	struct dns_flight *f;
	struct dns_behind behind;

	*out = (struct dns_lookup_vec){ 0 };
	for (size_t i = 0;
	     m->hold != NULL && (f = dns_hold_nth(m->hold, i, &behind)) != NULL;
	     i++) {
		struct dns_lookup *slot = dns_lookup_vec_push(out, m->arena);
		const struct dns_key *k = dns_flight_key(f);

		if (slot != NULL)
			*slot = (struct dns_lookup){
				arena_copy(m->arena, dns_key_name(k)), k->type,
				behind.depth + 1, behind.nth,
				dns_flight_began_us(f), dns_flight_ended_us(f)
			};
		dns_flight_put(f);
		if (slot == NULL || slot->name.p == NULL)
			return ERR_NOMEM;
	}
	return 0;
}
