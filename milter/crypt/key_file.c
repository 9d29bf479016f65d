/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_file: see key_file.h.
 */
#include "crypt/key_file.h"

#include "base/err.h"

#define FILE_MOST ((size_t)65536)

/* NULL if `why` was filled. */
static struct key *
read_key(struct arena *a, const char *path, const struct key_rules *r,
    char why[KEY_FILE_WHY])
{
	struct slice pem;
	struct key *key;

	if (file_read_secret(a, path, FILE_MOST, r->user, r->safe, &pem, why) !=
	    0)
		return NULL;
	key = key_private(pem);
	file_forget(pem);
	if (key == NULL)
		(void)snprintf(why, KEY_FILE_WHY,
		    "%.*s: holds no unencrypted RSA or Ed25519 private key in "
		    "PEM",
		    FILE_WHY, path);
	return key;
}

struct key *
key_file_load(const char *path, const struct key_rules *r,
    char why[KEY_FILE_WHY])
{
	struct arena *a = arena_new(4 * FILE_MOST);
	struct key *key;

	if (a == NULL) {
		(void)snprintf(why, KEY_FILE_WHY, "%s", err_text(ERR_NOMEM));
		return NULL;
	}
	key = read_key(a, path, r, why);
	if (key != NULL && key_kind(key) == KEY_RSA &&
	    key_bits(key) < r->least_bits) {
		(void)snprintf(why, KEY_FILE_WHY,
		    "%.*s: an RSA key of %u bits, MinimumKeyBits asks for %u",
		    FILE_WHY, path, key_bits(key), r->least_bits);
		key_free(key);
		key = NULL;
	}
	arena_free(a);
	return key;
}
