/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_verify: many signatures, many fields, huge fields: what is tried, in
 * which order, what is said of the rest, and that it all stays bounded.
 */
#include "base/err.h"
#include "lib/dkim_world.h"
#include "lib/tap.h"

static struct dkim_world w;

static const char mail[] = "From: Ann <ann@mail.example.org>\r\n"
			   "Subject: Hello\r\n"
			   "\r\n"
			   "Hi.\r\n";

static struct test_mail
parse(const char *text)
{
	return test_mail_parse(t_arena(), slice_c(text));
}

static void
sign_as(struct test_mail *m, const char *domain)
{
	struct dkim_signer s = { .key = w.ed, .s = "ed", .d = domain };

	dkim_signer_sign(t_arena(), &s, m);
}

static size_t
count(const struct evaluation *ev, enum verdict v, bool tried)
{
	size_t n = 0;

	for (size_t i = 0; i < ev->dkim.signatures.n; i++)
		n += ev->dkim.signatures.at[i].verdict == v &&
		    ev->dkim.signatures.at[i].tried == tried;
	return n;
}

static void
test_none(void)
{
	struct test_mail m = parse(mail);
	struct evaluation *ev = dkim_world_run(&w, &m, 0);

	ok(ev->dkim.done && ev->dkim.verdict == VERDICT_NONE &&
		ev->dkim.signatures.n == 0,
	    "no signature: none");
	ok(ev->findings.all.n == 1 &&
		ev->findings.all.at[0]->method == METHOD_DKIM &&
		ev->findings.all.at[0]->verdict == VERDICT_NONE,
	    "and one finding that says so");
	ok(body_hashes_idle(ev->bodies), "nobody wanted the body");
	dkim_world_done(ev);
}

static void
test_finding(void)
{
	struct dkim_signer s = { .key = w.rsa,
		.c = "relaxed/simple",
		.extra = "; i=a@x.example.org" };
	struct test_mail m = parse(mail);
	struct evaluation *ev;
	struct buf b;
	struct slice value = dkim_signer_value(t_arena(), &s, &m), want;

	test_mail_prepend(t_arena(), &m, "dkim-signature", value);
	ev = dkim_world_run(&w, &m, 0);
	want = slice_from(value, slice_search(value, SL("\tb=")) + 3);
	buf_init(&b, t_arena(), 1000);
	finding_print(ev->findings.all.at[0], &b);
	is_text(buf_slice(&b),
	    arena_printf(t_arena(),
		"dkim pass header.d=example.org header.i=a@x.example.org "
		"header.s=sel header.a=rsa-sha256 header.b=%.8s "
		"canonicalisation=relaxed/simple key-bits=2048 dns=ok",
		want.p)
		.p,
	    "a finding says all");
	is_int(ev->dkim.signatures.at[0].key_bits, 2048, "so does the result");
	is_text(ev->dkim.signatures.at[0].b,
	    arena_printf(t_arena(), "%.8s", want.p).p, "with b=");
	dkim_world_done(ev);
}

static void
test_author_first(void)
{
	static const char *const domains[] = { "mail.example.org", "a.example",
		"b.example", "example.org", "c.example", "d.example",
		"e.example", "f.example" };
	struct test_mail m = parse(mail);
	struct evaluation *ev;
	const struct dkim_signature *all;

	/* the topmost is signed last */
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		sign_as(&m, domains[i]);
	ev = dkim_world_run(&w, &m, 0);
	all = ev->dkim.signatures.at;
	is_int((int64_t)ev->dkim.signatures.n, 8, "every field has a result");
	is_text(all[0].domain, "f.example", "in their order");
	is_text(all[7].domain, "mail.example.org", "down to the lowest");
	is_int((int64_t)count(ev, VERDICT_PASS, true), 5, "five are tried");
	is_int((int64_t)count(ev, VERDICT_NEUTRAL, false), 3, "three not");
	ok(all[7].tried && all[7].author_domain, "the author's own is");
	ok(all[4].tried && !all[4].author_domain,
	    "the author's organisation's is");
	ok(all[0].tried && all[1].tried && all[2].tried && !all[3].tried,
	    "then the topmost");
	is_text(all[3].reason, "not tried, 5 others were", "and it says so");
	is_int((int64_t)ev->findings.all.n, 8, "every field has a finding");
	dkim_world_done(ev);
	w.options.dkim.max_signatures = 100;
	ev = dkim_world_run(&w, &m, 0);
	is_int((int64_t)count(ev, VERDICT_PASS, true), 8,
	    "a larger limit tries all");
	dkim_world_done(ev);
	w.options.dkim.max_signatures = 5;
}

/* A signature over the one below it, which names itself once too often. */
static void
test_signed_signatures(void)
{
	struct dkim_signer s = { .key = w.ed,
		.s = "ed",
		.c = "relaxed",
		.h = "from:dkim-signature:dkim-signature:DKIM-Signature" };
	struct test_mail m = parse(mail);
	struct evaluation *ev;

	sign_as(&m, "a.example");
	test_mail_prepend(t_arena(), &m, "DKIM-Signature", SL(" junk"));
	dkim_signer_sign(t_arena(), &s, &m);
	ev = dkim_world_run(&w, &m, 0);
	is_int((int64_t)count(ev, VERDICT_PASS, true), 2,
	    "a signature over signatures passes, so does the signed one");
	dkim_world_done(ev);
	m.headers.fields.at[1].raw = SL("DKIM-Signature: Junk");
	ev = dkim_world_run(&w, &m, 0);
	is_int((int64_t)count(ev, VERDICT_FAIL, true), 1,
	    "a change of what it covers is seen");
	dkim_world_done(ev);
}

/* Broken ones take no place away from others. */
static void
test_broken_among_good(void)
{
	struct test_mail m = parse(mail);
	struct evaluation *ev;

	sign_as(&m, "example.org");
	for (size_t i = 0; i < 12; i++)
		test_mail_prepend(t_arena(), &m, "DKIM-Signature",
		    SL(" v=1; a=rsa-sha256; d=x.example; s=s; h=from"));
	test_mail_prepend(t_arena(), &m, "DKIM-Signature", SL(" \0\xff;;;"));
	test_mail_prepend(t_arena(), &m, "DKIM-Signature", SL(""));
	ev = dkim_world_run(&w, &m, 0);
	is_int(ev->dkim.verdict, VERDICT_PASS, "the good one passes");
	is_int((int64_t)count(ev, VERDICT_NEUTRAL, false), 14,
	    "the broken ones have their own results");
	dkim_world_done(ev);
}

static void
test_two_hundred(void)
{
	struct test_mail m = parse(mail);
	struct dkim_signer s = { .key = w.ed, .s = "ed" };
	struct slice value = dkim_signer_value(t_arena(), &s, &m);
	struct evaluation *ev;
	size_t hidden = 0;

	for (size_t i = 0; i < 200; i++)
		if (header_list_add(&m.headers, SL("DKIM-Signature"), value,
			NULL) != 0)
			return;
	ev = dkim_world_run(&w, &m, 0);
	is_int(ev->dkim.verdict, VERDICT_PASS, "200 signatures: pass");
	is_int((int64_t)ev->dkim.signatures.n, 64, "some are read");
	is_int((int64_t)count(ev, VERDICT_PASS, true), 5, "five are tried");
	for (size_t i = 0; i < ev->findings.all.n; i++)
		hidden += ev->findings.all.at[i]->hidden;
	is_int((int64_t)(ev->findings.all.n - hidden), 15,
	    "not all of them are shown");
	is_text(ev->findings.all.at[64]->reason,
	    "136 more signatures were not read", "the rest is counted");
	dkim_world_done(ev);
}

static void
test_many_limits(void)
{
	struct test_mail m = parse("From: a@example.org\r\n\r\n"
				   "0123456789012345678901234567890\r\n");
	struct evaluation *ev;
	unsigned refused = 0;

	w.options.dkim.max_signatures = 40;
	for (unsigned i = 0; i < 30; i++) {
		struct dkim_signer s = { .key = w.ed,
			.s = "ed",
			.limit = arena_printf(t_arena(), "%u", i).p,
			.hash_limit = i };

		dkim_signer_sign(t_arena(), &s, &m);
	}
	ev = dkim_world_run(&w, &m, 1);
	for (size_t i = 0; i < ev->dkim.signatures.n; i++)
		refused += slice_eq(ev->dkim.signatures.at[i].reason,
		    SL("too many different l="));
	is_int(refused, 30 - MOST_BODY_LIMITS, "many different l= are refused");
	is_int((int64_t)count(ev, VERDICT_POLICY, true), MOST_BODY_LIMITS,
	    "the others leave too much unsigned");
	dkim_world_done(ev);
	w.options.dkim.max_signatures = 5;
}

/* Ten thousand fields, all of one name or all different, and h= that names
 * as much as it may. */
static void
test_many_headers(void)
{
	struct arena *a = t_arena();
	struct buf text, h;
	struct evaluation *ev;
	struct test_mail m;
	struct dkim_signer s = { .key = w.ed, .s = "ed", .c = "relaxed" };

	buf_init(&text, a, (size_t)4 << 20);
	buf_init(&h, a, 8192);
	for (unsigned i = 0; i < 10000; i++)
		buf_printf(&text, "X-%u: %u\r\n", i % 2 == 0 ? i : 1, i);
	buf_adds(&text, "From: a@example.org\r\n\r\nx\r\n");
	buf_adds(&h, "from");
	for (unsigned i = 0; i < 255; i++)
		buf_printf(&h, ":x-%u", i % 3 == 0 ? 1 : 4 * i);
	s.h = buf_cstr(&h);
	m = test_mail_parse(a, buf_slice(&text));
	dkim_signer_sign(a, &s, &m);
	ev = dkim_world_run(&w, &m, 0);
	is_int(ev->dkim.verdict, VERDICT_PASS, "ten thousand fields: pass");
	dkim_world_done(ev);
}

static void
test_huge_fields(void)
{
	struct arena *a = t_arena();
	struct buf text;
	struct evaluation *ev;
	struct test_mail m;
	struct dkim_signer s = { .key = w.rsa, .h = "from:x:y:z" };

	buf_init(&text, a, (size_t)4 << 20);
	buf_adds(&text, "X: ");
	for (unsigned i = 0; i < 65000; i++)
		buf_addc(&text, i % 90 == 89 ? ' ' : 'x');
	buf_adds(&text, "\r\nY:");
	for (unsigned i = 0; i < 8000; i++)
		buf_adds(&text, "\r\n\tfold  ");
	buf_adds(&text, "\r\nFrom: a@example.org\r\nZ:");
	for (unsigned i = 0; i < 32000; i++)
		buf_adds(&text, " \t");
	buf_adds(&text, "\r\n\r\nx\r\n");
	for (unsigned i = 0; i < 2; i++) {
		s.c = i == 0 ? "simple/simple" : "relaxed/relaxed";
		m = test_mail_parse(a, buf_slice(&text));
		dkim_signer_sign(a, &s, &m);
		ev = dkim_world_run(&w, &m, 0);
		is_int(ev->dkim.verdict, VERDICT_PASS,
		    "fields of 64 KB: pass, %s", s.c);
		is_text(finding_get(ev->findings.all.at[0], SL("verified-by")),
		    "chopmark", "not by the library, which is slow at it");
		dkim_world_done(ev);
	}
}

/* The best of all is the message's result; the reason is the author's. */
static void
test_best(void)
{
	struct test_mail m = parse(mail);
	struct dkim_signer s = { .key = w.ed, .s = "slow" };
	struct evaluation *ev;

	dkim_signer_sign(t_arena(), &s, &m);
	sign_as(&m, "mail.example.org");
	m.body = SL("Changed.\r\n");
	ev = dkim_world_run(&w, &m, 0);
	is_int(ev->dkim.verdict, VERDICT_TEMPERROR,
	    "what may still pass comes before what failed");
	is_text(ev->dkim.reason, "body hash did not verify",
	    "the reason is that of the author's signature");
	dkim_world_done(ev);
	sign_as(&m, "a.example");
	ev = dkim_world_run(&w, &m, 0);
	is_int(ev->dkim.verdict, VERDICT_PASS, "one pass is a pass");
	is_text(ev->dkim.reason, "", "without a reason");
	dkim_world_done(ev);
}

/* However early memory ends, a message is either judged rightly or not at
 * all. */
static void
test_little_memory(void)
{
	struct test_mail m = parse(mail);
	struct dkim_signer s = { .key = w.rsa, .s = "slow" };
	unsigned judged = 0, failed = 0, wrong = 0;

	dkim_signer_sign(t_arena(), &s, &m);
	s = (struct dkim_signer){ .key = w.rsa, .before_b = ";b =" };
	dkim_signer_sign(t_arena(), &s, &m);
	sign_as(&m, "a.example");
	for (w.memory = 512; w.memory < 262144 && judged < 20;
	     w.memory += 64 + w.memory / 64) {
		struct evaluation *ev = dkim_world_run(&w, &m, 0);

		if (ev == NULL) {
			failed++;
			continue;
		}
		judged++;
		wrong += ev->dkim.verdict != VERDICT_PASS ||
		    count(ev, VERDICT_PASS, true) != 2 ||
		    count(ev, VERDICT_TEMPERROR, true) != 1;
		dkim_world_done(ev);
	}
	ok(judged == 20 && failed > 20, "memory ended early, and late");
	is_int(wrong, 0, "never with a wrong verdict");
	w.memory = 0;
}

static void
test_off(void)
{
	struct test_mail m = parse(mail);
	struct dkim_library *lib = w.env.dkim;
	struct evaluation *ev;

	sign_as(&m, "example.org");
	w.env.dkim = NULL;
	ev = dkim_world_run(&w, &m, 0);
	ok(!ev->dkim.done && ev->findings.all.n == 0 &&
		body_hashes_idle(ev->bodies),
	    "switched off, it does nothing");
	dkim_world_done(ev);
	w.env.dkim = lib;
}

int
main(void)
{
	static const char *const domains[] = { "mail.example.org", "a.example",
		"b.example", "c.example", "d.example", "e.example",
		"f.example" };
	struct slice record;

	dkim_world_init(&w);
	record = dkim_signer_record(t_arena(), w.ed);
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		dkim_world_key(&w, "ed", domains[i], record);
	buf_adds(&w.zone, "slow._domainkey.example.org SERVFAIL\n");
	dkim_world_open(&w);
	test_none();
	test_finding();
	test_author_first();
	test_broken_among_good();
	test_signed_signatures();
	test_two_hundred();
	test_many_limits();
	test_many_headers();
	test_huge_fields();
	test_best();
	test_little_memory();
	test_off();
	dkim_world_close(&w);
	return tap_done();
}
