/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_record: the key records of one name (RFC 6376 section 3.6.1), read
 * strictly. Pure; results live in the arena or borrow from the texts.
 */
#ifndef CM_CHECK_DKIM_RECORD_H
#define CM_CHECK_DKIM_RECORD_H

#include "base/vec.h"
#include "check/dkim_field.h"
#include "crypt/key.h"

struct dns_answer;

/* One TXT record. */
struct dkim_record {
	bool is_key; /* a tag list with p=: somebody's key, good or not */
	bool good;   /* fit to verify with; else `reason` says why not */
	struct slice reason;
	enum key_kind kind; /* k= */
	bool testing;       /* t=y */
	bool exact_domain;  /* t=s: i= must have the very domain d= */
	struct slice key;   /* p=, decoded */
};
VEC_DEFINE(dkim_record_vec, struct dkim_record);

/* 0 or ERR_NOMEM. */
int dkim_record_read(struct arena *a, struct slice text,
    struct dkim_record *out) A_MUST_USE;

/* The keys of an answer that may verify this signature, at most
 * DKIM_RECORD_TRIES of them; without any, *reason says why. A record that is
 * no key record is passed over when it has company. *testing: the
 * key that refused the signature says t=y. 0 or ERR_NOMEM. */
#define DKIM_RECORD_TRIES 3
int dkim_record_choose(struct arena *a, const struct dns_answer *answer,
    const struct dkim_field *f, struct dkim_record_vec *out,
    struct slice *reason, bool *testing) A_MUST_USE;

#endif
