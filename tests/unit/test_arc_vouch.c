/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_vouch: whose word counts, and which words.
 */
#include "base/err.h"
#include "check/arc_vouch.h"
#include "lib/tap.h"
#include "mail/authres.h"
#include "mail/sets.h"
#include "unit/arc_lib.h"

static struct dkim_world w;

/* The chain is made by a.example, b.example and so on, each with one of the
 * results; "-" in front of them: by an untrusted host. */
static struct evaluation *
judge(const char *const *results, const char *from)
{
	struct test_mail m = arc_mail();

	if (from != NULL)
		m = test_mail_parse(t_arena(),
		    arena_printf(t_arena(), "From: %s\r\n\r\nHi.\r\n", from));
	for (size_t i = 0; results[i] != NULL; i++) {
		bool trusted = results[i][0] != '-';
		struct arc_signer s = { .key = w.ed,
			.d = trusted ? "trusted.example" : "other.example",
			.s = "ed",
			.results = results[i] + !trusted };

		arc_signer_seal(t_arena(), &s, &m);
	}
	return dkim_world_run(&w, &m, 0);
}

static const struct {
	const char *results[4];
	bool trusted, saw_pass;
} rows[] = {
	{ { "mx; dmarc=pass header.from=example.org" }, true, true },
	{ { "mx; dmarc=pass (p=none dis=none) header.from=Example.ORG" }, true,
	    true },
	{ { "mx 1; dmarc=pass action=none header.from=example.org" }, true,
	    true },
	{ { "mx.microsoft.example 1; spf=pass smtp.mailfrom=x.example; "
	    "dmarc=pass action=none header.from=example.org; "
	    "dkim=none (message not signed); arc=none" },
	    true, true },
	{ { "mx; dmarc=fail header.from=example.org" }, true, false },
	{ { "mx; dmarc=pass header.from=example.com" }, true, false },
	{ { "mx; dmarc=pass header.from=sub.example.org" }, true, false },
	{ { "mx; dmarc=pass" }, true, false },
	{ { "mx; dmarc=fail header.from=example.org; dkim=pass "
	    "header.d=example.org" },
	    true, false },
	{ { "mx; dkim=pass header.d=example.org" }, true, true },
	{ { "mx; dkim=pass header.i=@mail.example.org" }, true, true },
	{ { "mx; dkim=pass header.d=example.com" }, true, false },
	{ { "mx; dkim=fail header.d=example.org" }, true, false },
	{ { "mx; spf=pass smtp.mailfrom=bounce@news.example.org" }, true,
	    true },
	{ { "mx; spf=pass smtp.mailfrom=example.org; dmarc=none" }, true,
	    true },
	{ { "mx; spf=pass smtp.helo=example.org" }, true, false },
	{ { "mx; spf=pass smtp.mailfrom=org" }, true, false },
	{ { "mx; spf=softfail smtp.mailfrom=example.org" }, true, false },
	{ { "mx; none" }, true, false },
	{ { "mx" }, true, false },
	{ { "" }, true, false },
	{ { "mx; what is this; dmarc=pass header.from=example.org" }, true,
	    true },
	{ { "mx; dmarc=pass header.from=\"example.org\"" }, true, true },
	{ { "mx (; dmarc=pass header.from=example.org)" }, true, false },
	{ { "mx; x=\"; dmarc=pass header.from=example.org\"" }, true, false },
	{ { "mx; dmarc=fail reason=\"dmarc=pass header.from=example.org\"" },
	    true, false },
	{ { "-mx; dmarc=pass header.from=example.org" }, false, false },
	{ { "-mx; dmarc=pass header.from=example.org",
	      "mx; dmarc=fail header.from=example.org" },
	    true, false },
	{ { "mx; dmarc=pass header.from=example.org",
	      "-mx; dmarc=fail header.from=example.org" },
	    false, false },
	{ { "mx; dmarc=pass header.from=example.org",
	      "mx; dmarc=fail header.from=example.org" },
	    true, true },
	{ { "mx; dmarc=pass header.from=example.org", "-mx; arc=pass",
	      "mx; arc=pass; dmarc=fail header.from=example.org" },
	    true, false },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct evaluation *ev = judge(rows[i].results, NULL);

		ok(ev != NULL && ev->arc.verdict == VERDICT_PASS &&
			ev->arc.trusted == rows[i].trusted &&
			ev->arc.saw_pass == rows[i].saw_pass,
		    "%s %s: %s", rows[i].results[0],
		    rows[i].results[1] != NULL ? rows[i].results[1] : "",
		    rows[i].saw_pass ? "a pass was seen" : "none was");
		dkim_world_done(ev);
	}
}

static void
test_authors(void)
{
	static const struct {
		const char *from;
		bool saw_pass;
	} froms[] = {
		{ "ann@example.org", true },
		{ "ann@EXAMPLE.org.", true },
		{ "ann@example.org, eve@example.net", false },
		{ "ann@example.org, bob@example.org", false },
		{ "nobody", false },
		{ "eve@example.net", false },
	};
	const char *const results[] = {
		"mx; dmarc=pass header.from=example.org", NULL
	};

	for (size_t i = 0; i < ARRAY_LEN(froms); i++) {
		struct evaluation *ev = judge(results, froms[i].from);

		ok(ev != NULL && ev->arc.trusted &&
			ev->arc.saw_pass == froms[i].saw_pass,
		    "From: %s", froms[i].from);
		dkim_world_done(ev);
	}
}

/* A chain that fails vouches for nothing. */
static void
test_broken(void)
{
	struct arc_signer s = { .key = w.ed,
		.d = "trusted.example",
		.s = "ed",
		.results = "mx; dmarc=pass header.from=example.org" };
	struct test_mail m = arc_mail();
	struct evaluation *ev;

	arc_signer_seal(t_arena(), &s, &m);
	m.body = SL("Changed.\r\n");
	ev = dkim_world_run(&w, &m, 0);
	ok(ev != NULL && ev->arc.verdict == VERDICT_FAIL && !ev->arc.trusted &&
		!ev->arc.saw_pass && ev->arc.sealer.n == 0,
	    "a broken chain has no sealer");
	dkim_world_done(ev);
}

static const struct finding *
arc_finding(const struct evaluation *ev)
{
	for (size_t i = 0; i < ev->findings.all.n; i++)
		if (ev->findings.all.at[i]->method == METHOD_ARC)
			return ev->findings.all.at[i];
	return NULL;
}

static void
test_override(void)
{
	const char *const results[] = {
		"mx; dmarc=pass header.from=example.org",
		"mx; arc=pass; dmarc=pass header.from=example.org", NULL
	};
	struct evaluation *ev = judge(results, NULL);

	is_int(arc_note_override(ev), 0, "DMARC asks for nothing");
	is_text(finding_get(arc_finding(ev), SL("override")), "",
	    "so nothing is overridden");
	ev->dmarc.disposition = DMARC_POLICY_REJECT;
	is_int(arc_note_override(ev), 0, "DMARC asks for a refusal");
	is_text(finding_get(arc_finding(ev), SL("override")),
	    "local_policy: arc=pass as[2].d=trusted.example as[2].s=ed "
	    "as[1].d=trusted.example as[1].s=ed",
	    "the override names the chain");
	dkim_world_done(ev);
}

static void
test_reading(void)
{
	struct authres r;
	struct buf b;

	ok(arc_results_read(t_arena(),
	       t_slice(" mx 1; a=pass x=y b.c=d (z) e=f; b/1=fail (; not one) "
		       "p.q=\"v;w\"; ;; junk; c=none"),
	       &r) == 0 &&
		r.items.n == 3,
	    "items by themselves");
	if (r.items.n == 3) {
		is_text(r.items.at[0].props.at[0].value, "d",
		    "strays are passed over");
		is_text(r.items.at[1].props.at[0].value, "v;w",
		    "quotes are not cut");
		is_text(r.items.at[2].method, "c", "junk is no item");
	}
	buf_init(&b, t_arena(), 1 << 20);
	for (unsigned i = 0; i < 1000; i++)
		buf_adds(&b, "; x=pass");
	ok(arc_results_read(t_arena(), buf_slice(&b), &r) == ERR_LIMIT &&
		r.items.n == MOST_ARC_RESULTS,
	    "no more than a hundred are read");
	buf_clear(&b);
	buf_adds(&b, "x; dmarc=pass; y=pass");
	for (unsigned i = 0; i < 50000; i++)
		buf_addc(&b, '(');
	buf_adds(&b, "; dkim=pass");
	ok(arc_results_read(t_arena(), buf_slice(&b), &r) == ERR_LIMIT &&
		r.items.n == 1,
	    "what comes behind comments without end is not looked for");
}

int
main(void)
{
	struct place at = { "test", 0 };
	struct problems p;
	struct set *trusted;

	dkim_world_init(&w);
	dkim_world_key(&w, "ed", "trusted.example",
	    dkim_signer_record(t_arena(), w.ed));
	dkim_world_key(&w, "ed", "other.example",
	    dkim_signer_record(t_arena(), w.ed));
	dkim_world_open(&w);
	w.options.arc.mode = ARC_VERIFY;
	problems_init(&p, t_arena());
	trusted = set_new(t_arena());
	if (trusted == NULL ||
	    set_add(t_arena(), trusted, SL("trusted.example"), SL(""), at,
		&p) != 0)
		abort();
	w.options.arc.trusted = trusted;
	test_rows();
	test_authors();
	test_broken();
	test_override();
	test_reading();
	dkim_world_close(&w);
	return tap_done();
}
