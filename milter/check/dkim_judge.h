/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_judge: the verdict on one signature that the reader let pass, at end of
 * message: key, body hash, header, then what policy takes away. One message,
 * one thread.
 */
#ifndef CM_CHECK_DKIM_JUDGE_H
#define CM_CHECK_DKIM_JUDGE_H

#include "check/dkim_field.h"
#include "check/dkim_headers.h"

struct evaluation;

/* One DKIM-Signature field on its way to a verdict. */
struct dkim_case {
	struct dkim_field field;
	enum verdict verdict; /* field.verdict until judged */
	struct slice reason;
	/* 0: the author's domain, 1: its organisation, 2: others */
	unsigned rank;
	bool asked;   /* the key lookup has begun */
	bool chosen;  /* one of those that are tried */
	bool testing; /* t=y */
	bool own;     /* verified without the library */
	unsigned key_bits;
	int body;        /* handle of the body digest */
	const char *dns; /* what the key lookup came to, or NULL */
};
VEC_DEFINE(dkim_case_vec, struct dkim_case);

/* "s._domainkey.d"; empty with p == NULL when out of memory. */
struct slice dkim_key_name(struct arena *a, const struct dkim_field *f);

/* After body_hashes_end. 0 or a negative ERR_*. */
int dkim_judge(struct evaluation *ev, const struct dkim_headers *h,
    struct dkim_case *c) A_MUST_USE;

#endif
