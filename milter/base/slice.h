/* SPDX-License-Identifier: BSD-2-Clause
 *
 * slice: borrowed text with a length. Never terminated, never owned; it is
 * valid as long as whatever it was cut from. All functions are pure, read
 * only p[0..n) and are safe on any bytes, NUL and 8-bit included. "i" in a
 * name means: ASCII letters compare without case, in no locale.
 */
#ifndef CM_BASE_SLICE_H
#define CM_BASE_SLICE_H

#include "base/base.h"

struct slice {
	const char *p;
	size_t n;
};

/* A slice of a string literal. SLICE_INIT is for static initialisers. */
#define SLICE_INIT(lit)                             \
	{                                           \
		.p = ("" lit), .n = sizeof(lit) - 1 \
	}
#define SL(lit) ((struct slice)SLICE_INIT(lit))
/* The two arguments of "%.*s". Lengths over INT_MAX are cut. */
#define SL_ARG(s) ((s).n > INT_MAX ? INT_MAX : (int)(s).n), ((s).p ? (s).p : "")

#define SLICE_NONE ((size_t)-1)

static inline struct slice
slice_of(const char *p, size_t n)
{
	return (struct slice){ p, n };
}

/* From a NUL-terminated string; NULL gives an empty slice with p == NULL. */
static inline struct slice
slice_c(const char *s)
{
	return (struct slice){ s, s != NULL ? strlen(s) : 0 };
}

/* The part from offset `from`, `n` bytes at most; clipped to what there is. */
static inline struct slice
slice_sub(struct slice s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct slice){ s.p != NULL ? s.p + from : NULL, n };
}

/* Everything from offset `from` on. */
static inline struct slice
slice_from(struct slice s, size_t from)
{
	return slice_sub(s, from, SLICE_NONE);
}

static inline char
slice_lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char)(c + 32) : c;
}

bool slice_eq(struct slice a, struct slice b) A_PURE;
bool slice_ieq(struct slice a, struct slice b) A_PURE;
/* <0, 0, >0 by unsigned bytes, shorter first among equals. */
int slice_cmp(struct slice a, struct slice b) A_PURE;
int slice_icmp(struct slice a, struct slice b) A_PURE;
bool slice_starts(struct slice s, struct slice prefix) A_PURE;
bool slice_istarts(struct slice s, struct slice prefix) A_PURE;
bool slice_ends(struct slice s, struct slice suffix) A_PURE;
bool slice_iends(struct slice s, struct slice suffix) A_PURE;

/* Offset of the first / last byte c, or SLICE_NONE. */
size_t slice_chr(struct slice s, char c) A_PURE;
size_t slice_rchr(struct slice s, char c) A_PURE;
/* Offset of the first occurrence of a needle (without case for isearch), or SLICE_NONE. An empty needle is found at 0. */
size_t slice_search(struct slice s, struct slice needle) A_PURE;
size_t slice_isearch(struct slice s, struct slice needle) A_PURE;

/* Without SP, TAB, CR and LF at both ends / at the end. */
struct slice slice_trim(struct slice s) A_PURE;
struct slice slice_rtrim(struct slice s) A_PURE;

/* Takes the part before the first c off the front of *rest (the whole when
 * there is no c) into *part. Returns false when nothing is left to take, so
 *     while (slice_cut(&rest, ',', &part)) ...
 * visits every part, empty ones too; an empty text has no parts, and a
 * trailing separator yields no last empty part. */
bool slice_cut(struct slice *rest, char c, struct slice *part);

/* Copies s to *at, where there is room for it, and moves *at behind the copy,
 * which is returned. */
struct slice slice_put(char **at, struct slice s);

/* FNV-1a over lower-cased bytes; for hash tables, not against attackers who
 * choose keys unless `seed` is random. */
uint64_t slice_ihash(struct slice s, uint64_t seed) A_PURE;

#endif
