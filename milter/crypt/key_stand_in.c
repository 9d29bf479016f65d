/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_stand_in: a symbol of the executable wins over libcrypto's when the
 * dynamic linker resolves libopendkim's reference. Thread-safe; the keys are
 * kept by key_cache.
 */
#include "crypt/key_stand_in.h"

#include <dlfcn.h>

#include <openssl/x509.h>

#include "crypt/key_cache.h"

typedef EVP_PKEY *(*decoder_fn)(BIO *, EVP_PKEY **);

void
key_stand_in(void)
{
}

/* What the whole library would have done. */
static EVP_PKEY *
decode_by_openssl(BIO *bio, EVP_PKEY **out)
{
	union {
		void *object;
		decoder_fn function;
	} next = { .object = dlsym(RTLD_NEXT, "d2i_PUBKEY_bio") };

	return next.object != NULL ? next.function(bio, out) : NULL;
}

EVP_PKEY *
d2i_PUBKEY_bio(BIO *bio, EVP_PKEY **out)
{
	EVP_PKEY *pkey = NULL;
	char *p = NULL;
	long n = 0;

	if (out == NULL && BIO_method_type(bio) == BIO_TYPE_MEM)
		n = BIO_get_mem_data(bio, &p);
	if (n > 0)
		pkey = key_cache_rsa(slice_of(p, (size_t)n));
	if (pkey == NULL)
		return decode_by_openssl(bio, out);
	/* The other one takes what it has read. */
	while (n > 0) {
		char taken[512];
		int got = BIO_read(bio, taken, sizeof(taken));

		n = got > 0 ? n - got : 0;
	}
	return pkey;
}
