/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_traps: line by line through memchr; 8-bit text by words of the machine.
 */
#include "check/dkim_traps.h"

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

static bool
has_long_line(struct slice rest)
{
	struct slice line;

	while (slice_cut(&rest, '\n', &line))
		if (line.n > DKIM_TRAPS_LINE + 1 ||
		    (line.n > DKIM_TRAPS_LINE && !slice_ends(line, SL("\r"))))
			return true;
	return false;
}

/* True of "Content-Transfer-Encoding: 8bit" (RFC 2045 section 6.1). */
static bool
says_eight_bit(struct slice field)
{
	struct slice name = SL("Content-Transfer-Encoding:");

	if (!slice_istarts(field, name))
		return false;
	field = slice_trim(slice_from(field, name.n));
	return slice_istarts(field, SL("8bit")) ||
	    slice_istarts(field, SL("binary"));
}

void
dkim_traps_headers(struct dkim_traps *t, const struct header_list *h)
{
	for (size_t i = 0; i < h->fields.n; i++) {
		struct slice raw = h->fields.at[i].raw;

		t->long_line = t->long_line || has_long_line(raw);
		t->eight_bit_header = t->eight_bit_header || has_high_bit(raw);
		t->eight_bit = t->eight_bit || says_eight_bit(raw);
	}
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

/* Keeps how a line begins that may be the label of a MIME part. */
static void
take_label(struct dkim_traps *t, struct slice part)
{
	size_t n = sizeof(t->label) - t->label_n;

	if (t->line == 0 && part.n > 0 && slice_lower(part.p[0]) != 'c')
		return;
	if (t->line != t->label_n) /* it is none, or all is there */
		return;
	part = slice_sub(part, 0, n);
	if (part.n > 0)
		memcpy(t->label + t->label_n, part.p, part.n);
	t->label_n += part.n;
}

static void
end_label(struct dkim_traps *t)
{
	t->eight_bit =
	    t->eight_bit || says_eight_bit(slice_of(t->label, t->label_n));
	t->label_n = 0;
}

/* Octets up to, not including, a LF (or the end of the chunk). */
static void
take_line(struct dkim_traps *t, struct slice part, bool ended)
{
	bool cr = part.n > 0 ? part.p[part.n - 1] == '\r' : t->cr;

	if (t->cr && part.n > 0)
		t->bare = true;
	take_label(t, part);
	t->line += part.n;
	if (ended) {
		end_label(t);
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
	end_label(t);
	t->bare = t->bare || t->cr;
	t->long_line = t->long_line || t->line > DKIM_TRAPS_LINE;
}
