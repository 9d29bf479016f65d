/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arena: a chain of blocks, the newest first. Small requests are cut off the
 * newest block, large ones get a block of their own behind it. Under
 * AddressSanitizer every request gets its own block, so that an overrun of a
 * single object shows.
 */
#include "base/arena.h"

#include "base/err.h"

#define BLOCK_BYTES ((size_t)8192)
#define ALIGNMENT (_Alignof(max_align_t))

#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_EACH 1
#endif
#endif
#ifndef BLOCK_EACH
#define BLOCK_EACH 0
#endif

struct block {
	struct block *next;
	size_t size;
	max_align_t bytes[];
};

struct hook {
	struct hook *next;
	void (*fn)(void *);
	void *ptr;
};

struct arena {
	struct block *blocks; /* newest first; cutting happens here only */
	size_t cut;           /* bytes cut off the first block */
	size_t used;
	size_t limit;
	struct hook *hooks;
	bool failed, full;
};

struct arena *
arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->limit = limit;
	return a;
}

static void
run_hooks(struct arena *a)
{
	while (a->hooks != NULL) {
		struct hook *h = a->hooks;

		a->hooks = h->next;
		h->fn(h->ptr);
	}
}

static void
free_blocks(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	run_hooks(a);
	free_blocks(a->blocks);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = NULL;

	run_hooks(a);
	if (!BLOCK_EACH && a->blocks != NULL &&
	    a->blocks->size == BLOCK_BYTES) {
		keep = a->blocks;
		free_blocks(keep->next);
		keep->next = NULL;
	} else {
		free_blocks(a->blocks);
	}
	a->blocks = keep;
	a->cut = 0;
	a->used = 0;
	a->failed = a->full = false;
}

static struct block *
block_new(size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (b != NULL) {
		b->next = NULL;
		b->size = size;
	}
	return b;
}

/* A block of its own, kept behind the one that is being cut. */
static void *
alloc_large(struct arena *a, size_t n)
{
	struct block *b = block_new(n);

	if (b == NULL)
		return NULL;
	if (a->blocks != NULL && a->blocks->size == BLOCK_BYTES) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = a->blocks;
		a->blocks = b;
		a->cut = n;
	}
	return b->bytes;
}

static void *
alloc_small(struct arena *a, size_t n)
{
	void *p;

	if (a->blocks == NULL || a->blocks->size - a->cut < n) {
		struct block *b = block_new(BLOCK_BYTES);

		if (b == NULL)
			return NULL;
		b->next = a->blocks;
		a->blocks = b;
		a->cut = 0;
	}
	p = (char *)a->blocks->bytes + a->cut;
	a->cut += n;
	return p;
}

static size_t
room_for(size_t n)
{
	return n == 0 ? ALIGNMENT : (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t rounded;
	void *p;

	if (n > a->limit || room_for(n) > a->limit - a->used) {
		a->failed = a->full = true;
		return NULL;
	}
	rounded = room_for(n);
	if (BLOCK_EACH)
		p = alloc_large(a, n == 0 ? 1 : n);
	else if (rounded > BLOCK_BYTES / 2)
		p = alloc_large(a, rounded);
	else
		p = alloc_small(a, rounded);
	if (p != NULL)
		a->used += rounded;
	else
		a->failed = true;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p != NULL)
		memset(p, 0, n);
	return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n)) {
		a->failed = a->full = true;
		return NULL;
	}
	return arena_zalloc(a, n);
}

char *
arena_cstr(struct arena *a, struct slice s)
{
	char *p;

	if (s.n == SIZE_MAX)
		return NULL;
	p = arena_alloc(a, s.n + 1);
	if (p != NULL) {
		if (s.n > 0)
			memcpy(p, s.p, s.n);
		p[s.n] = '\0';
	}
	return p;
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	char *p = arena_cstr(a, s);

	return slice_of(p, p != NULL ? s.n : 0);
}

struct slice
arena_lower(struct arena *a, struct slice s)
{
	char *p = arena_cstr(a, s);

	if (p == NULL)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < s.n; i++)
		p[i] = slice_lower(p[i]);
	return slice_of(p, s.n);
}

struct slice
arena_printf(struct arena *a, const char *fmt, ...)
{
	char text[256]; /* most are shorter: formatted once */
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return slice_of(NULL, 0);
	if ((size_t)n < sizeof(text))
		return arena_copy(a, slice_of(text, (size_t)n));
	p = arena_alloc(a, (size_t)n + 1);
	if (p == NULL)
		return slice_of(NULL, 0);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return slice_of(p, (size_t)n);
}

int
arena_hook(struct arena *a, void (*fn)(void *), void *ptr)
{
	struct hook *h = arena_alloc(a, sizeof(*h));

	if (h == NULL)
		return ERR_NOMEM;
	h->fn = fn;
	h->ptr = ptr;
	h->next = a->hooks;
	a->hooks = h;
	return 0;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

bool
arena_failed(const struct arena *a)
{
	return a->failed;
}

bool
arena_full(const struct arena *a)
{
	return a->full;
}
