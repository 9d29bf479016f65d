/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_cache: a key comes back as the same object, and never as another's.
 */
#include "crypt/key_cache.h"

#include <openssl/rsa.h>
#include <pthread.h>

#include "lib/tap.h"

#define DER_BYTES 140
#define MANY (KEY_CACHE_SIZE * 3)
#define THREADS 4
#define ROUNDS 500

/* RSAPublicKey of 1024 bits whose modulus tells the number. */
static struct slice
der(char out[DER_BYTES], uint32_t number)
{
	static const char head[] = "\x30\x81\x89\x02\x81\x81\x00";
	static const char tail[] = "\x02\x03\x01\x00\x01";

	memset(out, 0x5b, DER_BYTES);
	memcpy(out, head, 7);
	out[7] = (char)0xc1;
	memcpy(out + 64, &number, 4);
	memcpy(out + DER_BYTES - 24, &number, 4);
	memcpy(out + 135, tail, 5);
	return slice_of(out, DER_BYTES);
}

/* The number again, by the key; 0 if there is no key. */
static uint32_t
number_of(EVP_PKEY *pkey)
{
	unsigned char modulus[128];
	BIGNUM *n = NULL;
	uint32_t number = 0;

	if (pkey != NULL && EVP_PKEY_get_bn_param(pkey, "n", &n) == 1 &&
	    BN_bn2binpad(n, modulus, sizeof(modulus)) == sizeof(modulus))
		memcpy(&number, modulus + 57, 4);
	BN_free(n);
	return number;
}

static uint32_t
get(uint32_t number)
{
	char room[DER_BYTES];
	EVP_PKEY *pkey = key_cache_rsa(der(room, number));
	uint32_t got = number_of(pkey);

	EVP_PKEY_free(pkey);
	return got;
}

static void *
many(void *arg)
{
	uint32_t seed = *(uint32_t *)arg;
	intptr_t wrong = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		seed = seed * 1664525 + 1013904223;
		wrong += get(1 + (seed >> 8) % 50) != 1 + (seed >> 8) % 50;
	}
	return (void *)wrong;
}

static void
test_threads(void)
{
	pthread_t t[THREADS];
	uint32_t seeds[THREADS];
	intptr_t wrong = 0;

	for (uint32_t i = 0; i < THREADS; i++) {
		seeds[i] = i;
		if (pthread_create(&t[i], NULL, many, &seeds[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < THREADS; i++) {
		void *w = NULL;

		(void)pthread_join(t[i], &w);
		wrong += (intptr_t)w;
	}
	is_int(wrong, 0, "threads get what they ask for");
}

int
main(void)
{
	char room[DER_BYTES];
	EVP_PKEY *one = key_cache_rsa(der(room, 7)), *again;
	uint32_t wrong = 0;

	is_int(number_of(one), 7, "a key");
	again = key_cache_rsa(der(room, 7));
	ok(one == again, "the second time it is the same object");
	EVP_PKEY_free(again);
	for (uint32_t i = 1; i <= MANY; i++)
		wrong += get(i) != i;
	for (uint32_t i = MANY; i > 0; i--)
		wrong += get(i) != i;
	is_int(wrong, 0, "more keys than there are places are told apart");
	is_int(number_of(one), 7, "one in use outlives its place");
	EVP_PKEY_free(one);
	(void)der(room, 9);
	is_int(number_of(key_cache_rsa(slice_of(room, DER_BYTES - 1))), 0,
	    "a cut key is none");
	ok(key_cache_rsa(SL("")) == NULL && key_cache_rsa(SL("x")) == NULL,
	    "nor is less");
	test_threads();
	return tap_done();
}
