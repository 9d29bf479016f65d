/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tap: see tap.h. Memory handed out is kept in one list and freed at the end,
 * so that leak checkers see the code under test alone.
 */
#include "lib/tap.h"

struct kept {
	struct kept *next;
	char *p;
	struct arena *arena;
};

static unsigned tests, failed;
static struct kept *kept;

A_PRINTF(2, 0)
static void
say(bool good, const char *fmt, va_list ap)
{
	tests++;
	if (!good)
		failed++;
	printf("%sok %u - ", good ? "" : "not ", tests);
	vprintf(fmt, ap);
	printf("\n");
	fflush(stdout);
}

bool
ok(bool cond, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(cond, fmt, ap);
	va_end(ap);
	return cond;
}

bool
is_int(int64_t got, int64_t want, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(got == want, fmt, ap);
	va_end(ap);
	if (got != want)
		printf("# got %" PRId64 ", want %" PRId64 "\n", got, want);
	return got == want;
}

static void
show(const char *label, struct slice s)
{
	printf("# %s: \"", label);
	for (size_t i = 0; i < s.n && i < 2000; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c < 0x7f && c != '\\')
			putchar(c);
		else
			printf("\\x%02x", c);
	}
	printf("\" (%zu)\n", s.n);
}

bool
is_text(struct slice got, const char *want, const char *fmt, ...)
{
	bool same = slice_eq(got, slice_c(want));
	va_list ap;

	va_start(ap, fmt);
	say(same, fmt, ap);
	va_end(ap);
	if (!same) {
		show("got ", got);
		show("want", slice_c(want));
	}
	return same;
}

void
skip(const char *why, const char *name)
{
	tests++;
	printf("ok %u - %s # SKIP %s\n", tests, name, why);
}

void
note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static struct kept *
keep(void)
{
	struct kept *k = calloc(1, sizeof(*k));

	if (k == NULL)
		abort();
	k->next = kept;
	kept = k;
	return k;
}

struct slice
t_bytes(const char *p, size_t n)
{
	struct kept *k = keep();

	k->p = malloc(n > 0 ? n : 1);
	if (k->p == NULL)
		abort();
	if (n > 0)
		memcpy(k->p, p, n);
	return slice_of(k->p, n);
}

struct slice
t_slice(const char *text)
{
	return t_bytes(text, strlen(text));
}

struct arena *
t_arena(void)
{
	struct kept *k = keep();

	k->arena = arena_new((size_t)64 << 20);
	if (k->arena == NULL)
		abort();
	return k->arena;
}

int
tap_done(void)
{
	while (kept != NULL) {
		struct kept *next = kept->next;

		arena_free(kept->arena);
		free(kept->p);
		free(kept);
		kept = next;
	}
	printf("1..%u\n", tests);
	return failed > 0 || tests == 0;
}
