/* SPDX-License-Identifier: BSD-2-Clause
 *
 * forwarding: what the filter itself does for mail that goes on: recipients
 * that are forged SRS addresses are refused at RCPT, and on relays the sender
 * is rewritten and bounces find their way back by edits of the envelope.
 */
#include "base/err.h"
#include "engine/engine_private.h"
#include "forward/doomed.h"
#include "mail/sets.h"

#define REPLY "srs"
#define LINE_MIN ((size_t)200)
#define LINE_MAX_RCPT ((size_t)480)

/* Mail that did not come by SMTP must not be refused at RCPT: Postfix takes
 * that for a fault of ours. */
static bool
came_by_smtp(const struct session *s)
{
	return s->client.family != 0 &&
	    !(ip_is_loopback(&s->client) && s->client_port == 0);
}

static int
refuse(struct engine_session *s, struct recipient *r)
{
	const struct replies *replies = s->engine->replies;
	struct fact_context c = { .ev = s->evaluation,
		.stage = STAGE_RCPT,
		.rcpt = r };
	const struct reply_extra x = { .rule = SL(REPLY) };
	/* Sendmail puts "<address>... " in front of the line. */
	size_t prefix = r->path.text.n + sizeof("<>... ") - 1;
	size_t room = LINE_MIN;
	char class;
	int err;

	if (prefix < LINE_MAX_RCPT - LINE_MIN)
		room = LINE_MAX_RCPT - prefix;
	err = replies_render(replies,
	    replies_has(replies, SL(REPLY), &class) && class == '5' ?
		SL(REPLY) :
		SL(REPLY_DEFAULT_REJECT),
	    &c, &x, room, &s->plan.reply);
	if (err != 0)
		return err;
	s->plan.action = ACTION_REJECT;
	s->plan.rule = SL(REPLY);
	r->refused = true;
	outcome_log_early(s->engine, s->evaluation, &s->plan, STAGE_RCPT, r);
	return 0;
}

static struct next_hop
next_hop_of(const struct engine *e)
{
	return (struct next_hop){ .options = &e->options.forward,
		.outbound = e->outbound,
		.srs = e->srs };
}

/* Whether anything is known that mail of others could be sent on to. */
static bool
sends_on(const struct engine *e)
{
	return set_count(e->options.forward.local_domains) > 0 ||
	    set_count(e->options.forward.forwarded) > 0;
}

int
forwarding_rcpt(struct engine_session *s, struct recipient *r)
{
	const struct engine *e = s->engine;
	const struct next_hop n = next_hop_of(e);
	struct srs_answer answer;
	int err = 0;

	plan_init(&s->plan, s->arena);
	if (sends_on(e))
		err = doomed_rcpt(&n, s->evaluation, &r->path);
	if (err != 0 || e->srs == NULL || e->options.rules.test_mode ||
	    !came_by_smtp(&s->session))
		return err;
	err = srs_map_rcpt(e->srs, s->arena, &r->path, &answer);
	if (err != 0 || !srs_outcome_refuses(answer.outcome))
		return err;
	return refuse(s, r);
}

int
forwarding_judge(const struct engine *e, struct evaluation *ev)
{
	const struct next_hop n = next_hop_of(e);

	return sends_on(e) ? doomed_judge(&n, ev) : 0;
}

/* In the form of SMTP. */
static int
add_edit(struct plan *plan, enum edit_kind kind, struct slice address)
{
	struct slice path =
	    arena_printf(plan->arena, "<%.*s>", SL_ARG(address));

	return path.p != NULL ? plan_envelope(plan, kind, path) : ERR_NOMEM;
}

static int
reverse_all(const struct engine *e, struct evaluation *ev, struct plan *plan)
{
	const struct recipient_vec *all = &ev->message->rcpts;
	int err = 0;

	for (size_t i = 0; i < all->n && err == 0; i++) {
		const struct recipient *r = &all->at[i];
		struct srs_answer answer = { 0 };

		if (r->refused)
			continue;
		err = srs_map_rcpt(e->srs, ev->arena, &r->path, &answer);
		if (err != 0 || answer.outcome != SRS_MAP_REWRITTEN)
			continue;
		err = add_edit(plan, EDIT_DELETE_RCPT, r->path.text);
		if (err == 0)
			err = add_edit(plan, EDIT_ADD_RCPT, answer.address);
	}
	return err;
}

int
forwarding_apply(const struct engine *e, struct evaluation *ev,
    struct plan *plan)
{
	const struct forward_options *o = &e->options.forward;
	int err = 0;

	if (e->srs == NULL)
		return 0;
	if (o->rewrite && ev->forward.leaves) {
		srs_count_long(&e->counters.long_senders, ev->forward.is_long,
		    ev->forward.sender.n > 0);
		if (ev->forward.sender.n > 0)
			err = add_edit(plan, EDIT_CHANGE_FROM,
			    ev->forward.sender);
	}
	if (err == 0 && o->reverse)
		err = reverse_all(e, ev, plan);
	return err;
}
