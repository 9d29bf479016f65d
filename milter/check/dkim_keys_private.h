/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_keys_private: the inside of struct dkim_keys, for the two files that
 * load and use it.
 */
#ifndef CM_CHECK_DKIM_KEYS_PRIVATE_H
#define CM_CHECK_DKIM_KEYS_PRIVATE_H

#include "check/dkim_keys.h"

#define DKIM_SEEN_SLOTS 4096

/* A key under the name by which it is looked up. */
struct dkim_key_entry {
	struct slice name;   /* KeyTable: its name. Domain: "" */
	struct slice domain; /* KeyTable: "" unless "%" stands for one */
	struct dkim_signing_key *key;
};
VEC_DEFINE(dkim_key_entries, struct dkim_key_entry);

struct dkim_keys {
	struct arena *arena;
	const struct dkim_sign_options *options;
	struct dkim_signing_keys all;
	struct dkim_key_entries by_domain; /* of Domain, sorted by domain */
	struct dkim_key_entries by_name;   /* of KeyTable, sorted */
	struct dkim_key_entries by_list;   /* "list-id:" patterns, sorted */
	struct dkim_sign_names names;
	atomic_uint_fast64_t seen[DKIM_SEEN_SLOTS];
};

/* Order of entries: by name, then by domain, without case. */
int dkim_key_entry_compare(const void *a, const void *b);

#endif
