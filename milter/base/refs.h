/* SPDX-License-Identifier: BSD-2-Clause
 *
 * refs.h: an atomic reference count for objects shared between threads.
 *     struct thing { struct refs refs; ... };
 *     refs_init(&t->refs);                       one reference, the maker's
 *     refs_get(&t->refs);                        one more
 *     if (refs_put(&t->refs)) thing_destroy(t);  true for the last one
 */
#ifndef CM_BASE_REFS_H
#define CM_BASE_REFS_H

#include "base/base.h"

struct refs {
	atomic_uint n;
};

static inline void
refs_init(struct refs *r)
{
	atomic_init(&r->n, 1U);
}

static inline void
refs_get(struct refs *r)
{
	unsigned before =
	    atomic_fetch_add_explicit(&r->n, 1U, memory_order_relaxed);

	assert(before > 0);
	(void)before;
}

static inline bool
refs_put(struct refs *r)
{
	unsigned before =
	    atomic_fetch_sub_explicit(&r->n, 1U, memory_order_acq_rel);

	assert(before > 0);
	return before == 1;
}

#endif
