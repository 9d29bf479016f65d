/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sig: SHA-256, RSASSA-PKCS1-v1_5 and Ed25519 over a SHA-256 digest (RFC 8463
 * section 3), base64, random bytes. Everything is thread-safe but a running
 * digest, which belongs to one thread at a time.
 */
#ifndef CM_CRYPT_SIG_H
#define CM_CRYPT_SIG_H

#include "crypt/key.h"

#define SHA256_BYTES 32

struct sha256; /* a running digest */
/* NULL when out of memory. */
struct sha256 *sha256_new(void) A_MUST_USE;
void sha256_free(struct sha256 *h); /* NULL is harmless */
void sha256_add(struct sha256 *h, const char *p, size_t n);
/* The digest of what was added so far; more may follow. 0 or ERR_LIBRARY. */
int sha256_peek(const struct sha256 *h, uint8_t out[SHA256_BYTES]) A_MUST_USE;
/* 0 or ERR_LIBRARY; the state may be added to no more. */
int sha256_end(struct sha256 *h, uint8_t out[SHA256_BYTES]) A_MUST_USE;

/* Whether `sig` is the key's signature over the digest. 0, or ERR_LIBRARY when
 * that could not be found out: OpenSSL had no memory. */
int sig_judge(const struct key *k, const uint8_t digest[SHA256_BYTES],
    struct slice sig, bool *good_out) A_MUST_USE;
/* The same where that does not matter: true if it is. */
bool sig_verify(const struct key *k, const uint8_t digest[SHA256_BYTES],
    struct slice sig) A_MUST_USE;
/* 0, ERR_NOMEM, ERR_LIBRARY. */
int sig_sign(struct arena *a, const struct key *k,
    const uint8_t digest[SHA256_BYTES], struct slice *out) A_MUST_USE;

/* base64 without line ends. Empty with p NULL when out of memory. */
struct slice sig_base64(struct arena *a, struct slice raw) A_MUST_USE;
/* Random octets from the kernel's generator. 0 or ERR_LIBRARY. */
int sig_random(uint8_t *p, size_t n) A_MUST_USE;

#endif
