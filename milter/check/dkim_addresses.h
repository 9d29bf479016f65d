/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_addresses: what Sendmail makes of a field with addresses when it
 * delivers, behind the filter, and whether a signature over the field as it is
 * survives that. Pure but for the arena.
 */
#ifndef CM_CHECK_DKIM_ADDRESSES_H
#define CM_CHECK_DKIM_ADDRESSES_H

#include "mail/header.h"

enum dkim_written {
	DKIM_WRITTEN_SAME, /* what is signed stays good */
	DKIM_WRITTEN_ANEW, /* it will be written otherwise: it is known how */
	DKIM_WRITTEN_ODD   /* it will or may be: it is not known how */
};

/* `exact`: header canonicalisation simple. DKIM_WRITTEN_SAME for fields that
 * hold no addresses. *value: for DKIM_WRITTEN_ANEW, a value for
 * plan_change_header() that stays as it is. 0 or ERR_NOMEM. */
int dkim_addresses_written(struct arena *a, const struct header_field *f,
    bool exact, enum dkim_written *how, struct slice *value) A_MUST_USE;

#endif
