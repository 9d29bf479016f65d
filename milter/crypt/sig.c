/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sig: digests and signatures by OpenSSL 3's EVP. RSA signs and verifies the
 * digest as such; Ed25519 takes its 32 octets as the message (PureEdDSA, RFC
 * 8463 section 3). OpenSSL's error queue is left empty.
 */
#include "crypt/sig.h"

#include <pthread.h>
#include <sys/random.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "crypt/key_private.h"

struct sha256 {
	EVP_MD_CTX *ctx;
	bool bad;
};

static EVP_MD *algorithm;

static void
fetch_algorithm(void)
{
	algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* EVP_sha256() is looked up by its name each time it is used. */
static const EVP_MD *
sha256_algorithm(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, fetch_algorithm);
	return algorithm != NULL ? algorithm : EVP_sha256();
}

struct sha256 *
sha256_new(void)
{
	struct sha256 *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL ||
	    EVP_DigestInit_ex(h->ctx, sha256_algorithm(), NULL) != 1) {
		sha256_free(h);
		return NULL;
	}
	return h;
}

void
sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
sha256_add(struct sha256 *h, const char *p, size_t n)
{
	if (n > 0 && EVP_DigestUpdate(h->ctx, p, n) != 1)
		h->bad = true;
}

int
sha256_peek(const struct sha256 *h, uint8_t out[SHA256_BYTES])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	unsigned n = 0;
	bool good = !h->bad && copy != NULL &&
	    EVP_MD_CTX_copy_ex(copy, h->ctx) == 1 &&
	    EVP_DigestFinal_ex(copy, out, &n) == 1 && n == SHA256_BYTES;

	EVP_MD_CTX_free(copy);
	return good ? 0 : ERR_LIBRARY;
}

int
sha256_end(struct sha256 *h, uint8_t out[SHA256_BYTES])
{
	unsigned n = 0;

	if (EVP_DigestFinal_ex(h->ctx, out, &n) != 1 || n != SHA256_BYTES)
		h->bad = true;
	return h->bad ? ERR_LIBRARY : 0;
}

/* A context for PKCS#1 v1.5 over a SHA-256 digest; NULL on failure. */
static EVP_PKEY_CTX *
rsa_context(const struct key *k, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);

	if (ctx != NULL && init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* 1 good, 0 bad, less: not found out. */
static int
rsa_verify(const struct key *k, const uint8_t *digest, struct slice sig)
{
	EVP_PKEY_CTX *ctx = rsa_context(k, EVP_PKEY_verify_init);
	int r = -1;

	if (ctx != NULL)
		r = EVP_PKEY_verify(ctx, (const unsigned char *)sig.p, sig.n,
			digest, SHA256_BYTES) == 1;
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static int
ed25519_verify(const struct key *k, const uint8_t *digest, struct slice sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = -1;

	if (ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->pkey) == 1)
		r = EVP_DigestVerify(ctx, (const unsigned char *)sig.p, sig.n,
			digest, SHA256_BYTES) == 1;
	EVP_MD_CTX_free(ctx);
	return r;
}

/* Empties the queue; true if something in it tells of no memory. */
static bool
errors_tell_of_memory(void)
{
	unsigned long e;
	bool told = false;

	while ((e = ERR_get_error()) != 0)
		told = told || ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;
	return told;
}

int
sig_judge(const struct key *k, const uint8_t digest[SHA256_BYTES],
    struct slice sig, bool *good_out)
{
	int r = 0;

	*good_out = false;
	if (sig.p == NULL)
		return 0;
	ERR_clear_error();
	switch (k->kind) {
	case KEY_RSA:
		r = rsa_verify(k, digest, sig);
		break;
	case KEY_ED25519:
		r = ed25519_verify(k, digest, sig);
		break;
	}
	*good_out = r == 1;
	return (errors_tell_of_memory() && r != 1) || r < 0 ? ERR_LIBRARY : 0;
}

bool
sig_verify(const struct key *k, const uint8_t digest[SHA256_BYTES],
    struct slice sig)
{
	bool good;

	return sig_judge(k, digest, sig, &good) == 0 && good;
}

static int
rsa_sign(const struct key *k, const uint8_t *digest, unsigned char *out,
    size_t *n)
{
	EVP_PKEY_CTX *ctx = rsa_context(k, EVP_PKEY_sign_init);
	int r = ctx != NULL &&
		EVP_PKEY_sign(ctx, out, n, digest, SHA256_BYTES) == 1 ?
	    0 :
	    ERR_LIBRARY;

	EVP_PKEY_CTX_free(ctx);
	return r;
}

static int
ed25519_sign(const struct key *k, const uint8_t *digest, unsigned char *out,
    size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = ctx != NULL &&
		EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
		EVP_DigestSign(ctx, out, n, digest, SHA256_BYTES) == 1 ?
	    0 :
	    ERR_LIBRARY;

	EVP_MD_CTX_free(ctx);
	return r;
}

int
sig_sign(struct arena *a, const struct key *k,
    const uint8_t digest[SHA256_BYTES], struct slice *out)
{
	int size = EVP_PKEY_get_size(k->pkey);
	size_t n = size > 0 ? (size_t)size : 0;
	unsigned char *p = arena_alloc(a, n);
	int r = ERR_LIBRARY;

	if (p == NULL)
		return ERR_NOMEM;
	switch (k->kind) {
	case KEY_RSA:
		r = rsa_sign(k, digest, p, &n);
		break;
	case KEY_ED25519:
		r = ed25519_sign(k, digest, p, &n);
		break;
	}
	ERR_clear_error();
	*out = slice_of((const char *)p, r == 0 ? n : 0);
	return r;
}

struct slice
sig_base64(struct arena *a, struct slice raw)
{
	size_t n = raw.n / 3 * 4 + (raw.n % 3 != 0 ? 4 : 0);
	char *p;

	if (raw.n > INT_MAX / 2)
		return slice_of(NULL, 0);
	p = arena_alloc(a, n + 1); /* EVP_EncodeBlock writes a NUL behind */
	if (p == NULL)
		return slice_of(NULL, 0);
	p[0] = '\0';
	if (raw.n > 0)
		(void)EVP_EncodeBlock((unsigned char *)p,
		    (const unsigned char *)raw.p, (int)raw.n);
	return slice_of(p, n);
}

int
sig_random(uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR_LIBRARY;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}
