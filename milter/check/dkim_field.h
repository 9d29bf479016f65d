/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_field: one DKIM-Signature field, read by our own strict reader (RFC 6376
 * sections 3.5 and 6.1.1, RFC 8301, RFC 8616) before any library sees it. Pure;
 * results live in the arena or borrow from the field.
 */
#ifndef CM_CHECK_DKIM_FIELD_H
#define CM_CHECK_DKIM_FIELD_H

#include "check/verdict.h"
#include "mail/canon.h"
#include "mail/header.h"
#include "mail/tags.h"

enum dkim_algorithm { DKIM_RSA_SHA1, DKIM_RSA_SHA256, DKIM_ED25519_SHA256 };

/* Fields that are signatures by the same grammar: they differ in the tags that
 * must be there. Those of RFC 8617 have no v=, and their i= is a number; a seal
 * has neither h= nor bh=, and its header is always relaxed. */
enum dkim_form {
	DKIM_FORM_SIGNATURE,
	DKIM_FORM_ARC_MESSAGE,
	DKIM_FORM_ARC_SEAL
};

struct dkim_field {
	/* PASS: may be tried. Else NEUTRAL (syntax, or nothing we can process),
	 * PERMERROR (expired, or from the future) or POLICY (rsa-sha1), with
	 * the reason; the texts below are then what could be read, for reports
	 * only. */
	enum verdict verdict;
	struct slice reason;

	struct slice raw;      /* the whole field */
	struct slice domain;   /* d=, A-labels, lower case; "" unless valid */
	struct slice selector; /* s=, likewise */
	struct slice identity; /* i= without FWS, or "@d" */
	struct slice a;        /* a= as written */
	struct slice b8;       /* first 8 characters of b= without FWS */

	enum dkim_algorithm algorithm;
	enum canon header_canon, body_canon;
	bool identity_is_domain; /* i= has exactly the domain d= (for t=s) */
	bool limited;            /* has l= */
	uint64_t limit;          /* l=, saturated */
	struct slice_vec names;  /* h= */
	struct slice signature;  /* b=, decoded */
	struct slice body_hash;  /* bh=, decoded */
	struct slice b_text; /* b= with the white space around it, inside raw */
	struct tag_vec tags; /* all of them */
	struct limits limits; /* that this field went beyond */
};

/* Reads the field. `now`: epoch seconds by which x= and t= are judged, with
 * `drift` seconds of grace. 0 or ERR_NOMEM. */
int dkim_field_read(struct arena *a, const struct header_field *f, int64_t now,
    int64_t drift, struct dkim_field *out) A_MUST_USE;
/* The same for any of the forms; the identity of one of ARC's is "@d". */
int dkim_field_read_form(struct arena *a, const struct header_field *f,
    enum dkim_form form, int64_t now, int64_t drift,
    struct dkim_field *out) A_MUST_USE;

#endif
