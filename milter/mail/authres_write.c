/* SPDX-License-Identifier: BSD-2-Clause
 *
 * authres_write: Authentication-Results out. Every value passes one of three
 * doors: it is a token, it is local@domain, or it is quoted; and a quoted text
 * holds printable characters only. So nothing in a value can end it.
 */
#include "mail/authres.h"
#include "mail/scan.h"

#define WIDTH ((size_t)78)
#define NAME_COLUMNS (sizeof("Authentication-Results:") - 1)

/* A value on its way out: quotes, escapes and cutting included. */
struct quoting {
	char text[2 * AUTHRES_VALUE_MAX + sizeof("\"...\"")];
	size_t n;
};

static void
put(struct quoting *q, char c)
{
	q->text[q->n++] = c;
}

/* A new line for the next word, so that each result begins one. */
static void
break_line(struct authres_writer *w)
{
	w->fold.column = w->fold.width;
}

/* The longest part of `s` that may be written, no UTF-8 character cut. */
static struct slice
cut(struct slice s)
{
	size_t n = AUTHRES_VALUE_MAX;

	if (s.n <= n)
		return s;
	while (
	    n > AUTHRES_VALUE_MAX - 4 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return slice_sub(s, 0, n);
}

/* Encloses a text: open, its characters with those in `special` escaped and
 * what is not printable replaced, close. */
static struct slice
enclose(struct quoting *q, const char pair[2], struct slice special,
    struct slice s, bool utf8)
{
	struct slice part = cut(s);

	q->n = 0;
	put(q, pair[0]);
	for (size_t i = 0; i < part.n; i++) {
		size_t end = utf8 ? scan_utf8(part, i) : i;

		if (end > i) {
			for (; i + 1 < end; i++)
				put(q, part.p[i]);
			put(q, part.p[i]);
		} else if ((!char_is(part.p[i], CHAR_VCHAR) &&
			       part.p[i] != ' ') ||
		    part.p[i] == ';') {
			put(q, '?');
		} else {
			if (slice_chr(special, part.p[i]) != SLICE_NONE)
				put(q, '\\');
			put(q, part.p[i]);
		}
	}
	for (size_t i = 0; i < 3 && part.n < s.n; i++)
		put(q, '.');
	put(q, pair[1]);
	return slice_of(q->text, q->n);
}

static struct slice
quote(struct quoting *q, struct slice s, bool utf8)
{
	return enclose(q, "\"\"", SL("\"\\"), s, utf8);
}

/* local@domain or @domain that needs no quotes (RFC 8601 section 2.2). */
static bool
is_plain_address(struct slice s)
{
	size_t at = slice_rchr(s, '@');
	struct slice local, domain;

	if (at == SLICE_NONE || !scan_is_ascii(s))
		return false;
	local = slice_sub(s, 0, at);
	domain = slice_from(s, at + 1);
	if (scan_dot_atom(local, 0) != local.n)
		return false;
	for (size_t i = 0; i < domain.n; i++) {
		bool edge = i == 0 || i + 1 == domain.n ||
		    domain.p[i - 1] == '.' || domain.p[i + 1] == '.';

		if (!char_is(domain.p[i], CHAR_LDH) &&
		    (edge || domain.p[i] != '.'))
			return false;
		if (edge && domain.p[i] == '-')
			return false;
	}
	return domain.n > 0;
}

/* The form in which a value can stand behind "=". */
static struct slice
written(struct quoting *q, struct slice s, bool utf8)
{
	if (s.n > 0 && s.n <= AUTHRES_VALUE_MAX &&
	    (scan_token(s, 0) == s.n || is_plain_address(s)))
		return s;
	return quote(q, s, utf8);
}

void
authres_begin(struct authres_writer *w, struct buf *out,
    struct slice authserv_id)
{
	struct quoting q;

	w->results = 0;
	fold_init(&w->fold, out, NAME_COLUMNS, WIDTH);
	if (authserv_id.n > 0 && scan_token(authserv_id, 0) == authserv_id.n)
		fold_word(&w->fold, authserv_id);
	else
		fold_word(&w->fold, quote(&q, authserv_id, true));
}

void
authres_result(struct authres_writer *w, const char *method, const char *result,
    struct slice reason)
{
	struct quoting q;

	w->results++;
	fold_glue(&w->fold, SL(";"));
	break_line(w);
	fold_word(&w->fold, slice_c(method));
	fold_glue(&w->fold, SL("="));
	fold_glue(&w->fold, slice_c(result));
	if (reason.n == 0)
		return;
	/* One word, so that the fold comes in front of "reason". */
	reason = quote(&q, reason, false);
	if (w->fold.column + sizeof("reason=") + reason.n > WIDTH)
		break_line(w);
	fold_word(&w->fold, SL("reason="));
	fold_glue(&w->fold, reason);
}

void
authres_comment(struct authres_writer *w, struct slice text)
{
	struct quoting q;

	fold_word(&w->fold, enclose(&q, "()", SL("()\\"), text, false));
}

void
authres_prop(struct authres_writer *w, const char *ptype, const char *property,
    struct slice value, bool utf8)
{
	struct quoting q;
	struct slice text = written(&q, value, utf8);
	size_t name = strlen(ptype) + 1 + strlen(property) + 1;

	if (w->fold.column + 1 + name + text.n > WIDTH)
		break_line(w);
	fold_word(&w->fold, slice_c(ptype));
	fold_glue(&w->fold, SL("."));
	fold_glue(&w->fold, slice_c(property));
	fold_glue(&w->fold, SL("="));
	fold_glue(&w->fold, text);
}

void
authres_end(struct authres_writer *w)
{
	if (w->results == 0) {
		fold_glue(&w->fold, SL(";"));
		fold_word(&w->fold, SL("none"));
	}
}
