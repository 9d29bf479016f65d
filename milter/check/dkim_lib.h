/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_lib: the door to libopendkim; no other file includes it. The library
 * judges one signature at a time over the header alone: it gets the signature
 * field, exactly the fields that h= selects and the key, no body, and never
 * asks the DNS. One handle per signature keeps a broken one from spoiling the
 * others and lets several keys be tried. Thread-safe after dkim_library_new.
 */
#ifndef CM_CHECK_DKIM_LIB_H
#define CM_CHECK_DKIM_LIB_H

#include "check/dkim.h"
#include "check/dkim_field.h"
#include "check/dkim_record.h"

enum dkim_lib_answer {
	DKIM_LIB_GOOD,   /* the signature verifies over the header */
	DKIM_LIB_BAD,    /* it does not */
	DKIM_LIB_REFUSED /* the library cannot say: judge without it */
};

/* True if the library can be trusted with these texts: it works on C strings,
 * takes no UTF-8 in a signature, and treats some control characters as white
 * space. `raws` as from dkim_headers_select. */
bool dkim_lib_can_carry(const struct dkim_field *f,
    const struct slice_vec *raws) A_PURE;

/* Judges a field that dkim_field_read let pass. 0, ERR_NOMEM. */
int dkim_lib_judge(const struct dkim_library *l, struct arena *a,
    const struct dkim_field *f, const struct slice_vec *raws,
    const struct dkim_record *key, enum dkim_lib_answer *out) A_MUST_USE;

#endif
