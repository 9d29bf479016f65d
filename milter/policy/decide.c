/* SPDX-License-Identifier: BSD-2-Clause
 *
 * decide: walks the rules for one message at one stage, top-down, until one
 * of them decides, and turns its decision into a plan.
 */
#include "base/err.h"
#include "mail/fold.h"
#include "policy/rules_private.h"
#include "policy/template.h"

#define HEADER_WIDTH ((size_t)78)
#define LINE_MIN ((size_t)200) /* what a reply line keeps at MAIL and RCPT */

struct walk {
	const struct rules *rules;
	const struct replies *replies;
	const struct fact_context *context;
	struct plan *plan;
	bool pending; /* a rule of a later stage was passed */
	bool done;
};

/* ---- does it match? ---- */

static uint64_t
mix_recipient(const struct recipient *r)
{
	return r->refused ? 0 : slice_ihash(r->path.text, 1);
}

/* A number from 0 to 99 that stays the same for the same rule, client, sender
 * and recipients in whatever order. A rule counts what is known at its own
 * stage, so that it falls out alike at every later one. */
static unsigned
sample(const struct rule *rule, const struct fact_context *c)
{
	const struct message *m = c->ev->message;
	const struct ip *ip = &m->session->client;
	uint64_t h = slice_ihash(rule->name, 0), people = 0;

	h = slice_ihash(slice_of((const char *)ip->b, sizeof(ip->b)), h);
	h = slice_ihash(m->mail_from.text, h);
	if (rule->stage == STAGE_RCPT && c->rcpt != NULL)
		people = mix_recipient(c->rcpt);
	for (size_t i = 0; rule->stage == STAGE_EOM && i < m->rcpts.n; i++)
		people += mix_recipient(&m->rcpts.at[i]);
	h ^= people;
	/* The low bits of FNV are weak on their own. */
	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (unsigned)((h >> 33) % 100);
}

static bool
in_sample(const struct rule *rule, const struct fact_context *c)
{
	return rule->percent == 100 || sample(rule, c) < rule->percent;
}

/* At end-of-message a rule `at rcpt` holds if it does for every recipient. */
static int
match_recipients(const struct rule *rule, const struct fact_context *c,
    enum truth *out, bool *sampled)
{
	const struct recipient_vec *all = &c->ev->message->rcpts;
	struct fact_context one = *c;
	size_t n = 0;
	int err;

	one.stage = STAGE_RCPT;
	*out = TRUTH_YES;
	for (size_t i = 0; i < all->n && *out == TRUTH_YES; i++) {
		one.rcpt = &all->at[i];
		if (all->at[i].refused)
			continue;
		n++;
		*sampled = *sampled && in_sample(rule, &one);
		err = expr_eval(&rule->condition, &one, out);
		if (err != 0)
			return err;
	}
	if (n == 0)
		*out = TRUTH_NO;
	return 0;
}

static int
match(const struct rule *rule, const struct fact_context *c, enum truth *out,
    bool *sampled)
{
	*sampled = true;
	if (c->stage == STAGE_EOM && rule->stage == STAGE_RCPT)
		return match_recipients(rule, c, out, sampled);
	*sampled = in_sample(rule, c);
	return expr_eval(&rule->condition, c, out);
}

/* ---- what it does ---- */

static int
note_test(struct walk *w, const struct rule *rule)
{
	struct plan_test *t =
	    plan_test_vec_push(&w->plan->tests, w->context->ev->arena);

	if (t == NULL)
		return ERR_NOMEM;
	t->rule = rule->name;
	t->action = slice_c(rule_action_word(rule->action));
	return 0;
}

/* Renders a header template and adds the field on top, folded. */
static int
add_field(struct walk *w, const struct rule *rule, struct slice name,
    const struct reply_template *t)
{
	struct reply_extra x = { .rule = rule->name };
	struct arena *a = w->context->ev->arena;
	struct slice rest, word;
	struct buf line, value;
	struct fold f;
	int err;

	buf_init(&line, a, LINES_MAX_LINE);
	buf_init(&value, a, LINES_MAX_LINE);
	err = reply_template_render(t, w->replies, w->context, &x, &line);
	if (err != 0)
		return err;
	fold_init(&f, &value, name.n + 1, HEADER_WIDTH);
	rest = buf_slice(&line);
	while (slice_cut(&rest, ' ', &word))
		if (word.n > 0)
			fold_word(&f, word);
	if (value.n == 0)
		buf_addc(&value, ' ');
	if (!buf_ok(&value))
		return ERR_NOMEM;
	return plan_insert_header(w->plan, 0, name, buf_slice(&value));
}

/* Room for a reply line: Sendmail puts "<address>... " in front of it at MAIL
 * and RCPT. */
static size_t
line_room(const struct fact_context *c)
{
	const struct mailbox *m = &c->ev->message->mail_from;
	size_t prefix;

	if (c->stage == STAGE_EOM)
		return TEMPLATE_LINE;
	if (c->rcpt != NULL)
		m = &c->rcpt->path;
	prefix = m->text.n + sizeof("<>... ") - 1;
	return prefix < TEMPLATE_LINE - LINE_MIN ? TEMPLATE_LINE - prefix :
						   LINE_MIN;
}

static int
answer(struct walk *w, const struct rule *rule, enum action action)
{
	struct reply_extra x = { .rule = rule->name };
	struct fact_context c = *w->context;
	const struct recipient_vec *rcpts = &c.ev->message->rcpts;

	w->plan->action = action;
	/* So that a reply of such a rule can still name a recipient. */
	if (rule->stage == STAGE_RCPT && c.stage == STAGE_EOM) {
		c.stage = STAGE_RCPT;
		for (size_t i = rcpts->n; i > 0; i--)
			if (!rcpts->at[i - 1].refused)
				c.rcpt = &rcpts->at[i - 1];
	}
	return replies_render(w->replies, rule->reply, &c, &x,
	    line_room(w->context), &w->plan->reply);
}

static int
hold(struct walk *w, const struct rule *rule)
{
	struct reply_extra x = { .rule = rule->name };
	struct buf b;
	int err;

	buf_init(&b, w->context->ev->arena, LINES_MAX_LINE);
	err = reply_template_render(w->rules->hold_reason, w->replies,
	    w->context, &x, &b);
	return err != 0 ? err : plan_hold(w->plan, buf_slice(&b));
}

static int
carry_out(struct walk *w, const struct rule *rule)
{
	if (rule->action == RULE_TAG)
		return add_field(w, rule, rule->tag_name, rule->tag_value);
	if (rule->action == RULE_SEAL) {
		w->plan->seal = true;
		return 0;
	}
	w->done = true;
	w->plan->rule = rule->name;
	w->plan->action = ACTION_ACCEPT;
	switch (rule->action) {
	case RULE_ACCEPT:
	case RULE_TAG:
	case RULE_SEAL:
		break;
	case RULE_QUARANTINE:
		w->plan->quarantine = true;
		return add_field(w, rule, w->rules->mark_name,
		    w->rules->mark_value);
	case RULE_HOLD:
		return hold(w, rule);
	case RULE_TEMPFAIL:
		return answer(w, rule, ACTION_TEMPFAIL);
	case RULE_REJECT:
		return answer(w, rule, ACTION_REJECT);
	case RULE_DISCARD:
		w->plan->action = ACTION_DISCARD;
		break;
	}
	return 0;
}

/* An accept before end-of-message. It ends judgement for the whole message
 * unless it speaks of one recipient, or a rule above it has yet to come: then
 * it only keeps the rules below from answering at this stage. */
static int
accept_early(struct walk *w, const struct rule *rule)
{
	w->done = true;
	if (w->pending || rule->stage == STAGE_RCPT)
		return 0;
	return carry_out(w, rule);
}

/* ---- the walk ---- */

static bool
is_over(const struct rule *rule, const struct fact_context *c)
{
	return rule->expired ||
	    (rule->until != 0 && c->ev->message->epoch >= rule->until);
}

/* A rule of this stage or an earlier one. */
static int
visit(struct walk *w, const struct rule *rule)
{
	bool early = w->context->stage < STAGE_EOM;
	enum truth truth;
	bool sampled;
	int err = match(rule, w->context, &truth, &sampled);

	/* At the end everything can be known: a wait that was cut short here
	 * is a failure of ours, not a rule that does not match. */
	if (err == 0 && !early && truth == TRUTH_UNDECIDED)
		err = ERR_TIMEOUT;
	if (err != 0)
		return err;
	if (truth == TRUTH_UNDECIDED && !rule->test && sampled)
		w->done = true; /* nothing below may decide in its place */
	if (truth != TRUTH_YES)
		return 0;
	if (rule->test || !sampled)
		return note_test(w, rule);
	if (early && rule->action == RULE_ACCEPT)
		return accept_early(w, rule);
	return carry_out(w, rule);
}

/* A rule of a later stage: only an accept can be known before its time. With
 * nothing below it that could answer here it is not worth a wait. */
static int
visit_later(struct walk *w, const struct rule *rule)
{
	size_t below = (size_t)(rule - w->rules->all.at) + 1;
	bool shields = below < w->rules->early[w->context->stage];
	enum truth truth = TRUTH_LATER;
	int err = 0;

	if (rule->action == RULE_ACCEPT && !rule->test &&
	    rule->percent == 100 && (shields || !expr_waits(&rule->condition)))
		err = expr_eval(&rule->condition, w->context, &truth);
	if (err == 0 && truth == TRUTH_UNDECIDED)
		w->done = true;
	if (err == 0 && truth == TRUTH_YES)
		return accept_early(w, rule);
	/* Another accept above changes nothing, whatever it comes to. */
	if (rule->action != RULE_ACCEPT || rule->test || rule->percent != 100)
		w->pending = true;
	return err;
}

int
rules_decide(const struct rules *r, const struct replies *replies,
    const struct fact_context *c, struct plan *out)
{
	struct walk w = { .rules = r,
		.replies = replies,
		.context = c,
		.plan = out };
	int err = 0;

	for (size_t i = 0; i < r->all.n && err == 0 && !w.done; i++) {
		const struct rule *rule = &r->all.at[i];

		if (is_over(rule, c))
			continue;
		err = rule->stage <= c->stage ? visit(&w, rule) :
						visit_later(&w, rule);
	}
	if (err == 0 && c->stage == STAGE_EOM && !w.done)
		out->action = ACTION_ACCEPT;
	return err;
}
