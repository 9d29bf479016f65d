/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mac: see mac.h. OpenSSL's error queue is left empty.
 */
#include "crypt/mac.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/err.h"

int
mac_sha1(struct slice secret, struct slice text, uint8_t out[MAC_SHA1_BYTES])
{
	unsigned n = 0;
	bool good;

	if (secret.n > INT_MAX || text.n > INT_MAX)
		return ERR_LIMIT;
	good = HMAC(EVP_sha1(), secret.p, (int)secret.n,
		   (const unsigned char *)text.p, text.n, out, &n) != NULL &&
	    n == MAC_SHA1_BYTES;
	ERR_clear_error();
	return good ? 0 : ERR_LIBRARY;
}

bool
mac_equal(const char *a, const char *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
