/* SPDX-License-Identifier: BSD-2-Clause
 *
 * buf: text that grows, with a ceiling and a failure that sticks. Append
 * freely and ask buf_ok() once at the end: after a failed append nothing is
 * added any more, what was there stays readable. Memory comes from an arena
 * (never freed on its own) or, with arena == NULL, from the heap: then
 * buf_fini() frees it. Not for sharing between threads.
 */
#ifndef CM_BASE_BUF_H
#define CM_BASE_BUF_H

#include "base/arena.h"

struct buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max;          /* ceiling in bytes */
	struct arena *arena; /* NULL: heap */
	bool bad;            /* an append failed: memory or ceiling */
};

/* An empty buffer of at most `max` bytes. Allocates nothing yet. */
void buf_init(struct buf *b, struct arena *arena, size_t max);
/* Frees heap memory; harmless for arena buffers and twice. */
void buf_fini(struct buf *b);
/* Forgets the text and the failure, keeps the memory. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, struct slice s);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) A_PRINTF(2, 3);
/* Room for n more octets behind the text, for who writes them himself and then
 * adds to b->n what he wrote; NULL if there is none (the failure sticks). */
char *buf_room(struct buf *b, size_t n) A_MUST_USE;
/* Drops text from the end, down to n bytes. */
void buf_cut(struct buf *b, size_t n);

static inline bool
buf_ok(const struct buf *b)
{
	return !b->bad;
}

/* What is in it; borrowed until the next append or buf_fini. */
static inline struct slice
buf_slice(const struct buf *b)
{
	return slice_of(b->p != NULL ? b->p : "", b->n);
}

/* The same with a NUL behind it (not counted); NULL if the buffer is bad or
 * that NUL does not fit. */
const char *buf_cstr(struct buf *b) A_MUST_USE;

#endif
