/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_sign_field: one DKIM-Signature field (RFC 6376 sections 3.5, 3.7 and 5,
 * RFC 8301, RFC 8463). Pure; results live in the arena.
 */
#ifndef CM_CHECK_DKIM_SIGN_FIELD_H
#define CM_CHECK_DKIM_SIGN_FIELD_H

#include "check/dkim_keys.h"
#include "crypt/sig.h"
#include "mail/header.h"

#define DKIM_SIGN_NAMES 128 /* names in h= */

/* What all signatures of a message share. */
struct dkim_sign_input {
	struct slice_vec names; /* h=, in order */
	struct slice headers;   /* the selected fields, canonical */
	struct slice body_hash; /* bh=, base64 */
	int64_t now;            /* t= */
};

/* Chooses and canonicalises the fields. `h`: the header section as it will be
 * delivered. Every instance of a name is signed. 0, ERR_NOMEM, or ERR_LIMIT:
 * the fields are more than DKIM_SIGN_NAMES. */
int dkim_sign_select(struct arena *a, const struct dkim_keys *k,
    const struct header_list *h, struct dkim_sign_input *out) A_MUST_USE;

/* The value of the field, as it goes into an edit: with its leading SP, folds
 * as LF + TAB. 0, ERR_NOMEM or ERR_LIBRARY. */
int dkim_sign_field(struct arena *a, const struct dkim_keys *k,
    const struct dkim_signing_key *key, const struct dkim_sign_input *in,
    struct slice *value) A_MUST_USE;

#endif
