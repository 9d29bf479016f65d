/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_traps: what is seen does not depend on where chunks are cut.
 */
#include "check/dkim_traps.h"

#include "lib/tap.h"

#define LINE_MOST DKIM_TRAPS_LINE

static const struct {
	const char *body;
	const char *want; /* 8 = 8-bit, b = bare */
} cases[] = {
	{ "", "" },
	{ "a\r\nb\r\n", "" },
	{ "a\r\nb", "" },
	{ "a\nb\r\n", "b" },
	{ "\n", "b" },
	{ "a\rb\r\n", "b" },
	{ "a\r", "b" },
	{ "a\r\r\n", "b" },
	{ "\r\n\r\n", "" },
	{ "\r\n\n\r\n", "b" },
	{ "\x80", "8" },
	{ "abcdefgh\xc3\xa4", "8" },
	{ "abcdefghij\xff\rk", "8b" },
	{ "\x7f\t ", "" },
	{ "--x\r\ncontent-transfer-encoding:  8BIT\r\n", "8" },
	{ "Content-Transfer-Encoding: binary", "8" },
	{ "Content-Transfer-Encoding: 7bit\r\n8bit\r\n", "" },
	{ "x Content-Transfer-Encoding: 8bit\r\n", "" },
	{ "Content-Transfer-Encoding:\r\nc 8bit\r\n", "" },
	{ "c\r\nContent-Transfer-Encoding: 8bit\r\n", "8" },
};

static struct slice
seen(struct slice body, size_t chunk)
{
	struct dkim_traps t = { 0 };

	for (size_t i = 0; i < body.n; i += chunk)
		dkim_traps_body(&t,
		    t_bytes(body.p + i,
			chunk < body.n - i ? chunk : body.n - i));
	dkim_traps_end(&t);
	return arena_printf(t_arena(), "%s%s%s", t.eight_bit ? "8" : "",
	    t.bare ? "b" : "", t.long_line ? "l" : "");
}

static void
test_lines(void)
{
	char text[1100];

	memset(text, 'x', sizeof(text));
	for (size_t chunk = 1; chunk < 1100; chunk += 331) {
		memcpy(text + LINE_MOST, "\r\n", 2);
		is_text(seen(slice_of(text, LINE_MOST + 2), chunk), "",
		    "990 octets are a line, chunk %zu", chunk);
		memcpy(text + LINE_MOST, "x\r\n", 3);
		is_text(seen(slice_of(text, LINE_MOST + 3), chunk), "l",
		    "991 octets are too long, chunk %zu", chunk);
		is_text(seen(slice_of(text, LINE_MOST + 1), chunk), "l",
		    "without an end, too, chunk %zu", chunk);
	}
}

static bool
long_field(size_t n, const char *after)
{
	struct dkim_traps t = { 0 };
	struct header_list h;
	char text[1200];

	header_list_init(&h, t_arena());
	memset(text, 'x', sizeof(text));
	memcpy(text + n, after, strlen(after));
	if (header_list_add(&h, SL("S"), slice_of(text, n + strlen(after)),
		NULL) != 0)
		return false;
	dkim_traps_headers(&t, &h);
	return t.long_line;
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t chunk = 1; chunk < 4; chunk++)
			is_text(seen(slice_c(cases[i].body), chunk),
			    cases[i].want, "case %zu in chunks of %zu", i,
			    chunk);
	test_lines();
	ok(!long_field(988, "") && long_field(989, ""),
	    "a field's line counts with its name");
	ok(!long_field(988, "\n y") && long_field(989, "\n y"),
	    "each line of a folded field");
	return tap_done();
}
