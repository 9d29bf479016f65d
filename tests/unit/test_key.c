/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key, der: which public and private keys are taken, and in which forms.
 */
#include "crypt/key.h"

#include "crypt/der.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

/* What every SPKI of 1024 bits with the exponent 65537 begins with. */
static const char rfc_spki[] =
    "\x30\x81\x9f\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
    "\x03\x81\x8d\x00\x30\x81\x89\x02\x81\x81\x00";

static bool
rsa_taken(struct slice der)
{
	struct key *k = key_public(KEY_RSA, t_bytes(der.p, der.n));
	bool taken = k != NULL;

	key_free(k);
	return taken;
}

static void
test_rsa_forms(void)
{
	struct arena *a = t_arena();
	struct slice pem = test_rsa_pem(a, 2048, PEM_PKCS8);
	struct key *priv = key_private(t_bytes(pem.p, pem.n));
	struct slice spki = key_public_bytes(a, priv);
	struct slice pkcs1 = test_rsa_pkcs1(a, pem);
	struct key *pub;

	ok(priv != NULL && key_kind(priv) == KEY_RSA, "PKCS#8 RSA is taken");
	is_int(key_bits(priv), 2048, "its size is known");
	pub = key_public(KEY_RSA, spki);
	ok(pub != NULL && key_bits(pub) == 2048, "SPKI is taken");
	ok(slice_eq(key_public_bytes(a, pub), spki), "and comes out the same");
	key_free(pub);
	pub = key_public(KEY_RSA, pkcs1);
	ok(pub != NULL && key_bits(pub) == 2048, "bare RSAPublicKey is taken");
	ok(slice_eq(key_public_bytes(a, pub), spki), "and is the same key");
	key_free(pub);
	ok(slice_eq(key_spki(a, pkcs1), spki),
	    "RSAPublicKey is wrapped as SPKI");
	ok(slice_eq(key_spki(a, spki), spki), "SPKI stays SPKI");
	is_int(key_public_bits(KEY_RSA, pkcs1), 2048,
	    "its size is cheap to know");
	key_free(priv);
	pem = test_rsa_pem(a, 1023, PEM_PKCS8);
	is_int(key_public_bits(KEY_RSA, test_rsa_pkcs1(a, pem)), 1023,
	    "and exact");
	is_int(key_public_bits(KEY_RSA, SL("x")), 0, "no key has no size");

	pem = test_rsa_pem(a, 1024, PEM_PKCS1);
	priv = key_private(pem);
	ok(priv != NULL && key_bits(priv) == 1024, "PKCS#1 PEM is taken");
	spki = key_public_bytes(a, priv);
	ok(slice_eq(slice_sub(spki, 0, sizeof(rfc_spki) - 1),
	       slice_of(rfc_spki, sizeof(rfc_spki) - 1)),
	    "SPKI of 1024 bits has the usual head");
	ok(slice_eq(key_spki(a, test_rsa_pkcs1(a, pem)), spki),
	    "wrapping works for short lengths too");
	key_free(priv);
}

static void
test_rsa_broken(void)
{
	struct arena *a = t_arena();
	struct slice pem = test_rsa_pem(a, 1024, PEM_PKCS8);
	struct slice pkcs1 = test_rsa_pkcs1(a, pem);
	struct slice spki = key_spki(a, pkcs1);
	unsigned taken = 0;
	char *p;

	for (size_t n = 0; n < spki.n; n++)
		taken += rsa_taken(slice_sub(spki, 0, n));
	for (size_t n = 0; n < pkcs1.n; n++)
		taken += rsa_taken(slice_sub(pkcs1, 0, n));
	is_int(taken, 0, "no truncated key is taken");
	p = arena_alloc(a, spki.n + 1);
	memcpy(p, spki.p, spki.n);
	p[spki.n] = 0;
	ok(!rsa_taken(slice_of(p, spki.n + 1)),
	    "octets behind the key refuse it");
	p[spki.n - 1] = 2;
	ok(!rsa_taken(slice_of(p, spki.n)), "an even exponent is refused");
	memcpy(p, spki.p, spki.n);
	p[10] ^= 1;
	ok(!rsa_taken(slice_of(p, spki.n)), "another algorithm is refused");
	ok(key_spki(a, slice_of(p, spki.n)).n == 0, "and not wrapped");
	/* every single octet changed in the structure: no crash, any answer */
	for (size_t i = 0; i < spki.n; i++) {
		memcpy(p, spki.p, spki.n);
		for (unsigned v = 0; v < 256; v += 85) {
			p[i] = (char)(p[i] + 85);
			taken += rsa_taken(slice_of(p, spki.n));
		}
	}
	ok(taken > 0, "a changed modulus is still a key");
	ok(!rsa_taken(SL("\x30\x84\xff\xff\xff\xff")),
	    "huge lengths are refused");
	ok(!rsa_taken(SL("\x30\x80\x02\x01\x03\x02\x01\x03")),
	    "indefinite lengths are refused");
	ok(!rsa_taken(SL("\x30\x06\x02\x01\x03\x02\x01\x03")),
	    "a modulus of some bits is refused");
	ok(!rsa_taken(slice_of(NULL, 0)), "nothing is no key");
}

static void
test_ed25519(void)
{
	struct arena *a = t_arena();
	struct key *priv = key_private(test_ed25519_pem(a));
	struct slice raw = key_public_bytes(a, priv);
	struct slice spki = arena_printf(a, "%s", "");
	struct key *pub;
	char head[] = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
	char *p = arena_alloc(a, 44);

	ok(priv != NULL && key_kind(priv) == KEY_ED25519,
	    "Ed25519 PEM is taken");
	is_int(key_bits(priv), 256, "its size is 256");
	is_int((int64_t)raw.n, 32, "its public part is 32 octets");
	pub = key_public(KEY_ED25519, t_bytes(raw.p, raw.n));
	ok(pub != NULL && slice_eq(key_public_bytes(a, pub), raw),
	    "the raw public key is taken (RFC 8463)");
	key_free(pub);
	memcpy(p, head, 12);
	memcpy(p + 12, raw.p, 32);
	spki = t_bytes(p, 44);
	pub = key_public(KEY_ED25519, spki);
	ok(pub != NULL, "SPKI of Ed25519 is taken");
	key_free(pub);
	is_int(key_public_bits(KEY_ED25519, spki), 256, "of 256 bits");
	is_int(key_public_bits(KEY_ED25519, slice_sub(raw, 0, 31)), 0,
	    "31 octets have no size");
	ok(key_public(KEY_ED25519, slice_sub(raw, 0, 31)) == NULL,
	    "31 octets are no Ed25519 key");
	ok(key_public(KEY_ED25519, slice_sub(spki, 0, 43)) == NULL,
	    "a cut SPKI is none");
	ok(key_public(KEY_RSA, raw) == NULL, "nor is it an RSA key");
	key_free(priv);
}

static void
test_private_refused(void)
{
	struct arena *a = t_arena();

	ok(key_private(test_ec_pem(a)) == NULL, "an EC key is refused");
	ok(key_private(test_rsa_pem(a, 1024, PEM_ENCRYPTED)) == NULL,
	    "an encrypted key is refused and nobody is asked");
	ok(key_private(SL("-----BEGIN PRIVATE KEY-----\nAAAA\n"
			  "-----END PRIVATE KEY-----\n")) == NULL,
	    "rubbish in PEM is refused");
	ok(key_private(SL("")) == NULL, "an empty file is refused");
	key_free(NULL);
}

int
main(void)
{
	test_rsa_forms();
	test_rsa_broken();
	test_ed25519();
	test_private_refused();
	return tap_done();
}
