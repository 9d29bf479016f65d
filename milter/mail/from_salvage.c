/* SPDX-License-Identifier: BSD-2-Clause
 *
 * from_salvage: addresses out of text that is no address-list, or that some
 * program may not read as one. The rule is: what a mail program could show as
 * the author must come out, whatever the grammar says; what is plainly a display name
 * in front of an address in brackets must not.
 *
 * The text is cut into parts at commas, semicolons and colons. Every loop
 * goes forward only: a quote or comment that does not close turns quotes or
 * comments off for the rest, and the number of '@' looked at is bounded.
 */
#include "base/err.h"
#include "mail/encoded.h"
#include "mail/from_parts.h"
#include "mail/scan.h"

#define GAPS_MAX 8U /* prefixes of a divided domain that are tried */
/* A comment may be walked over once for each '@' in it. */
#define COMMENT_OCTETS_MAX ((size_t)1 << 20)
#define NAME_CHARS (CHAR_ATEXT | CHAR_HIGH)

/* A domain name of the text in one piece, and where it was divided. */
struct joined {
	struct buf text;
	size_t gaps[GAPS_MAX];
	unsigned n_gaps;
};

/* scan_lenient_cfws(), as long as that has not taken too much in all. */
static size_t
skip_cfws(struct from_reader *r, struct slice s, size_t at)
{
	size_t end;

	if (r->comment_octets > COMMENT_OCTETS_MAX) {
		from_more(r, LIMIT_FROM_ADDRESSES);
		return scan_lenient_space(s, at);
	}
	end = scan_lenient_cfws(s, at);
	r->comment_octets += end - at;
	if (end < s.n && s.p[end] == '(') /* to the end, and it is none */
		r->comment_octets += s.n - end;
	return end;
}

static void
read_name(struct from_reader *r, struct slice s, size_t at, struct joined *j)
{
	for (;;) {
		size_t end = at, next;

		while (end < s.n &&
		    (s.p[end] == '.' || char_is(s.p[end], NAME_CHARS)))
			end++;
		buf_add(&j->text, slice_sub(s, at, end - at));
		next = skip_cfws(r, s, end);
		/* Some program drops the backslash of "b\.example". */
		if (next == end && end < s.n && s.p[end] == '\\')
			next = end + 1;
		if (next == end || next >= s.n)
			return;
		/* Only dots join what white space or comments divide. */
		if (s.p[next] != '.' && (end == at || s.p[end - 1] != '.'))
			return;
		if (j->n_gaps >= GAPS_MAX) {
			from_more(r, LIMIT_FROM_ADDRESSES);
			return;
		}
		j->gaps[j->n_gaps++] = j->text.n;
		at = next;
	}
}

static struct slice
read_local(struct slice s, size_t begin, size_t at)
{
	size_t end = at, i;

	while (end > begin && char_is(s.p[end - 1], CHAR_WSP | CHAR_EOL))
		end--;
	i = end;
	if (i > begin && s.p[i - 1] == '"') {
		i--;
		while (i > begin && s.p[i - 1] != '"')
			i--;
		return i > begin ? slice_sub(s, i - 1, end - i + 1) :
				   slice_sub(s, end, 0);
	}
	while (
	    i > begin && (s.p[i - 1] == '.' || char_is(s.p[i - 1], NAME_CHARS)))
		i--;
	return slice_sub(s, i, end - i);
}

/* What stands at the '@' at offset `at`; `begin` is where its part begins.
 * True if there is a domain, of two labels or more if `dotted`;
 * an address literal is none. */
static bool
read_at_sign(struct from_reader *r, struct slice s, size_t begin, size_t at,
    bool dotted)
{
	struct joined j = { .n_gaps = 0 };
	struct slice local;
	size_t from, end;
	bool found;

	if (r->at_signs++ >= MOST_FROM_ADDRESSES) {
		from_more(r, LIMIT_FROM_ADDRESSES);
		return false;
	}
	local = read_local(s, begin, at);
	from = skip_cfws(r, s, at + 1);
	end = scan_domain_literal(s, from);
	if (end > from) {
		if (!dotted)
			from_add(r, local, slice_sub(s, from, end - from));
		return false;
	}
	buf_init(&j.text, r->a, s.n);
	read_name(r, s, from, &j);
	if (!buf_ok(&j.text))
		r->err = ERR_NOMEM;
	if (dotted && slice_chr(buf_slice(&j.text), '.') == SLICE_NONE)
		return false;
	found = from_add(r, local, buf_slice(&j.text));
	for (unsigned i = 0; i < j.n_gaps; i++) {
		struct slice prefix =
		    slice_sub(buf_slice(&j.text), 0, j.gaps[i]);
		size_t dot = slice_chr(prefix, '.');

		if (dot != SLICE_NONE && dot + 1 < prefix.n)
			found = from_add(r, local, prefix) || found;
	}
	return found;
}

bool
from_salvage_all(struct from_reader *r, struct slice text)
{
	bool found = false;

	if (encoded_has(text)) {
		text = encoded_decode(r->a, text);
		if (text.p == NULL) {
			r->err = ERR_NOMEM;
			return false;
		}
	}
	for (size_t i = 0, begin = 0; i < text.n; i++) {
		if (text.p[i] != '@')
			continue;
		found = read_at_sign(r, text, begin, i, true) || found;
		begin = i + 1;
	}
	return found;
}

struct salvage {
	struct from_reader *r;
	struct slice s;
	bool quotes, comments; /* all of them close so far */
	size_t begin;          /* of the current part */
	size_t bracket; /* behind its first useful <...>, or SLICE_NONE */
	/* '@' outside quotes, comments and brackets */
	size_t ats[MOST_FROM_ADDRESSES];
	size_t n_ats;
};

/* Behind a quoted string or a comment at `at`, or `at`. */
static size_t
skip_hidden(struct salvage *v, size_t at)
{
	size_t end = at;

	if (v->quotes && v->s.p[at] == '"') {
		end = scan_lenient_quoted(v->s, at);
		v->quotes = end > at;
	} else if (v->comments && v->s.p[at] == '(') {
		end = scan_lenient_comment(v->s, at);
		v->comments = end > at;
	}
	return end;
}

/* "<@a,@b:c@d>": the mailbox first, then the hosts of the route. */
static bool
read_inside(struct from_reader *r, struct slice inside, const size_t *ats,
    size_t n, size_t offset)
{
	size_t start = scan_lenient_cfws(inside, 0), colon = SLICE_NONE;
	size_t before = r->out->authors.n;
	bool found = false;

	if (start < inside.n && inside.p[start] == '@')
		colon = slice_chr(inside, ':');
	for (unsigned round = 0; round < 2; round++) {
		for (size_t i = 0; i < n; i++) {
			size_t at = ats[i] - offset;
			bool route = colon != SLICE_NONE && at < colon;

			if (route != (round == 1))
				continue;
			found = read_at_sign(r, inside, 0, at, false) || found;
		}
	}
	found = found || from_salvage_all(r, inside);
	if (n > 0 && !found && r->out->authors.n == before)
		r->unreadable = true;
	return found;
}

/* The '<' is at `at`; returns the offset behind the '>' or at whatever ends
 * it instead. */
static size_t
read_bracket(struct salvage *v, size_t at)
{
	size_t ats[MOST_FROM_ADDRESSES], n = 0, i = at + 1;
	struct slice inside;

	while (i < v->s.n && v->s.p[i] != '>' && v->s.p[i] != '<') {
		size_t end = skip_hidden(v, i);

		if (end > i) {
			i = end;
			continue;
		}
		if (v->s.p[i] == '@' && n < MOST_FROM_ADDRESSES)
			ats[n++] = i;
		else if (v->s.p[i] == '@')
			from_more(v->r, LIMIT_FROM_ADDRESSES);
		i++;
	}
	inside = slice_sub(v->s, at + 1, i - at - 1);
	if (v->r->angles.n == MOST_FROM_BRACKETS) {
		from_more(v->r, LIMIT_FROM_BRACKETS);
		return i;
	}
	if (slice_vec_add(&v->r->angles, v->r->a, inside) != 0)
		v->r->err = ERR_NOMEM;
	if (i < v->s.n && v->s.p[i] == '>')
		i++;
	if (read_inside(v->r, inside, ats, n, at + 1) &&
	    v->bracket == SLICE_NONE)
		v->bracket = i;
	return i;
}

static void
end_part(struct salvage *v, size_t end)
{
	struct slice part = slice_sub(v->s, 0, end);
	bool has_bracket = v->bracket != SLICE_NONE, found = has_bracket;

	for (size_t i = 0; i < v->n_ats; i++) {
		/* In front of an address in brackets stands a display name,
		 * but nothing may stand behind it. */
		if (has_bracket && v->ats[i] < v->bracket)
			continue;
		found = read_at_sign(v->r, part, v->begin, v->ats[i],
			    has_bracket) ||
		    found;
	}
	if (!found)
		(void)from_salvage_all(v->r, slice_from(part, v->begin));
	v->begin = end + 1;
	v->bracket = SLICE_NONE;
	v->n_ats = 0;
}

void
from_salvage(struct from_reader *r, struct slice value)
{
	struct salvage v = { .r = r,
		.s = value,
		.quotes = true,
		.comments = true,
		.bracket = SLICE_NONE };
	size_t i = 0;

	while (i < value.n) {
		char c = value.p[i];
		size_t end = skip_hidden(&v, i);

		if (end > i) {
			i = end;
			continue;
		}
		if (c == '<') {
			i = read_bracket(&v, i);
			continue;
		}
		if (c == ',' || c == ';' || c == ':')
			end_part(&v, i);
		else if (c == '@' && v.n_ats < MOST_FROM_ADDRESSES)
			v.ats[v.n_ats++] = i;
		else if (c == '@')
			from_more(r, LIMIT_FROM_ADDRESSES);
		i++;
	}
	end_part(&v, value.n);
}

/* Both go through the same text from its beginning, so *next only grows. */
static bool
is_known(const struct slice_vec *known, size_t *next, struct slice inside)
{
	while (*next < known->n && known->at[*next].p < inside.p)
		++*next;
	return *next < known->n && known->at[*next].p == inside.p &&
	    known->at[*next].n == inside.n;
}

void
from_salvage_naive(struct from_reader *r, struct slice value,
    const struct slice_vec *known)
{
	bool quotes = true;
	size_t i = 0, next = 0, brackets = 0;

	while (i < value.n) {
		struct slice rest = slice_from(value, i + 1), inside;
		size_t end = SLICE_NONE;

		if (value.p[i] == '"' && quotes) {
			end = slice_chr(rest, '"');
			quotes = end != SLICE_NONE;
		} else if (value.p[i] == '<') {
			end = slice_chr(rest, '>');
			if (end == SLICE_NONE)
				return;
			if (brackets++ == MOST_FROM_BRACKETS) {
				from_more(r, LIMIT_FROM_BRACKETS);
				return;
			}
			inside = slice_sub(rest, 0, end);
			if (!is_known(known, &next, inside) ||
			    slice_chr(inside, '(') != SLICE_NONE)
				(void)from_salvage_all(r, inside);
		}
		i = end == SLICE_NONE ? i + 1 : i + end + 2;
	}
}
