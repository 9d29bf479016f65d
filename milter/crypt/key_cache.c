/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_cache: see key_cache.h. Rows of a few places by the hash of the octets;
 * in a row, the last one used stands first. Under one lock: it is held for a
 * hundred instructions, an RSA verification takes a hundred thousand.
 */
#include "crypt/key_cache.h"

#include <pthread.h>

#include "crypt/key_private.h"

#define PLACES 4
#define ROWS (KEY_CACHE_SIZE / PLACES)
#define MULTIPLIER 0x9e3779b97f4a7c15ULL /* 2^64 / golden ratio */

struct place {
	EVP_PKEY *pkey; /* NULL: free */
	char *der;
	size_t n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[ROWS][PLACES];

/* The modulus is at the end and as good as random, unless chosen by an
 * attacker, who can turn the keys of one row out and no more. */
static size_t
row_of(struct slice der)
{
	uint64_t h = der.n, word;

	for (size_t i = 0; i < 4 && der.n >= 8 * (i + 3); i++) {
		memcpy(&word, der.p + der.n - 8 * (i + 3), 8);
		h = (h ^ word) * MULTIPLIER;
	}
	return (size_t)(h >> 32) % ROWS;
}

static void
to_front(struct place *row, size_t i)
{
	struct place used = row[i];

	memmove(row + 1, row, i * sizeof(*row));
	row[0] = used;
}

static EVP_PKEY *
find(struct place *row, struct slice der)
{
	for (size_t i = 0; i < PLACES && row[i].pkey != NULL; i++) {
		if (!slice_eq(slice_of(row[i].der, row[i].n), der))
			continue;
		to_front(row, i);
		return EVP_PKEY_up_ref(row[0].pkey) == 1 ? row[0].pkey : NULL;
	}
	return NULL;
}

/* Puts the key first and gives back what had to go. */
static struct place
put(struct place *row, struct place new)
{
	struct place old = row[PLACES - 1];

	row[PLACES - 1] = new;
	to_front(row, PLACES - 1);
	return old;
}

EVP_PKEY *
key_cache_rsa(struct slice der)
{
	struct place *row = places[row_of(der)];
	struct place new = { 0 };
	EVP_PKEY *pkey;

	(void)pthread_mutex_lock(&lock);
	pkey = find(row, der);
	(void)pthread_mutex_unlock(&lock);
	if (pkey != NULL)
		return pkey;
	pkey = key_rsa_from_der(der);
	if (pkey == NULL)
		return NULL;
	new.der = malloc(der.n);
	if (new.der == NULL || EVP_PKEY_up_ref(pkey) != 1) {
		free(new.der);
		return pkey; /* good for once */
	}
	memcpy(new.der, der.p, der.n);
	new.n = der.n;
	new.pkey = pkey;
	(void)pthread_mutex_lock(&lock);
	new =
	    put(row, new); /* twice in the row, if two came at once: no harm */
	(void)pthread_mutex_unlock(&lock);
	EVP_PKEY_free(new.pkey);
	free(new.der);
	return pkey;
}
