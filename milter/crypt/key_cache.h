/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_cache: RSA public keys kept ready for use, by the DER they came from.
 *
 * To make a key of its octets and to prepare it (OpenSSL's Montgomery form,
 * the old RSA object that libopendkim wants) costs nearly half as much as to
 * verify with it, and a few signers sign most mail. What is kept follows from
 * the octets alone: whether a key still stands in the DNS is not asked here.
 *
 * One for the process, since it serves a function of libcrypto's that takes no
 * context (key_stand_in). KEY_CACHE_SIZE keys at most, the least recently used
 * of a few goes. Any thread.
 */
#ifndef CM_CRYPT_KEY_CACHE_H
#define CM_CRYPT_KEY_CACHE_H

#include <openssl/evp.h>

#include "base/slice.h"

#define KEY_CACHE_SIZE 512

/* The key in this DER (as key_rsa_from_der takes it), with a reference for the
 * caller (EVP_PKEY_free). NULL: none, or no memory. */
EVP_PKEY *key_cache_rsa(struct slice der) A_MUST_USE;

#endif
