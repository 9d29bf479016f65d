/* SPDX-License-Identifier: BSD-2-Clause
 *
 * display_name: words, quoted strings, encoded words and comments, one after
 * the other; runs of words are quoted as one.
 */
#include "mail/display_name.h"

#include "mail/scan.h"

/* Sendmail's MustQuoteChars without those that no name gets here with. */
#define MUST_QUOTE SL(".@'[]")

enum kind { KIND_WORD, KIND_QUOTED, KIND_ENCODED, KIND_COMMENT };

struct item {
	enum kind kind;
	struct slice text;
	struct slice space; /* in front of it */
};

static bool
must_quote(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (slice_chr(MUST_QUOTE, s.p[i]) != SLICE_NONE)
			return true;
	return false;
}

static size_t
scan_name_word(struct slice s, size_t at)
{
	while (at < s.n &&
	    (char_is(s.p[at], CHAR_ATEXT | CHAR_HIGH) ||
		slice_chr(MUST_QUOTE, s.p[at]) != SLICE_NONE))
		at++;
	return at;
}

/* The item at *at; false if there is none that we know. */
static bool
next_item(struct slice s, size_t *at, struct item *out)
{
	size_t begin = scan_wsp(s, *at), end;

	out->space = slice_sub(s, *at, begin - *at);
	out->kind = KIND_QUOTED;
	end = scan_lenient_quoted(s, begin);
	if (end == begin) {
		out->kind = KIND_COMMENT;
		end = scan_lenient_comment(s, begin);
	}
	if (end == begin) {
		out->kind = KIND_WORD;
		end = scan_name_word(s, begin);
	}
	out->text = slice_sub(s, begin, end - begin);
	if (out->kind == KIND_WORD && slice_starts(out->text, SL("=?")) &&
	    slice_ends(out->text, SL("?=")))
		out->kind = KIND_ENCODED;
	*at = end;
	return end > begin;
}

/* An encoded word: in the encoding Q any character may be written =XX. */
static bool
write_encoded(struct slice word, struct buf *out)
{
	struct slice head = slice_from(word, 2);
	size_t mark = slice_chr(head, '?');

	if (!must_quote(word)) {
		buf_add(out, word);
		return true;
	}
	head = slice_sub(word, 0, mark == SLICE_NONE ? 0 : 2 + mark);
	if (head.n == 0 || must_quote(head) ||
	    !slice_istarts(slice_from(word, head.n), SL("?q?")))
		return false;
	for (size_t i = 0; i < word.n; i++) {
		if (slice_chr(MUST_QUOTE, word.p[i]) != SLICE_NONE)
			buf_printf(out, "=%02X", (unsigned)word.p[i]);
		else
			buf_addc(out, word.p[i]);
	}
	return true;
}

static void
write_escaped(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}

/* Words and quoted strings from `s` on that stand together; returns where they
 * end. They are quoted if one of them has to be. */
static size_t
write_run(struct arena *a, struct slice s, struct buf *out)
{
	size_t at = 0, end = 0;
	bool quote = false;
	struct item it;

	while (next_item(s, &at, &it) &&
	    (it.kind == KIND_WORD || it.kind == KIND_QUOTED)) {
		quote = quote || (it.kind == KIND_WORD && must_quote(it.text));
		end = at;
	}
	if (!quote) {
		buf_add(out, slice_sub(s, 0, end));
		return end;
	}
	buf_addc(out, '"');
	for (at = 0; at < end && next_item(s, &at, &it);) {
		char *plain = arena_alloc(a, it.text.n);

		if (plain == NULL)
			break;
		if (it.space.n > 0)
			buf_addc(out, ' ');
		write_escaped(it.kind == KIND_QUOTED ?
			slice_of(plain, scan_unquote(it.text, plain)) :
			it.text,
		    out);
	}
	buf_addc(out, '"');
	return end;
}

bool
display_name_write(struct arena *a, struct slice name, struct buf *out)
{
	size_t behind;

	while ((behind = scan_wsp(name, 0)) < name.n) {
		size_t at = 0;
		struct item it;

		if (!next_item(name, &at, &it))
			return false;
		buf_add(out, it.space);
		name = slice_from(name, it.space.n);
		at -= it.space.n;
		switch (it.kind) {
		case KIND_WORD:
		case KIND_QUOTED:
			at = write_run(a, name, out);
			break;
		case KIND_ENCODED:
			if (!write_encoded(it.text, out))
				return false;
			break;
		case KIND_COMMENT:
			buf_add(out, it.text);
			break;
		}
		name = slice_from(name, at);
	}
	buf_add(out, name);
	return true;
}
