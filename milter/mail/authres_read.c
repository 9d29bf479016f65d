/* SPDX-License-Identifier: BSD-2-Clause
 *
 * authres_read: Authentication-Results in (RFC 8601 section 2.2), and the
 * question whose results a field claims to be. A cursor walks over one copy of
 * the value in which the folds are undone.
 */
#include "base/err.h"
#include "mail/authres.h"
#include "mail/domain.h"
#include "mail/scan.h"

/* More than any id can take with its folds; an id that does not end within is
 * unreadable. */
#define ID_BYTES_MAX ((size_t)2048)

struct cursor {
	struct arena *arena;
	struct slice text;
	size_t at;
};

/* Copies without the line ends that white space follows; `out` has room for
 * s.n bytes. Any other CR or LF stays and is an error to the grammar. */
static struct slice
unfold(struct slice s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		size_t lf = s.p[i] == '\r' ? i + 1 : i;

		if (lf + 1 < s.n && s.p[lf] == '\n' &&
		    char_is(s.p[lf + 1], CHAR_WSP))
			i = lf + 1;
		out[n++] = s.p[i];
	}
	return slice_of(out, n);
}

static void
skip_cfws(struct cursor *c)
{
	c->at = scan_cfws(c->text, c->at);
}

static bool
at_end(const struct cursor *c)
{
	return c->at == c->text.n;
}

static bool
take(struct cursor *c, char want)
{
	if (at_end(c) || c->text.p[c->at] != want)
		return false;
	c->at++;
	return true;
}

/* [CFWS] want [CFWS] */
static bool
take_amid_cfws(struct cursor *c, char want)
{
	skip_cfws(c);
	if (!take(c, want))
		return false;
	skip_cfws(c);
	return true;
}

/* From the cursor to `end`, which becomes the cursor. */
static struct slice
take_to(struct cursor *c, size_t end)
{
	struct slice s = slice_sub(c->text, c->at, end - c->at);

	c->at = end;
	return s;
}

static bool
take_digits(struct cursor *c, struct slice *out)
{
	*out = take_to(c, scan_class(c->text, c->at, CHAR_DIGIT));
	return out->n > 0;
}

/* Keyword (RFC 5321 section 4.1.2: letters, digits and hyphens, the last no
 * hyphen), in lower case. */
static int
take_keyword(struct cursor *c, struct slice *out)
{
	struct slice s = take_to(c, scan_class(c->text, c->at, CHAR_LDH));

	if (s.n == 0 || s.p[s.n - 1] == '-')
		return ERR_SYNTAX;
	*out = arena_lower(c->arena, s);
	return out->p != NULL ? 0 : ERR_NOMEM;
}

/* Characters of a token or UTF-8. */
static size_t
scan_token_utf8(struct slice s, size_t at)
{
	for (;;) {
		size_t end = scan_utf8(s, scan_token(s, at));

		if (end == at)
			return at;
		at = end;
	}
}

static int
unquote(struct cursor *c, struct slice s, struct slice *out)
{
	char *p = arena_alloc(c->arena, s.n);

	if (p == NULL)
		return ERR_NOMEM;
	*out = slice_of(p, scan_unquote(s, p));
	return 0;
}

/* value of RFC 2045: a token or a quoted-string. */
static int
take_value(struct cursor *c, struct slice *out)
{
	size_t end = scan_quoted_string(c->text, c->at);

	if (end > c->at)
		return unquote(c, take_to(c, end), out);
	*out = take_to(c, scan_token_utf8(c->text, c->at));
	return out->n > 0 ? 0 : ERR_SYNTAX;
}

/* Letters, digits, hyphens and, though no host name has them, underscores. */
static size_t
scan_label(struct slice s, size_t at)
{
	for (;;) {
		size_t end = scan_utf8(s, scan_class(s, at, CHAR_LDH));

		if (end < s.n && s.p[end] == '_')
			end++;
		if (end == at)
			return at;
		at = end;
	}
}

/* Labels with single dots between, UTF-8 allowed; `at` itself if none. */
static size_t
scan_domain_name(struct slice s, size_t at)
{
	size_t end = at, label = at;

	for (;;) {
		size_t next = scan_label(s, label);

		if (next == label || s.p[label] == '-' || s.p[next - 1] == '-')
			return end;
		end = next;
		if (end == s.n || s.p[end] != '.')
			return end;
		label = end + 1;
	}
}

/* [[local-part] "@"] domain-name with an "@" in it. No match: false. */
static bool
take_address(struct cursor *c, struct slice *out)
{
	size_t local = scan_quoted_string(c->text, c->at), end;

	if (local == c->at)
		local = scan_dot_atom_utf8(c->text, c->at);
	if (local == c->text.n || c->text.p[local] != '@')
		return false;
	end = scan_domain_name(c->text, local + 1);
	if (end == local + 1)
		return false;
	*out = take_to(c, end);
	return true;
}

/* propspec, behind its CFWS. */
static int
take_prop(struct cursor *c, struct authres_item *item)
{
	struct authres_prop *prop =
	    authres_prop_vec_push(&item->props, c->arena);
	int err;

	if (prop == NULL)
		return ERR_NOMEM;
	err = take_keyword(c, &prop->ptype);
	if (err == 0 && !take_amid_cfws(c, '.'))
		return ERR_SYNTAX;
	if (err == 0)
		err = take_keyword(c, &prop->property);
	if (err == 0 && !take_amid_cfws(c, '='))
		return ERR_SYNTAX;
	if (err == 0 && !take_address(c, &prop->value))
		err = take_value(c, &prop->value);
	skip_cfws(c);
	return err;
}

/* "reason" [CFWS] "=" [CFWS] value, if it is there. */
static int
take_reason(struct cursor *c, struct authres_item *item)
{
	struct cursor ahead = *c;
	struct slice word;
	int err = take_keyword(&ahead, &word);

	if (err == ERR_NOMEM)
		return err;
	if (err != 0 || !slice_eq(word, SL("reason")) ||
	    !take_amid_cfws(&ahead, '='))
		return 0;
	*c = ahead;
	err = take_value(c, &item->reason);
	skip_cfws(c);
	return err;
}

/* methodspec [CFWS reasonspec] [CFWS 1*propspec], to ";" or the end. */
static int
take_item(struct cursor *c, struct authres_item *item)
{
	int err = take_keyword(c, &item->method);

	if (err != 0)
		return err;
	skip_cfws(c);
	if (take(c, '/')) {
		skip_cfws(c);
		if (!take_digits(c, &item->version))
			return ERR_SYNTAX;
	}
	if (!take_amid_cfws(c, '='))
		return ERR_SYNTAX;
	err = take_keyword(c, &item->result);
	if (err != 0)
		return err;
	/* What follows a keyword without CFWS would not be a new word. */
	if (!at_end(c) && scan_cfws(c->text, c->at) == c->at &&
	    c->text.p[c->at] != ';')
		return ERR_SYNTAX;
	skip_cfws(c);
	err = take_reason(c, item);
	while (err == 0 && !at_end(c) && c->text.p[c->at] != ';')
		err = take_prop(c, item);
	return err;
}

/* [CFWS] authserv-id [CFWS authres-version], to ";" or the end. */
static int
take_id(struct cursor *c, struct authres *out)
{
	int err;

	skip_cfws(c);
	err = take_value(c, &out->id);
	if (err != 0)
		return err;
	if (scan_cfws(c->text, c->at) > c->at) {
		skip_cfws(c);
		(void)take_digits(c, &out->version);
		skip_cfws(c);
	}
	return at_end(c) || c->text.p[c->at] == ';' ? 0 : ERR_SYNTAX;
}

/* "none" and nothing else behind the first semicolon. */
static bool
is_no_result(const struct cursor *c)
{
	struct slice rest = slice_from(c->text, c->at);

	return slice_istarts(rest, SL("none")) && scan_cfws(rest, 4) == rest.n;
}

static int
take_items(struct cursor *c, struct authres *out)
{
	if (!take_amid_cfws(c, ';'))
		return ERR_SYNTAX;
	if (is_no_result(c))
		return 0;
	for (;;) {
		struct authres_item *item;
		int err;

		if (out->items.n == AUTHRES_ITEMS_MAX)
			return ERR_LIMIT;
		item = authres_item_vec_push(&out->items, c->arena);
		if (item == NULL)
			return ERR_NOMEM;
		err = take_item(c, item);
		if (err != 0 || at_end(c))
			return err;
		if (!take_amid_cfws(c, ';'))
			return ERR_SYNTAX;
	}
}

int
authres_parse(struct arena *a, struct slice value, struct authres *out)
{
	struct cursor c = { .arena = a };
	char *text;
	int err;

	*out = (struct authres){ 0 };
	if (value.n > AUTHRES_BYTES_MAX)
		return ERR_LIMIT;
	text = arena_alloc(a, value.n);
	if (text == NULL)
		return ERR_NOMEM;
	c.text = unfold(value, text);
	err = take_id(&c, out);
	return err != 0 ? err : take_items(&c, out);
}

/* Without white space and final dots, which a careless reader may overlook. */
static struct slice
bare_id(struct slice s, char out[ID_BYTES_MAX])
{
	size_t n = 0;

	s = slice_sub(s, 0, ID_BYTES_MAX);
	for (size_t i = 0; i < s.n; i++)
		if (!char_is(s.p[i], CHAR_WSP | CHAR_EOL) && s.p[i] != '\0')
			out[n++] = s.p[i];
	while (n > 0 && out[n - 1] == '.')
		n--;
	return slice_of(out, n);
}

/* Takes memory only where there are U-labels: fields can be many. */
static bool
same_id(struct arena *a, struct slice x, struct slice y)
{
	char x_bare[ID_BYTES_MAX], y_bare[ID_BYTES_MAX];

	x = bare_id(x, x_bare);
	y = bare_id(y, y_bare);
	if (x.n == 0)
		return false;
	if (slice_ieq(x, y) || (scan_is_ascii(x) && scan_is_ascii(y)))
		return slice_ieq(x, y);
	x = domain_to_ascii(a, x);
	y = domain_to_ascii(a, y);
	return x.n > 0 && slice_eq(x, y);
}

/* The first word as a forgiving reader would see it: comments and white space of
 * any kind in front do not count, quotes are undone, it ends where an id can
 * not go on. */
static struct slice
loose_id(struct slice value, char out[ID_BYTES_MAX])
{
	size_t at = scan_lenient_cfws(value, 0);
	size_t end = scan_lenient_quoted(value, at);

	if (end > at)
		return slice_of(out,
		    scan_unquote(slice_sub(value, at, end - at), out));
	while (end < value.n &&
	    slice_chr(SL(";( \t\r\n="), value.p[end]) == SLICE_NONE)
		end++;
	return slice_sub(value, at, end - at);
}

static enum authres_claim
judge_claim(struct arena *a, struct slice value, struct slice id)
{
	struct slice head = slice_sub(value, 0, ID_BYTES_MAX);
	struct cursor c = { .arena = a };
	struct authres read = { 0 };
	char space[ID_BYTES_MAX];

	if (same_id(a, loose_id(head, space), id))
		return AUTHRES_CLAIMS;
	c.text = unfold(head, space);
	if (take_id(&c, &read) != 0)
		return AUTHRES_BROKEN;
	if (same_id(a, read.id, id))
		return AUTHRES_CLAIMS;
	/* A no-break space at its end, for instance: some reader drops it. */
	if (!scan_is_ascii(read.id) && domain_to_ascii(a, read.id).n == 0)
		return AUTHRES_BROKEN;
	if (at_end(&c) && head.n < value.n)
		return AUTHRES_BROKEN;
	if (read.version.n > 0 && !slice_eq(read.version, SL("1")))
		return AUTHRES_BROKEN;
	return AUTHRES_OTHER;
}

enum authres_claim
authres_claim(struct arena *a, struct slice value, struct slice id)
{
	enum authres_claim claim = judge_claim(a, value, id);

	/* A comparison may have failed for want of memory alone. */
	return claim == AUTHRES_OTHER && arena_failed(a) ? AUTHRES_BROKEN :
							   claim;
}
