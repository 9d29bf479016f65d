/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_vectors: what test_dmarc judges, as text.
 */
#ifndef CM_TESTS_UNIT_DMARC_VECTORS_H
#define CM_TESTS_UNIT_DMARC_VECTORS_H

#include "base/base.h"

struct dmarc_vector {
	const char *from; /* field values, '|' between fields */
	const char *spf;  /* "verdict domain" or "" */
	const char *dkim; /* "verdict domain" joined by ',' */
	/* "verdict published/disposition aligned policy-domain org-domain" */
	const char *want;
	const char *name;
};

struct dmarc_table {
	const char *name;
	bool by_list; /* DMARCDiscovery psl */
	const struct dmarc_vector *at;
	size_t n;
};

extern const struct dmarc_table dmarc_tables[];
extern const size_t dmarc_tables_count;

/* The zone file all of them live in. */
extern const char dmarc_zone[];
extern const size_t dmarc_zone_size;

#endif
