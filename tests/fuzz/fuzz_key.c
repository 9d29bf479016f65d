/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_key: key files, and public keys as records carry them. The first byte
 * chooses what is read: 0 the rest as a file, 1 to 5 a genuine file of one kind
 * with the octets exchanged that the rest names (place, place, octet), 6 and 7
 * the rest as a public key. A private key that is taken signs, and its public
 * part verifies that.
 */
#include "crypt/key.h"
#include "crypt/sig.h"
#include "fuzz/fuzz.h"
#include "lib/test_keys.h"

#define GENUINE 5

static struct slice genuine[GENUINE];

static void
set_up(void)
{
	static struct arena *kept;

	kept = arena_new(FUZZ_ARENA);
	FUZZ_DEMAND(kept != NULL);
	genuine[0] = test_rsa_pem(kept, 1024, PEM_PKCS8);
	genuine[1] = test_rsa_pem(kept, 1024, PEM_PKCS1);
	genuine[2] = test_rsa_pem(kept, 1024, PEM_ENCRYPTED);
	genuine[3] = test_ed25519_pem(kept);
	genuine[4] = test_ec_pem(kept);
}

static struct slice
exchanged(struct arena *a, struct slice text, struct slice changes)
{
	struct slice copy = arena_copy(a, text);
	char *p = unconst(copy.p);

	FUZZ_DEMAND(p != NULL);
	while (changes.n >= 3) {
		size_t at = (size_t)fuzz_byte(&changes) << 8;

		at |= fuzz_byte(&changes);
		p[at % copy.n] = (char)fuzz_byte(&changes);
	}
	return copy;
}

/* A key that was damaged may sign what nobody can verify, or not at all: RSA
 * numbers that do not belong together. What is whole must work. */
static void
demand_works(struct arena *a, const struct key *k, bool whole)
{
	static const uint8_t digest[SHA256_BYTES] =
	    "thirty-two octets to be signed.";
	struct slice bytes = key_public_bytes(a, k), signature;
	struct key *public = key_public(key_kind(k), bytes);
	int err = sig_sign(a, k, digest, &signature);

	FUZZ_DEMAND(key_bits(k) > 0);
	if (whole)
		FUZZ_DEMAND(err == 0 && public != NULL &&
		    sig_verify(public, digest, signature));
	key_free(public);
}

static void
try_public(struct arena *a, enum key_kind kind, struct slice der)
{
	struct key *k = key_public(kind, der);
	unsigned bits = key_public_bits(kind, der);

	if (k == NULL)
		return;
	FUZZ_DEMAND(key_kind(k) == kind && key_bits(k) == bits);
	FUZZ_DEMAND(kind != KEY_RSA || key_spki(a, der).n > 0);
	FUZZ_DEMAND(key_public_bytes(a, k).n > 0);
	key_free(k);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	size_t how = fuzz_number(&in, GENUINE + 3);
	struct slice text = in;
	struct key *k;

	if (genuine[0].n == 0)
		set_up();
	if (how > GENUINE) {
		try_public(a, how == GENUINE + 1 ? KEY_RSA : KEY_ED25519, in);
		return;
	}
	if (how > 0)
		text = exchanged(a, genuine[how - 1], in);
	k = key_private(text);
	if (k != NULL)
		demand_works(a, k, how > 0 && slice_eq(text, genuine[how - 1]));
	key_free(k);
}
