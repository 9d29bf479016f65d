/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_keys: private keys made at run time, so that no key lies in the tree.
 */
#ifndef CM_TESTS_LIB_TEST_KEYS_H
#define CM_TESTS_LIB_TEST_KEYS_H

#include "crypt/key.h"

enum pem_form { PEM_PKCS8, PEM_PKCS1, PEM_ENCRYPTED };

/* A fresh key as PEM; ends the program if OpenSSL cannot. */
struct slice test_rsa_pem(struct arena *a, unsigned bits, enum pem_form form);
struct slice test_ed25519_pem(struct arena *a);
/* A key of another kind (P-256). */
struct slice test_ec_pem(struct arena *a);
/* The Ed25519 key with this 32-octet seed. */
struct slice test_ed25519_seed_pem(struct arena *a, struct slice seed);
/* RSAPublicKey (PKCS#1) of a key, as DER. */
struct slice test_rsa_pkcs1(struct arena *a, struct slice pem);

#endif
