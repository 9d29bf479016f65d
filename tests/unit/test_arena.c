/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arena: the ceiling, the failure that sticks, hooks, reuse after a reset.
 */
#include "lib/tap.h"

struct hooked {
	char order[8];
	size_t n;
};

static struct hooked hooked;

static void
note_hook(void *ptr)
{
	const char *name = ptr;

	hooked.order[hooked.n++] = *name;
}

static void
test_ceiling(void)
{
	struct arena *a = arena_new(1024);
	char *p = arena_alloc(a, 1000);

	ok(p != NULL && !arena_failed(a), "an allocation under the ceiling");
	ok(arena_alloc(a, 1000) == NULL, "none over the ceiling");
	ok(arena_failed(a), "the failure is remembered");
	ok(arena_alloc(a, 8) != NULL && arena_failed(a),
	    "a small one still fits, the failure stays");
	ok(arena_alloc(a, SIZE_MAX) == NULL, "the largest size does not wrap");
	ok(arena_array(a, SIZE_MAX / 2, 4) == NULL,
	    "count times size does not wrap");
	arena_reset(a);
	ok(!arena_failed(a) && arena_used(a) == 0, "a reset forgets both");
	ok(arena_alloc(a, 1000) != NULL, "and gives the room back");
	arena_free(a);
	arena_free(NULL);
}

static void
test_memory(void)
{
	struct arena *a = t_arena();
	bool aligned = true, zero = true;
	unsigned char *z;
	char *first, *big, *small;

	for (size_t n = 0; n < 200; n++) {
		char *p = arena_alloc(a, n);

		aligned = aligned && p != NULL &&
		    (uintptr_t)p % _Alignof(max_align_t) == 0;
		if (p != NULL && n > 0)
			memset(p, 'x', n);
	}
	ok(aligned, "every size is aligned for any object, size 0 included");
	z = arena_zalloc(a, 5000);
	for (size_t i = 0; z != NULL && i < 5000; i++)
		zero = zero && z[i] == 0;
	ok(z != NULL && zero, "zalloc clears");
	first = arena_alloc(a, 16);
	big = arena_alloc(a, 100000);
	small = arena_alloc(a, 16);
	memset(first, 'a', 16);
	memset(big, 'b', 100000);
	memset(small, 'c', 16);
	ok(first[15] == 'a' && big[0] == 'b' && big[99999] == 'b' &&
		small[0] == 'c',
	    "large blocks and small ones do not overlap");
}

static void
test_text(void)
{
	struct arena *a = t_arena(), *tiny = arena_new(32);
	struct slice s = arena_copy(a, t_slice("MiXed"));
	char *c = arena_cstr(a, slice_of("a\0b", 3));

	is_text(s, "MiXed", "copy keeps the text");
	ok(s.p[s.n] == '\0', "a NUL follows a copy");
	is_text(arena_lower(a, t_slice("MiXed\xc4")), "mixed\xc4",
	    "lower touches ASCII letters alone");
	ok(arena_copy(a, slice_of(NULL, 0)).p != NULL,
	    "the copy of an empty text has a pointer");
	ok(c != NULL && c[1] == '\0' && c[2] == 'b', "a NUL inside stays");
	is_text(arena_printf(a, "%d %s", 7, "x"), "7 x", "printf formats");
	s = arena_copy(tiny,
	    t_slice("much more than thirty-two bytes of text"));
	ok(s.p == NULL && s.n == 0, "a copy that fails is empty and NULL");
	s = arena_printf(tiny, "%060d", 1);
	ok(s.p == NULL && s.n == 0, "so is formatted text");
	arena_free(tiny);
}

static void
test_hooks(void)
{
	static char one[] = "1", two[] = "2", three[] = "3";
	struct arena *a = arena_new(4096);
	struct arena *none = arena_new(0);

	ok(arena_hook(a, note_hook, one) == 0 &&
		arena_hook(a, note_hook, two) == 0,
	    "hooks are noted");
	arena_reset(a);
	is_text(slice_of(hooked.order, hooked.n), "21",
	    "a reset runs them in reverse order");
	arena_reset(a);
	is_int((int64_t)hooked.n, 2, "and only once");
	ok(arena_hook(a, note_hook, three) == 0, "another one");
	arena_free(a);
	is_text(slice_of(hooked.order, hooked.n), "213", "free runs hooks too");
	ok(arena_hook(none, note_hook, one) < 0, "a hook without room is told");
	arena_free(none);
	is_int((int64_t)hooked.n, 3, "and not run");
}

int
main(void)
{
	test_ceiling();
	test_memory();
	test_text();
	test_hooks();
	return tap_done();
}
