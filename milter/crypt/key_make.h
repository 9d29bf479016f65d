/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_make: new private keys, and their text. Thread-safe.
 */
#ifndef CM_CRYPT_KEY_MAKE_H
#define CM_CRYPT_KEY_MAKE_H

#include "crypt/key.h"

/* A fresh key; `bits` counts for RSA alone. NULL when OpenSSL cannot. */
struct key *key_generate(enum key_kind kind, unsigned bits) A_MUST_USE;
/* PEM (PKCS#8), not encrypted, without a copy elsewhere in memory. Empty with
 * p == NULL on failure. */
struct slice key_private_pem(struct arena *a, const struct key *k) A_MUST_USE;

#endif
