/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_chain: genuine chains of every length pass; every way to break one (RFC
 * 8617 section 5.2) makes it fail and says why.
 */
#include "check/arc_chain.h"
#include "lib/tap.h"
#include "unit/arc_lib.h"

static struct dkim_world w;

static struct test_mail
chain(unsigned n)
{
	struct arc_signer s = { .key = w.ed, .s = "ed" };
	struct test_mail m = arc_mail();

	arc_signer_chain(t_arena(), &s, n, &m);
	return m;
}

/* ---- changing a message ---- */

static const char *const names[] = { "ARC-Authentication-Results",
	"ARC-Message-Signature", "ARC-Seal" };

/* The field of a chain built bottom-up: three a set. */
static size_t
place(const struct test_mail *m, unsigned instance, enum arc_kind kind)
{
	size_t n = header_list_count(&m->headers, SL("ARC-Seal"));

	return (n - instance) * 3 + (2 - kind);
}

/* A copy without field `at`, or with the text `with` in its place. */
static struct test_mail
replace(const struct test_mail *m, size_t at, const char *with)
{
	struct test_mail out = { .body = m->body };

	header_list_init(&out.headers, t_arena());
	for (size_t i = 0; i < m->headers.fields.n; i++) {
		struct slice raw = m->headers.fields.at[i].raw;
		size_t colon;

		if (i == at && with == NULL)
			continue;
		if (i == at)
			raw = slice_c(with);
		colon = slice_chr(raw, ':');
		if (header_list_add(&out.headers, slice_sub(raw, 0, colon),
			slice_from(raw, colon + 1), NULL) != 0)
			abort();
	}
	return out;
}

/* The raw field with the first `old` in it made `new`. */
static const char *
edited(const struct test_mail *m, size_t at, const char *old, const char *new)
{
	struct slice raw = m->headers.fields.at[at].raw;
	size_t where = slice_search(raw, slice_c(old));

	if (where == SLICE_NONE)
		abort();
	return arena_printf(t_arena(), "%.*s%s%.*s",
	    SL_ARG(slice_sub(raw, 0, where)), new,
	    SL_ARG(slice_from(raw, where + strlen(old))))
	    .p;
}

static struct test_mail
change(const struct test_mail *m, unsigned instance, enum arc_kind kind,
    const char *old, const char *new)
{
	size_t at = place(m, instance, kind);

	return replace(m, at, edited(m, at, old, new));
}

/* ---- tests ---- */

static void
test_lengths(void)
{
	static const unsigned lengths[] = { 1, 2, 3, 10, 50 };
	struct test_mail m = arc_mail();
	struct evaluation *ev;

	arc_judged(&w, &m, VERDICT_NONE, "", "no set");
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		m = chain(lengths[i]);
		ev = dkim_world_run(&w, &m, 7);
		ok(ev != NULL && ev->arc.verdict == VERDICT_PASS &&
			ev->arc.sets == lengths[i],
		    "a chain of %u sets passes", lengths[i]);
		if (ev != NULL)
			is_int(ev->arc_state->chain->oldest_pass, 0,
			    "oldest pass of %u sets", lengths[i]);
		dkim_world_done(ev);
	}
	m = chain(51);
	arc_fails(&w, &m, "more than 50 sets", "51 sets");
	m = chain(50);
	m = change(&m, 50, ARC_SEAL, "i=50", "i=51");
	arc_fails(&w, &m, "a field has no i= from 1 to 50", "a seal with i=51");
	m = chain(150);
	arc_fails(&w, &m, "more than 50 sets", "150 sets");
}

static void
test_canons(void)
{
	static const char *const canons[] = { "relaxed/relaxed",
		"relaxed/simple", "simple/relaxed", "simple/simple", "relaxed",
		"simple", "" };

	for (size_t i = 0; i < ARRAY_LEN(canons); i++) {
		struct arc_signer s = { .key = w.rsa, .c = canons[i] };
		struct test_mail m = arc_mail();

		arc_signer_chain(t_arena(), &s, 2, &m);
		arc_passes(&w, &m,
		    arena_printf(t_arena(), "c=%s", canons[i]).p);
		m.body = SL("Hi.\r\n\r\nBy e.\r\n");
		arc_fails(&w, &m,
		    "ARC-Message-Signature i=2: body hash did not verify",
		    "and with another body");
	}
}

static void
test_limits(void)
{
	struct arc_signer s = { .key = w.ed, .s = "ed", .limit = "13" };
	struct test_mail m = arc_mail();

	arc_signer_seal(t_arena(), &s, &m);
	arc_passes(&w, &m, "l= of the whole body");
	s.limit = "3";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m,
	    "ARC-Message-Signature i=1: l= is not the length of the body",
	    "l= that leaves out a part");
	s.limit = "14";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m,
	    "ARC-Message-Signature i=1: l= is not the length of the body",
	    "l= over the body");
}

static void
test_missing(void)
{
	for (unsigned i = 1; i <= 3; i++)
		for (unsigned k = 0; k < ARC_KINDS; k++) {
			struct test_mail m = chain(3);
			struct slice want = arena_printf(t_arena(),
			    "%s i=%u: missing", names[k], i);

			m = replace(&m, place(&m, i, (enum arc_kind)k), NULL);
			arc_fails(&w, &m, want.p, "a field is gone");
		}
}

static void
test_doubled(void)
{
	for (unsigned i = 1; i <= 3; i++)
		for (unsigned k = 0; k < ARC_KINDS; k++) {
			struct test_mail m = chain(3);
			struct slice want = arena_printf(t_arena(),
			    "%s i=%u: more than one", names[k], i);
			struct slice raw =
			    m.headers.fields.at[place(&m, i, (enum arc_kind)k)]
				.raw;

			test_mail_prepend(t_arena(), &m, names[k],
			    slice_from(raw, strlen(names[k]) + 1));
			arc_fails(&w, &m, want.p, "a field stands twice");
		}
}

static void
test_gaps(void)
{
	struct arc_signer s = { .key = w.ed, .s = "ed" };
	struct test_mail m = arc_mail();

	s.i = 2;
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Authentication-Results i=1: missing",
	    "a chain that begins at 2");
	m = arc_mail();
	s.i = 1;
	arc_signer_seal(t_arena(), &s, &m);
	s.i = 3;
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Authentication-Results i=2: missing", "a gap");
}

static void
test_cv(void)
{
	static const struct {
		unsigned i;
		const char *cv, *reason;
	} rows[] = {
		{ 1, "pass", "ARC-Seal i=1: cv=pass" },
		{ 1, "fail", "an earlier host found the chain broken" },
		{ 2, "none", "ARC-Seal i=2: cv=none" },
		{ 2, "fail", "an earlier host found the chain broken" },
		{ 2, "", "ARC-Seal i=2: cv= is missing or unknown" },
		{ 2, "maybe", "ARC-Seal i=2: cv= is missing or unknown" },
	};
	struct arc_signer s = { .key = w.ed, .s = "ed" };
	struct arc_signer odd = s;
	struct test_mail m;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		m = arc_mail();
		if (rows[i].i == 2)
			arc_signer_seal(t_arena(), &s, &m);
		odd.cv = rows[i].cv;
		arc_signer_seal(t_arena(), &odd, &m);
		arc_fails(&w, &m, rows[i].reason, rows[i].cv);
	}
	odd.cv = "fail";
	m = chain(1);
	arc_signer_seal(t_arena(), &odd, &m);
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Seal i=2: cv=fail",
	    "a seal over one that says fail");
	odd = s;
	odd.no_cv = true;
	m = arc_mail();
	arc_signer_seal(t_arena(), &odd, &m);
	arc_fails(&w, &m, "ARC-Seal i=1: cv= is missing or unknown", "no cv=");
	odd = s;
	odd.cv = "PASS";
	m = chain(1);
	arc_signer_seal(t_arena(), &odd, &m);
	arc_passes(&w, &m, "cv=PASS");
}

static void
test_tampered(void)
{
	static const struct {
		enum arc_kind kind;
		unsigned i;
		const char *old, *new, *reason;
	} rows[] = {
		{ ARC_RESULTS, 3, "spf=none", "spf=pass",
		    "ARC-Seal i=3: signature did not verify" },
		{ ARC_RESULTS, 2, "spf=none", "spf=pass",
		    "ARC-Seal i=3: signature did not verify" },
		{ ARC_RESULTS, 1, "spf=none", "spf=pass",
		    "ARC-Seal i=3: signature did not verify" },
		{ ARC_MESSAGE, 3, "h=from:to", "h=from:cc",
		    "ARC-Message-Signature i=3: signature did not verify" },
		{ ARC_MESSAGE, 2, "h=from:to", "h=from:cc",
		    "ARC-Seal i=3: signature did not verify" },
		{ ARC_SEAL, 3, "d=example.org;\r\n\ts=ed",
		    "d=example.org; t=5;\r\n\ts=ed",
		    "ARC-Seal i=3: signature did not verify" },
		{ ARC_SEAL, 2, "d=example.org;\r\n\ts=ed",
		    "d=example.org; t=5;\r\n\ts=ed",
		    "ARC-Seal i=3: signature did not verify" },
		{ ARC_SEAL, 1, "b=", "b=AAAA",
		    "ARC-Seal i=3: signature did not verify" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct test_mail m = chain(3);

		m = change(&m, rows[i].i, rows[i].kind, rows[i].old,
		    rows[i].new);
		arc_fails(&w, &m, rows[i].reason,
		    arena_printf(t_arena(), "%s i=%u changed",
			names[rows[i].kind], rows[i].i)
			.p);
	}
}

/* A seal of one's own set over a chain that was changed before. */
static void
test_resealed(void)
{
	struct arc_signer s = { .key = w.ed, .s = "ed" };
	struct test_mail m = chain(2);

	m = change(&m, 1, ARC_RESULTS, "spf=none", "spf=pass");
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Seal i=2: signature did not verify",
	    "a new seal does not heal an old one");
	m = chain(2);
	s.alone = true;
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Seal i=3: signature did not verify",
	    "a seal that covers its own set only");
}

static void
test_header(void)
{
	struct test_mail m = chain(1);
	size_t subject = 3 + 2;

	m = replace(&m, subject, "Subject: Hello   \r\n\tthere");
	arc_passes(&w, &m, "white space in the subject");
	m = replace(&m, subject, "Subject: Hello here");
	arc_fails(&w, &m, "ARC-Message-Signature i=1: signature did not verify",
	    "another subject");
	m = chain(1);
	test_mail_prepend(t_arena(), &m, "Subject", SL(" Another"));
	arc_fails(&w, &m,
	    "ARC-Message-Signature i=1: unsigned second Subject field",
	    "a second subject");
	m = chain(1);
	test_mail_prepend(t_arena(), &m, "X-Other", SL(" more"));
	test_mail_prepend(t_arena(), &m, "Authentication-Results",
	    SL(" mx.example.net; none"));
	arc_passes(&w, &m, "fields that nobody signed");
}

/* The order of fields in the header does not count, only i=. */
static void
test_order(void)
{
	struct test_mail m = chain(3), out = { .body = m.body };
	size_t n = m.headers.fields.n;

	header_list_init(&out.headers, t_arena());
	for (size_t i = 0; i < n; i++) {
		size_t at = i < 9 ? (i * 4) % 9 : i;
		struct slice raw = m.headers.fields.at[at].raw;
		size_t colon = slice_chr(raw, ':');

		if (header_list_add(&out.headers, slice_sub(raw, 0, colon),
			slice_from(raw, colon + 1), NULL) != 0)
			abort();
	}
	arc_passes(&w, &out, "sets in disorder");
	m = chain(2);
	m = change(&m, 2, ARC_MESSAGE, " i=2; a=ed25519-sha256;",
	    " a=ed25519-sha256; i=2;");
	arc_fails(&w, &m, "ARC-Message-Signature i=2: signature did not verify",
	    "tags in another order are another text");
}

static void
test_oldest_pass(void)
{
	struct arc_signer s = { .key = w.ed, .s = "ed" };
	struct test_mail m = chain(2);
	struct evaluation *ev;

	/* The third host appends a footer and seals what it made. */
	m.body = SL("Hi.\r\n\r\nBye.\r\n-- \r\nlist\r\n");
	arc_signer_chain(t_arena(), &s, 2, &m);
	ev = dkim_world_run(&w, &m, 0);
	ok(ev != NULL && ev->arc.verdict == VERDICT_PASS,
	    "a body changed in the middle of a chain");
	if (ev != NULL)
		is_int(ev->arc_state->chain->oldest_pass, 3,
		    "the oldest set that still fits");
	dkim_world_done(ev);

	m = arc_mail();
	s.c = "loose/loose";
	arc_signer_seal(t_arena(), &s, &m);
	s.c = NULL;
	arc_signer_seal(t_arena(), &s, &m);
	ev = dkim_world_run(&w, &m, 0);
	ok(ev != NULL && ev->arc.verdict == VERDICT_PASS,
	    "an old message signature that nobody can read");
	if (ev != NULL)
		is_int(ev->arc_state->chain->oldest_pass, 2, "oldest pass");
	dkim_world_done(ev);
}

static void
test_off(void)
{
	struct test_mail m = chain(2);
	struct evaluation *ev;

	w.options.arc.mode = ARC_OFF;
	ev = dkim_world_run(&w, &m, 0);
	ok(ev != NULL && !ev->arc.done && ev->arc.verdict == VERDICT_NONE &&
		ev->arc_state == NULL,
	    "without the option nothing is looked at");
	if (ev != NULL)
		is_int((int64_t)dns_message_count(ev->dns), 0,
		    "and nothing is asked");
	dkim_world_done(ev);
	w.options.arc.mode = ARC_VERIFY;
	m = arc_mail();
	ev = dkim_world_run(&w, &m, 0);
	ok(ev != NULL && ev->arc.done && ev->arc_state == NULL &&
		body_hashes_idle(ev->bodies),
	    "without a chain neither state nor digest is made");
	dkim_world_done(ev);
}

/* The finding, as it goes into the header. */
static void
test_finding(void)
{
	struct test_mail m = chain(2);
	struct evaluation *ev = dkim_world_run(&w, &m, 0);
	const struct finding *f = NULL;

	for (size_t i = 0; ev != NULL && i < ev->findings.all.n; i++)
		if (ev->findings.all.at[i]->method == METHOD_ARC)
			f = ev->findings.all.at[i];
	if (ok(f != NULL && !f->hidden, "a chain has a finding")) {
		is_text(finding_get(f, SL("header.oldest-pass")), "0",
		    "oldest-pass");
		is_text(finding_get(f, SL("sealer")), "example.org", "sealer");
		is_text(finding_get(f, SL("sets")), "2", "sets");
	}
	is_text(ev->arc.sealer, "example.org", "the newest sealer");
	ok(!ev->arc.trusted && !ev->arc.saw_pass, "nobody is trusted");
	dkim_world_done(ev);
}

/* Memory that ends anywhere: an error, never a verdict. */
static void
test_starved(void)
{
	struct test_mail m = chain(3);
	bool good = true, ended = false;

	for (size_t bytes = 2048; !ended && bytes < 1 << 20; bytes += 512) {
		struct evaluation *ev;

		w.memory = bytes;
		ev = dkim_world_run(&w, &m, 0);
		ended = ev != NULL;
		good = good && (!ended || ev->arc.verdict == VERDICT_PASS);
		dkim_world_done(ev);
	}
	w.memory = 0;
	ok(good && ended, "memory that ends early changes no verdict");
}

int
main(void)
{
	dkim_world_init(&w);
	dkim_world_open(&w);
	w.options.arc.mode = ARC_VERIFY;
	test_lengths();
	test_canons();
	test_limits();
	test_missing();
	test_doubled();
	test_gaps();
	test_cv();
	test_tampered();
	test_resealed();
	test_header();
	test_order();
	test_oldest_pass();
	test_finding();
	test_off();
	test_starved();
	dkim_world_close(&w);
	return tap_done();
}
