/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_verify: keys that are missing, unfit or out of reach make a chain fail, for
 * the newest message signature as for any seal; so do algorithms that do not count.
 */
#include "lib/tap.h"
#include "lib/test_keys.h"
#include "unit/arc_lib.h"

static struct dkim_world w;

static void
test_keys(void)
{
	static const struct {
		const char *selector, *reason;
	} rows[] = {
		{ "missing", "key not found" },
		{ "revoked", "key is revoked" },
		{ "dead", "key lookup failed: timeout" },
		{ "failing", "key lookup failed: SERVFAIL" },
		{ "bogus", "key lookup failed: DNSSEC validation failed" },
		{ "other", "signature did not verify" },
		{ "rsakey", "key type does not match the algorithm" },
		{ "sha1", "key is not for sha256" },
		{ "tls", "key is not for mail" },
		{ "garbage", "key is not base64" },
		{ "short", "key cannot be decoded" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arc_signer s = { .key = w.ed, .s = rows[i].selector };
		struct test_mail m = arc_mail();
		struct slice want = arena_printf(t_arena(),
		    "ARC-Message-Signature i=1: %s", rows[i].reason);

		arc_signer_seal(t_arena(), &s, &m);
		arc_fails(&w, &m, want.p, rows[i].selector);
		m = arc_mail();
		arc_signer_seal(t_arena(), &s, &m);
		s.s = "ed";
		arc_signer_seal(t_arena(), &s, &m);
		want =
		    arena_printf(t_arena(), "ARC-Seal i=1: %s", rows[i].reason);
		arc_fails(&w, &m, want.p, "the same, one set further down");
	}
}

static void
test_key_sizes(void)
{
	struct key *small =
	    key_private(test_rsa_pem(t_arena(), 1024, PEM_PKCS8));
	struct arc_signer s = { .key = w.rsa };
	struct test_mail m = arc_mail();

	arc_signer_chain(t_arena(), &s, 2, &m);
	arc_passes(&w, &m, "RSA");
	s.key = w.ed;
	s.s = "ed";
	arc_signer_seal(t_arena(), &s, &m);
	arc_passes(&w, &m, "RSA and Ed25519 in one chain");
	s.d = "sub.example.org";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Message-Signature i=1: key not found",
	    "a domain without key");
	w.options.dkim.minimum_key_bits = 2049;
	s = (struct arc_signer){ .key = w.rsa };
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m,
	    "ARC-Message-Signature i=1: RSA key of 2048 bits, at least 2049 "
	    "are asked for",
	    "MinimumKeyBits");
	w.options.dkim.minimum_key_bits = 1024;
	key_free(small);
}

static void
test_algorithms(void)
{
	struct arc_signer s = { .key = w.rsa, .a = "rsa-sha1" };
	struct test_mail m = arc_mail();

	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Seal i=1: rsa-sha1 is not accepted", "rsa-sha1");
	s.a = "rsa-sha512";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Seal i=1: signature algorithm is not supported",
	    "rsa-sha512");
	s.a = "ed25519-sha256";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m,
	    "ARC-Message-Signature i=1: key type does not match the algorithm",
	    "another algorithm than the key's");
	s.a = NULL;
	s.h = "from:arc-seal";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m,
	    "ARC-Message-Signature i=1: h= names a field that it must not sign",
	    "h=arc-seal");
	s.h = NULL;
	s.as_extra = "; h=from";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_fails(&w, &m, "ARC-Seal i=1: h= is not allowed", "h= in a seal");
	s.as_extra = "; c=simple/simple; t=1700000000; xnew=1";
	m = arc_mail();
	arc_signer_seal(t_arena(), &s, &m);
	arc_passes(&w, &m, "tags in a seal that mean nothing");
}

static void
add_records(void)
{
	struct key *other = key_private(test_ed25519_pem(t_arena()));

	dkim_world_key(&w, "revoked", "example.org", SL("v=DKIM1; p="));
	dkim_world_key(&w, "other", "example.org",
	    dkim_signer_record(t_arena(), other));
	dkim_world_key(&w, "rsakey", "example.org",
	    dkim_signer_record(t_arena(), w.rsa));
	dkim_world_key(&w, "sha1", "example.org",
	    SL("v=DKIM1; k=ed25519; h=sha1; p=AAAA"));
	dkim_world_key(&w, "tls", "example.org",
	    SL("v=DKIM1; k=ed25519; s=tlsrpt; p=AAAA"));
	dkim_world_key(&w, "garbage", "example.org",
	    SL("v=DKIM1; k=ed25519; p=!!!!"));
	dkim_world_key(&w, "short", "example.org",
	    SL("v=DKIM1; k=ed25519; p=AAAA"));
	buf_adds(&w.zone,
	    "dead._domainkey.example.org TIMEOUT TXT\n"
	    "failing._domainkey.example.org SERVFAIL TXT\n"
	    "bogus._domainkey.example.org BOGUS TXT\n");
	key_free(other);
}

int
main(void)
{
	dkim_world_init(&w);
	add_records();
	dkim_world_open(&w);
	w.options.arc.mode = ARC_VERIFY;
	test_keys();
	test_key_sizes();
	test_algorithms();
	dkim_world_close(&w);
	return tap_done();
}
