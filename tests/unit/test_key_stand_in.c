/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_stand_in: the executable's d2i_PUBKEY_bio is the one that libraries get,
 * and it reads what OpenSSL's own reads.
 */
#include "crypt/key_stand_in.h"

#include <dlfcn.h>

#include <openssl/x509.h>

#include "crypt/key.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

/* Bits of what the function reads, -1 if it reads nothing. */
static int
decode(struct slice der, size_t *left)
{
	BIO *bio = BIO_new_mem_buf(der.p, (int)der.n);
	EVP_PKEY *pkey = d2i_PUBKEY_bio(bio, NULL);
	int bits = pkey != NULL ? EVP_PKEY_get_bits(pkey) : -1;

	*left = BIO_ctrl_pending(bio);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return bits;
}

int
main(void)
{
	struct arena *a = t_arena();
	struct key *rsa, *ed;
	struct slice der;
	char spki[44] = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21";
	void *all, *crypto;
	size_t left;

	key_stand_in();
	all = dlsym(RTLD_DEFAULT, "d2i_PUBKEY_bio");
	crypto = dlsym(RTLD_NEXT, "d2i_PUBKEY_bio");
	ok(all != NULL && crypto != NULL && all != crypto,
	    "libraries find the stand-in before OpenSSL's");
	rsa = key_private(test_rsa_pem(a, 1024, PEM_PKCS8));
	der = key_public_bytes(a, rsa);
	is_int(decode(t_bytes(der.p, der.n), &left), 1024, "an RSA key");
	is_int((int64_t)left, 0, "is taken from the BIO");
	is_int(decode(slice_sub(der, 0, der.n - 1), &left), -1, "a cut one");
	ed = key_private(test_ed25519_pem(a));
	memcpy(spki + 12, key_public_bytes(a, ed).p, 32);
	is_int(decode(slice_of(spki, 44), &left), 256,
	    "what is not RSA goes to OpenSSL");
	is_int(decode(SL("rubbish"), &left), -1, "rubbish stays rubbish");
	key_free(rsa);
	key_free(ed);
	return tap_done();
}
