/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_addresses: what the MTA makes of a field with addresses when it
 * delivers, behind the filter, and whether a signature over the field as it is
 * survives that. Pure but for the arena.
 */
#ifndef CM_CHECK_DKIM_ADDRESSES_H
#define CM_CHECK_DKIM_ADDRESSES_H

#include "check/mta_config.h"
#include "mail/header.h"

/* Whose hands the message goes through. */
struct dkim_route {
	struct arena *arena;
	const struct mta_config *mta; /* or NULL */
	enum mta_kind kind;
	struct slice host; /* the MTA's own name */
	bool exact;        /* header canonicalisation simple */
};

struct dkim_written {
	bool changes;  /* what is signed would not be what is delivered */
	bool rewrites; /* and that is because of an address, not of its form */
	/* what to sign in its place, for plan_change_header(); p NULL: it is
	 * not known, or it is what stands there */
	struct slice value;
};

/* 0 or ERR_NOMEM. Nothing is true of fields that hold no addresses. */
int dkim_addresses_written(const struct dkim_route *r,
    const struct header_field *f, struct dkim_written *out) A_MUST_USE;

#endif
