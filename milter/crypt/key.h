/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key: public keys from DNS and private keys from files, kept parsed. The
 * only room that includes openssl. Keys are immutable and thread-safe.
 */
#ifndef CM_CRYPT_KEY_H
#define CM_CRYPT_KEY_H

#include "base/arena.h"

enum key_kind { KEY_RSA, KEY_ED25519 };

struct key; /* public or private */

#define KEY_MAX_BITS 8192 /* of an RSA key from DNS: larger ones only cost */

/* p= of a key record after base64: RSA as SubjectPublicKeyInfo or as bare
 * RSAPublicKey (RFC 6376 section 3.6.1; both are in use), Ed25519 as 32 raw
 * octets (RFC 8463; SPKI taken too). NULL if it is none. */
struct key *key_public(enum key_kind kind, struct slice der) A_MUST_USE;
/* Its size alone, much cheaper: modulus bits or 256; 0 if it is no key. */
unsigned key_public_bits(enum key_kind kind, struct slice der) A_PURE;
/* PEM (PKCS#1 or PKCS#8) of an RSA or Ed25519 private key, unencrypted.
 * NULL if it is none. */
struct key *key_private(struct slice pem) A_MUST_USE;
/* NULL is harmless. */
void key_free(struct key *k);

enum key_kind key_kind(const struct key *k);
/* Modulus bits of RSA, 256 for Ed25519. */
unsigned key_bits(const struct key *k);
/* The public part as DER SubjectPublicKeyInfo (RSA) or raw (Ed25519), for p=.
 * Empty on failure. */
struct slice key_public_bytes(struct arena *a, const struct key *k);
/* RSA p= in whichever form, as SPKI: what libopendkim reads. Empty if it is
 * none. */
struct slice key_spki(struct arena *a, struct slice der);

#endif
