/* SPDX-License-Identifier: BSD-2-Clause
 *
 * lines: physical lines are cut, cleaned and joined here; problems are
 * collected here, made printable as they come in.
 */
#include "base/lines.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/num.h"

#define MAX_PROBLEMS ((size_t)100)
#define MORE_TEXT ((size_t)64)

void
problems_init(struct problems *p, struct arena *a)
{
	*p = (struct problems){ .arena = a };
}

/* Control and 8-bit bytes as \xHH, so that a report can be shown anywhere. */
static struct slice
printable(struct arena *a, struct slice s)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;
	char *out;

	out = arena_alloc(a, num_add(num_mul(s.n, 4), 1));
	if (out == NULL)
		return SL("out of memory");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c < 0x7f) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
	return slice_of(out, n);
}

/* The last entry of a full list counts what found no place. */
static void
count_more(struct problems *p, bool fatal)
{
	struct problem *last;
	int n;

	if (p->more == NULL) {
		p->more = arena_alloc(p->arena, MORE_TEXT);
		last = problem_vec_push(&p->all, p->arena);
		if (p->more == NULL || last == NULL)
			return;
	}
	last = &p->all.at[p->all.n - 1];
	p->left_out++;
	n = snprintf(p->more, MORE_TEXT, "%u more problem%s left out",
	    p->left_out, p->left_out == 1 ? "" : "s");
	last->place = (struct place){ p->all.at[0].place.file, 0 };
	last->fatal = last->fatal || fatal;
	last->text = slice_of(p->more, (size_t)n);
}

/* The place with its name in the collector's own memory: what was being read
 * may be gone when problems are shown. */
static struct place
keep_place(struct problems *p, struct place at)
{
	const char *last =
	    p->all.n > 0 ? p->all.at[p->all.n - 1].place.file : NULL;

	if (at.file == NULL)
		return at;
	if (last != NULL && strcmp(last, at.file) == 0)
		at.file = last;
	else
		at.file = arena_cstr(p->arena, slice_c(at.file));
	return at;
}

A_PRINTF(4, 0)
static void
add(struct problems *p, struct place at, bool fatal, const char *fmt,
    va_list ap)
{
	char text[1024];
	struct problem *one;
	int n;

	if (fatal && p->errors < UINT_MAX)
		p->errors++;
	if (p->all.n >= MAX_PROBLEMS) {
		count_more(p, fatal);
		return;
	}
	n = vsnprintf(text, sizeof(text), fmt, ap);
	at = keep_place(p, at);
	one = problem_vec_push(&p->all, p->arena);
	if (one == NULL || n < 0)
		return;
	one->place = at;
	one->fatal = fatal;
	one->text = printable(p->arena, slice_c(text));
}

void
problems_error(struct problems *p, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(p, at, true, fmt, ap);
	va_end(ap);
}

void
problems_warn(struct problems *p, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(p, at, false, fmt, ap);
	va_end(ap);
}

void
problem_print(const struct problem *one, struct buf *out)
{
	if (one->place.file != NULL)
		buf_adds(out, one->place.file);
	if (one->place.line > 0)
		buf_printf(out, ":%u", one->place.line);
	buf_printf(out, "%s%s: %.*s", one->place.file != NULL ? ": " : "",
	    one->fatal ? "error" : "warning", SL_ARG(one->text));
}

const char *
problems_hint(struct problems *p, struct slice nearest)
{
	struct slice text;

	if (nearest.n == 0)
		return "";
	text =
	    arena_printf(p->arena, "; did you mean '%.*s'?", SL_ARG(nearest));
	return text.p != NULL ? text.p : "";
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The line without its comment; *open tells of a quote that is not closed. */
static struct slice
cut_comment(struct slice s, unsigned flags, bool *open)
{
	bool quoted = false;

	*open = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"') {
			quoted = !quoted;
		} else if (quoted && s.p[i] == '\\') {
			i++;
		} else if (!quoted && s.p[i] == '#') {
			bool first = slice_trim(slice_sub(s, 0, i)).n == 0;
			bool after = i > 0 && is_blank(s.p[i - 1]);

			if (first || (after && !(flags & LINES_KEEP_HASH)))
				return slice_sub(s, 0, i);
		}
	}
	*open = quoted;
	return s;
}

/* State of one pass over a text. */
struct reader {
	struct arena *arena;
	unsigned flags;
	struct line_vec *out;
	struct problems *problems;
	struct place place; /* of the physical line */
	struct buf joined;  /* the logical line that is being joined */
	bool joining;       /* `joined` holds the last of out */
};

/* Appends a continuation to the logical line before it. */
static int
join(struct reader *r, struct slice text)
{
	struct line *last;

	if (r->out->n == 0) {
		problems_error(r->problems, r->place,
		    "this line begins with white space, but there is no line "
		    "before it to continue");
		return 0;
	}
	last = &r->out->at[r->out->n - 1];
	if (!r->joining) {
		buf_init(&r->joined, r->arena, LINES_MAX_LINE);
		buf_add(&r->joined, last->text);
		r->joining = true;
	}
	buf_addc(&r->joined, ' ');
	buf_add(&r->joined, text);
	if (!buf_ok(&r->joined)) {
		if (arena_failed(r->arena))
			return ERR_NOMEM;
		problems_error(r->problems, last->place,
		    "the line is longer than %zu bytes with its continuations",
		    LINES_MAX_LINE);
		buf_clear(&r->joined);
	}
	last->text = buf_slice(&r->joined);
	return 0;
}

static int
take_line(struct reader *r, struct slice s)
{
	bool indented = s.n > 0 && is_blank(s.p[0]);
	struct line *line;
	bool open;

	if (slice_chr(s, '\0') != SLICE_NONE) {
		problems_error(r->problems, r->place,
		    "a NUL byte in a text file");
		return 0;
	}
	if (s.n > LINES_MAX_LINE) {
		problems_error(r->problems, r->place,
		    "the line is longer than %zu bytes", LINES_MAX_LINE);
		return 0;
	}
	s = cut_comment(s, r->flags, &open);
	if (open) {
		problems_error(r->problems, r->place,
		    "a double quote is not closed");
		return 0;
	}
	s = slice_trim(s);
	if (s.n == 0)
		return 0;
	if (indented && (r->flags & LINES_JOIN))
		return join(r, s);
	line = line_vec_push(r->out, r->arena);
	if (line == NULL)
		return ERR_NOMEM;
	r->joining = false;
	line->place = r->place;
	line->indented = indented;
	line->text = s;
	return 0;
}

int
lines_parse(struct arena *a, const char *name, struct slice text,
    unsigned flags, struct line_vec *out, struct problems *p)
{
	struct reader r = { .arena = a,
		.flags = flags,
		.out = out,
		.problems = p };
	unsigned errors = p->errors;
	struct slice line;

	*out = (struct line_vec){ 0 };
	r.place.file = arena_cstr(a, slice_c(name));
	if (r.place.file == NULL)
		r.place.file = "";
	/* The byte order mark that some editors put in front. */
	if (slice_starts(text, SL("\xef\xbb\xbf")))
		text = slice_from(text, 3);
	while (slice_cut(&text, '\n', &line)) {
		r.place.line++;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (take_line(&r, line) != 0) {
			problems_error(p, r.place, "out of memory");
			break;
		}
	}
	return p->errors > errors ? ERR_CONFIG : 0;
}

int
lines_read(struct arena *a, const char *path, unsigned flags,
    struct line_vec *out, struct problems *p)
{
	struct place whole = { arena_cstr(a, slice_c(path)), 0 };
	char why[FILE_WHY];
	struct slice text, said;

	*out = (struct line_vec){ 0 };
	if (file_read(a, path, LINES_MAX_FILE, &text, why) != 0) {
		/* The place names the path already. */
		said = slice_c(why);
		if (slice_starts(said, slice_c(path)) &&
		    slice_starts(slice_from(said, strlen(path)), SL(": ")))
			said = slice_from(said, strlen(path) + 2);
		problems_error(p, whole, "%.*s", SL_ARG(said));
		return ERR_CONFIG;
	}
	return lines_parse(a, path, text, flags, out, p);
}

/* The inside of a quoted word, which begins at s.p[0] == '"'. */
static int
quoted_word(struct arena *a, struct slice *rest, struct slice *word)
{
	struct slice s = slice_from(*rest, 1);
	bool escaped = false;
	size_t n = 0, i = 0;
	char *copy;

	while (i < s.n && s.p[i] != '"') {
		if (s.p[i] == '\\' && i + 1 < s.n) {
			escaped = true;
			i++;
		}
		i++;
	}
	if (i >= s.n)
		return ERR_SYNTAX;
	*rest = slice_from(s, i + 1);
	*word = slice_sub(s, 0, i);
	if (!escaped)
		return 1;
	copy = arena_alloc(a, word->n + 1);
	if (copy == NULL)
		return ERR_NOMEM;
	for (i = 0; i < word->n; i++) {
		if (word->p[i] == '\\' && i + 1 < word->n &&
		    (word->p[i + 1] == '"' || word->p[i + 1] == '\\'))
			i++;
		copy[n++] = word->p[i];
	}
	*word = slice_of(copy, n);
	return 1;
}

int
lines_word(struct arena *a, struct slice *rest, struct slice *word,
    bool *quoted)
{
	struct slice s = slice_trim(*rest);
	size_t n = 0;

	*quoted = false;
	*word = slice_of("", 0);
	*rest = s;
	if (s.n == 0)
		return 0;
	if (s.p[0] == '"') {
		*quoted = true;
		return quoted_word(a, rest, word);
	}
	while (n < s.n && !is_blank(s.p[n]))
		n++;
	*word = slice_sub(s, 0, n);
	*rest = slice_from(s, n);
	return 1;
}
