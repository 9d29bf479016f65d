/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_private.h: the inside of a key, for the files of this room only.
 */
#ifndef CM_CRYPT_KEY_PRIVATE_H
#define CM_CRYPT_KEY_PRIVATE_H

#include <openssl/evp.h>

#include "crypt/key.h"

struct key {
	enum key_kind kind;
	unsigned bits;
	EVP_PKEY *pkey;
};

/* An RSA public key from DER in either form; NULL if it is none. */
EVP_PKEY *key_rsa_from_der(struct slice der) A_MUST_USE;

#endif
