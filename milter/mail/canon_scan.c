/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon_scan: 16 bytes at a time with SSE2, which every x86-64 has; elsewhere
 * 8 at a time in a general register. Both look at each byte together with the
 * one behind it; the last bytes of a piece are left to a plain loop.
 */
#include "mail/canon_scan.h"

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* The rest of a piece, one byte at a time, from offset i. */
static size_t
tail_simple(const char *p, size_t i, size_t n)
{
	for (; i < n; i++)
		if (p[i] == '\r' && (i + 1 == n || (i > 0 && p[i - 1] == '\n')))
			return i;
	return n;
}

static size_t
tail_relaxed(const char *p, size_t i, size_t n)
{
	for (; i < n; i++) {
		bool last = i + 1 == n;

		if (p[i] == '\t')
			return i;
		if (p[i] == ' ' &&
		    (last || is_wsp(p[i + 1]) || p[i + 1] == '\r'))
			return i;
		if (p[i] == '\r' && (last || (i > 0 && p[i - 1] == '\n')))
			return i;
	}
	return n;
}

#if defined(__SSE2__)

#include <emmintrin.h>

#define STEP ((size_t)16)

static __m128i
load(const char *p)
{
	__m128i v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Which bytes of v are c. */
static __m128i
same(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static size_t
first(__m128i hits)
{
	return (size_t)__builtin_ctz((unsigned)_mm_movemask_epi8(hits));
}

size_t
canon_scan_simple(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		__m128i here = load(p + i), next = load(p + i + 1);
		__m128i hits =
		    _mm_and_si128(same(here, '\n'), same(next, '\r'));

		if (_mm_movemask_epi8(hits) != 0)
			return i + first(hits) + 1;
	}
	return tail_simple(p, i, n);
}

size_t
canon_scan_relaxed(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		__m128i here = load(p + i), next = load(p + i + 1);
		__m128i cr = same(next, '\r');
		__m128i blank = _mm_or_si128(same(next, ' '), same(next, '\t'));
		__m128i lines = _mm_and_si128(same(here, '\n'), cr);
		__m128i hits =
		    _mm_and_si128(same(here, ' '), _mm_or_si128(blank, cr));

		hits = _mm_or_si128(hits, same(here, '\t'));
		hits = _mm_or_si128(hits, lines);
		if (_mm_movemask_epi8(hits) != 0) {
			size_t at = i + first(hits);

			return p[at] == '\n' ? at + 1 : at;
		}
	}
	return tail_relaxed(p, i, n);
}

#else

#define STEP ((size_t)8)
#define ONES UINT64_C(0x0101010101010101)
#define HIGH UINT64_C(0x8080808080808080)

static uint64_t
load(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Not 0 if a byte of v is c. */
static uint64_t
has(uint64_t v, char c)
{
	uint64_t x = v ^ (ONES * (unsigned char)c);

	return (x - ONES) & ~x & HIGH;
}

/* Passes words in which nothing can stop the scan, and looks closely at one
 * word at a time where something might. */
size_t
canon_scan_simple(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		size_t at;

		if (has(load(p + i), '\r') == 0)
			continue;
		at = tail_simple(p, i, i + STEP + 1);
		if (at < i + STEP)
			return at;
	}
	return tail_simple(p, i, n);
}

size_t
canon_scan_relaxed(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		uint64_t v = load(p + i);
		size_t at;

		if ((has(v, '\r') | has(v, ' ') | has(v, '\t')) == 0)
			continue;
		at = tail_relaxed(p, i, i + STEP + 1);
		if (at < i + STEP)
			return at;
	}
	return tail_relaxed(p, i, n);
}

#endif
