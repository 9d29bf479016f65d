/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scan: the rules. Nesting of comments is counted, not recursed into.
 */
#include "mail/scan.h"

size_t
scan_class(struct slice s, size_t at, unsigned classes)
{
	while (at < s.n && char_is(s.p[at], classes))
		at++;
	return at;
}

size_t
scan_wsp(struct slice s, size_t at)
{
	return scan_class(s, at, CHAR_WSP);
}

size_t
scan_fws(struct slice s, size_t at)
{
	for (;;) {
		at = scan_wsp(s, at);
		if (at + 2 >= s.n || s.p[at] != '\r' || s.p[at + 1] != '\n' ||
		    !char_is(s.p[at + 2], CHAR_WSP))
			return at;
		at += 2;
	}
}

size_t
scan_utf8(struct slice s, size_t at)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = at < s.n ? (unsigned char)s.p[at] : 0;
	size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	uint32_t v;

	if (c < 0xc2 || c > 0xf4 || len > s.n - at)
		return at;
	v = c & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char x = (unsigned char)s.p[at + i];

		if ((x & 0xc0) != 0x80)
			return at;
		v = v << 6 | (x & 0x3fU);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return at;
	return at + len;
}

/* quoted-pair: a backslash and VCHAR, WSP or UTF-8. */
static size_t
scan_quoted_pair(struct slice s, size_t at)
{
	if (at + 1 >= s.n || s.p[at] != '\\')
		return at;
	if (char_is(s.p[at + 1], CHAR_VCHAR | CHAR_WSP))
		return at + 2;
	return scan_utf8(s, at + 1) > at + 1 ? scan_utf8(s, at + 1) : at;
}

/* One step inside a quoted, bracketed or commented text: a run of the class,
 * a quoted pair, FWS or UTF-8. */
static size_t
scan_inside(struct slice s, size_t at, unsigned class)
{
	size_t end = scan_class(s, at, class);

	if (end == at)
		end = scan_fws(s, at);
	if (end == at)
		end = scan_quoted_pair(s, at);
	if (end == at)
		end = scan_utf8(s, at);
	return end;
}

size_t
scan_comment(struct slice s, size_t at)
{
	size_t i = at, depth = 0, end;

	if (i >= s.n || s.p[i] != '(')
		return at;
	while (i < s.n) {
		if (s.p[i] == '(') {
			depth++;
			i++;
		} else if (s.p[i] == ')') {
			i++;
			if (--depth == 0)
				return i;
		} else {
			end = scan_inside(s, i, CHAR_CTEXT);
			if (end == i)
				return at;
			i = end;
		}
	}
	return at;
}

size_t
scan_cfws(struct slice s, size_t at)
{
	for (;;) {
		size_t end = scan_comment(s, scan_fws(s, at));

		if (end == at)
			return at;
		at = end;
	}
}

size_t
scan_atom(struct slice s, size_t at)
{
	return scan_class(s, at, CHAR_ATEXT);
}

size_t
scan_atom_utf8(struct slice s, size_t at)
{
	for (;;) {
		size_t end = scan_utf8(s, scan_atom(s, at));

		if (end == at)
			return at;
		at = end;
	}
}

static size_t
scan_dotted(struct slice s, size_t at,
    size_t (*part)(struct slice s, size_t at))
{
	size_t end = part(s, at);

	while (end > at && end < s.n && s.p[end] == '.') {
		size_t next = part(s, end + 1);

		if (next == end + 1)
			break;
		end = next;
	}
	return end;
}

size_t
scan_dot_atom(struct slice s, size_t at)
{
	return scan_dotted(s, at, scan_atom);
}

size_t
scan_dot_atom_utf8(struct slice s, size_t at)
{
	return scan_dotted(s, at, scan_atom_utf8);
}

/* open *(inside) close */
static size_t
scan_enclosed(struct slice s, size_t at, const char pair[2], unsigned class)
{
	size_t i = at, end;

	if (i >= s.n || s.p[i] != pair[0])
		return at;
	i++;
	while (i < s.n && s.p[i] != pair[1]) {
		end = scan_inside(s, i, class);
		if (end == i)
			return at;
		i = end;
	}
	return i < s.n ? i + 1 : at;
}

size_t
scan_quoted_string(struct slice s, size_t at)
{
	return scan_enclosed(s, at, "\"\"", CHAR_QTEXT);
}

size_t
scan_domain_literal(struct slice s, size_t at)
{
	return scan_enclosed(s, at, "[]", CHAR_DTEXT);
}

size_t
scan_token(struct slice s, size_t at)
{
	return scan_class(s, at, CHAR_TOKEN);
}

size_t
scan_tag_name(struct slice s, size_t at)
{
	if (at >= s.n || !char_is(s.p[at], CHAR_ALPHA))
		return at;
	while (at < s.n &&
	    (char_is(s.p[at], CHAR_ALPHA | CHAR_DIGIT) || s.p[at] == '_'))
		at++;
	return at;
}

size_t
scan_lenient_space(struct slice s, size_t at)
{
	while (at < s.n &&
	    (char_is(s.p[at], CHAR_WSP | CHAR_EOL) || s.p[at] == '\0'))
		at++;
	return at;
}

size_t
scan_lenient_comment(struct slice s, size_t at)
{
	size_t depth = 0;

	if (at >= s.n || s.p[at] != '(')
		return at;
	for (size_t i = at; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return at;
}

size_t
scan_lenient_cfws(struct slice s, size_t at)
{
	for (;;) {
		size_t end = scan_lenient_comment(s, scan_lenient_space(s, at));

		if (end == at)
			return at;
		at = end;
	}
}

size_t
scan_lenient_quoted(struct slice s, size_t at)
{
	if (at >= s.n || s.p[at] != '"')
		return at;
	for (size_t i = at + 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return at;
}

size_t
scan_unquote(struct slice s, char *out)
{
	bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
	size_t end = quoted ? s.n - 1 : s.n, n = 0;

	for (size_t i = quoted ? 1 : 0; i < end; i++) {
		if (quoted && s.p[i] == '\\' && i + 1 < end)
			i++;
		else if (quoted && char_is(s.p[i], CHAR_EOL))
			continue;
		out[n++] = s.p[i];
	}
	return n;
}

bool
scan_is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is(s.p[i], CHAR_HIGH))
			return false;
	return true;
}

bool
scan_is_utf8(struct slice s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t end =
		    char_is(s.p[i], CHAR_HIGH) ? scan_utf8(s, i) : i + 1;

		if (end == i)
			return false;
		i = end;
	}
	return true;
}
