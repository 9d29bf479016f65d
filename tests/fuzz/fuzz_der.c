/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_der: public keys as strangers publish them. What is read is odd, bounded,
 * and the same again when it is written as SubjectPublicKeyInfo.
 */
#include "crypt/der.h"

#include "fuzz/fuzz.h"

static bool
is_odd(struct slice number)
{
	return number.n > 0 && (number.p[number.n - 1] & 1) != 0;
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct der_rsa key, again;
	struct slice spki;

	if (!der_rsa_parse(in, &key))
		return;
	FUZZ_DEMAND(fuzz_inside(key.n, in) && fuzz_inside(key.e, in));
	FUZZ_DEMAND(
	    key.n.n <= DER_RSA_MAX_BITS / 8 && key.e.n <= DER_RSA_MAX_E);
	FUZZ_DEMAND(is_odd(key.n) && is_odd(key.e));
	spki = der_rsa_spki(a, &key);
	FUZZ_DEMAND(spki.p != NULL && der_rsa_parse(spki, &again));
	FUZZ_DEMAND(slice_eq(key.n, again.n) && slice_eq(key.e, again.e));
}
