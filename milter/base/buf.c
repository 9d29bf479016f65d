/* SPDX-License-Identifier: BSD-2-Clause
 *
 * buf: growth by doubling, up to the ceiling.
 */
#include "base/buf.h"

#define FIRST_BYTES ((size_t)64)

void
buf_init(struct buf *b, struct arena *arena, size_t max)
{
	*b = (struct buf){ .arena = arena, .max = max };
}

void
buf_fini(struct buf *b)
{
	if (b->arena == NULL)
		free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	b->bad = false;
}

static bool
grow(struct buf *b, size_t cap)
{
	char *p;

	if (b->arena == NULL) {
		p = realloc(b->p, cap);
	} else {
		p = arena_alloc(b->arena, cap);
		if (p != NULL && b->n > 0)
			memcpy(p, b->p, b->n);
	}
	if (p == NULL)
		return false;
	b->p = p;
	b->cap = cap;
	return true;
}

/* Room for n more bytes and a NUL that is not counted against the ceiling. */
static bool
reserve(struct buf *b, size_t n)
{
	size_t need, cap;

	if (b->bad)
		return false;
	if (n > b->max - b->n) {
		b->bad = true;
		return false;
	}
	need = b->n + n + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap < FIRST_BYTES ? FIRST_BYTES : b->cap;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (!grow(b, cap)) {
		b->bad = true;
		return false;
	}
	return true;
}

char *
buf_room(struct buf *b, size_t n)
{
	return reserve(b, n) ? b->p + b->n : NULL;
}

void
buf_add(struct buf *b, struct slice s)
{
	if (!reserve(b, s.n))
		return;
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void
buf_addc(struct buf *b, char c)
{
	if (!reserve(b, 1))
		return;
	b->p[b->n++] = c;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, slice_c(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->bad = true;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n < b->n)
		b->n = n;
}

const char *
buf_cstr(struct buf *b)
{
	if (!reserve(b, 0))
		return NULL;
	b->p[b->n] = '\0';
	return b->p;
}
