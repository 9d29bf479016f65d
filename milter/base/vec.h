/* SPDX-License-Identifier: BSD-2-Clause
 *
 * vec.h: typed vectors whose memory is an arena's. Growth abandons the old
 * array to the arena, so elements may move: keep indices, not pointers,
 * while appending.
 *
 *     VEC_DEFINE(ints, int)             defines struct ints and the functions
 *     struct ints v = { 0 };            an empty vector
 *     int *slot = ints_push(&v, arena); NULL when out of memory; cleared
 *     v.at[i], v.n                      the elements
 */
#ifndef CM_BASE_VEC_H
#define CM_BASE_VEC_H

#include "base/arena.h"

#define VEC_DEFINE(name, type)                                              \
	struct name {                                                       \
		type *at;                                                   \
		size_t n;                                                   \
		size_t cap;                                                 \
	};                                                                  \
	A_UNUSED A_MUST_USE static inline type *name##_push(struct name *v, \
	    struct arena *a)                                                \
	{                                                                   \
		if (v->n == v->cap) {                                       \
			size_t cap = v->cap == 0 ? 4 : v->cap * 2;          \
			type *at = arena_array(a, cap, sizeof(type));       \
			if (at == NULL)                                     \
				return NULL;                                \
			if (v->n > 0)                                       \
				memcpy(at, v->at, v->n * sizeof(type));     \
			v->at = at;                                         \
			v->cap = cap;                                       \
		}                                                           \
		memset(&v->at[v->n], 0, sizeof(type));                      \
		return &v->at[v->n++];                                      \
	}                                                                   \
	_Static_assert(sizeof(type) > 0, "a complete type")

/* The one that most rooms need. */
VEC_DEFINE(slice_vec, struct slice);

/* Appends; 0 or ERR_NOMEM (-1). */
A_UNUSED A_MUST_USE static inline int
slice_vec_add(struct slice_vec *v, struct arena *a, struct slice s)
{
	struct slice *slot = slice_vec_push(v, a);

	if (slot == NULL)
		return -1;
	*slot = s;
	return 0;
}

#endif
