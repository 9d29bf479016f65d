/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/bench/canon_cost: what canonicalisation and hash of a body take beside
 * the hash of the same octets. A body of 2 MB comes in chunks as from an MTA;
 * both ways take turns, and the least of many rounds counts, by the CPU clock
 * of this thread. A line for each kind of body: name, ratio, ms per MB of the
 * one and of the other.
 */
#include "base/num.h"
#include "check/body_hash.h"
#include "crypt/sig.h"

#include <time.h>

#define BODY ((size_t)2 << 20)
#define CHUNK ((size_t)32 << 10)
#define ROUNDS 40
#define MEMORY ((size_t)1 << 20)

static char body[BODY];

static uint32_t
next(void)
{
	static uint64_t seed = 20260302;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33);
}

static void
make_base64(void)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
				  "stuvwxyz0123456789+/";

	for (size_t i = 0; i < BODY; i++)
		body[i] = set[next() & 63];
	for (size_t i = 78; i <= BODY; i += 78)
		memcpy(body + i - 2, "\r\n", 2);
}

/* Words of two to nine letters, sometimes two blanks, some at a line's end. */
static void
make_words(void)
{
	size_t line = 0;

	for (size_t i = 0; i + 16 < BODY;) {
		uint32_t r = next();

		for (uint32_t k = 0; k < 2 + (r & 7); k++)
			body[i++] = (char)('a' + (next() % 26));
		if (i - line > 60 + (r >> 8) % 12) {
			if ((r & 0x70) == 0)
				body[i++] = ' ';
			memcpy(body + i, "\r\n", 2);
			line = i += 2;
		} else {
			if ((r & 0x1f00) == 0)
				body[i++] = ' ';
			body[i++] = ' ';
		}
		memset(body + i, '.', BODY - i < 16 ? BODY - i : 16);
	}
}

static double
cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
hash_only(void)
{
	double begun = cpu_ms();
	struct sha256 *h = sha256_new();
	uint8_t digest[SHA256_BYTES];

	if (h == NULL)
		abort();
	for (size_t i = 0; i < BODY; i += CHUNK)
		sha256_add(h, body + i, CHUNK);
	if (sha256_end(h, digest) != 0)
		abort();
	sha256_free(h);
	return cpu_ms() - begun;
}

static double
canon_and_hash(struct arena *a, enum canon how)
{
	double begun = cpu_ms();
	struct body_hashes *b = body_hashes_new(a);

	if (b == NULL || body_hash_want(b, how, BODY_HASH_NO_LIMIT) < 0)
		abort();
	for (size_t i = 0; i < BODY; i += CHUNK)
		body_hashes_add(b, slice_of(body + i, CHUNK));
	if (body_hashes_end(b) != 0)
		abort();
	arena_reset(a);
	return cpu_ms() - begun;
}

static void
compare(struct arena *a, const char *name, enum canon how)
{
	double both = 1e9, hash = 1e9, mb = (double)BODY / 1e6;

	for (int i = 0; i < ROUNDS; i++) {
		double t = canon_and_hash(a, how);

		both = t < both ? t : both;
		t = hash_only();
		hash = t < hash ? t : hash;
	}
	printf("%s\t%.2f\t%.3f\t%.3f\n", name, both / hash, both / mb,
	    hash / mb);
}

int
main(void)
{
	struct arena *a = arena_new(MEMORY);

	if (a == NULL)
		return 1;
	make_base64();
	compare(a, "relaxed, base64", CANON_RELAXED);
	compare(a, "simple, base64", CANON_SIMPLE);
	make_words();
	compare(a, "relaxed, words and blanks", CANON_RELAXED);
	compare(a, "simple, words and blanks", CANON_SIMPLE);
	arena_free(a);
	return 0;
}
