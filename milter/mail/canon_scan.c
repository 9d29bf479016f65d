/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon_scan: 16 bytes at a time with SSE2, which every x86-64 has; elsewhere
 * 8 at a time in a general register. Both look at each byte together with the
 * ones behind it; the last bytes of a piece are left to a plain loop.
 */
#include "mail/canon_scan.h"

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* The rest of a piece, one byte at a time, from offset i. */
static size_t
tail_lines(const char *p, size_t i, size_t n)
{
	for (; i < n; i++)
		if (p[i] == '\r' && (i + 1 == n || (i > 0 && p[i - 1] == '\n')))
			return i;
	return n;
}

static size_t
tail_wsp(const char *p, size_t i, size_t n)
{
	for (; i < n; i++)
		if (p[i] == '\t' ||
		    (p[i] == ' ' &&
			(i + 1 == n || is_wsp(p[i + 1]) || p[i + 1] == '\r')))
			return i;
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

static unsigned
mask(__m128i hits)
{
	return (unsigned)_mm_movemask_epi8(hits);
}

size_t
canon_scan_lines(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		unsigned hits = mask(_mm_and_si128(same(load(p + i), '\n'),
		    same(load(p + i + 1), '\r')));

		if (hits != 0)
			return i + (size_t)__builtin_ctz(hits) + 1;
	}
	return tail_lines(p, i, n);
}

size_t
canon_scan_wsp(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		__m128i here = load(p + i), next = load(p + i + 1);
		__m128i ends = _mm_or_si128(same(next, '\r'),
		    _mm_or_si128(same(next, ' '), same(next, '\t')));
		unsigned hits = mask(_mm_or_si128(same(here, '\t'),
		    _mm_and_si128(same(here, ' '), ends)));

		if (hits != 0)
			return i + (size_t)__builtin_ctz(hits);
	}
	return tail_wsp(p, i, n);
}

/* The 16 bytes at p with SP for TAB. */
static void
copy(char *out, const char *p)
{
	__m128i v = load(p);
	__m128i tabs = _mm_and_si128(same(v, '\t'), _mm_set1_epi8('\t' ^ ' '));

	v = _mm_xor_si128(v, tabs);
	memcpy(out, &v, sizeof(v));
}

size_t
canon_pack_wsp(const char *p, size_t n, char *out, size_t *made)
{
	size_t i = 0, o = 0;

	for (; i + 2 * STEP <= n; i += STEP) {
		__m128i here = load(p + i), next = load(p + i + 1);
		__m128i blank = _mm_or_si128(same(here, ' '), same(here, '\t'));
		__m128i more = _mm_or_si128(same(next, ' '), same(next, '\t'));
		__m128i eol = _mm_and_si128(same(next, '\r'),
		    same(load(p + i + 2), '\n'));
		unsigned keep = 0xffff ^
		    mask(_mm_and_si128(blank, _mm_or_si128(more, eol)));

		/* Each stretch that stays: 16 bytes are copied, as many count. */
		while (keep != 0) {
			size_t from = (size_t)__builtin_ctz(keep);
			size_t len = (size_t)__builtin_ctz(~(keep >> from));

			copy(out + o, p + i + from);
			o += len;
			keep &= ~0U << (from + len);
		}
	}
	*made = o;
	return i;
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
canon_scan_lines(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		size_t at;

		if (has(load(p + i), '\r') == 0)
			continue;
		at = tail_lines(p, i, i + STEP + 1);
		if (at < i + STEP)
			return at;
	}
	return tail_lines(p, i, n);
}

size_t
canon_scan_wsp(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + STEP < n; i += STEP) {
		uint64_t v = load(p + i);
		size_t at;

		if ((has(v, ' ') | has(v, '\t')) == 0)
			continue;
		at = tail_wsp(p, i, i + STEP + 1);
		if (at < i + STEP)
			return at;
	}
	return tail_wsp(p, i, n);
}

size_t
canon_pack_wsp(const char *p, size_t n, char *out, size_t *made)
{
	size_t i = 0, o = 0;

	for (; i + 2 < n; i++) {
		bool blank = is_wsp(p[i]);
		bool gone = blank &&
		    (is_wsp(p[i + 1]) ||
			(p[i + 1] == '\r' && p[i + 2] == '\n'));

		out[o] = blank ? ' ' : p[i];
		o += !gone;
	}
	*made = o;
	return i;
}

#endif
