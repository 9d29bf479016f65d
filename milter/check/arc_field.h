/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_field: one field of an ARC set (RFC 8617 section 4.1), read strictly. Pure;
 * results live in the arena or borrow from the field.
 */
#ifndef CM_CHECK_ARC_FIELD_H
#define CM_CHECK_ARC_FIELD_H

#include "check/dkim_field.h"

#define ARC_MAX_SETS 50U /* section 4.2.1 */

/* In the order in which a seal covers them. */
enum arc_kind {
	ARC_RESULTS, /* ARC-Authentication-Results */
	ARC_MESSAGE, /* ARC-Message-Signature */
	ARC_SEAL,    /* ARC-Seal */
	ARC_KINDS
};
/* The name of the field. */
const char *arc_kind_name(enum arc_kind k);
/* false: the name of no field of a set. */
bool arc_kind_parse(struct slice name, enum arc_kind *out);

struct arc_field {
	enum arc_kind kind;
	unsigned instance; /* i=; 0: none, or not from 1 to 50 */
	/* "": as it should be; else what is wrong with it. Never of an
	 * ARC_RESULTS with an instance. */
	struct slice fault;
	struct slice raw;      /* the whole field */
	struct dkim_field sig; /* ARC_MESSAGE, ARC_SEAL */
	/* ARC_SEAL: cv=, one of NONE, PASS and FAIL; POLICY: none of these */
	enum verdict cv;
	struct slice results; /* ARC_RESULTS: what follows "i=N;" */
};

/* `now` and `drift` as for dkim_field_read. 0 or ERR_NOMEM. */
int arc_field_read(struct arena *a, const struct header_field *f,
    enum arc_kind kind, int64_t now, int64_t drift,
    struct arc_field *out) A_MUST_USE;

#endif
