/* SPDX-License-Identifier: BSD-2-Clause
 *
 * slice: comparing, searching and cutting borrowed text.
 */
#include "base/slice.h"

bool
slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
slice_ieq(struct slice a, struct slice b)
{
	return a.n == b.n && slice_icmp(a, b) == 0;
}

static int
by_length(size_t a, size_t b)
{
	return a < b ? -1 : a > b ? 1 : 0;
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return order != 0 ? order : by_length(a.n, b.n);
}

int
slice_icmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)slice_lower(a.p[i]);
		unsigned char y = (unsigned char)slice_lower(b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return by_length(a.n, b.n);
}

bool
slice_starts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && slice_eq(slice_sub(s, 0, prefix.n), prefix);
}

bool
slice_istarts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && slice_ieq(slice_sub(s, 0, prefix.n), prefix);
}

bool
slice_ends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n &&
	    slice_eq(slice_from(s, s.n - suffix.n), suffix);
}

bool
slice_iends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n &&
	    slice_ieq(slice_from(s, s.n - suffix.n), suffix);
}

size_t
slice_chr(struct slice s, char c)
{
	const char *hit = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return hit != NULL ? (size_t)(hit - s.p) : SLICE_NONE;
}

size_t
slice_rchr(struct slice s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return SLICE_NONE;
}

size_t
slice_search(struct slice s, struct slice needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (slice_eq(slice_sub(s, i, needle.n), needle))
			return i;
	return SLICE_NONE;
}

size_t
slice_isearch(struct slice s, struct slice needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (slice_ieq(slice_sub(s, i, needle.n), needle))
			return i;
	return SLICE_NONE;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice
slice_rtrim(struct slice s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct slice
slice_trim(struct slice s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return slice_rtrim(s);
}

bool
slice_cut(struct slice *rest, char c, struct slice *part)
{
	size_t at;

	if (rest->n == 0)
		return false;
	at = slice_chr(*rest, c);
	if (at == SLICE_NONE) {
		*part = *rest;
		*rest = slice_from(*rest, rest->n);
	} else {
		*part = slice_sub(*rest, 0, at);
		*rest = slice_from(*rest, at + 1);
	}
	return true;
}

struct slice
slice_put(char **at, struct slice s)
{
	struct slice copy = slice_of(*at, s.n);

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

uint64_t
slice_ihash(struct slice s, uint64_t seed)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;

	for (size_t i = 0; i < s.n; i++) {
		h ^= (unsigned char)slice_lower(s.p[i]);
		h *= UINT64_C(0x100000001b3);
	}
	return h ^ (h >> 29);
}
