/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_traps: line by line through memchr; 8-bit text by words of the machine.
 */
#include "check/dkim_traps.h"

void
dkim_traps_headers(struct dkim_traps *t, const struct header_list *h)
{
	for (size_t i = 0; i < h->fields.n && !t->long_line; i++) {
		struct slice rest = h->fields.at[i].raw, line;

		while (slice_cut(&rest, '\n', &line))
			if (line.n > DKIM_TRAPS_LINE + 1 ||
			    (line.n > DKIM_TRAPS_LINE &&
				!slice_ends(line, SL("\r"))))
				t->long_line = true;
	}
}

static bool
has_high_bit(struct slice s)
{
	uint64_t all = 0, word;
	size_t i = 0;

	for (; i + sizeof(word) <= s.n; i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		all |= word;
	}
	for (; i < s.n; i++)
		all |= (uint64_t)(s.p[i] & 0x80);
	return (all & 0x8080808080808080U) != 0;
}

/* True if there is a CR that no LF follows, in a text without LF. */
static bool
has_bare_cr(struct slice line, bool before_lf)
{
	size_t at = slice_chr(line, '\r');

	if (at == SLICE_NONE)
		return false;
	return !(before_lf && at + 1 == line.n);
}

/* Octets up to, not including, a LF (or the end of the chunk). */
static void
take_line(struct dkim_traps *t, struct slice part, bool ended)
{
	bool cr = part.n > 0 ? part.p[part.n - 1] == '\r' : t->cr;

	if (t->cr && part.n > 0)
		t->bare = true;
	t->line += part.n;
	if (ended) {
		t->bare = t->bare || !cr || has_bare_cr(part, true);
		/* the CR of the line end is no part of the line */
		t->long_line =
		    t->long_line || t->line > DKIM_TRAPS_LINE + (cr ? 1 : 0);
		t->line = 0;
		t->cr = false;
		return;
	}
	if (cr && part.n > 0)
		part.n--;
	t->bare = t->bare || has_bare_cr(part, false);
	t->cr = cr;
}

void
dkim_traps_body(struct dkim_traps *t, struct slice chunk)
{
	if (!t->eight_bit)
		t->eight_bit = has_high_bit(chunk);
	while (chunk.n > 0) {
		size_t lf = slice_chr(chunk, '\n');

		take_line(t, slice_sub(chunk, 0, lf), lf != SLICE_NONE);
		chunk = slice_from(chunk, lf == SLICE_NONE ? chunk.n : lf + 1);
	}
}

void
dkim_traps_end(struct dkim_traps *t)
{
	t->bare = t->bare || t->cr;
	t->long_line = t->long_line || t->line > DKIM_TRAPS_LINE;
}

/* ---- addresses ---- */

/* Where the reader of an address field stands. */
struct place_in {
	bool quoted, angle;
	unsigned comments;
};

/* Goes on by one octet (two after a backslash); false at the end. */
static bool
step(struct slice s, size_t *i, struct place_in *at)
{
	char c = s.p[*i];

	if (c == '\\' && (at->quoted || at->comments > 0))
		(*i)++;
	else if (at->quoted)
		at->quoted = c != '"';
	else if (c == '(')
		at->comments++;
	else if (c == ')' && at->comments > 0)
		at->comments--;
	else if (at->comments == 0 && c == '"')
		at->quoted = true;
	else if (at->comments == 0 && (c == '<' || c == '>'))
		at->angle = c == '<';
	return ++*i < s.n;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* True if there is an angle bracket outside quotes and comments. */
static bool
has_angle(struct slice s)
{
	struct place_in at = { 0 };
	size_t i = 0;

	while (i < s.n && step(s, &i, &at))
		if (at.angle)
			return true;
	return false;
}

/* One address of a list, trimmed. */
static bool
address_stays(struct slice s)
{
	bool angle = has_angle(s), at_sign = false;
	struct place_in at = { 0 };
	size_t i = 0;

	/* "undisclosed-recipients:;" and the like */
	if (slice_ends(s, SL(":;")))
		return true;
	while (i < s.n) {
		struct place_in before = at;
		char c = s.p[i];

		if (!before.quoted && before.comments == 0) {
			bool inside = before.angle || !angle;

			at_sign = at_sign || (inside && c == '@');
			if (inside && is_space(c) &&
			    (before.angle || i + 1 >= s.n || s.p[i + 1] != '('))
				return false;
			if (!inside &&
			    slice_chr(SL(".@,:;[]\\"), c) != SLICE_NONE)
				return false;
			if (inside && (c == ';' || c == ':'))
				return false;
		}
		if (!step(s, &i, &at))
			break;
	}
	return at_sign;
}

/* A whole field: addresses with a comma and white space between them. */
static bool
list_stays(struct slice s, bool exact)
{
	struct place_in at = { 0 };
	size_t begin = 0, i = 0;

	if (slice_trim(s).n == 0)
		return true;
	while (i < s.n) {
		bool plain = !at.quoted && !at.angle && at.comments == 0;

		if (plain && s.p[i] == ',') {
			if (exact || i + 1 >= s.n || !is_space(s.p[i + 1]) ||
			    !address_stays(
				slice_trim(slice_sub(s, begin, i - begin))))
				return false;
			begin = i + 1;
		}
		(void)step(s, &i, &at);
	}
	if (exact && slice_chr(slice_trim(s), '\n') != SLICE_NONE)
		return false;
	return address_stays(slice_trim(slice_from(s, begin)));
}

const struct header_field *
dkim_traps_addresses(const struct header_list *h, bool exact)
{
	static const char *const names[] = { "From", "Sender", "Reply-To", "To",
		"Cc" };

	for (size_t i = 0; i < h->fields.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (slice_ieq(h->fields.at[i].name,
				slice_c(names[k])) &&
			    !list_stays(h->fields.at[i].value, exact))
				return &h->fields.at[i];
	return NULL;
}
