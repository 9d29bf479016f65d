/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim: DKIM verification (RFC 6376, 8301, 8463, 8616): results and the steps
 * of the check. The library is reached in dkim_lib and dkim_verify only.
 */
#ifndef CM_CHECK_DKIM_H
#define CM_CHECK_DKIM_H

#include "base/vec.h"
#include "check/verdict.h"

struct evaluation;
struct header_field;
struct dkim_library;

struct dkim_options {
	bool verify;
	unsigned max_signatures;   /* MaximumSignaturesToVerify */
	unsigned minimum_key_bits; /* MinimumKeyBits, RSA; never under 1024 */
	int64_t clock_drift_s;     /* ClockDrift: for x= and t= */
};

/* One DKIM-Signature field, judged. Texts as written, made printable nowhere. */
struct dkim_signature {
	enum verdict verdict;
	/* "body hash did not verify", "key not found" ... */
	struct slice reason;
	struct slice domain;    /* d=, A-labels, lower case; "" if unreadable */
	struct slice selector;  /* s= */
	struct slice identity;  /* i=, or "@d" */
	struct slice algorithm; /* a= */
	struct slice b; /* first 8 characters of b= without FWS (RFC 6008) */
	unsigned key_bits;
	bool tried; /* false: beyond MaximumSignaturesToVerify, or unreadable */
	bool testing;       /* key says t=y */
	bool author_domain; /* d= equals the author's domain */
};
VEC_DEFINE(dkim_signature_vec, struct dkim_signature);

struct dkim_result {
	bool done;
	enum verdict verdict; /* the best of all signatures; none without any */
	struct dkim_signature_vec signatures;
	struct slice reason; /* of the best, or of the author's own signature */
};

/* Opened once per snapshot; NULL on failure. */
struct dkim_library *dkim_library_new(const struct dkim_options *o) A_MUST_USE;
void dkim_library_free(struct dkim_library *l);

int dkim_verify_header(struct evaluation *ev, const struct header_field *f);
int dkim_verify_eoh(struct evaluation *ev);
/* After that: the domains of the signatures that will be tried, at most `most`
 * of them; how many. */
size_t dkim_verify_signers(const struct evaluation *ev, struct slice *out,
    size_t most);
int dkim_verify_end(struct evaluation *ev);

#endif
