/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_keys: private keys by OpenSSL's generators.
 */
#include "lib/test_keys.h"

#include <openssl/encoder.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "test_keys: %s\n", what);
	exit(99);
}

static struct slice
pem_of(struct arena *a, EVP_PKEY *pkey, enum pem_form form)
{
	BIO *bio = BIO_new(BIO_s_mem());
	static char secret[] = "secret";
	char *p = NULL;
	struct slice out;
	int r = 0;

	if (pkey == NULL || bio == NULL)
		die("no key");
	switch (form) {
	case PEM_PKCS8:
		r = PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0,
		    NULL, NULL);
		break;
	case PEM_PKCS1:
		r = PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL,
		    0, NULL, NULL);
		break;
	case PEM_ENCRYPTED:
		r = PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_128_cbc(),
		    secret, 6, NULL, NULL);
		break;
	}
	if (r != 1)
		die("cannot write a key");
	out.n = (size_t)BIO_get_mem_data(bio, &p);
	out = arena_copy(a, slice_of(p, out.n));
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	if (out.p == NULL)
		die("memory");
	return out;
}

/* Large keys of four primes, for two large primes take seconds to find; the
 * public key does not show it. */
struct slice
test_rsa_pem(struct arena *a, unsigned bits, enum pem_form form)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) != 1 ||
	    (bits >= 4096 && EVP_PKEY_CTX_set_rsa_keygen_primes(ctx, 4) != 1) ||
	    EVP_PKEY_generate(ctx, &pkey) != 1)
		die("cannot make an RSA key");
	EVP_PKEY_CTX_free(ctx);
	return pem_of(a, pkey, form);
}

struct slice
test_ed25519_pem(struct arena *a)
{
	return pem_of(a, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), PEM_PKCS8);
}

struct slice
test_ec_pem(struct arena *a)
{
	return pem_of(a, EVP_EC_gen("P-256"), PEM_PKCS8);
}

struct slice
test_ed25519_seed_pem(struct arena *a, struct slice seed)
{
	return pem_of(a,
	    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
		(const unsigned char *)seed.p, seed.n),
	    PEM_PKCS8);
}

struct slice
test_rsa_pkcs1(struct arena *a, struct slice pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	OSSL_ENCODER_CTX *enc;
	unsigned char *der = NULL;
	size_t n = 0;
	struct slice out;

	enc = OSSL_ENCODER_CTX_new_for_pkey(pkey, EVP_PKEY_PUBLIC_KEY, "DER",
	    "type-specific", NULL);
	if (enc == NULL || OSSL_ENCODER_to_data(enc, &der, &n) != 1)
		die("cannot write RSAPublicKey");
	out = arena_copy(a, slice_of((const char *)der, n));
	OPENSSL_free(der);
	OSSL_ENCODER_CTX_free(enc);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return out;
}
