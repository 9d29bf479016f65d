/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_verify: what becomes of signatures that are genuine but not acceptable,
 * of broken ones, and of every fault of a key or of the DNS.
 */
#include "lib/dkim_world.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

static struct dkim_world w;
static struct key *small, *tiny, *odd, *large, *huge;

static const char mail[] = "From: Ann <ann@example.org>\r\n"
			   "To: Bob <bob@example.net>\r\n"
			   "Subject: Hello\r\n"
			   "Date: Sat, 21 Nov 2026 23:00:19 +0000\r\n"
			   "\r\n"
			   "Hi.\r\n";

/* Signs `text` and looks at the one signature and its finding. */
static void
signed_mail(const char *what, const struct dkim_signer *s, const char *text,
    enum verdict want, const char *reason)
{
	struct test_mail m = test_mail_parse(t_arena(), slice_c(text));
	struct evaluation *ev;

	dkim_signer_sign(t_arena(), s, &m);
	ev = dkim_world_run(&w, &m, 0);
	if (ev == NULL || ev->dkim.signatures.n != 1 ||
	    ev->findings.all.n != 1) {
		ok(false, "%s: one result", what);
	} else {
		const struct finding *f = ev->findings.all.at[0];

		is_text(slice_c(verdict_word(ev->dkim.verdict)),
		    verdict_word(want), "%s: verdict", what);
		is_text(f->reason, reason, "%s: reason", what);
		if (f->verdict != ev->dkim.verdict ||
		    !slice_eq(ev->dkim.reason, f->reason) ||
		    ev->dkim.signatures.at[0].verdict != f->verdict)
			ok(false, "%s: finding and result agree", what);
	}
	dkim_world_done(ev);
}

static void
body_limit(const char *what, const char *limit, uint64_t hashed,
    const char *body, enum verdict want, const char *reason)
{
	struct dkim_signer s = { .key = w.rsa,
		.c = "relaxed/simple",
		.limit = limit,
		.hash_limit = hashed };
	struct slice text = arena_printf(t_arena(),
	    "From: a@example.org\r\nSubject: x\r\n\r\n%s", body);

	signed_mail(what, &s, text.p, want, reason);
}

static void
test_limits(void)
{
	body_limit("l= exact", "9", 9, "Hi.\r\nYo\r\n", VERDICT_PASS, "");
	body_limit("l= of an empty body", "2", 2, "", VERDICT_PASS, "");
	body_limit("l= with appended text", "5", 5, "Hi.\r\nYo\r\n",
	    VERDICT_POLICY, "l= leaves 4 octets of the body unsigned");
	body_limit("l=0", "0", 0, "Hi.\r\n", VERDICT_POLICY,
	    "l= leaves 5 octets of the body unsigned");
	body_limit("l= over the body", "6", 99, "Hi.\r\n", VERDICT_FAIL,
	    "body is shorter than l=");
	body_limit("l= of many digits", "99999999999999999999999999", 99,
	    "Hi.\r\n", VERDICT_FAIL, "body is shorter than l=");
	body_limit("l= that lies", "4", 5, "Hi.\r\n", VERDICT_FAIL,
	    "body hash did not verify");
}

static void
test_times(void)
{
	struct dkim_signer s = { .key = w.rsa };
	int64_t now = clock_epoch();
	struct arena *a = t_arena();

	s.extra = arena_printf(a, "; t=%" PRId64 "; x=%" PRId64, now - 9999,
	    now - 8888)
		      .p;
	signed_mail("expired", &s, mail, VERDICT_PERMERROR,
	    "signature expired");
	s.extra = arena_printf(a, "; x=%" PRId64, now - 100).p;
	signed_mail("expired within the drift", &s, mail, VERDICT_PASS, "");
	s.extra = arena_printf(a, "; t=%" PRId64, now + 5000).p;
	signed_mail("from the future", &s, mail, VERDICT_PERMERROR,
	    "signature is from the future");
	s.extra = arena_printf(a, "; t=%" PRId64, now + 100).p;
	signed_mail("future within the drift", &s, mail, VERDICT_PASS, "");
	s.extra = "; t=10; x=9";
	signed_mail("x= before t=", &s, mail, VERDICT_NEUTRAL,
	    "x= is not later than t=");
	s.extra = "; t=5";
	signed_mail("a very old one", &s, mail, VERDICT_PASS, "");
}

static void
test_identities(void)
{
	struct dkim_signer s = { .key = w.rsa };

	s.extra = "; i=ann@example.org";
	signed_mail("i= of the domain", &s, mail, VERDICT_PASS, "");
	s.extra = "; i=a=20b=3D@x.y.example.org";
	signed_mail("i= below d=", &s, mail, VERDICT_PASS, "");
	s.extra = "; i=@example.com";
	signed_mail("i= elsewhere", &s, mail, VERDICT_NEUTRAL,
	    "i= is not within d=");
	s.s = "strict";
	s.extra = "; i=@x.example.org";
	signed_mail("i= below d= with t=s", &s, mail, VERDICT_PERMERROR,
	    "key does not allow i= below d=");
	s.extra = "; i=ann@Example.Org";
	signed_mail("i= equal to d= with t=s", &s, mail, VERDICT_PASS, "");
	s = (struct dkim_signer){ .key = w.rsa,
		.d = "b\xc3\xbc"
		     "cher.example",
		.s = "w\xc3\xa4hl",
		.extra = "; i=\xc3\xa4@x.b\xc3\xbc"
			 "cher.example" };
	signed_mail("U-labels", &s, mail, VERDICT_PASS, "");
}

static void
test_domains(void)
{
	struct dkim_signer s = { .key = w.rsa, .d = "co.uk" };

	signed_mail("a public suffix", &s, mail, VERDICT_POLICY,
	    "d= is a public suffix");
	s.d = "com";
	signed_mail("a top-level domain", &s, mail, VERDICT_POLICY,
	    "d= is a public suffix");
	signed_mail("which is the author's", &s,
	    "From: a@com\r\nSubject: x\r\n\r\n", VERDICT_POLICY,
	    "d= is a public suffix");
	s.d = "github.io";
	signed_mail("mail of a suffix's own", &s,
	    "From: a@github.io\r\nSubject: x\r\n\r\n", VERDICT_PASS, "");
	s.d = "example..org";
	signed_mail("no domain", &s, mail, VERDICT_NEUTRAL,
	    "d= is not a domain name");
}

static void
surplus(const char *what, const char *h, const char *text, const char *reason)
{
	struct dkim_signer s = { .key = w.ed, .s = "ed", .h = h };

	signed_mail(what, &s, text,
	    reason == NULL ? VERDICT_PASS : VERDICT_POLICY,
	    reason != NULL ? reason : "");
}

static void
test_surplus(void)
{
	surplus("a second Subject", "from:subject",
	    "Subject: evil\r\nFrom: a@example.org\r\nSubject: x\r\n\r\n",
	    "unsigned second Subject field");
	surplus("both signed", "from:subject:subject",
	    "Subject: evil\r\nFrom: a@example.org\r\nSubject: x\r\n\r\n", NULL);
	surplus("neither signed", "from",
	    "Subject: evil\r\nFrom: a@example.org\r\nSubject: x\r\n\r\n",
	    "unsigned second Subject field");
	surplus("a second From", "from",
	    "From: a@example.org\r\nFrom: b@example.org\r\n\r\n",
	    "unsigned second From field");
	surplus("both From signed", "From:from",
	    "From: a@example.org\r\nFrom: b@example.org\r\n\r\n", NULL);
	surplus("a second To", "from:to",
	    "From: a@example.org\r\nTO: b@a.b\r\nTo: c@a.b\r\n\r\n",
	    "unsigned second To field");
	surplus("a second Date", "from:date",
	    "From: a@example.org\r\nDate: b\r\nDate: c\r\n\r\n",
	    "unsigned second Date field");
	surplus("a second Reply-To", "from:reply-to",
	    "From: a@example.org\r\nReply-To: b\r\nReply-to: c\r\n\r\n",
	    "unsigned second Reply-To field");
	surplus("two Reply-To that nobody signed", "from",
	    "From: a@example.org\r\nReply-To: b\r\nReply-to: c\r\n\r\n", NULL);
	surplus("a second Content-Type", "from:content-type",
	    "From: a@example.org\r\nContent-Type: b\r\nContent-Type: c\r\n\r\n",
	    "unsigned second Content-Type field");
	surplus("fields that may be repeated", "from:received:comments",
	    "From: a@example.org\r\nReceived: a\r\nReceived: b\r\n"
	    "Comments: b\r\nComments: c\r\n\r\n",
	    NULL);
}

/* Keys and records; each selector is one fault. */
static const struct {
	const char *selector, *before, *after; /* around the base64 of RSA */
	enum verdict want;
	const char *reason;
} records[] = {
	{ "k-plain", "p=", "", VERDICT_PASS, "" },
	{ "k-last", "v=DKIM1; p=", "; h=sha256; s=email; t=; n=note",
	    VERDICT_PASS, "" },
	{ "k-testing", "v=DKIM1; t=y; p=", "", VERDICT_PASS, "testing key" },
	{ "k-version", "v=DKIM2; p=", "", VERDICT_PERMERROR,
	    "key record has another version" },
	{ "k-order", "k=rsa; v=DKIM1; p=", "", VERDICT_PERMERROR,
	    "key record has another version" },
	{ "k-sha1", "v=DKIM1; h=sha1; p=", "", VERDICT_PERMERROR,
	    "key is not for sha256" },
	{ "k-other", "v=DKIM1; s=other; p=", "", VERDICT_PERMERROR,
	    "key is not for mail" },
	{ "k-type", "v=DKIM1; k=ed25519; p=", "", VERDICT_PERMERROR,
	    "key type does not match the algorithm" },
	{ "k-base64", "v=DKIM1; p=", "=A", VERDICT_PERMERROR,
	    "key is not base64" },
	{ "k-der", "v=DKIM1; p=AAAA", "", VERDICT_PERMERROR,
	    "key cannot be decoded" },
	{ "k-twice", "v=DKIM1; k=rsa; k=rsa; p=", "", VERDICT_PERMERROR,
	    "key record is not a tag list" },
	{ "k-long", "v=DKIM1; n=", "", VERDICT_PASS, "" }, /* see add_records */
};

static void
add_records(void)
{
	struct arena *a = t_arena();
	struct slice p = sig_base64(a, key_public_bytes(a, w.rsa));
	struct buf b;

	for (size_t i = 0; i + 1 < ARRAY_LEN(records); i++)
		dkim_world_key(&w, records[i].selector, "example.org",
		    arena_printf(a, "%s%.*s%s", records[i].before, SL_ARG(p),
			records[i].after));
	buf_init(&b, a, 8192);
	buf_adds(&b, "v=DKIM1; n=");
	for (size_t i = 0; i < 3000; i++)
		buf_addc(&b, 'x');
	buf_printf(&b, "; p=%.*s", SL_ARG(p));
	dkim_world_key(&w, "k-long", "example.org", buf_slice(&b));
	dkim_world_key(&w, "k-revoked", "example.org",
	    SL("v=DKIM1; k=rsa; p="));
	dkim_world_key(&w, "k-nop", "example.org", SL("v=DKIM1; k=rsa"));
	dkim_world_key(&w, "k-spf", "example.org", SL("v=spf1 -all"));
	dkim_world_key(&w, "k-testbad", "example.org", SL("v=DKIM1; t=y; p="));
	/* several records: rubbish, a stranger's key, the right one */
	dkim_world_key(&w, "k-many", "example.org", SL("v=spf1 -all"));
	dkim_world_key(&w, "k-many", "example.org",
	    dkim_signer_record(a, small));
	dkim_world_key(&w, "k-many", "example.org",
	    dkim_signer_record(a, large));
	dkim_world_key(&w, "k-many", "example.org",
	    dkim_signer_record(a, w.rsa));
	dkim_world_key(&w, "strict", "example.org",
	    arena_printf(a, "v=DKIM1; t=s; p=%.*s", SL_ARG(p)));
	dkim_world_key(&w, "sel", "co.uk", dkim_signer_record(a, w.rsa));
	dkim_world_key(&w, "sel", "com", dkim_signer_record(a, w.rsa));
	dkim_world_key(&w, "sel", "github.io", dkim_signer_record(a, w.rsa));
	dkim_world_key(&w, "xn--whl-qla", "xn--bcher-kva.example",
	    dkim_signer_record(a, w.rsa));
	buf_adds(&w.zone,
	    "k-nodata._domainkey.example.org A 192.0.2.1\n"
	    "k-servfail._domainkey.example.org SERVFAIL\n"
	    "k-bogus._domainkey.example.org BOGUS\n"
	    "k-timeout._domainkey.example.org TIMEOUT\n"
	    "k-alias._domainkey.example.org CNAME "
	    "sel._domainkey.example.org\n");
}

static void
key_case(const char *selector, enum verdict want, const char *reason)
{
	struct dkim_signer s = { .key = w.rsa, .s = selector };

	signed_mail(selector, &s, mail, want, reason);
}

static void
test_records(void)
{
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		key_case(records[i].selector, records[i].want,
		    records[i].reason);
	key_case("k-revoked", VERDICT_PERMERROR, "key is revoked");
	key_case("k-nop", VERDICT_PERMERROR, "key record has no p=");
	key_case("k-spf", VERDICT_PERMERROR, "key record has no p=");
	key_case("k-testbad", VERDICT_PERMERROR, "key is revoked, testing key");
	key_case("k-many", VERDICT_PASS, "");
	key_case("k-alias", VERDICT_PASS, "");
	key_case("k-absent", VERDICT_PERMERROR, "key not found");
	key_case("k-nodata", VERDICT_PERMERROR, "key not found");
	key_case("k-servfail", VERDICT_TEMPERROR,
	    "key lookup failed: SERVFAIL");
	key_case("k-bogus", VERDICT_TEMPERROR,
	    "key lookup failed: DNSSEC validation failed");
	key_case("k-timeout", VERDICT_TEMPERROR, "key lookup failed: timeout");
}

static void
test_testing(void)
{
	struct dkim_signer s = { .key = w.rsa, .s = "k-testing" };
	struct test_mail m = test_mail_parse(t_arena(), slice_c(mail));
	struct evaluation *ev;

	dkim_signer_sign(t_arena(), &s, &m);
	m.body = SL("Changed.\r\n");
	ev = dkim_world_run(&w, &m, 0);
	ok(ev != NULL && ev->dkim.verdict == VERDICT_NEUTRAL &&
		ev->dkim.signatures.at[0].testing,
	    "a failure under a testing key is no failure");
	is_text(ev != NULL ? ev->dkim.reason : SL(""),
	    "body hash did not verify, testing key", "and says why");
	dkim_world_done(ev);
}

static void
test_key_sizes(void)
{
	struct dkim_signer s = { .key = tiny, .s = "tiny" };

	signed_mail("512 bits", &s, mail, VERDICT_POLICY,
	    "RSA key of 512 bits, at least 1024 are asked for");
	s = (struct dkim_signer){ .key = odd, .s = "odd" };
	signed_mail("1023 bits", &s, mail, VERDICT_POLICY,
	    "RSA key of 1023 bits, at least 1024 are asked for");
	s = (struct dkim_signer){ .key = small, .s = "small" };
	signed_mail("1024 bits", &s, mail, VERDICT_PASS, "");
	s = (struct dkim_signer){ .key = large, .s = "large" };
	signed_mail("4096 bits", &s, mail, VERDICT_PASS, "");
	s = (struct dkim_signer){ .key = huge, .s = "huge" };
	signed_mail("6144 bits", &s, mail, VERDICT_PASS, "");
	s = (struct dkim_signer){ .key = small, .s = "pkcs1" };
	signed_mail("a bare RSAPublicKey", &s, mail, VERDICT_PASS, "");
	w.options.dkim.minimum_key_bits = 2048;
	s = (struct dkim_signer){ .key = small, .s = "small" };
	signed_mail("under our own minimum", &s, mail, VERDICT_POLICY,
	    "RSA key of 1024 bits, at least 2048 are asked for");
	w.options.dkim.minimum_key_bits = 512;
	s = (struct dkim_signer){ .key = tiny, .s = "tiny" };
	signed_mail("a minimum that no option lowers", &s, mail, VERDICT_POLICY,
	    "RSA key of 512 bits, at least 1024 are asked for");
	w.options.dkim.minimum_key_bits = 1024;
	s = (struct dkim_signer){ .key = small, .s = "sel" };
	signed_mail("another key", &s, mail, VERDICT_FAIL,
	    "signature did not verify");
	s = (struct dkim_signer){ .key = w.rsa, .a = "rsa-sha1" };
	signed_mail("rsa-sha1", &s, mail, VERDICT_POLICY,
	    "rsa-sha1 is not accepted");
	s = (struct dkim_signer){ .key = w.ed, .a = "rsa-sha256" };
	signed_mail("an Ed25519 signature for an RSA key", &s, mail,
	    VERDICT_FAIL, "signature did not verify");
}

/* One octet changed anywhere in the signature field never leaves a pass,
 * except where the change means nothing. */
static void
test_every_octet(void)
{
	struct dkim_signer s = { .key = w.ed,
		.s = "ed",
		.c = "relaxed/relaxed",
		.one_line = true };
	struct test_mail m = test_mail_parse(t_arena(), slice_c(mail));
	struct slice value = dkim_signer_value(t_arena(), &s, &m);
	unsigned passes = 0;
	char *p = arena_alloc(t_arena(), value.n);

	for (size_t i = 0; i < value.n; i++) {
		struct test_mail changed =
		    test_mail_parse(t_arena(), slice_c(mail));
		struct evaluation *ev;

		memcpy(p, value.p, value.n);
		p[i] ^= 1;
		test_mail_prepend(t_arena(), &changed, "DKIM-Signature",
		    slice_of(p, value.n));
		ev = dkim_world_run(&w, &changed, 0);
		passes += ev == NULL || ev->dkim.verdict == VERDICT_PASS;
		dkim_world_done(ev);
	}
	ok(value.n > 150, "a signature of some length");
	is_int(passes, 0, "no changed octet passes");
}

static void
test_missing_from(void)
{
	struct dkim_signer s = { .key = w.rsa };

	signed_mail("no From field", &s, "Subject: x\r\n\r\n",
	    VERDICT_PERMERROR, "message has no From field");
}

static void
make_keys(void)
{
	struct arena *a = t_arena();
	struct slice pem = test_rsa_pem(a, 1024, PEM_PKCS8), p;

	small = key_private(pem);
	p = sig_base64(a, test_rsa_pkcs1(a, pem));
	dkim_world_key(&w, "pkcs1", "example.org",
	    arena_printf(a, "v=DKIM1; p=%.*s", SL_ARG(p)));
	tiny = key_private(test_rsa_pem(a, 512, PEM_PKCS8));
	odd = key_private(test_rsa_pem(a, 1023, PEM_PKCS8));
	large = key_private(test_rsa_pem(a, 4096, PEM_PKCS8));
	huge = key_private(test_rsa_pem(a, 6144, PEM_PKCS8));
	dkim_world_key(&w, "small", "example.org",
	    dkim_signer_record(a, small));
	dkim_world_key(&w, "tiny", "example.org", dkim_signer_record(a, tiny));
	dkim_world_key(&w, "odd", "example.org", dkim_signer_record(a, odd));
	dkim_world_key(&w, "large", "example.org",
	    dkim_signer_record(a, large));
	dkim_world_key(&w, "huge", "example.org", dkim_signer_record(a, huge));
}

int
main(void)
{
	dkim_world_init(&w);
	make_keys();
	add_records();
	dkim_world_open(&w);
	test_limits();
	test_times();
	test_identities();
	test_domains();
	test_surplus();
	test_records();
	test_testing();
	test_key_sizes();
	test_every_octet();
	test_missing_from();
	dkim_world_close(&w);
	key_free(small);
	key_free(tiny);
	key_free(odd);
	key_free(large);
	key_free(huge);
	return tap_done();
}
