/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_return: the chain is not judged anew, which a changed message would not
 * survive: our own results say what it was worth on arrival. What was added
 * behind us since (our seal of that time, one of the list manager) must still be
 * whole, else nobody could verify a seal of ours on top of it.
 */
#include "check/arc_return.h"

#include "base/err.h"
#include "check/arc_chain.h"
#include "check/arc_seal.h"
#include "check/check.h"
#include "mail/authres.h"

/* What our results say of the chain; no word: there was none. */
static enum verdict
verdict_on_arrival(const struct authres *results)
{
	for (size_t i = 0; i < results->items.n; i++) {
		const struct authres_item *item = &results->items.at[i];

		if (!slice_eq(item->method, SL("arc")))
			continue;
		if (slice_eq(item->result, SL("pass")))
			return VERDICT_PASS;
		return slice_eq(item->result, SL("none")) ? VERDICT_NONE :
							    VERDICT_FAIL;
	}
	return VERDICT_NONE;
}

/* A copy without the octets that `drop` names. */
static struct slice
without(struct arena *a, struct slice text, struct slice drop)
{
	char *p = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; p != NULL && i < text.n; i++)
		if (slice_chr(drop, text.p[i]) == SLICE_NONE)
			p[n++] = text.p[i];
	return slice_of(p, n);
}

static bool
may_come_back(const struct evaluation *ev)
{
	const struct message *m = ev->message;

	return ev->env->options->direction.verify && m->auth_type.n == 0 &&
	    !direction_is_local(m->session);
}

/* The steps that checks have for mail that is judged. */
static int
read_chain(struct evaluation *ev)
{
	const struct header_list *h = &ev->message->headers;
	int err = 0;

	for (size_t i = 0; i < h->fields.n && err == 0; i++)
		err = arc_header(ev, &h->fields.at[i]);
	return err == 0 ? arc_eoh(ev) : err;
}

int
arc_return_eoh(struct evaluation *ev, struct slice value)
{
	struct arc_state *st;
	struct authres results;
	int err = 0;

	if (value.n == 0 || !may_come_back(ev))
		return 0;
	err = authres_parse(ev->arena, value, &results);
	if (err != 0) /* the list manager has spoiled it */
		return err == ERR_NOMEM ? err : 0;
	if (!ev->judged)
		err = read_chain(ev);
	st = ev->arc_state;
	if (err != 0 || st == NULL || !st->may_seal)
		return err;
	st->on_arrival = verdict_on_arrival(&results);
	/* folds as edits have them */
	ev->arc.returned = without(ev->arena, value, SL("\r"));
	return ev->arc.returned.p != NULL ? 0 : ERR_NOMEM;
}

/* True if the newest set is the one that we made on arrival: sealed by us,
 * with the same results. */
static bool
is_sealed(const struct evaluation *ev)
{
	const struct arc_state *st = ev->arc_state;
	const struct arc_set *s = &st->chain->sets[st->chain->n - 1];
	const struct slice space = SL(" \t\r\n");
	struct slice then, now;

	if (!arc_seal_is_ours(ev, s->part[ARC_SEAL]->sig.domain))
		return false;
	then = without(ev->arena, s->part[ARC_RESULTS]->results, space);
	now = without(ev->arena, ev->arc.returned, space);
	return then.p != NULL && now.p != NULL && slice_eq(then, now);
}

static int
judge(struct evaluation *ev)
{
	struct arc_state *st = ev->arc_state;
	struct arc_chain *c = st->chain;
	struct arc_result *r = &ev->arc;
	bool untouched = false;
	int err = body_hashes_end(ev->bodies);

	if (err == 0)
		err = arc_chain_verify_seals(c, ev, &untouched);
	if (err != 0)
		return err;
	r->sets = c->n;
	r->verdict = c->verdict;
	/* A name server that is away now breaks no chain for good. */
	if (c->unreachable && st->on_arrival == VERDICT_PASS)
		r->verdict = VERDICT_PASS;
	if (st->on_arrival == VERDICT_FAIL)
		r->verdict = VERDICT_FAIL;
	if (c->verdict == VERDICT_PASS && untouched && is_sealed(ev))
		st->may_seal = false;
	return 0;
}

int
arc_return_end(struct evaluation *ev)
{
	struct arc_state *st = ev->arc_state;
	struct arc_result *r = &ev->arc;

	if (r->returned.n == 0 || r->done)
		return 0;
	r->done = true;
	if (st->chain != NULL && st->chain->verdict != VERDICT_NONE)
		return judge(ev);
	r->verdict = VERDICT_NONE;
	/* A broken chain that somebody took away: a first set cannot say so. */
	if (st->on_arrival == VERDICT_FAIL) {
		r->verdict = VERDICT_FAIL;
		st->may_seal = false;
	}
	return 0;
}
