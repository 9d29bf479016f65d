/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_walk: where DMARC records stand: the tree walk of RFC 9989 section
 * 4.10, at most eight names a domain, and the organisational domain that
 * follows from it; or, for RFC 7489 behaviour, the public suffix list.
 *
 * A finder belongs to one message (or one command): every name is looked up
 * and every domain walked once. Memory is the arena's. One thread.
 */
#ifndef CM_CHECK_DMARC_WALK_H
#define CM_CHECK_DMARC_WALK_H

#include "base/vec.h"
#include "check/dmarc_record.h"
#include "dns/dns_message.h"
#include "mail/psl.h"

#define DMARC_WALK_MAX 8 /* names of one walk */

/* What stands at _dmarc.<domain>. */
struct dmarc_entry {
	struct slice domain;
	bool failed; /* temporarily: nothing is known */
	bool found;  /* exactly one record */
	struct dmarc_record record;
};
VEC_DEFINE(dmarc_entry_vec, struct dmarc_entry *);

struct dmarc_walk {
	struct slice start;
	const struct dmarc_entry *entries[DMARC_WALK_MAX]; /* as walked */
	size_t n;
	bool failed;        /* a lookup failed: `org` is not known */
	bool policy_failed; /* likewise: `policy` is not known */
	struct slice org;   /* organisational domain */
	/* record of the organisational domain, else of the public suffix
	 * above, or NULL */
	const struct dmarc_entry *policy;
};
VEC_DEFINE(dmarc_walk_vec, struct dmarc_walk *);

struct dmarc_finder {
	struct arena *a;
	struct dns_message *dns;
	const struct psl *psl; /* NULL: tree walk */
	struct dmarc_entry_vec entries;
	struct dmarc_walk_vec walks;
};

/* The domains a walk visits, start first. Returns how many; parts of start. */
size_t dmarc_walk_names(struct slice start, struct slice out[DMARC_WALK_MAX]);
/* "_dmarc.<domain>"; empty with p == NULL when out of memory. */
struct slice dmarc_name(struct arena *a, struct slice domain) A_MUST_USE;

/* Begins all lookups of a walk, without waiting. */
void dmarc_prefetch(struct dmarc_finder *f, struct slice domain);
/* True if a walk would not wait. */
bool dmarc_is_ready(struct dmarc_finder *f, struct slice domain);

/* Domains are A-labels, lower case, no final dot, and live as long as the
 * arena. 0, ERR_TIMEOUT (soft deadline), ERR_NOMEM. */
int dmarc_find_entry(struct dmarc_finder *f, struct slice domain,
    const struct dmarc_entry **out) A_MUST_USE;
int dmarc_find_walk(struct dmarc_finder *f, struct slice domain,
    const struct dmarc_walk **out) A_MUST_USE;

#endif
