/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_verify: the steps of the check. Each signature field is read as it
 * arrives and its key asked for; at end of headers, when the author is known,
 * it is decided which are tried; at end of message those are judged. Every
 * field gets its own finding (RFC 8601 section 2.7.1, RFC 6008).
 */
#include "base/err.h"
#include "check/check.h"
#include "check/dkim_judge.h"
#include "mail/domain.h"

#define MAX_SHOWN 10 /* untried ones in Authentication-Results */

struct dkim_state {
	struct dkim_case_vec cases; /* in order of appearance */
	size_t bytes;
	size_t unread; /* fields over the limits */
	unsigned asked;
};

static struct dkim_state *
state_of(struct evaluation *ev)
{
	if (ev->dkim_state == NULL)
		ev->dkim_state =
		    arena_zalloc(ev->arena, sizeof(*ev->dkim_state));
	return ev->dkim_state;
}

/* Begins the key lookup once. */
static int
ask(struct evaluation *ev, struct dkim_case *c)
{
	struct slice name;

	if (c->asked)
		return 0;
	name = dkim_key_name(ev->arena, &c->field);
	if (name.p == NULL)
		return ERR_NOMEM;
	dns_message_prefetch(ev->dns, name, DNS_TXT);
	c->asked = true;
	ev->dkim_state->asked++;
	return 0;
}

static int
leave_unread(struct evaluation *ev, enum limit limit)
{
	ev->dkim_state->unread++;
	limits_meet(&ev->limits, limit);
	return 0;
}

int
dkim_verify_header(struct evaluation *ev, const struct header_field *f)
{
	const struct dkim_options *o = &ev->env->options->dkim;
	struct dkim_state *st;
	struct dkim_case *c;
	int err;

	if (ev->env->dkim == NULL || !slice_ieq(f->name, SL("DKIM-Signature")))
		return 0;
	st = state_of(ev);
	if (st == NULL)
		return ERR_NOMEM;
	if (f->raw.n <=
	    MOST_SIGNATURE_OCTETS) /* longer ones are not looked into */
		st->bytes += f->raw.n;
	if (st->cases.n == MOST_SIGNATURES_READ)
		return leave_unread(ev, LIMIT_SIGNATURES_READ);
	if (st->bytes > MOST_SIGNATURES_OCTETS)
		return leave_unread(ev, LIMIT_SIGNATURES_OCTETS);
	c = dkim_case_vec_push(&st->cases, ev->arena);
	if (c == NULL)
		return ERR_NOMEM;
	err = dkim_field_read(ev->arena, f, ev->message->epoch,
	    o->clock_drift_s, &c->field);
	if (err != 0)
		return err;
	limits_join(&ev->limits, c->field.limits);
	c->verdict = c->field.verdict;
	c->reason = c->field.reason;
	if (c->verdict == VERDICT_PASS && st->asked < o->max_signatures)
		return ask(ev, c);
	return 0;
}

/* 0: d= is an author's domain, 1: of the same organisation, 2: neither. */
static unsigned
rank_of(const struct evaluation *ev, struct slice d)
{
	const struct author_vec *authors = &ev->from.authors;
	const struct psl *psl = ev->env->psl;
	unsigned rank = 2;

	for (size_t i = 0; i < authors->n; i++) {
		struct slice a = authors->at[i].domain;

		if (a.n == 0)
			continue;
		if (domain_eq(a, d))
			return 0;
		if (domain_within(a, d) || domain_within(d, a) ||
		    (psl != NULL &&
			slice_ieq(psl_org_domain(psl, a),
			    psl_org_domain(psl, d)) &&
			psl_org_domain(psl, d).n > 0))
			rank = 1;
	}
	return rank;
}

/* A domain under which others register speaks for nobody (RFC 6376 section
 * 6.1.1); one that is also on the list may still sign its own mail. */
static bool
is_suffix(const struct evaluation *ev, const struct dkim_case *c)
{
	struct slice d = c->field.domain;

	if (domain_labels(d) < 2)
		return true;
	return ev->env->psl != NULL && c->rank > 0 &&
	    psl_is_suffix(ev->env->psl, d);
}

/* Ranks a case and refuses it if there is no use in trying. */
static void
assess(struct evaluation *ev, struct dkim_case *c)
{
	c->rank = rank_of(ev, c->field.domain);
	if (c->verdict != VERDICT_PASS)
		return;
	if (ev->from.error == FROM_NONE) {
		c->verdict = VERDICT_PERMERROR;
		c->reason = SL("message has no From field");
	} else if (is_suffix(ev, c)) {
		c->verdict = VERDICT_POLICY;
		c->reason = SL("d= is a public suffix");
	}
}

/* Orders the body digest and the key of a case that will be tried. */
static int
choose(struct evaluation *ev, struct dkim_case *c)
{
	const struct dkim_field *f = &c->field;

	c->body = body_hash_want(ev->bodies, f->body_canon,
	    f->limited ? f->limit : BODY_HASH_NO_LIMIT);
	if (c->body == ERR_LIMIT) {
		c->verdict = VERDICT_POLICY;
		c->reason = SL("too many different l=");
		limits_meet(&ev->limits, LIMIT_BODY_LIMITS);
		return 0;
	}
	if (c->body < 0)
		return c->body;
	c->chosen = true;
	return ask(ev, c);
}

static int
choose_rank(struct evaluation *ev, unsigned rank, unsigned *chosen)
{
	struct dkim_case_vec *cases = &ev->dkim_state->cases;
	unsigned most = ev->env->options->dkim.max_signatures;

	for (size_t i = 0; i < cases->n; i++) {
		struct dkim_case *c = &cases->at[i];
		int err;

		if (c->rank != rank || c->verdict != VERDICT_PASS)
			continue;
		if (*chosen == most) {
			limits_meet(&ev->limits, LIMIT_SIGNATURES_VERIFIED);
			c->verdict = VERDICT_NEUTRAL;
			c->reason = arena_printf(ev->arena,
			    "not tried, %u others were", most);
			continue;
		}
		err = choose(ev, c);
		if (err != 0)
			return err;
		*chosen += c->chosen;
	}
	return 0;
}

int
dkim_verify_eoh(struct evaluation *ev)
{
	struct dkim_state *st = ev->dkim_state;
	unsigned chosen = 0;
	int err = 0;

	if (st == NULL)
		return 0;
	for (size_t i = 0; i < st->cases.n; i++)
		assess(ev, &st->cases.at[i]);
	for (unsigned rank = 0; rank <= 2 && err == 0; rank++)
		err = choose_rank(ev, rank, &chosen);
	return err;
}

size_t
dkim_verify_signers(const struct evaluation *ev, struct slice *out, size_t most)
{
	const struct dkim_state *st = ev->dkim_state;
	size_t n = 0;

	for (size_t i = 0; st != NULL && i < st->cases.n && n < most; i++)
		if (st->cases.at[i].chosen)
			out[n++] = st->cases.at[i].field.domain;
	return n;
}

/* Of several results the one that says most for the message; temperror
 * comes next to pass, for it may still become one. */
static bool
is_better(enum verdict a, enum verdict b)
{
	static const unsigned order[VERDICT_COUNT] = {
		[VERDICT_PASS] = 6,
		[VERDICT_TEMPERROR] = 5,
		[VERDICT_POLICY] = 4,
		[VERDICT_FAIL] = 3,
		[VERDICT_NEUTRAL] = 2,
		[VERDICT_PERMERROR] = 1,
	};

	return order[a] > order[b];
}

static int
add_result(struct evaluation *ev, const struct dkim_case *c)
{
	struct dkim_signature *s =
	    dkim_signature_vec_push(&ev->dkim.signatures, ev->arena);

	if (s == NULL)
		return ERR_NOMEM;
	*s = (struct dkim_signature){
		.verdict = c->verdict,
		.reason = c->reason,
		.domain = c->field.domain,
		.selector = c->field.selector,
		.identity = c->field.identity,
		.algorithm = c->field.a,
		.b = c->field.b8,
		.key_bits = c->key_bits,
		.tried = c->chosen,
		.testing = c->testing,
		.author_domain = c->field.domain.n > 0 && c->rank == 0,
	};
	return 0;
}

/* Adds a property unless it has no value. */
static int
prop(struct evaluation *ev, struct finding *f, const char *ptype,
    const char *name, struct slice value)
{
	return value.n == 0 ?
	    0 :
	    finding_prop(&ev->findings, f, ptype, name, value);
}

static int
add_trace(struct evaluation *ev, struct finding *f, const struct dkim_case *c)
{
	static const char *const canon[] = { "simple", "relaxed" };
	int err = 0;

	if (c->field.verdict == VERDICT_PASS)
		err = prop(ev, f, NULL, "canonicalisation",
		    arena_printf(ev->arena, "%s/%s",
			canon[c->field.header_canon],
			canon[c->field.body_canon]));
	if (err == 0 && c->key_bits > 0)
		err = prop(ev, f, NULL, "key-bits",
		    arena_printf(ev->arena, "%u", c->key_bits));
	if (err == 0)
		err = prop(ev, f, NULL, "dns", slice_c(c->dns));
	if (err == 0 && c->testing)
		err = prop(ev, f, NULL, "testing", SL("yes"));
	if (err == 0 && c->own)
		err = prop(ev, f, NULL, "verified-by", SL("chopmark"));
	return err;
}

static int
add_finding(struct evaluation *ev, const struct dkim_case *c, bool hidden)
{
	const struct dkim_field *d = &c->field;
	struct finding *f =
	    findings_add(&ev->findings, METHOD_DKIM, c->verdict, c->reason);
	int err;

	if (f == NULL)
		return ERR_NOMEM;
	f->hidden = hidden;
	err = prop(ev, f, "header", "d", d->domain);
	if (err == 0)
		err = prop(ev, f, "header", "i", d->identity);
	if (err == 0)
		err = prop(ev, f, "header", "s", d->selector);
	if (err == 0)
		err = prop(ev, f, "header", "a", d->a);
	if (err == 0)
		err = prop(ev, f, "header", "b", d->b8);
	return err == 0 ? add_trace(ev, f, c) : err;
}

/* The result of the message, from those of its signatures. */
static void
sum_up(struct evaluation *ev)
{
	const struct dkim_signature_vec *all = &ev->dkim.signatures;
	const struct dkim_signature *best = NULL, *author = NULL;

	for (size_t i = 0; i < all->n; i++) {
		const struct dkim_signature *s = &all->at[i];

		if (best == NULL || is_better(s->verdict, best->verdict))
			best = s;
		if (s->author_domain &&
		    (author == NULL || is_better(s->verdict, author->verdict)))
			author = s;
	}
	if (best == NULL)
		return;
	ev->dkim.verdict = best->verdict;
	if (best->verdict != VERDICT_PASS && author != NULL)
		best = author;
	ev->dkim.reason = best->reason;
}

static int
report(struct evaluation *ev)
{
	struct dkim_state *st = ev->dkim_state;
	struct finding *rest;
	unsigned untried = 0;
	int err = 0;

	for (size_t i = 0; i < st->cases.n && err == 0; i++) {
		const struct dkim_case *c = &st->cases.at[i];

		untried += !c->chosen;
		err = add_result(ev, c);
		if (err == 0)
			err = add_finding(ev, c,
			    !c->chosen && untried > MAX_SHOWN);
	}
	if (err != 0 || st->unread == 0)
		return err;
	rest = findings_add(&ev->findings, METHOD_DKIM, VERDICT_NEUTRAL,
	    arena_printf(ev->arena, "%zu more signatures were not read",
		st->unread));
	if (rest == NULL)
		return ERR_NOMEM;
	rest->hidden = true;
	return 0;
}

static int
judge_all(struct evaluation *ev)
{
	struct dkim_case_vec *cases = &ev->dkim_state->cases;
	struct dkim_headers h;
	int err = body_hashes_end(ev->bodies);

	if (err == 0)
		err = dkim_headers_index(ev->arena, &ev->message->headers, &h);
	for (size_t i = 0; i < cases->n && err == 0; i++)
		if (cases->at[i].chosen)
			err = dkim_judge(ev, &h, &cases->at[i]);
	return err;
}

int
dkim_verify_end(struct evaluation *ev)
{
	int err;

	if (ev->env->dkim == NULL || ev->dkim.done)
		return 0;
	ev->dkim.done = true;
	ev->dkim.verdict = VERDICT_NONE;
	ev->dkim.reason = SL("");
	if (ev->dkim_state == NULL) {
		ev->dkim.reason = SL("message is not signed");
		return findings_add(&ev->findings, METHOD_DKIM, VERDICT_NONE,
			   ev->dkim.reason) != NULL ?
		    0 :
		    ERR_NOMEM;
	}
	err = judge_all(ev);
	if (err == 0)
		err = report(ev);
	if (err == 0)
		sum_up(ev);
	return err;
}
