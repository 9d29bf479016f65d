/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc: the steps of the check. Fields are read and the keys of the newest sets
 * asked for as they arrive; at the end of the header section the structure is
 * judged and the digests of the body are ordered; signatures are verified at
 * end-of-message.
 */
#include "check/arc.h"

#include "base/err.h"
#include "check/arc_chain.h"
#include "check/arc_return.h"
#include "check/arc_vouch.h"
#include "check/check.h"
#include "check/dkim_judge.h"
#include "mail/sets.h"

/* Keys asked for before it is known whether the newest set is worth it; the
 * others wait for that, lest a hostile message makes us ask for a hundred. */
#define EARLY_KEYS 8
#define COMMENT_MAX ((size_t)2048)

static struct arc_state *
state_of(struct evaluation *ev)
{
	if (ev->arc_state == NULL)
		ev->arc_state = arena_zalloc(ev->arena, sizeof(*ev->arc_state));
	return ev->arc_state;
}

static struct arc_chain *
chain_of(struct evaluation *ev)
{
	struct arc_state *st = state_of(ev);

	if (st != NULL && st->chain == NULL)
		st->chain = arena_zalloc(ev->arena, sizeof(*st->chain));
	return st != NULL ? st->chain : NULL;
}

int
arc_header(struct evaluation *ev, const struct header_field *f)
{
	const struct check_options *o = ev->env->options;
	struct arc_chain *c;
	struct arc_field *one;
	struct slice name;
	int err;

	if (o->arc.mode == ARC_OFF || !slice_istarts(f->name, SL("ARC-")))
		return 0;
	c = chain_of(ev);
	if (c == NULL)
		return ERR_NOMEM;
	err = arc_chain_add(c, ev->arena, f, ev->message->epoch,
	    o->dkim.clock_drift_s, &one);
	if (err == 0 && c->fields > MOST_ARC_FIELDS)
		limits_meet(&ev->limits, LIMIT_ARC_FIELDS);
	if (one != NULL)
		limits_join(&ev->limits, one->sig.limits);
	if (err != 0 || one == NULL || one->kind == ARC_RESULTS ||
	    one->fault.n > 0 || ev->arc_state->asked == EARLY_KEYS)
		return err;
	name = dkim_key_name(ev->arena, &one->sig);
	if (name.p == NULL)
		return ERR_NOMEM;
	/* Both signatures of a set are made with one key, as a rule. */
	if (slice_eq(name, ev->arc_state->last_key))
		return 0;
	dns_message_prefetch(ev->dns, name, DNS_TXT);
	ev->arc_state->last_key = name;
	ev->arc_state->asked++;
	return 0;
}

/* ARCSealLater: every recipient's mail comes back before it leaves. */
static bool
is_sealed_later(const struct evaluation *ev)
{
	const struct set *later = ev->env->options->arc.later;
	const struct recipient_vec *all = &ev->message->rcpts;
	size_t here = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (all->at[i].refused)
			continue;
		if (!set_has_address(later, &all->at[i].path))
			return false;
		here++;
	}
	return here > 0;
}

int
arc_eoh(struct evaluation *ev)
{
	const struct arc_options *o = &ev->env->options->arc;
	bool may_seal = ev->env->arc_sealer != NULL &&
	    (o->mode == ARC_SEAL_ALL || o->seal_by_rule) &&
	    !is_sealed_later(ev);
	struct arc_state *st = ev->arc_state;
	int err = 0;

	if (o->mode == ARC_OFF || (st == NULL && !may_seal))
		return 0;
	st = state_of(ev);
	if (st == NULL)
		return ERR_NOMEM;
	st->may_seal = may_seal;
	if (st->chain != NULL)
		err = arc_chain_check(st->chain, ev->arena);
	if (err == 0 && st->chain != NULL)
		err = arc_chain_want(st->chain, ev);
	if (err != 0 || !may_seal)
		return err;
	st->body =
	    body_hash_want(ev->bodies, CANON_RELAXED, BODY_HASH_NO_LIMIT);
	return st->body < 0 ? st->body : 0;
}

static void
take_result(struct evaluation *ev, const struct arc_chain *c)
{
	const struct arc_options *o = &ev->env->options->arc;
	struct arc_result *r = &ev->arc;
	struct slice sealer;

	r->verdict = c->verdict;
	r->reason = c->reason;
	r->sets = c->n;
	if (c->verdict != VERDICT_PASS && !c->unreachable)
		return;
	sealer = c->sets[c->n - 1].part[ARC_SEAL]->sig.domain;
	r->trusted = set_has_domain(o->trusted, sealer);
	if (c->verdict == VERDICT_PASS) {
		r->sealer = sealer;
	} else {
		r->unsure = r->trusted;
		r->trusted = false;
	}
}

static int
add_prop(struct evaluation *ev, const char *ptype, const char *name,
    struct slice value)
{
	return value.p == NULL ?
	    ERR_NOMEM :
	    finding_prop(&ev->findings, ev->arc_state->finding, ptype, name,
		value);
}

static int
report(struct evaluation *ev, const struct arc_chain *c)
{
	const struct ip *client = &ev->judged_client;
	struct arena *a = ev->arena;
	struct arc_result *r = &ev->arc;
	char ip[IP_TEXT];
	int err = 0;

	ev->arc_state->finding =
	    findings_add(&ev->findings, METHOD_ARC, r->verdict, r->reason);
	if (ev->arc_state->finding == NULL)
		return ERR_NOMEM;
	if (r->verdict == VERDICT_PASS && c->oldest_known)
		err = add_prop(ev, "header", "oldest-pass",
		    arena_printf(a, "%u", c->oldest_pass));
	if (err == 0 && client->family != 0)
		err = add_prop(ev, "smtp", "remote-ip",
		    arena_copy(a, slice_c(ip_print(client, ip))));
	if (err == 0)
		err =
		    add_prop(ev, NULL, "sets", arena_printf(a, "%u", r->sets));
	if (err == 0 && r->verdict == VERDICT_PASS)
		err = add_prop(ev, NULL, "sealer", r->sealer);
	if (err == 0 && r->trusted)
		err = add_prop(ev, NULL, "trusted", SL("yes"));
	if (err == 0 && r->saw_pass)
		err = add_prop(ev, NULL, "saw-pass", SL("yes"));
	if (err == 0 && r->unsure)
		err = add_prop(ev, NULL, "unsure", SL("yes"));
	return err;
}

/* No field of a set: `none`, of which only the trace tells. */
static int
report_none(struct evaluation *ev)
{
	struct finding *f = findings_add(&ev->findings, METHOD_ARC,
	    VERDICT_NONE, SL("message has no ARC set"));

	if (f == NULL)
		return ERR_NOMEM;
	f->hidden = true;
	return 0;
}

int
arc_end(struct evaluation *ev)
{
	struct arc_state *st = ev->arc_state;
	struct arc_result *r = &ev->arc;
	int err;

	if (ev->env->options->arc.mode == ARC_OFF || r->done)
		return 0;
	if (r->returned.n > 0)
		return arc_return_end(ev);
	r->done = true;
	if (st == NULL || st->chain == NULL ||
	    st->chain->verdict == VERDICT_NONE)
		return report_none(ev);
	err = body_hashes_end(ev->bodies);
	if (err == 0)
		err = arc_chain_verify(st->chain, ev);
	if (err != 0)
		return err;
	take_result(ev, st->chain);
	if (r->trusted)
		err = arc_vouch(ev, st->chain, &r->saw_pass);
	return err == 0 ? report(ev, st->chain) : err;
}

int
arc_note_override(struct evaluation *ev)
{
	const struct arc_state *st = ev->arc_state;
	struct buf b;

	if (!ev->arc.trusted || !ev->arc.saw_pass ||
	    ev->dmarc.disposition == DMARC_POLICY_NONE)
		return 0;
	buf_init(&b, ev->arena, COMMENT_MAX);
	buf_adds(&b, "local_policy: arc=pass");
	for (unsigned i = st->chain->n; i > 0; i--) {
		const struct dkim_field *seal =
		    &st->chain->sets[i - 1].part[ARC_SEAL]->sig;

		buf_printf(&b, " as[%u].d=%.*s as[%u].s=%.*s", i,
		    SL_ARG(seal->domain), i, SL_ARG(seal->selector));
	}
	return add_prop(ev, NULL, "override", buf_slice(&b));
}
