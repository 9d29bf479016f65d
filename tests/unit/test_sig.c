/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sig: digests, signatures, base64; facts of FIPS 180-4, RFC 4648, RFC 8032
 * and RFC 8463 appendix A.
 */
#include "crypt/sig.h"

#include "base/err.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

static struct slice
unhex(const char *hex)
{
	struct arena *a = t_arena();
	size_t n = strlen(hex) / 2;
	char *p = arena_alloc(a, n);

	for (size_t i = 0; i < n; i++) {
		unsigned v = 0;

		(void)sscanf(hex + 2 * i, "%2x", &v);
		p[i] = (char)v;
	}
	return t_bytes(p, n);
}

static struct slice
digest_of(const char *text, uint8_t out[SHA256_BYTES])
{
	struct sha256 *h = sha256_new();
	size_t n = strlen(text);

	sha256_add(h, text, n / 2);
	sha256_add(h, text + n / 2, n - n / 2);
	if (sha256_end(h, out) != 0)
		memset(out, 0, SHA256_BYTES);
	sha256_free(h);
	return slice_of((const char *)out, SHA256_BYTES);
}

static void
test_digest(void)
{
	uint8_t d[SHA256_BYTES];

	ok(slice_eq(digest_of("abc", d),
	       unhex("ba7816bf8f01cfea414140de5dae2223"
		     "b00361a396177a9cb410ff61f20015ad")),
	    "SHA-256 of abc");
	is_text(sig_base64(t_arena(), digest_of("\r\n", d)),
	    "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=",
	    "SHA-256 of an empty simple body");
	is_text(sig_base64(t_arena(), digest_of("", d)),
	    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
	    "SHA-256 of an empty relaxed body");
	ok(slice_eq(digest_of("abcdbcdecdefdefgefghfghighijhijk"
			      "ijkljklmklmnlmnomnopnopq",
			d),
	       unhex("248d6a61d20638b8e5c026930c3e6039"
		     "a33ce45964ff2167f6ecedd419db06c1")),
	    "SHA-256 over two blocks");
	sha256_free(NULL);
}

static void
test_peek(void)
{
	struct sha256 *h = sha256_new();
	uint8_t d[SHA256_BYTES], want[SHA256_BYTES];

	sha256_add(h, "abc", 3);
	ok(sha256_peek(h, d) == 0 &&
		slice_eq(slice_of((char *)d, 32), digest_of("abc", want)),
	    "a peek shows the digest so far");
	sha256_add(h, "def", 3);
	ok(sha256_end(h, d) == 0 &&
		slice_eq(slice_of((char *)d, 32), digest_of("abcdef", want)),
	    "and does not disturb what follows");
	sha256_free(h);
}

static void
test_base64(void)
{
	struct arena *a = t_arena();

	is_text(sig_base64(a, SL("")), "", "base64 of nothing");
	is_text(sig_base64(a, SL("f")), "Zg==", "base64 with two pads");
	is_text(sig_base64(a, SL("fo")), "Zm8=", "base64 with one pad");
	is_text(sig_base64(a, SL("foobar")), "Zm9vYmFy", "base64 without pad");
	ok(sig_base64(a, SL("\0\xff\x10")).n == 4, "base64 of any octets");
}

static void
test_round_trip(const char *what, struct slice pem)
{
	struct arena *a = t_arena();
	uint8_t d[SHA256_BYTES], other[SHA256_BYTES];
	struct key *priv = key_private(pem), *pub;
	struct slice sig = { 0 }, raw;
	char *p;

	digest_of("one", d);
	digest_of("two", other);
	is_int(sig_sign(a, priv, d, &sig), 0, "%s signs", what);
	raw = key_public_bytes(a, priv);
	pub = key_public(key_kind(priv), raw);
	ok(sig_verify(pub, d, t_bytes(sig.p, sig.n)), "%s verifies", what);
	ok(!sig_verify(pub, other, sig), "%s: another digest fails", what);
	ok(!sig_verify(pub, d, slice_sub(sig, 0, sig.n - 1)),
	    "%s: a short signature fails", what);
	ok(!sig_verify(pub, d, slice_of(NULL, 0)), "%s: none fails", what);
	p = arena_alloc(a, sig.n + 1);
	memcpy(p, sig.p, sig.n);
	p[sig.n] = 0;
	ok(!sig_verify(pub, d, slice_of(p, sig.n + 1)),
	    "%s: a long signature fails", what);
	p[3] ^= 1;
	ok(!sig_verify(pub, d, slice_of(p, sig.n)),
	    "%s: a changed signature fails", what);
	ok(sig_verify(pub, d, sig), "%s: the key works again", what);
	key_free(pub);
	key_free(priv);
}

/* RFC 8032 section 7.1 test 1 gives the key pair that RFC 8463 uses. */
static void
test_rfc_key(void)
{
	struct arena *a = t_arena();
	struct slice seed = unhex("9d61b19deffd5a60ba844af492ec2cc4"
				  "4449c5697b326919703bac031cae7f60");
	struct key *k = key_private(test_ed25519_seed_pem(a, seed));

	is_text(sig_base64(a, key_public_bytes(a, k)),
	    "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    "the public key of RFC 8463 appendix A.2");
	key_free(k);
}

static void
test_random(void)
{
	uint8_t x[32] = { 0 }, y[32] = { 0 };

	is_int(sig_random(x, sizeof(x)), 0, "random octets");
	is_int(sig_random(y, sizeof(y)), 0, "and again");
	ok(memcmp(x, y, sizeof(x)) != 0, "are not the same twice");
}

int
main(void)
{
	test_digest();
	test_peek();
	test_base64();
	test_round_trip("RSA-1024", test_rsa_pem(t_arena(), 1024, PEM_PKCS8));
	test_round_trip("RSA-2048", test_rsa_pem(t_arena(), 2048, PEM_PKCS1));
	test_round_trip("Ed25519", test_ed25519_pem(t_arena()));
	test_rfc_key();
	test_random();
	return tap_done();
}
