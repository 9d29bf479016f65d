/* SPDX-License-Identifier: BSD-2-Clause
 *
 * lines: comments, quotes, joins, line ends, limits; how problems are kept.
 */
#include "base/lines.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "lib/tap.h"

/* Every line as "number:text" (indented ones with '>'), joined by '|'. */
static struct slice
show(struct arena *a, const struct line_vec *v)
{
	struct buf out;

	buf_init(&out, a, (size_t)1 << 20);
	for (size_t i = 0; i < v->n; i++)
		buf_printf(&out, "%s%u:%s%.*s", i > 0 ? "|" : "",
		    v->at[i].place.line, v->at[i].indented ? ">" : "",
		    SL_ARG(v->at[i].text));
	return buf_slice(&out);
}

struct vector {
	const char *what;
	unsigned flags;
	const char *text;
	const char *want;
	const char *problem; /* NULL: none */
};

static const struct vector vectors[] = {
	{ "an empty text has no lines", 0, "", "", NULL },
	{ "LF and CRLF end lines, the last needs none", 0, "a\nb\r\nc",
	    "1:a|2:b|3:c", NULL },
	{ "blank lines go, numbers stay", 0, "\n \t\na\n\n", "3:a", NULL },
	{ "text is trimmed inside", 0, "a  b \t\n", "1:a  b", NULL },
	{ "indent is told", 0, "a\n  b\n\tc", "1:a|2:>b|3:>c", NULL },
	{ "a comment at the start", 0, "# a\nb\n  # c\n", "2:b", NULL },
	{ "a comment after white space", 0, "a # b\nc\t#d", "1:a|2:c", NULL },
	{ "a hash inside a word is none", 0, "a#b", "1:a#b", NULL },
	{ "a hash in quotes is none", 0, "a \"b # c\" # d", "1:a \"b # c\"",
	    NULL },
	{ "an escaped quote does not end quotes", 0, "a \"b\\\" # c\"",
	    "1:a \"b\\\" # c\"", NULL },
	{ "with KEEP_HASH only the first counts", LINES_KEEP_HASH,
	    "a # b\n # c", "1:a # b", NULL },
	{ "a continuation is joined by one space", LINES_JOIN,
	    "a\n   b\n\tc\nd", "1:a b c|4:d", NULL },
	{ "comments and blank lines do not break it", LINES_JOIN,
	    "a # x\n# y\n\n  b # z\n", "1:a b", NULL },
	{ "a byte order mark goes", 0,
	    "\xef\xbb\xbf"
	    "a",
	    "1:a", NULL },
	{ "an open quote is an error", 0, "a\n\"b\nc", "1:a|3:c",
	    "f:2: a double quote is not closed" },
	{ "quotes do not span lines", LINES_JOIN, "a \"b\n  c\"", "",
	    "f:1: a double quote is not closed" },
	{ "a first line cannot continue", LINES_JOIN, "  a\nb", "2:b",
	    "f:1: this line begins with white space, but there is no line "
	    "before it to continue" },
	{ "8-bit text passes", 0, "\xc3\xa4", "1:\xc3\xa4", NULL },
};

static void
test_vectors(void)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct arena *a = t_arena();
		struct problems p;
		struct line_vec lines;
		struct slice said = SL("");
		int err;

		problems_init(&p, a);
		err =
		    lines_parse(a, "f", t_slice(v->text), v->flags, &lines, &p);
		is_text(show(a, &lines), v->want, "%s", v->what);
		if (p.all.n > 0)
			said = arena_printf(a, "%s:%u: %.*s",
			    p.all.at[0].place.file, p.all.at[0].place.line,
			    SL_ARG(p.all.at[0].text));
		is_text(said, v->problem != NULL ? v->problem : "",
		    "%s: problems", v->what);
		is_int(err, v->problem != NULL ? ERR_CONFIG : 0, "%s: result",
		    v->what);
	}
}

static void
test_limits(void)
{
	struct arena *a = t_arena();
	struct problems p;
	struct line_vec lines;
	struct buf text;
	int err;

	problems_init(&p, a);
	err = lines_parse(a, "f", t_bytes("a\nb\0c\nd", 7), 0, &lines, &p);
	is_int(err, ERR_CONFIG, "a NUL byte is an error");
	is_text(show(a, &lines), "1:a|3:d", "the other lines are read");

	problems_init(&p, a);
	buf_init(&text, a, (size_t)1 << 20);
	for (size_t i = 0; i < LINES_MAX_LINE; i++)
		buf_addc(&text, 'x');
	is_int(lines_parse(a, "f", buf_slice(&text), 0, &lines, &p), 0,
	    "a line of the greatest length is taken");
	buf_addc(&text, 'x');
	is_int(lines_parse(a, "f", buf_slice(&text), 0, &lines, &p), ERR_CONFIG,
	    "one byte more is an error");

	problems_init(&p, a);
	buf_clear(&text);
	buf_adds(&text, "a\n");
	for (size_t i = 0; i < 700; i++)
		buf_printf(&text, "  %0100d\n", 1);
	buf_adds(&text, "b\n");
	is_int(lines_parse(a, "f", buf_slice(&text), LINES_JOIN, &lines, &p),
	    ERR_CONFIG, "so is a line that gets too long by continuations");
	is_int(p.errors, 1, "told once");
	is_int(p.all.at[0].place.line, 1, "at its first physical line");
}

static void
test_read(void)
{
	struct arena *a = t_arena();
	char path[] = "/tmp/test_lines.XXXXXX";
	struct problems p;
	struct line_vec lines;
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, "x y\n", 4) != 4)
		abort();
	(void)close(fd);
	problems_init(&p, a);
	is_int(lines_read(a, path, 0, &lines, &p), 0, "a file is read");
	is_text(show(a, &lines), "1:x y", "its lines are there");
	is_text(slice_c(lines.at[0].place.file), path,
	    "and say where they stood");
	(void)unlink(path);
	is_int(lines_read(a, path, 0, &lines, &p), ERR_CONFIG,
	    "a missing file is an error");
	is_text(p.all.at[0].text, "No such file or directory",
	    "its reason does not repeat the name");
	is_int(p.all.at[0].place.line, 0, "it concerns the file as a whole");
}

static void
test_problems(void)
{
	struct arena *a = t_arena();
	struct place at = { "f", 7 };
	struct problems p;

	problems_init(&p, a);
	problems_warn(&p, at, "first");
	problems_error(&p, at, "bad %s", "\x1b[1m\n\xff");
	is_int(p.errors, 1, "only errors are counted");
	ok(!p.all.at[0].fatal && p.all.at[1].fatal, "a warning is not fatal");
	is_text(p.all.at[1].text, "bad \\x1b[1m\\x0a\\xff",
	    "control and 8-bit bytes are shown as numbers");
	for (int i = 0; i < 250; i++)
		problems_error(&p, at, "number %d", i);
	is_int((int64_t)p.all.n, 101, "a hundred are kept, and one line more");
	is_int(p.errors, 251, "all errors are counted");
	is_text(p.all.at[100].text, "152 more problems left out",
	    "the last says how many were left out");
	ok(p.all.at[100].fatal, "and is fatal as they were");
	is_text(slice_c(problems_hint(&p, SL("Socket"))),
	    "; did you mean 'Socket'?", "a hint");
	is_text(slice_c(problems_hint(&p, slice_of(NULL, 0))), "",
	    "no hint without a name");
}

static void
test_words(void)
{
	struct arena *a = t_arena();
	struct slice rest =
	    t_slice(" one\t\"two three\"  \"a\\\"b\\\\c\\d\" x\"y "
		    "\"\" \"open");
	struct slice word;
	bool quoted;

	ok(lines_word(a, &rest, &word, &quoted) == 1 && !quoted, "a bare word");
	is_text(word, "one", "up to white space");
	ok(lines_word(a, &rest, &word, &quoted) == 1 && quoted, "a quoted one");
	is_text(word, "two three", "without its quotes");
	ok(lines_word(a, &rest, &word, &quoted) == 1 && quoted, "escapes");
	is_text(word, "a\"b\\c\\d", "of quote and backslash alone are undone");
	ok(lines_word(a, &rest, &word, &quoted) == 1 && !quoted,
	    "a quote inside");
	is_text(word, "x\"y", "a word is an ordinary character");
	ok(lines_word(a, &rest, &word, &quoted) == 1 && quoted && word.n == 0,
	    "an empty quoted word is a word");
	is_int(lines_word(a, &rest, &word, &quoted), ERR_SYNTAX,
	    "an open quote is an error");
	rest = t_slice("  ");
	is_int(lines_word(a, &rest, &word, &quoted), 0, "nothing is left");
	rest = t_slice("\"a\\");
	is_int(lines_word(a, &rest, &word, &quoted), ERR_SYNTAX,
	    "a backslash at the end closes nothing");
}

int
main(void)
{
	test_vectors();
	test_limits();
	test_read();
	test_problems();
	test_words();
	return tap_done();
}
