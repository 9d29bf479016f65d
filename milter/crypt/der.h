/* SPDX-License-Identifier: BSD-2-Clause
 *
 * der: as much of DER as an RSA public key needs, bounded and without
 * allocation. OpenSSL 3.0's own decoders cost 230 us a key, seven times the
 * verification itself; this costs less than one. Pure.
 */
#ifndef CM_CRYPT_DER_H
#define CM_CRYPT_DER_H

#include "base/arena.h"

/* Modulus and exponent, big-endian, without leading zero octets. */
struct der_rsa {
	struct slice n;
	struct slice e;
};

#define DER_RSA_MAX_BITS 8192 /* of a modulus that we take */
#define DER_RSA_MAX_E 8       /* octets of an exponent that we take */

/* SubjectPublicKeyInfo of rsaEncryption (RFC 3279 section 2.3.1) or a bare
 * RSAPublicKey (RFC 8017 appendix A.1.1), nothing behind it. The modulus and
 * the exponent must be odd, of at most the sizes above. The parts borrow from
 * `der`. false = it is no such key. */
bool der_rsa_parse(struct slice der, struct der_rsa *out) A_MUST_USE;

/* SubjectPublicKeyInfo of a key. Empty with p == NULL when out of memory. */
struct slice der_rsa_spki(struct arena *a, const struct der_rsa *k) A_MUST_USE;

#endif
