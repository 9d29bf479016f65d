/* SPDX-License-Identifier: BSD-2-Clause
 *
 * address_list: one pass over the unfolded value, address by address. What is
 * not understood in full is left alone: the only thing worse than a broken
 * signature is a changed recipient.
 */
#include "mail/address_list.h"

#include "base/buf.h"
#include "base/err.h"
#include "mail/display_name.h"
#include "mail/header.h"
#include "mail/scan.h"

/* Sendmail cuts, or tears apart, what has more than 256 octets. */
#define ELEMENT_MAX ((size_t)250)
#define WIDTH ((size_t)78)
#define INDENT "        "
#define EXPANSION ((size_t)3) /* an octet of an encoded word becomes =XX */

enum address_field
address_list_field(struct slice name)
{
	static const struct {
		struct slice name;
		enum address_field field;
	} fields[] = {
		{ SLICE_INIT("From"), ADDRESS_FIELD_SENDER },
		{ SLICE_INIT("Sender"), ADDRESS_FIELD_SENDER },
		{ SLICE_INIT("Reply-To"), ADDRESS_FIELD_SENDER },
		{ SLICE_INIT("To"), ADDRESS_FIELD_RECIPIENT },
		{ SLICE_INIT("Cc"), ADDRESS_FIELD_RECIPIENT },
		{ SLICE_INIT("Resent-From"), ADDRESS_FIELD_SENDER },
		{ SLICE_INIT("Resent-Sender"), ADDRESS_FIELD_SENDER },
		{ SLICE_INIT("Resent-Reply-To"), ADDRESS_FIELD_SENDER },
		{ SLICE_INIT("Resent-To"), ADDRESS_FIELD_RECIPIENT },
		{ SLICE_INIT("Resent-Cc"), ADDRESS_FIELD_RECIPIENT },
		{ SLICE_INIT("Errors-To"), ADDRESS_FIELD_SENDER },
		{ SLICE_INIT("Disposition-Notification-To"),
		    ADDRESS_FIELD_SENDER },
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (slice_ieq(name, fields[i].name))
			return fields[i].field;
	return ADDRESS_FIELD_NONE;
}

struct writer {
	struct arena *a;
	struct slice s; /* unfolded */
	size_t at;
	address_map_fn map;
	void *ctx;
	struct buf element; /* what stands between two commas */
	bool too_long;
	bool in_group;
	struct buf out;
	size_t column;
	bool first;
};

static bool
next_is(const struct writer *w, char c)
{
	return w->at < w->s.n && w->s.p[w->at] == c;
}

/* True if there was any. */
static bool
skip_space(struct writer *w)
{
	size_t before = w->at;

	w->at = scan_wsp(w->s, before);
	return w->at > before;
}

/* ---- one address ---- */

/* Atoms with dots between, white space around the dots taken out. */
static bool
read_dotted(struct writer *w, struct buf *text)
{
	for (;;) {
		size_t end = scan_atom_utf8(w->s, w->at), behind;

		if (end == w->at)
			return false;
		buf_add(text, slice_sub(w->s, w->at, end - w->at));
		w->at = end;
		behind = scan_wsp(w->s, end);
		if (behind >= w->s.n || w->s.p[behind] != '.')
			return true;
		w->at = scan_wsp(w->s, behind + 1);
		/* the dot of the root */
		if (scan_atom_utf8(w->s, w->at) == w->at) {
			w->at = behind + 1;
			return true;
		}
		buf_addc(text, '.');
	}
}

static bool
read_domain(struct writer *w, struct buf *text)
{
	size_t end = scan_domain_literal(w->s, w->at);

	if (end == w->at)
		return read_dotted(w, text);
	buf_add(text, slice_sub(w->s, w->at, end - w->at));
	w->at = end;
	return true;
}

static bool
read_local(struct writer *w, struct buf *text)
{
	size_t end = scan_quoted_string(w->s, w->at);
	bool good = true;

	if (end > w->at) {
		buf_add(text, slice_sub(w->s, w->at, end - w->at));
		w->at = end;
	} else {
		good = read_dotted(w, text) && w->s.p[w->at - 1] != '.';
	}
	return good;
}

/* addr-spec, or a bare name, through the map into the element. */
static bool
read_address(struct writer *w)
{
	struct slice local, domain;
	struct buf l, d;
	size_t behind;

	buf_init(&l, w->a, ELEMENT_MAX);
	buf_init(&d, w->a, ELEMENT_MAX);
	if (!read_local(w, &l))
		return false;
	behind = scan_wsp(w->s, w->at);
	if (behind < w->s.n && w->s.p[behind] == '@') {
		w->at = scan_wsp(w->s, behind + 1);
		if (!read_domain(w, &d))
			return false;
	}
	local = buf_slice(&l);
	domain = buf_slice(&d);
	w->too_long = !buf_ok(&l) || !buf_ok(&d);
	if (w->too_long || !w->map(w->ctx, &local, &domain))
		return false;
	buf_add(&w->element, local);
	buf_addc(&w->element, '@');
	buf_add(&w->element, domain);
	return true;
}

/* The obsolete "@one,@two:", which Sendmail drops. */
static bool
skip_route(struct writer *w)
{
	struct buf unused;

	while (next_is(w, '@')) {
		buf_init(&unused, w->a, ELEMENT_MAX);
		w->at++;
		if (!read_domain(w, &unused))
			return false;
		if (next_is(w, ':')) {
			w->at++;
			return true;
		}
		if (!next_is(w, ','))
			return false;
		w->at = scan_wsp(w->s, w->at + 1);
	}
	return true;
}

/* Comments with the space in front of them; `space`: at least one. */
static bool
read_comments(struct writer *w, bool space)
{
	for (;;) {
		size_t begin = scan_wsp(w->s, w->at);
		size_t end = scan_lenient_comment(w->s, begin);

		if (end == begin)
			break;
		if (begin == w->at && space)
			buf_addc(&w->element, ' ');
		buf_add(&w->element, slice_sub(w->s, w->at, end - w->at));
		w->at = end;
	}
	skip_space(w);
	return true;
}

/* Name, "<", address, ">", comments; the "<" is at `angle`. */
static bool
read_named(struct writer *w, size_t angle)
{
	struct slice name = slice_sub(w->s, w->at, angle - w->at);

	if (!display_name_write(w->a, name, &w->element))
		return false;
	w->at = angle + 1;
	buf_addc(&w->element, '<');
	skip_space(w);
	if (!skip_route(w) || !read_address(w))
		return false;
	skip_space(w);
	if (!next_is(w, '>'))
		return false;
	w->at++;
	buf_addc(&w->element, '>');
	return read_comments(w, false);
}

/* A comment, an address, comments; or comments alone. */
static bool
read_plain(struct writer *w)
{
	size_t end = scan_lenient_comment(w->s, w->at);

	if (end > w->at) {
		buf_add(&w->element, slice_sub(w->s, w->at, end - w->at));
		w->at = end;
		skip_space(w);
		if (w->at == w->s.n || next_is(w, ','))
			return true;
		buf_addc(&w->element, ' ');
	}
	return read_address(w) && read_comments(w, true);
}

/* Where the "<" of the address stands that begins here; SLICE_NONE if there
 * is none before its end. */
static size_t
find_angle(const struct writer *w)
{
	size_t at = w->at;

	while (at < w->s.n) {
		size_t end = scan_lenient_quoted(w->s, at);

		if (end == at)
			end = scan_lenient_comment(w->s, at);
		if (end > at) {
			at = end;
			continue;
		}
		if (w->s.p[at] == '<')
			return at;
		if (slice_chr(SL("(,;:>\\\""), w->s.p[at]) != SLICE_NONE)
			return SLICE_NONE;
		at++;
	}
	return SLICE_NONE;
}

static bool
read_mailbox(struct writer *w)
{
	size_t angle = find_angle(w);

	return angle != SLICE_NONE ? read_named(w, angle) : read_plain(w);
}

/* ---- groups and lists ---- */

/* The ":" behind the name of a group that begins here, or SLICE_NONE. */
static size_t
find_colon(const struct writer *w)
{
	size_t at = w->at;

	for (;;) {
		size_t end = scan_lenient_quoted(w->s, at);

		if (end == at)
			end = scan_atom_utf8(w->s, at);
		if (end == at)
			end = scan_wsp(w->s, at);
		if (end == at && at < w->s.n && w->s.p[at] == '.')
			end++;
		if (end == at)
			break;
		at = end;
	}
	return at > w->at && at < w->s.n && w->s.p[at] == ':' ? at : SLICE_NONE;
}

/* Puts the element behind a comma, on a new line if it does not fit. */
static void
put_element(struct writer *w)
{
	size_t n = w->element.n;

	if (w->first) {
		w->column += n;
	} else if (w->column + 2 + n > WIDTH) {
		buf_adds(&w->out, ",\n" INDENT);
		w->column = sizeof(INDENT) - 1 + n;
	} else {
		buf_adds(&w->out, ", ");
		w->column += 2 + n;
	}
	buf_add(&w->out, buf_slice(&w->element));
	w->first = false;
}

/* The name of a group; its first member stands in the same element. */
static bool
open_group(struct writer *w, size_t colon)
{
	struct slice name = slice_rtrim(slice_sub(w->s, w->at, colon - w->at));

	if (w->in_group || !display_name_write(w->a, name, &w->element))
		return false;
	w->in_group = true;
	w->at = colon + 1;
	buf_addc(&w->element, ':');
	if (skip_space(w))
		buf_addc(&w->element, ' ');
	return true;
}

static bool
read_element(struct writer *w)
{
	size_t colon = find_colon(w);

	buf_clear(&w->element);
	if (colon != SLICE_NONE && !open_group(w, colon))
		return false;
	if (colon == SLICE_NONE || !next_is(w, ';'))
		if (!read_mailbox(w))
			return false;
	if (w->in_group && next_is(w, ';')) {
		w->in_group = false;
		w->at++;
		buf_addc(&w->element, ';');
		skip_space(w);
	}
	w->too_long = !buf_ok(&w->element);
	put_element(w);
	return !w->too_long && (w->at == w->s.n || next_is(w, ','));
}

static bool
read_list(struct writer *w)
{
	for (;;) {
		while (skip_space(w) || next_is(w, ','))
			w->at += next_is(w, ',');
		if (w->at == w->s.n)
			return !w->in_group;
		if (!read_element(w))
			return false;
	}
}

/* Nothing but text: who writes NUL or a lone CR wants to be misread. */
static bool
is_clean(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is(s.p[i], CHAR_CTL) && s.p[i] != '\t')
			return false;
	return true;
}

/* The spaces that the value begins with: Sendmail makes as many spaces of
 * whatever white space it is. */
static struct slice
leading(struct slice value)
{
	size_t n = 0;

	while (n < value.n && value.p[n] == ' ')
		n++;
	if (n < value.n && char_is(value.p[n], CHAR_WSP | CHAR_EOL))
		return SL(" ");
	return slice_sub(value, 0, n);
}

int
address_list_write(struct arena *a, struct slice name, struct slice value,
    address_map_fn map, void *ctx, struct slice *out)
{
	struct writer w = { .a = a, .map = map, .ctx = ctx, .first = true };
	struct slice lead = leading(value);

	w.s = header_unfold(a, value);
	if (w.s.p == NULL)
		return ERR_NOMEM;
	if (!is_clean(w.s))
		return ERR_SYNTAX;
	buf_init(&w.element, a, ELEMENT_MAX);
	buf_init(&w.out, a,
	    (value.n + 1) * EXPANSION + value.n * sizeof(INDENT));
	buf_add(&w.out, lead);
	w.column = name.n + 1 + lead.n;
	if (!read_list(&w) && !arena_failed(a))
		return w.too_long ? ERR_LIMIT : ERR_SYNTAX;
	*out = buf_slice(&w.out);
	return buf_ok(&w.out) && !arena_failed(a) ? 0 : ERR_NOMEM;
}
