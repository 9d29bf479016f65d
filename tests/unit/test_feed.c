/* SPDX-License-Identifier: BSD-2-Clause
 *
 * feed: a file as an MTA would hand it over, however it is cut. The engine is
 * a stand-in that writes down what it is told.
 */
#include "cli/feed.h"

#include "base/err.h"
#include "lib/tap.h"

static struct buf told;

void
engine_header(struct engine_session *s, struct slice name, struct slice value)
{
	(void)s;
	buf_printf(&told, "[%.*s|%.*s]", SL_ARG(name), SL_ARG(value));
}

void
engine_eoh(struct engine_session *s)
{
	(void)s;
	buf_adds(&told, "=");
}

bool
engine_body(struct engine_session *s, struct slice chunk)
{
	(void)s;
	buf_add(&told, chunk);
	return true;
}

/* What the engine hears of a file that arrives in pieces of `step` bytes. */
static struct slice
fed(struct slice file, size_t step, int *err)
{
	struct feed *f = feed_new(NULL);

	buf_init(&told, t_arena(), (size_t)8 << 20);
	if (f == NULL)
		abort();
	while (file.n > 0) {
		feed_add(f, slice_sub(file, 0, step));
		file = slice_from(file, step < file.n ? step : file.n);
	}
	*err = feed_end(f);
	feed_free(f);
	return buf_slice(&told);
}

static const struct {
	const char *what, *file, *want;
} cases[] = {
	{ "LF line ends", "A: 1\nB:2\n\nx\ny\n", "[A| 1][B|2]=x\r\ny\r\n" },
	{ "CRLF line ends", "A: 1\r\nB:2\r\n\r\nx\r\ny\r\n",
	    "[A| 1][B|2]=x\r\ny\r\n" },
	{ "mixed line ends", "A: 1\r\nB:2\n\nx\r\ny\n",
	    "[A| 1][B|2]=x\r\ny\r\n" },
	{ "folds keep their white space", "A: 1\n\t2\r\n  3\nB:\n\n",
	    "[A| 1\n\t2\n  3][B|]=" },
	{ "a bare CR is an ordinary byte", "A: 1\rx\n\na\rb\r\r\n",
	    "[A| 1\rx]=a\rb\r\r\n" },
	{ "an mbox's first line goes", "From a@b Sat Nov 21\nA: 1\n\nx\n",
	    "[A| 1]=x\r\n" },
	{ "but not a field From with white space", "From : a@b\n\n",
	    "[From | a@b]=" },
	{ "nor one further down", "A: 1\nFrom x\n\ny\n",
	    "[A| 1]=From x\r\n\r\ny\r\n" },
	{ "a line without colon begins the body", "A: 1\nhello\nB: 2\n",
	    "[A| 1]=hello\r\nB: 2\r\n" },
	{ "so does a first line with white space", " x: 1\ny\n",
	    "= x: 1\r\ny\r\n" },
	{ "a colon alone names nothing", ": x\n", "=: x\r\n" },
	{ "a body needs no last line end", "A: 1\n\nx", "[A| 1]=x" },
	{ "nor does a header section", "A: 1\n 2", "[A| 1\n 2]=" },
	{ "a header section without body", "A: 1\n", "[A| 1]=" },
	{ "an empty header section", "\nx\n", "=x\r\n" },
	{ "an empty file", "", "=" },
	{ "empty lines of the body stay", "A: 1\n\n\n\nx\n\n",
	    "[A| 1]=\r\n\r\nx\r\n\r\n" },
	{ "8-bit text passes", "A: \xc3\xa4\n\n\xff\n",
	    "[A| \xc3\xa4]=\xff\r\n" },
};

static void
test_cases(void)
{
	int err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		is_text(fed(t_slice(cases[i].file), 1 << 20, &err),
		    cases[i].want, "%s", cases[i].what);
		is_text(fed(t_slice(cases[i].file), 1, &err), cases[i].want,
		    "%s, byte by byte", cases[i].what);
	}
}

static void
test_large(void)
{
	struct buf file;
	struct slice got;
	size_t lines = 0;
	int err;

	buf_init(&file, t_arena(), (size_t)32 << 20);
	buf_adds(&file, "A: 1\n\n");
	for (int i = 0; i < 50000; i++)
		buf_adds(&file, "0123456789\n");
	got = fed(buf_slice(&file), 1000, &err);
	for (size_t i = 0; i + 1 < got.n; i++)
		lines += got.p[i] == '\r' && got.p[i + 1] == '\n';
	ok(err == 0 && lines == 50000 && got.n == 7 + 50000 * 12,
	    "a large body arrives whole");
	buf_clear(&file);
	buf_adds(&file, "A: ");
	while (file.n < (size_t)17 << 20)
		buf_adds(&file, "0123456789abcdef");
	(void)fed(buf_slice(&file), 65536, &err);
	is_int(err, ERR_LIMIT, "a header line has its limit");
	ok(told.n == 0, "and nothing of it is passed on");
}

int
main(void)
{
	test_cases();
	test_large();
	return tap_done();
}
