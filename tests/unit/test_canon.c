/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon: the rules of RFC 6376 section 3.4 one by one, and any chunking of
 * random bodies against a plain reader of the whole body at once.
 */
#include "mail/canon.h"

#include "lib/tap.h"

static void
collect(void *ctx, const char *p, size_t n)
{
	struct buf *out = ctx;

	if (n == 0)
		abort();
	buf_add(out, slice_of(p, n));
}

/* The canonical form of `body`, fed in chunks of `step` bytes. */
static struct slice
canonical(struct buf *out, enum canon how, struct slice body, size_t step)
{
	struct canon_body c;

	buf_clear(out);
	canon_body_init(&c, how, collect, out);
	for (size_t i = 0; i < body.n; i += step) {
		struct slice part = slice_sub(body, i, step);

		canon_body_add(&c, part.p, part.n);
	}
	canon_body_end(&c);
	if (c.out != out->n)
		return SL("the count of produced bytes is wrong");
	return buf_slice(out);
}

static void
body_rules(void)
{
	static const struct {
		const char *what, *body, *simple, *relaxed;
	} cases[] = {
		{ "an empty body", "", "\r\n", "" },
		{ "one empty line", "\r\n", "\r\n", "" },
		{ "only empty lines", "\r\n\r\n\r\n", "\r\n", "" },
		{ "only white space", " \t\r\n \r\n", " \t\r\n \r\n", "" },
		{ "a clean line", "abc\r\n", "abc\r\n", "abc\r\n" },
		{ "no final line end", "abc", "abc\r\n", "abc\r\n" },
		{ "white space without line end", "abc \t", "abc \t\r\n",
		    "abc\r\n" },
		{ "only a space", " ", " \r\n", "" },
		{ "trailing empty lines", "a\r\n\r\n\r\n", "a\r\n", "a\r\n" },
		{ "empty lines inside", "a\r\n\r\n\r\nb\r\n",
		    "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n" },
		{ "empty lines in front", "\r\n\r\na\r\n", "\r\n\r\na\r\n",
		    "\r\n\r\na\r\n" },
		{ "white space at line ends", "a \t \r\nb\t\r\n",
		    "a \t \r\nb\t\r\n", "a\r\nb\r\n" },
		{ "runs inside a line", "a\t\tb  c \td\r\n",
		    "a\t\tb  c \td\r\n", "a b c d\r\n" },
		{ "a run in front of a line", "\t  a\r\n", "\t  a\r\n",
		    " a\r\n" },
		{ "blank lines that look empty", "a\r\n \t\r\nb\r\n",
		    "a\r\n \t\r\nb\r\n", "a\r\n\r\nb\r\n" },
		{ "trailing blank lines", "a\r\n \r\n\t\r\n",
		    "a\r\n \r\n\t\r\n", "a\r\n" },
		{ "a bare LF", "a\nb\n", "a\nb\n\r\n", "a\nb\n\r\n" },
		{ "white space before a bare LF", "a  \nb\r\n", "a  \nb\r\n",
		    "a \nb\r\n" },
		{ "a bare CR", "a\rb\r\n", "a\rb\r\n", "a\rb\r\n" },
		{ "CR CR LF", "a\r\r\n", "a\r\r\n", "a\r\r\n" },
		{ "a final CR", "a\r", "a\r\r\n", "a\r\r\n" },
		{ "only a CR", "\r", "\r\r\n", "\r\r\n" },
		{ "a CR after white space", "a \r b\r\n", "a \r b\r\n",
		    "a \r b\r\n" },
		{ "LF after an empty line", "a\r\n\r\n\n", "a\r\n\r\n\n\r\n",
		    "a\r\n\r\n\n\r\n" },
		{ "LF CR LF", "\n\r\n\r\n", "\n\r\n", "\n\r\n" },
		{ "8-bit bytes", "\xff\xfe \xa0\r\n", "\xff\xfe \xa0\r\n",
		    "\xff\xfe \xa0\r\n" },
	};
	struct buf out;

	buf_init(&out, t_arena(), 4096);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct slice body = t_slice(cases[i].body);

		for (size_t step = 1; step < 70; step += 68) {
			is_text(canonical(&out, CANON_SIMPLE, body, step),
			    cases[i].simple, "simple, %s, chunks of %zu",
			    cases[i].what, step);
			is_text(canonical(&out, CANON_RELAXED, body, step),
			    cases[i].relaxed, "relaxed, %s, chunks of %zu",
			    cases[i].what, step);
		}
	}
	is_int((int64_t)canonical(&out, CANON_RELAXED, t_bytes("a\0 \0\r\n", 6),
		   9)
		   .n,
	    6, "NUL is a byte like any other");
}

/* The plain reader: line by line over the whole body, as the RFC tells it. */
static struct slice
reference(struct buf *out, enum canon how, struct slice body)
{
	size_t keep = 0;

	buf_clear(out);
	while (body.n > 0) {
		size_t end = slice_search(body, SL("\r\n"));
		struct slice line = slice_sub(body, 0, end);
		size_t start = out->n;

		body = end == SLICE_NONE ? SL("") : slice_from(body, end + 2);
		for (size_t i = 0; i < line.n; i++) {
			char c = line.p[i];

			if (how == CANON_RELAXED && c == '\t')
				c = ' ';
			if (how == CANON_RELAXED && c == ' ' &&
			    out->n > start && out->p[out->n - 1] == ' ')
				continue;
			buf_addc(out, c);
		}
		if (how == CANON_RELAXED && out->n > start &&
		    out->p[out->n - 1] == ' ')
			buf_cut(out, out->n - 1);
		if (out->n > start)
			keep = out->n + 2;
		buf_adds(out, "\r\n");
	}
	buf_cut(out, keep);
	if (out->n == 0 && how == CANON_SIMPLE)
		buf_adds(out, "\r\n");
	return buf_slice(out);
}

static uint64_t seed = 88172645463325252U;

static size_t
dice(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed >> 11) % n;
}

/* A body in which everything that matters is frequent, or (dull) rare among
 * long stretches of letters. */
static void
random_body(struct buf *b, size_t n, bool dull)
{
	static const char *const bits[] = { "\r\n", "\r\n", " ", "\t", "\r",
		"\n", "a", "bc", "\r\n\r\n", " \r\n", "  ", "\r\n ", "\x80" };

	buf_clear(b);
	while (b->n < n) {
		if (dull)
			for (size_t k = dice(90); k > 0; k--)
				buf_addc(b, (char)('a' + dice(26)));
		buf_adds(b, bits[dice(ARRAY_LEN(bits))]);
	}
}

static bool
agrees(enum canon how, struct slice body, struct buf *got, struct buf *want)
{
	struct slice right = reference(want, how, body);
	struct canon_body c;
	size_t most = 1 + dice(body.n < 40 ? 5 : body.n);

	buf_clear(got);
	canon_body_init(&c, how, collect, got);
	for (size_t i = 0; i < body.n;) {
		size_t n = dice(most + 1);
		struct slice part = slice_sub(body, i, n);

		canon_body_add(&c, part.p, part.n);
		i += part.n;
	}
	canon_body_end(&c);
	return c.out == got->n && slice_eq(buf_slice(got), right) &&
	    slice_eq(canonical(got, how, body, body.n + 1), right);
}

static void
random_bodies(void)
{
	struct arena *a = t_arena();
	struct buf body, got, want;
	unsigned bad[2] = { 0, 0 };

	buf_init(&body, a, 1 << 20);
	buf_init(&got, a, 1 << 20);
	buf_init(&want, a, 1 << 20);
	for (unsigned i = 0; i < 6000; i++) {
		enum canon how = i % 2 == 0 ? CANON_SIMPLE : CANON_RELAXED;
		bool dull = i % 3 == 0, dense = i % 17 == 0;

		random_body(&body, 1 + dice(dull || dense ? 6000 : 60), dull);
		if (!agrees(how, t_bytes(body.p, body.n), &got, &want))
			bad[how]++;
	}
	is_int(bad[CANON_SIMPLE], 0,
	    "simple: every chunking agrees with the plain reader");
	is_int(bad[CANON_RELAXED], 0,
	    "relaxed: every chunking agrees with the plain reader");
}

static void
long_gaps(void)
{
	struct arena *a = t_arena();
	struct buf body, out;

	buf_init(&body, a, 1 << 20);
	buf_init(&out, a, 1 << 20);
	buf_adds(&body, "a");
	for (size_t i = 0; i < 50001; i++)
		buf_adds(&body, "\r\n");
	is_text(canonical(&out, CANON_RELAXED, buf_slice(&body), 4096), "a\r\n",
	    "fifty thousand trailing empty lines go");
	buf_adds(&body, "b");
	is_int((int64_t)canonical(&out, CANON_SIMPLE, buf_slice(&body), 4096).n,
	    1 + 100002 + 3, "fifty thousand empty lines inside stay");
	ok(slice_eq(slice_sub(buf_slice(&out), 0, body.n), buf_slice(&body)),
	    "and are unchanged");
}

struct witness {
	const char *p;
	size_t n;
};

static void
see(void *ctx, const char *p, size_t n)
{
	struct witness *w = ctx;

	if (n > w->n)
		*w = (struct witness){ p, n };
}

static void
no_copy(void)
{
	struct canon_body c;
	struct witness w = { NULL, 0 };
	char body[4000];

	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = i % 80 == 78 ? '\r' : i % 80 == 79 ? '\n' : 'x';
	canon_body_init(&c, CANON_RELAXED, see, &w);
	canon_body_add(&c, body, sizeof(body));
	canon_body_end(&c);
	ok(w.p == body && w.n == sizeof(body),
	    "clean text goes out in one piece from where it is");
}

static void
header_rules(void)
{
	static const struct {
		const char *what, *raw, *relaxed;
	} cases[] = {
		{ "the name is lower-cased", "SubJect:x", "subject:x" },
		{ "the value keeps its case", "A:X", "a:X" },
		{ "white space at the colon goes", "B \t:\t Y\t", "b:Y" },
		{ "a fold is no line end", "B: Y\r\n\tZ  ", "b:Y Z" },
		{ "white space before a fold is one run with it",
		    "B: Y \r\n  Z", "b:Y Z" },
		{ "runs become one space", "c:  a \t b", "c:a b" },
		{ "an empty value", "D:", "d:" },
		{ "only white space", "D: \r\n ", "d:" },
		{ "a second colon is text", "E: a : b", "e:a : b" },
		{ "a fold in front of the colon", "F\r\n : x", "f:x" },
		{ "a line end that is no fold stays", "G: a\r\nb", "g:a\r\nb" },
		{ "a bare CR and LF stay", "H: a\rb\nc", "h:a\rb\nc" },
		{ "a fold at the very end", "I: a\r\n", "i:a\r\n" },
		{ "several folds", "J: a\r\n \r\n\t\r\n b", "j:a b" },
		{ "8-bit bytes stay", "K: \xc3\x84", "k:\xc3\x84" },
	};
	struct buf out;

	buf_init(&out, t_arena(), 4096);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		buf_clear(&out);
		canon_header(&out, CANON_RELAXED, t_slice(cases[i].raw), false);
		is_text(buf_slice(&out), cases[i].relaxed, "relaxed header: %s",
		    cases[i].what);
		buf_clear(&out);
		canon_header(&out, CANON_SIMPLE, t_slice(cases[i].raw), false);
		is_text(buf_slice(&out), cases[i].raw,
		    "simple header: %s, unchanged", cases[i].what);
	}
	buf_clear(&out);
	canon_header(&out, CANON_RELAXED, t_slice("A: X "), true);
	canon_header(&out, CANON_RELAXED, t_slice("B:Y"), false);
	is_text(buf_slice(&out), "a:X\r\nb:Y",
	    "fields follow each other, CRLF when asked for");
}

int
main(void)
{
	body_rules();
	random_bodies();
	long_gaps();
	no_copy();
	header_rules();
	return tap_done();
}
