/* SPDX-License-Identifier: BSD-2-Clause
 *
 * body_hash: one digest per wish, whatever the cuts and the company.
 */
#include "check/body_hash.h"

#include "base/err.h"
#include "crypt/sig.h"
#include "lib/tap.h"

static const char body[] = " a  b \r\nline\t two \r\n\r\nthird\r\n\r\n\r\n";
static const char body_simple[] = " a  b \r\nline\t two \r\n\r\nthird\r\n";
static const char body_relaxed[] = " a b\r\nline two\r\n\r\nthird\r\n";

/* The digest of the first `limit` octets of `canonical`, apart from canon. */
static bool
is_digest_of(const uint8_t *got, const char *canonical, size_t limit)
{
	struct sha256 *h = sha256_new();
	uint8_t want[SHA256_BYTES];
	size_t n = strlen(canonical);
	bool same;

	sha256_add(h, canonical, limit < n ? limit : n);
	same = sha256_end(h, want) == 0 && memcmp(got, want, 32) == 0;
	sha256_free(h);
	return same;
}

static void
feed(struct body_hashes *b, const char *text, size_t chunk)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n; at += chunk) {
		size_t len = n - at < chunk ? n - at : chunk;

		body_hashes_add(b, t_bytes(text + at, len));
	}
}

static void
test_wishes(size_t chunk)
{
	static const uint64_t limits[] = { 0, 1, 7, 8, 20, 22, 26, 27, 28, 99 };
	struct body_hashes *b = body_hashes_new(t_arena());
	int whole_s = body_hash_want(b, CANON_SIMPLE, BODY_HASH_NO_LIMIT);
	int whole_r = body_hash_want(b, CANON_RELAXED, BODY_HASH_NO_LIMIT);
	int s[ARRAY_LEN(limits)], r[ARRAY_LEN(limits)];
	uint64_t total = 0;
	unsigned good = 0;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		s[i] = body_hash_want(b, CANON_SIMPLE, limits[i]);
		r[i] = body_hash_want(b, CANON_RELAXED, limits[i]);
	}
	feed(b, body, chunk);
	is_int(body_hashes_end(b), 0, "chunks of %zu: all digests end", chunk);
	ok(is_digest_of(body_hash_get(b, whole_s, &total), body_simple, 999),
	    "chunks of %zu: the whole simple body", chunk);
	is_int((int64_t)total, (int64_t)strlen(body_simple), "and its length");
	ok(is_digest_of(body_hash_get(b, whole_r, &total), body_relaxed, 999),
	    "chunks of %zu: the whole relaxed body", chunk);
	is_int((int64_t)total, (int64_t)strlen(body_relaxed), "and its length");
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		size_t n = (size_t)limits[i];

		good +=
		    is_digest_of(body_hash_get(b, s[i], NULL), body_simple, n);
		good +=
		    is_digest_of(body_hash_get(b, r[i], NULL), body_relaxed, n);
	}
	is_int(good, 2 * ARRAY_LEN(limits), "chunks of %zu: every limit",
	    chunk);
}

static void
test_limits_only(void)
{
	struct body_hashes *b = body_hashes_new(t_arena());
	int five = body_hash_want(b, CANON_SIMPLE, 5);
	uint64_t total = 0;

	feed(b, body, 3);
	is_int(body_hashes_end(b), 0, "a limit alone ends");
	ok(is_digest_of(body_hash_get(b, five, &total), body_simple, 5),
	    "its digest covers just that");
	is_int((int64_t)total, (int64_t)strlen(body_simple),
	    "the length is that of the whole body nevertheless");
	is_int(body_hashes_end(b), 0, "a second end is harmless");
}

static void
test_empty(void)
{
	struct body_hashes *b = body_hashes_new(t_arena());
	int s, r;
	uint64_t total = 9;

	ok(body_hashes_idle(b), "nobody wants the body at first");
	s = body_hash_want(b, CANON_SIMPLE, BODY_HASH_NO_LIMIT);
	r = body_hash_want(b, CANON_RELAXED, BODY_HASH_NO_LIMIT);
	ok(!body_hashes_idle(b), "then somebody does");
	is_int(body_hashes_end(b), 0, "a message without body ends");
	ok(is_digest_of(body_hash_get(b, s, &total), "\r\n", 2),
	    "an empty simple body is one CRLF");
	is_int((int64_t)total, 2, "of two octets");
	ok(is_digest_of(body_hash_get(b, r, &total), "", 0),
	    "an empty relaxed body is nothing");
	is_int((int64_t)total, 0, "of no octets");
}

static void
test_caps(void)
{
	struct body_hashes *b = body_hashes_new(t_arena());
	int first = body_hash_want(b, CANON_RELAXED, 100);
	int last = 0;

	is_int(body_hash_want(b, CANON_RELAXED, 100), first,
	    "the same wish has the same handle");
	ok(body_hash_want(b, CANON_SIMPLE, 100) != first,
	    "another canonicalisation has not");
	for (uint64_t i = 1; i < MOST_BODY_LIMITS; i++)
		last = body_hash_want(b, CANON_RELAXED, 100 + i);
	ok(last >= 0, "the last limit allowed is taken");
	is_int(body_hash_want(b, CANON_RELAXED, 5), ERR_LIMIT,
	    "one more limit is refused");
	ok(body_hash_want(b, CANON_RELAXED, BODY_HASH_NO_LIMIT) >= 0,
	    "the whole body is always taken");
	body_hashes_add(b, SL("x"));
	is_int(body_hash_want(b, CANON_SIMPLE, 5), ERR_BUG,
	    "a wish after the first chunk comes too late");
	ok(body_hash_want(b, CANON_RELAXED, 100) == first,
	    "a known wish is still known");
}

int
main(void)
{
	test_wishes(1);
	test_wishes(2);
	test_wishes(7);
	test_wishes(1000);
	test_limits_only();
	test_empty();
	test_caps();
	return tap_done();
}
