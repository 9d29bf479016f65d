/* SPDX-License-Identifier: BSD-2-Clause
 *
 * body_hash: at most one canonicaliser and one running digest per
 * canonicalisation. Whoever wants only the first octets gets a copy of the
 * digest taken when it has seen exactly those, so that many l= values cost no
 * more than one (a message with a hundred of them is an old attack).
 */
#include "check/body_hash.h"

#include "base/err.h"
#include "crypt/sig.h"

_Static_assert(BODY_HASH_BYTES == SHA256_BYTES, "one digest");

/* The finite limits and the whole body. */
#define MAX_WISHES (MOST_BODY_LIMITS + 1)

struct wish {
	uint64_t limit;
	bool done;
	uint8_t digest[SHA256_BYTES];
};

/* One canonicalisation. */
struct run {
	struct canon_body canon;
	struct sha256 *sha; /* NULL: nobody wants this canonicalisation */
	uint64_t hashed;    /* octets that the digest has seen */
	struct wish wishes[MAX_WISHES];
	unsigned n_wishes;
	bool bad;
};

struct body_hashes {
	struct run runs[2]; /* by enum canon */
	bool begun;         /* a chunk has arrived */
	int end;            /* what body_hashes_end said; 1 = not asked yet */
};

static void
release(void *ptr)
{
	struct body_hashes *b = ptr;

	for (size_t i = 0; i < ARRAY_LEN(b->runs); i++) {
		sha256_free(b->runs[i].sha);
		b->runs[i].sha = NULL;
	}
}

struct body_hashes *
body_hashes_new(struct arena *a)
{
	struct body_hashes *b = arena_zalloc(a, sizeof(*b));

	if (b == NULL || arena_hook(a, release, b) != 0)
		return NULL;
	b->end = 1;
	return b;
}

/* How many octets may go into the digest at once: up to the nearest limit
 * ahead. UINT64_MAX when the whole body is wanted, 0 when no more is. */
static uint64_t
until_next_limit(const struct run *r)
{
	uint64_t next = 0;

	for (unsigned i = 0; i < r->n_wishes; i++) {
		const struct wish *w = &r->wishes[i];

		if (!w->done && (next == 0 || w->limit < next))
			next = w->limit;
	}
	return next == 0 ? 0 : next - r->hashed;
}

/* Fulfils the wishes whose limit has been reached. */
static void
fulfil(struct run *r)
{
	for (unsigned i = 0; i < r->n_wishes; i++) {
		struct wish *w = &r->wishes[i];

		if (w->done || w->limit != r->hashed)
			continue;
		if (sha256_peek(r->sha, w->digest) != 0)
			r->bad = true;
		w->done = true;
	}
}

static void
sink(void *ctx, const char *p, size_t n)
{
	struct run *r = ctx;

	while (n > 0) {
		uint64_t room = until_next_limit(r);
		size_t part = room < n ? (size_t)room : n;

		if (room == 0)
			return;
		sha256_add(r->sha, p, part);
		r->hashed += part;
		p += part;
		n -= part;
		if (part == room)
			fulfil(r);
	}
}

static int
start(struct run *r, enum canon how)
{
	r->sha = sha256_new();
	if (r->sha == NULL)
		return ERR_NOMEM;
	canon_body_init(&r->canon, how, sink, r);
	return 0;
}

int
body_hash_want(struct body_hashes *b, enum canon how, uint64_t limit)
{
	struct run *r = &b->runs[how];
	unsigned finite = 0;

	for (unsigned i = 0; i < r->n_wishes; i++) {
		if (r->wishes[i].limit == limit)
			return (int)(how * MAX_WISHES + i);
		finite += r->wishes[i].limit != BODY_HASH_NO_LIMIT;
	}
	if (b->begun)
		return ERR_BUG;
	if (limit != BODY_HASH_NO_LIMIT && finite == MOST_BODY_LIMITS)
		return ERR_LIMIT;
	if (r->sha == NULL && start(r, how) != 0)
		return ERR_NOMEM;
	r->wishes[r->n_wishes].limit = limit;
	r->n_wishes++;
	if (limit == 0)
		fulfil(r);
	return (int)(how * MAX_WISHES + r->n_wishes - 1);
}

void
body_hashes_add(struct body_hashes *b, struct slice chunk)
{
	b->begun = true;
	for (size_t i = 0; i < ARRAY_LEN(b->runs); i++)
		if (b->runs[i].sha != NULL)
			canon_body_add(&b->runs[i].canon, chunk.p, chunk.n);
}

/* What is left wants the whole body, or more than there is. */
static int
end_run(struct run *r)
{
	uint8_t digest[SHA256_BYTES];

	canon_body_end(&r->canon);
	if (sha256_end(r->sha, digest) != 0)
		return ERR_LIBRARY;
	for (unsigned i = 0; i < r->n_wishes; i++)
		if (!r->wishes[i].done)
			memcpy(r->wishes[i].digest, digest, sizeof(digest));
	return r->bad ? ERR_LIBRARY : 0;
}

int
body_hashes_end(struct body_hashes *b)
{
	if (b->end <= 0)
		return b->end;
	b->begun = true;
	b->end = 0;
	for (size_t i = 0; i < ARRAY_LEN(b->runs); i++)
		if (b->runs[i].sha != NULL && end_run(&b->runs[i]) != 0)
			b->end = ERR_LIBRARY;
	return b->end;
}

const uint8_t *
body_hash_get(const struct body_hashes *b, int handle, uint64_t *total)
{
	const struct run *r = &b->runs[handle / MAX_WISHES];

	if (total != NULL)
		*total = r->canon.out;
	return r->wishes[handle % MAX_WISHES].digest;
}

bool
body_hashes_idle(const struct body_hashes *b)
{
	for (size_t i = 0; i < ARRAY_LEN(b->runs); i++)
		if (b->runs[i].sha != NULL)
			return false;
	return true;
}
