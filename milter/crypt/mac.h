/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mac: HMAC-SHA1 (RFC 2104), which the Sender Rewriting Scheme was built on,
 * and a comparison that does not tell where two texts differ. Thread-safe.
 */
#ifndef CM_CRYPT_MAC_H
#define CM_CRYPT_MAC_H

#include "base/slice.h"

#define MAC_SHA1_BYTES 20

/* 0, ERR_LIMIT (over INT_MAX octets) or ERR_LIBRARY. */
int mac_sha1(struct slice secret, struct slice text,
    uint8_t out[MAC_SHA1_BYTES]) A_MUST_USE;

/* True if both have the same n octets; takes the same time either way. */
bool mac_equal(const char *a, const char *b, size_t n) A_MUST_USE;

#endif
