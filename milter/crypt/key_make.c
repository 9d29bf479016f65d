/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_make: see key_make.h.
 */
#include "crypt/key_make.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypt/key_private.h"

struct key *
key_generate(enum key_kind kind, unsigned bits)
{
	struct key *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->kind = kind;
	k->bits = kind == KEY_RSA ? bits : 256;
	k->pkey = kind == KEY_RSA ?
	    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits) :
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	ERR_clear_error();
	if (k->pkey != NULL)
		return k;
	free(k);
	return NULL;
}

struct slice
key_private_pem(struct arena *a, const struct key *k)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	struct slice out = slice_of(NULL, 0);
	char *text = NULL;
	long n;

	if (bio != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL,
		NULL) == 1) {
		n = BIO_get_mem_data(bio, &text);
		if (n > 0)
			out = arena_copy(a, slice_of(text, (size_t)n));
	}
	BIO_free(bio);
	ERR_clear_error();
	return out;
}
