/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_sign: whether and with which keys a message is signed, and the steps of
 * doing so. Only originating mail is signed, only if exactly one author can be
 * told from it beyond doubt, and only with keys of that author's domain. No
 * lookups, no waiting. One message, one thread.
 */
#ifndef CM_CHECK_DKIM_SIGN_H
#define CM_CHECK_DKIM_SIGN_H

#include "check/dkim_keys.h"

struct evaluation;

/* Why a message of our own users got no signature. */
enum dkim_unsigned {
	DKIM_SIGN_YES,           /* it got one */
	DKIM_UNSIGNED_AUTHOR,    /* From is missing, repeated or odd */
	DKIM_UNSIGNED_NO_KEY,    /* the author's domain is not ours */
	DKIM_UNSIGNED_HELD_BACK, /* its keys are not published yet */
	DKIM_UNSIGNED_JUDGED,    /* it came from outside and was judged here */
	DKIM_UNSIGNED_RETURNED,  /* a content filter brought it back */
	DKIM_UNSIGNED_FIELDS,    /* too many fields to sign */
	DKIM_UNSIGNED_COUNT
};
/* A word for log and counters; "" for DKIM_SIGN_YES. */
const char *dkim_unsigned_word(enum dkim_unsigned u);

struct dkim_sign_state;

struct dkim_sign_result {
	bool considered; /* we sign, and it is our own users' mail */
	enum dkim_unsigned why_not;
	struct dkim_signing_keys keys; /* that sign */
};

/* At the end of the header section, From being read. `judged_before`: the
 * message carries results of this very mail system about its author. 0 or
 * ERR_*. */
int dkim_sign_eoh(struct evaluation *ev, bool judged_before) A_MUST_USE;
/* A chunk of the body of a message that is signed; nothing for others. */
void dkim_sign_body(struct evaluation *ev, struct slice chunk);
/* NormalizeAddresses: the value to put in place of that of a field of the
 * message, so that Sendmail has nothing to change in it when it delivers; p is
 * NULL if the field stays. 0 or ERR_NOMEM. */
int dkim_sign_normalize(struct evaluation *ev, const struct header_field *f,
    struct slice *value) A_MUST_USE;
/* At the end: the values of the fields to put on top, none if the message is
 * not signed. `h`: the header section as it will be delivered. Warns of what
 * may break the signature. 0 or ERR_*. */
int dkim_sign_end(struct evaluation *ev, const struct header_list *h,
    struct slice_vec *values) A_MUST_USE;

#endif
