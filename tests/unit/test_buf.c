/* SPDX-License-Identifier: BSD-2-Clause
 *
 * buf: growth, the ceiling that sticks, arena and heap memory.
 */
#include "base/buf.h"

#include "lib/tap.h"

static void
test_growth(struct arena *a, const char *where)
{
	struct buf b;
	bool same = true;

	buf_init(&b, a, 10000);
	ok(buf_slice(&b).n == 0 && buf_slice(&b).p != NULL,
	    "%s: a fresh buffer is empty", where);
	for (size_t i = 0; i < 10000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	for (size_t i = 0; i < b.n; i++)
		same = same && b.p[i] == (char)('a' + i % 26);
	ok(buf_ok(&b) && b.n == 10000 && same,
	    "%s: it holds exactly its ceiling", where);
	ok(buf_cstr(&b) != NULL && b.p[b.n] == '\0',
	    "%s: the NUL does not count", where);
	buf_addc(&b, 'x');
	ok(!buf_ok(&b) && b.n == 10000, "%s: one byte more fails", where);
	buf_cut(&b, 3);
	buf_adds(&b, "x");
	is_text(buf_slice(&b), "abc", "%s: after a failure nothing is added",
	    where);
	ok(buf_cstr(&b) == NULL, "%s: a bad buffer gives no C string", where);
	buf_clear(&b);
	buf_adds(&b, "new");
	ok(buf_ok(&b), "%s: clear forgets the failure", where);
	is_text(buf_slice(&b), "new", "%s: and the text", where);
	buf_fini(&b);
	buf_fini(&b);
}

static void
test_partial(void)
{
	struct buf b;

	buf_init(&b, NULL, 5);
	buf_adds(&b, "abc");
	buf_adds(&b, "defg");
	is_text(buf_slice(&b), "abc",
	    "an append that does not fit adds nothing");
	buf_clear(&b);
	buf_printf(&b, "%d", 12345);
	is_text(buf_slice(&b), "12345", "printf fits to the last byte");
	buf_clear(&b);
	buf_printf(&b, "%d", 123456);
	ok(!buf_ok(&b) && b.n == 0, "printf over the ceiling fails whole");
	buf_clear(&b);
	buf_add(&b, slice_of("a\0b", 3));
	is_int((int64_t)b.n, 3, "a NUL is a byte like others");
	buf_cut(&b, 9);
	is_int((int64_t)b.n, 3, "cut never lengthens");
	buf_fini(&b);
}

static void
test_no_memory(void)
{
	struct arena *tiny = arena_new(128);
	struct buf b;

	buf_init(&b, tiny, 4096);
	buf_adds(&b, "kept");
	for (int i = 0; i < 40; i++)
		buf_adds(&b, "0123456789");
	ok(!buf_ok(&b) && arena_failed(tiny),
	    "an arena's ceiling is a failure");
	ok(slice_starts(buf_slice(&b), SL("kept")),
	    "what was there is readable");
	arena_free(tiny);
}

int
main(void)
{
	test_growth(t_arena(), "arena");
	test_growth(NULL, "heap");
	test_partial();
	test_no_memory();
	return tap_done();
}
