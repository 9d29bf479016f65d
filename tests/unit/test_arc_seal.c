/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_seal: what we seal verifies at the next host, however often; what must not
 * be sealed is not; a broken chain is said to be broken, over our own set alone.
 */
#include "base/file.h"
#include "check/arc_chain.h"
#include "check/dkim_headers.h"
#include "lib/arc_signer.h"
#include "lib/seal_stand.h"
#include "lib/tap.h"

static void
test_first(void)
{
	struct snapshot *s = sign_stand_config(
	    SEAL_HOST SEAL_KEYS "ARC seal\nAuthservID mx.example.net\n");
	struct test_mail m = seal_stand_through(s, &seal_stranger,
	    sign_stand_mail(SEAL_HEAD, "Hi.\r\n"));
	static const char *const order[] = { "ARC-Seal",
		"ARC-Message-Signature", "ARC-Authentication-Results",
		"Authentication-Results", "From" };

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		is_text(m.headers.fields.at[i].name, order[i],
		    "field %zu from the top", i + 1);
	ok(slice_starts(seal_stand_value(&m, order[0], 0),
	       SL("i=1; a=rsa-sha256; cv=none; d=example.org; s=rsa; t=")),
	    "the seal");
	ok(seal_stand_holds(seal_stand_value(&m, order[1], 0),
	       "h=From: From: To: To: Subject: Subject: Date: Message-ID;"),
	    "the message signature covers what the message has");
	ok(slice_starts(seal_stand_value(&m, order[2], 0),
	       SL("i=1; mx.example.net; spf=none")),
	    "the results");
	is_text(slice_from(seal_stand_value(&m, order[2], 0), 5),
	    arena_cstr(t_arena(), seal_stand_value(&m, order[3], 0)),
	    "they are those of Authentication-Results");
	is_text(seal_stand_verdict(&m), "pass 1", "the next host's verdict");
	m.body = SL("Hi!\r\n");
	is_text(seal_stand_verdict(&m),
	    "fail 1 ARC-Message-Signature i=1: body hash did not verify",
	    "and of a message changed on the way");
	snapshot_put(s);
}

static void
test_many(void)
{
	struct snapshot *rsa =
	    sign_stand_config(SEAL_HOST SEAL_KEYS "ARC seal\n");
	struct snapshot *ed = sign_stand_config(
	    SEAL_HOST "ARC seal\nARCDomain EXAMPLE.com\nARCSelector ed\n"
		      "ARCKeyFile ed.pem\nAddAuthResults no\n");
	struct test_mail m = sign_stand_mail(SEAL_HEAD, "Hi.\r\n \r\n");

	for (unsigned i = 1; i <= 6; i++) {
		m = seal_stand_through(i % 2 == 0 ? ed : rsa, &seal_stranger,
		    m);
		is_text(seal_stand_verdict(&m),
		    arena_printf(t_arena(), "pass %u", i).p,
		    "a chain of %u hosts", i);
	}
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Seal", 0),
	       "i=6; a=ed25519-sha256; cv=pass; d=example.com; s=ed;"),
	    "the newest seal");
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Authentication-Results",
				0),
	       "arc=pass header.oldest-pass=0 smtp.remote-ip=192.0.2.9"),
	    "its results tell of the chain");
	is_int((int64_t)header_list_count(&m.headers,
		   SL("Authentication-Results")),
	    0, "our own older results are gone, the chain is not");
	snapshot_put(rsa);
	snapshot_put(ed);
}

/* The seal at the top covers its own set, and nothing else. */
static bool
covers_itself(const struct test_mail *m)
{
	struct arc_field seal;
	struct slice_vec raws = { 0 };
	uint8_t digest[SHA256_BYTES];
	struct key *key;
	bool good;

	if (arc_field_read(t_arena(), &m->headers.fields.at[0], ARC_SEAL,
		1800000000, 300, &seal) != 0 ||
	    slice_vec_add(&raws, t_arena(), m->headers.fields.at[2].raw) != 0 ||
	    slice_vec_add(&raws, t_arena(), m->headers.fields.at[1].raw) != 0 ||
	    dkim_headers_digest(&seal.sig, &raws, digest) != 0)
		return false;
	key = seal_stand_key("rsa.pem");
	good = sig_verify(key, digest, seal.sig.signature);
	key_free(key);
	return good;
}

static void
test_broken(void)
{
	struct snapshot *s =
	    sign_stand_config(SEAL_HOST SEAL_KEYS "ARC seal\n");
	struct test_mail m = sign_stand_mail(SEAL_HEAD, "Hi.\r\n"), again;

	m = seal_stand_through(s, &seal_stranger,
	    seal_stand_through(s, &seal_stranger, m));
	m.body = SL("Hi, list.\r\n");
	m = seal_stand_through(s, &seal_stranger, m);
	is_int(seal_stand_sets(&m), 3, "a broken chain is sealed");
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Seal", 0),
	       "i=3; a=rsa-sha256; cv=fail;"),
	    "as broken");
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Authentication-Results",
				0),
	       "arc=fail reason=\"ARC-Message-Signature i=2: body hash did "
	       "not verify\""),
	    "with the reason");
	ok(covers_itself(&m), "over its own set alone");
	is_text(seal_stand_verdict(&m),
	    "fail 3 an earlier host found the chain broken",
	    "the next host's verdict");
	again = seal_stand_through(s, &seal_stranger, m);
	is_int(seal_stand_sets(&again), 3, "nobody seals on top of that");
	snapshot_put(s);
}

static void
test_misshapen(void)
{
	struct snapshot *s =
	    sign_stand_config(SEAL_HOST SEAL_KEYS "ARC seal\n");
	struct test_mail m =
	    sign_stand_mail("ARC-Seal: i=7; what is this\r\n"
			    "ARC-Seal: i=99; cv=none\r\n" SEAL_HEAD,
		"Hi.\r\n");

	m = seal_stand_through(s, &seal_stranger, m);
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Seal", 0),
	       "i=8; a=rsa-sha256; cv=fail;"),
	    "a chain without shape is sealed above its highest number");
	ok(covers_itself(&m), "over its own set alone");
	m = seal_stand_through(s, &seal_stranger,
	    sign_stand_mail("ARC-Foo: i=1\r\nARC: x\r\n" SEAL_HEAD, "Hi.\r\n"));
	is_text(seal_stand_verdict(&m), "pass 1",
	    "other ARC- fields are no chain");
	snapshot_put(s);
}

static void
test_full(void)
{
	struct snapshot *s =
	    sign_stand_config(SEAL_HOST SEAL_KEYS "ARC seal\n");
	struct key *key = seal_stand_key("ed.pem");
	struct arc_signer by = { .key = key, .s = "ed" };
	struct test_mail m = sign_stand_mail(SEAL_HEAD, "Hi.\r\n");

	arc_signer_chain(t_arena(), &by, 49, &m);
	m = seal_stand_through(s, &seal_stranger, m);
	is_text(seal_stand_verdict(&m), "pass 50", "the fiftieth set");
	m = seal_stand_through(s, &seal_stranger, m);
	is_text(seal_stand_verdict(&m), "pass 50", "no fifty-first is added");
	key_free(key);
	snapshot_put(s);
}

static void
test_rule(void)
{
	struct snapshot *s;
	struct test_mail m;

	sign_stand_write("seal.conf",
	    SL("sealed: seal if header(\"List-Id\") is not \"\"\n"
	       "tried: seal test\n"
	       "spam: reject if header(\"Subject\") is \"Spam\"\n"
	       "mark: quarantine if header(\"Subject\") is \"Odd\"\n"
	       "show: tag \"X-Show: yes\"\n"),
	    0644);
	s = sign_stand_config(
	    SEAL_HOST SEAL_KEYS "ARC verify\nPolicyFile seal.conf\n");
	m = seal_stand_through(s, &seal_stranger,
	    sign_stand_mail(SEAL_HEAD, "Hi.\r\n"));
	is_int(seal_stand_sets(&m), 0,
	    "a rule that does not match seals nothing");
	m = seal_stand_through(s, &seal_stranger,
	    sign_stand_mail("List-Id: <a.example>\r\n" SEAL_HEAD, "Hi.\r\n"));
	is_text(seal_stand_verdict(&m), "pass 1", "a rule seals");
	is_text(seal_stand_value(&m, "X-Show", 0), "yes",
	    "the next rules are heard");
	is_text(m.headers.fields.at[0].name, "ARC-Seal",
	    "the set stands on top of what rules add");
	m = seal_stand_through(s, &seal_stranger,
	    sign_stand_mail(
		"Subject: Odd\r\nList-Id: <a.example>\r\nFrom: a@b.example\r\n",
		"Hi.\r\n"));
	is_text(seal_stand_verdict(&m), "pass 1",
	    "quarantined mail is sealed too");
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Authentication-Results",
				0),
	       "(quarantined by rule mark)"),
	    "and says so");
	m = sign_stand_mail("Subject: Spam\r\nList-Id: <a.example>\r\n"
			    "From: a@b.example\r\n",
	    "Hi.\r\n");
	ok(sign_stand_send(s, &seal_stranger, &m) == NULL,
	    "refused mail is not");
	sign_stand_forget();
	snapshot_put(s);
}

static void
test_whose(void)
{
	static const struct sender own = { .client = "127.0.0.1" };
	struct snapshot *s = sign_stand_config(
	    "Mode v\n" SEAL_KEYS "ARC seal\nReinjectHosts 127.0.0.2\n"
	    "InternalHosts 127.0.0.1\nRelayHosts 198.51.100.1\n");
	struct sender filter = { .client = "127.0.0.2" };
	struct sender relay = { .client = "198.51.100.1" };
	struct test_mail m =
	    seal_stand_through(s, &own, sign_stand_mail(SEAL_HEAD, "Hi.\r\n"));

	is_int(seal_stand_sets(&m), 0, "our own users' mail is not sealed");
	m = seal_stand_through(s, &relay,
	    sign_stand_mail(SEAL_HEAD, "Hi.\r\n"));
	is_text(seal_stand_verdict(&m), "pass 1", "a relay's mail is");
	m = seal_stand_through(s, &seal_stranger,
	    sign_stand_mail(SEAL_HEAD, "Hi.\r\n"));
	m = seal_stand_through(s, &filter, m);
	is_text(seal_stand_verdict(&m), "pass 1",
	    "a filter that brings mail back adds no second set");
	snapshot_put(s);
}

/* Twice through one host, with nothing changed between: the chain holds. */
static void
test_twice(void)
{
	struct snapshot *s = sign_stand_config(
	    SEAL_HOST SEAL_KEYS "ARC seal\nAuthservID mx.example.net\n"
				"AddReceivedSPF yes\n");
	struct test_mail m = sign_stand_mail(SEAL_HEAD, "Hi.\r\n");

	m = seal_stand_through(s, &seal_stranger, m);
	is_int((int64_t)header_list_count(&m.headers,
		   SL("Authentication-Results")),
	    1, "results after the first pass");
	m = seal_stand_through(s, &seal_stranger, m);
	is_text(seal_stand_verdict(&m), "pass 2",
	    "two passes through one host");
	is_int((int64_t)header_list_count(&m.headers,
		   SL("Authentication-Results")),
	    1, "the first results were taken out");
	snapshot_put(s);
}

static void
test_shapes(void)
{
	static const struct {
		const char *what, *head, *body;
	} rows[] = {
		{ "no From", "Subject: x\r\n", "x\r\n" },
		{ "no field at all", "", "x\r\n" },
		{ "an empty body", SEAL_HEAD, "" },
		{ "an empty first line", SEAL_HEAD, "\r\n\r\nx" },
		{ "folds and spaces",
		    "From:\r\n Ann\r\n\t<ann@example.org>  \r\nTo:b@c.example\r\n"
		    "Subject: \r\nDate:\tx\r\n",
		    " a  b\t\r\nc\r\n\r\n\r\n" },
		{ "repeated fields",
		    "List-Id: <a>\r\nList-Id: <b>\r\n" SEAL_HEAD
		    "References: <1>\r\nReferences: <2>\r\n",
		    "x\r\n" },
		{ "8-bit text",
		    "From: \xc3\x84nn <ann@example.org>\r\nSubject: \xff\xfe\r\n",
		    "\xff\r\n" },
		{ "bare CR and LF", SEAL_HEAD "Reply-To: a\rb@c.example\r\n",
		    "a\rb\nc\r\n" },
	};
	struct snapshot *s = sign_stand_config(
	    SEAL_HOST SEAL_KEYS "ARC seal\nPolicyFile accept.conf\n");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct test_mail m =
		    sign_stand_mail(rows[i].head, rows[i].body);
		struct buf b;

		m = seal_stand_through(s, &seal_stranger, m);
		buf_init(&b, t_arena(), 65536);
		buf_add(&b, seal_stand_verdict(&m));
		is_text(buf_slice(&b), "pass 1", "%s", rows[i].what);
	}
	snapshot_put(s);
}

static void
test_signatures(void)
{
	struct snapshot *s = sign_stand_config(
	    SEAL_HOST SEAL_KEYS "ARC seal\nPolicyFile accept.conf\n");
	struct test_mail m = sign_stand_mail(SEAL_HEAD, "Hi.\r\n");
	struct slice h;
	size_t n = 0, at = 0;

	for (unsigned i = 0; i < 100; i++)
		test_mail_prepend(t_arena(), &m, "DKIM-Signature",
		    arena_printf(t_arena(), " v=1; d=d%u.example", i));
	m = seal_stand_through(s, &seal_stranger, m);
	is_text(seal_stand_verdict(&m), "pass 1", "a hundred DKIM signatures");
	h = seal_stand_value(&m, "ARC-Message-Signature", 0);
	while ((at = slice_search(h, SL("DKIM-Signature"))) != SLICE_NONE) {
		h = slice_from(h, at + 1);
		n++;
	}
	is_int((int64_t)n, 16, "of which some are sealed");
	snapshot_put(s);
}

static void
test_options(void)
{
	static const struct {
		const char *config, *said;
		bool loads;
	} rows[] = {
		{ "ARC seal\n", "sealing takes all of", false },
		{ "ARC verify\nARCDomain example.org\n", "sealing takes all of",
		    false },
		{ "ARC verify\nPolicyFile seal.conf\n", "sealing takes all of",
		    false },
		{ "ARC verify\n", "", true },
		{ "PolicyFile seal.conf\n",
		    "warning: a rule says seal, but ARC is off", true },
		{ "ARC off\n" SEAL_KEYS, "", true },
		{ "ARCTrustedSealers a.example\n",
		    "warning: ARCTrustedSealers has no effect: ARC is off",
		    true },
		{ "ARC verify\nARCTrustedSealers a.example\n", "", true },
		{ "ARC verify\nMode s\nDomain example.org\nSelector rsa\n"
		  "KeyFile rsa.pem\n",
		    "warning: ARC has no effect: Mode s judges nobody's mail",
		    true },
		{ "ARC maybe\n", "ARC", false },
		{ "ARC seal\nARCDomain example.org\nARCSelector rsa\n"
		  "ARCKeyFile gone.pem\n",
		    "ARCKeyFile", false },
		{ "ARC seal\nARCDomain example.org\nARCSelector rsa\n"
		  "ARCKeyFile zone\n",
		    "zone", false },
		{ "ARC seal\nARCDomain example.org\nARCSelector rsa\n"
		  "ARCKeyFile open.pem\n",
		    "open.pem", false },
		{ "ARC seal\nARCDomain -\nARCSelector rsa\n"
		  "ARCKeyFile rsa.pem\n",
		    "ARCDomain: '-' is not a domain name", false },
		{ "ARC seal\nARCDomain example.org\nARCSelector \"a b\"\n"
		  "ARCKeyFile rsa.pem\n",
		    "ARCSelector: 'a b' is not a domain name", false },
		{ "ARC seal\nMinimumKeyBits 4096\n" SEAL_KEYS,
		    "an RSA key of 2048 bits, MinimumKeyBits asks for 4096",
		    false },
	};
	struct slice pem;
	char why[FILE_WHY];

	if (file_read(t_arena(), sign_stand_path("rsa.pem"), 65536, &pem,
		why) != 0)
		abort();
	sign_stand_write("open.pem", pem, 0644);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice said;
		struct snapshot *s = sign_stand_load(rows[i].config, &said);

		ok((s != NULL) == rows[i].loads &&
			seal_stand_holds(said, rows[i].said) &&
			(rows[i].said[0] != '\0' || said.n == 0),
		    "%s", rows[i].said[0] != '\0' ? rows[i].said : "no word");
		snapshot_put(s);
	}
}

int
main(void)
{
	seal_stand_begin();
	test_first();
	test_many();
	test_broken();
	test_misshapen();
	test_full();
	test_rule();
	test_whose();
	test_twice();
	test_shapes();
	test_signatures();
	test_options();
	sign_stand_end();
	return tap_done();
}
