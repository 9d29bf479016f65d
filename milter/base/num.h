/* SPDX-License-Identifier: BSD-2-Clause
 *
 * num: numbers from text, and arithmetic on sizes that come from input. No
 * locale, no white space, no sign unless said; the whole text must be the
 * number. All functions are pure and thread-safe.
 */
#ifndef CM_BASE_NUM_H
#define CM_BASE_NUM_H

#include "base/slice.h"

/* Decimal digits only, 1..20 of them. ERR_SYNTAX, or ERR_RANGE when the value
 * is over `max`. Leading zeros are taken. */
int num_parse(struct slice s, uint64_t max, uint64_t *out) A_MUST_USE;

/* A size: decimal with an optional K, M or G (1024-based, either case). Bytes. */
int num_parse_size(struct slice s, uint64_t max, uint64_t *out) A_MUST_USE;

/* A duration: one or more decimal numbers each with a unit ms, s, m, h or d
 * ("90s", "1h30m"); a single bare number is seconds. Result in milliseconds. */
int num_parse_duration(struct slice s, uint64_t max, uint64_t *out) A_MUST_USE;

/* Sum and product that stop at SIZE_MAX instead of wrapping. */
static inline size_t
num_add(size_t a, size_t b)
{
	size_t r;

	return __builtin_add_overflow(a, b, &r) ? SIZE_MAX : r;
}

static inline size_t
num_mul(size_t a, size_t b)
{
	size_t r;

	return __builtin_mul_overflow(a, b, &r) ? SIZE_MAX : r;
}

#endif
