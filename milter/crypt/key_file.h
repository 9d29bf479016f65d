/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_file: the private keys that we sign with, from their files, under rules
 * that are the same for signatures and seals. At load; any thread.
 */
#ifndef CM_CRYPT_KEY_FILE_H
#define CM_CRYPT_KEY_FILE_H

#include "base/file.h"
#include "crypt/key.h"

#define KEY_FILE_WHY (FILE_WHY + 128)

struct key_rules {
	unsigned user;       /* whose files are safe, as for file_read_secret */
	bool safe;           /* unsafe files are refused (RequireSafeKeys) */
	unsigned least_bits; /* of RSA (MinimumKeyBits) */
};

/* NULL if there is none, it is not good enough, or out of memory: `why` then
 * names the file and the reason. No copy of the text stays in memory. */
struct key *key_file_load(const char *path, const struct key_rules *r,
    char why[KEY_FILE_WHY]) A_MUST_USE;

#endif
