/* SPDX-License-Identifier: BSD-2-Clause
 *
 * base.h: what every file of Chopmark starts from: the usual system headers,
 * attributes under short names, and the C library calls that are banned here
 * because they hide a length, a locale or shared state.
 */
#ifndef CM_BASE_BASE_H
#define CM_BASE_BASE_H

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define A_PRINTF(m, n) __attribute__((format(printf, m, n)))
#define A_NONNULL(...) __attribute__((nonnull(__VA_ARGS__)))
#define A_MUST_USE __attribute__((warn_unused_result))
#define A_NORETURN __attribute__((noreturn))
#define A_UNUSED __attribute__((unused))
#define A_PURE __attribute__((pure))

/* Number of elements of an array (not of a pointer). */
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Drops const for a foreign interface that forgot it. Door files only. */
static inline void *
unconst(const void *p)
{
	union {
		const void *in;
		void *out;
	} u = { .in = p };
	return u.out;
}

#include "base/banned.h"

#endif
