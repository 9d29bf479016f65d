/* SPDX-License-Identifier: BSD-2-Clause
 *
 * encoded: one pass; what does not decode is copied as it stands.
 */
#include "mail/encoded.h"

#include "mail/chars.h"

#define CHARSET_MAX ((size_t)64)

struct word {
	char encoding; /* 'b' or 'q' */
	struct slice text;
	size_t end; /* behind the closing ?= */
	bool open;  /* there is no closing ?= up to the end of the text */
};

bool
encoded_has(struct slice s)
{
	return slice_search(s, SL("=?")) != SLICE_NONE;
}

/* An encoded word at offset `at`. */
static bool
read_word(struct slice s, size_t at, struct word *w)
{
	struct slice rest = slice_from(s, at + 2);
	size_t mark = slice_chr(slice_sub(rest, 0, CHARSET_MAX), '?');
	size_t close;

	if (!slice_starts(slice_from(s, at), SL("=?")) || mark == SLICE_NONE)
		return false;
	if (mark + 2 >= rest.n || rest.p[mark + 2] != '?')
		return false;
	w->encoding = slice_lower(rest.p[mark + 1]);
	if (w->encoding != 'b' && w->encoding != 'q')
		return false;
	w->text = slice_from(rest, mark + 3);
	close = slice_search(w->text, SL("?="));
	w->open = close == SLICE_NONE;
	if (w->open)
		return false;
	w->text.n = close;
	w->end = at + 2 + mark + 3 + close + 2;
	return true;
}

static size_t
put(char *out, size_t n, int byte)
{
	if (byte != 0)
		out[n++] = (char)byte;
	return n;
}

static size_t
decode_q(struct slice s, char *out, size_t n)
{
	for (size_t i = 0; i < s.n; i++) {
		int hi = -1, lo = -1;

		if (s.p[i] == '=' && i + 2 < s.n) {
			hi = char_hex_value(s.p[i + 1]);
			lo = char_hex_value(s.p[i + 2]);
		}
		if (hi >= 0 && lo >= 0) {
			n = put(out, n, hi * 16 + lo);
			i += 2;
		} else {
			n = put(out, n, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
	return n;
}

static int
base64_value(char c)
{
	if (char_is(c, CHAR_DIGIT))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	if (!char_is(c, CHAR_ALPHA))
		return -1;
	return c >= 'a' ? c - 'a' + 26 : c - 'A';
}

static size_t
decode_b(struct slice s, char *out, size_t n)
{
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < s.n; i++) {
		int v = base64_value(s.p[i]);

		if (v < 0)
			continue;
		bits = (bits << 6 | (unsigned)v) & 0xffffU;
		have += 6;
		if (have >= 8) {
			have -= 8;
			n = put(out, n, (int)(bits >> have & 0xffU));
		}
	}
	return n;
}

struct slice
encoded_decode(struct arena *a, struct slice s)
{
	char *out = arena_alloc(a, s.n + 1);
	struct word w = { .open = false };
	size_t n = 0;

	if (out == NULL)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < s.n;) {
		/* Once one word is open none behind it can close: linear. */
		if (s.p[i] == '=' && !w.open && read_word(s, i, &w)) {
			n = w.encoding == 'b' ? decode_b(w.text, out, n) :
						decode_q(w.text, out, n);
			i = w.end;
			continue;
		}
		n = put(out, n, s.p[i]);
		i++;
	}
	return slice_of(out, n);
}
