/* SPDX-License-Identifier: BSD-2-Clause
 *
 * slice: comparing, searching, cutting.
 */
#include "base/slice.h"

#include "lib/tap.h"

int
main(void)
{
	struct slice rest, part;
	char room[3], *at;

	ok(slice_ieq(t_slice("Foo"), t_slice("fOO")), "case is ignored by ieq");
	ok(!slice_eq(t_slice("Foo"), t_slice("fOO")), "case counts for eq");
	ok(slice_cmp(t_slice("a"), t_slice("ab")) < 0, "a prefix sorts first");
	ok(slice_icmp(t_slice("\xff"), t_slice("a")) > 0,
	    "bytes compare unsigned");
	is_int((int64_t)slice_search(t_slice("xaab"), t_slice("aab")), 1,
	    "search finds an overlapping needle");
	ok(slice_search(t_slice("xa"), t_slice("xab")) == SLICE_NONE,
	    "a longer needle is not found");
	is_text(slice_trim(t_slice(" \t a b\r\n")), "a b",
	    "trim takes white space at both ends");
	is_text(slice_sub(t_slice("abc"), 5, 9), "",
	    "sub clips an offset behind the end");
	rest = t_slice("a,,b,");
	ok(slice_cut(&rest, ',', &part) && slice_eq(part, SL("a")),
	    "cut gives the first part");
	ok(slice_cut(&rest, ',', &part) && part.n == 0,
	    "cut gives an empty part");
	ok(slice_cut(&rest, ',', &part) && slice_eq(part, SL("b")),
	    "cut gives the last part");
	ok(!slice_cut(&rest, ',', &part),
	    "a trailing separator yields no part");
	at = room;
	part = slice_put(&at, t_slice("ab"));
	is_text(slice_put(&at, t_slice("")), "", "nothing is put");
	is_text(slice_put(&at, t_slice("c")), "c", "put copies");
	ok(part.p == room && at == room + 3, "and goes on behind the copy");
	return tap_done();
}
