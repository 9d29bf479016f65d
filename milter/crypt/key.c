/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key: keys by OpenSSL 3's EVP. RSA public keys are read by crypt/der and
 * handed over as numbers, because OpenSSL's decoders cost more than the
 * verification.
 */
#include "crypt/key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "crypt/der.h"
#include "crypt/key_private.h"

_Static_assert(KEY_MAX_BITS == DER_RSA_MAX_BITS, "one limit");

#define ED25519_OCTETS 32

/* RFC 8410 section 4: SubjectPublicKeyInfo of Ed25519 up to the raw key. */
static const char ed25519_spki[] = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03"
				   "\x21\x00";

static struct key *
wrap(EVP_PKEY *pkey, enum key_kind kind)
{
	struct key *k = pkey != NULL ? calloc(1, sizeof(*k)) : NULL;

	if (k == NULL) {
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return NULL;
	}
	k->kind = kind;
	k->bits = (unsigned)EVP_PKEY_get_bits(pkey);
	k->pkey = pkey;
	return k;
}

static EVP_PKEY *
rsa_from_params(OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx != NULL && params != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

EVP_PKEY *
key_rsa_from_der(struct slice der)
{
	struct der_rsa numbers;
	OSSL_PARAM_BLD *bld = NULL;
	OSSL_PARAM *params = NULL;
	BIGNUM *n = NULL, *e = NULL;
	EVP_PKEY *pkey = NULL;

	if (!der_rsa_parse(der, &numbers))
		return NULL;
	bld = OSSL_PARAM_BLD_new();
	n = BN_bin2bn((const unsigned char *)numbers.n.p, (int)numbers.n.n,
	    NULL);
	e = BN_bin2bn((const unsigned char *)numbers.e.p, (int)numbers.e.n,
	    NULL);
	if (bld == NULL || n == NULL || e == NULL ||
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) != 1)
		goto out;
	params = OSSL_PARAM_BLD_to_param(bld);
	pkey = rsa_from_params(params);
out:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(n);
	BN_free(e);
	return pkey;
}

/* The raw key, SPKI around it taken off; empty if it is none. */
static struct slice
ed25519_raw(struct slice raw)
{
	struct slice head = slice_of(ed25519_spki, sizeof(ed25519_spki) - 1);

	if (raw.n == head.n + ED25519_OCTETS && slice_starts(raw, head))
		raw = slice_from(raw, head.n);
	return raw.n == ED25519_OCTETS ? raw : slice_of(NULL, 0);
}

static EVP_PKEY *
ed25519_from_octets(struct slice raw)
{
	raw = ed25519_raw(raw);
	if (raw.n == 0)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    (const unsigned char *)raw.p, raw.n);
}

struct key *
key_public(enum key_kind kind, struct slice der)
{
	switch (kind) {
	case KEY_RSA:
		return wrap(key_rsa_from_der(der), kind);
	case KEY_ED25519:
		return wrap(ed25519_from_octets(der), kind);
	}
	return NULL;
}

unsigned
key_public_bits(enum key_kind kind, struct slice der)
{
	struct der_rsa numbers;
	unsigned bits, top;

	switch (kind) {
	case KEY_RSA:
		if (!der_rsa_parse(der, &numbers))
			return 0;
		bits = (unsigned)numbers.n.n * 8;
		for (top = (uint8_t)numbers.n.p[0]; top < 0x80; top <<= 1)
			bits--;
		return bits;
	case KEY_ED25519:
		return ed25519_raw(der).n > 0 ? 256 : 0;
	}
	return 0;
}

/* Never asks a terminal for a passphrase: an encrypted key is no key. */
static int
no_passphrase(char *buf, int size, int rwflag, void *ctx)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)ctx;
	return -1;
}

struct key *
key_private(struct slice pem)
{
	BIO *bio;
	EVP_PKEY *pkey;

	if (pem.n == 0 || pem.n > INT_MAX)
		return NULL;
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (bio == NULL)
		return NULL;
	pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (pkey == NULL)
		return NULL;
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		return wrap(pkey, KEY_RSA);
	case EVP_PKEY_ED25519:
		return wrap(pkey, KEY_ED25519);
	default:
		EVP_PKEY_free(pkey);
		return NULL;
	}
}

void
key_free(struct key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

enum key_kind
key_kind(const struct key *k)
{
	return k->kind;
}

unsigned
key_bits(const struct key *k)
{
	return k->kind == KEY_ED25519 ? 256 : k->bits;
}

static struct slice
ed25519_octets(struct arena *a, const struct key *k)
{
	unsigned char raw[ED25519_OCTETS];
	size_t n = sizeof(raw);

	if (EVP_PKEY_get_raw_public_key(k->pkey, raw, &n) != 1)
		return slice_of(NULL, 0);
	return arena_copy(a, slice_of((const char *)raw, n));
}

static struct slice
rsa_octets(struct arena *a, const struct key *k)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->pkey, &der);
	struct slice out = slice_of(NULL, 0);

	if (n > 0)
		out = arena_copy(a, slice_of((const char *)der, (size_t)n));
	OPENSSL_free(der);
	return out;
}

struct slice
key_public_bytes(struct arena *a, const struct key *k)
{
	struct slice out =
	    k->kind == KEY_ED25519 ? ed25519_octets(a, k) : rsa_octets(a, k);

	ERR_clear_error();
	return out;
}

struct slice
key_spki(struct arena *a, struct slice der)
{
	struct der_rsa numbers;

	if (!der_rsa_parse(der, &numbers))
		return slice_of(NULL, 0);
	return der_rsa_spki(a, &numbers);
}
