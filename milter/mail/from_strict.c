/* SPDX-License-Identifier: BSD-2-Clause
 *
 * from_strict: address-list by RFC 5322 section 3.4 and 4.4, with the groups
 * of RFC 6854 and the UTF-8 of RFC 6532. Routes (obs-route) and white space or
 * comments inside a domain (obs-domain) are not taken: nobody writes them but
 * to have an address read in two ways; from_salvage reads both. One pass.
 */
#include "base/err.h"
#include "mail/from_parts.h"
#include "mail/scan.h"

#define MAILBOXES_MAX ((size_t)64)

struct strict {
	struct arena *a;
	struct slice s;
	size_t at;
	struct from_strict *out;
	bool in_group;
	int err;
};

/* A run of words and dots: a display name or a local-part, which one shows
 * what follows. */
struct words {
	struct buf text; /* without CFWS */
	unsigned n;
	bool local;  /* words with single dots between */
	bool phrase; /* begins with a word */
};

static bool
next_is(const struct strict *p, char c)
{
	return p->at < p->s.n && p->s.p[p->at] == c;
}

static void
skip(struct strict *p)
{
	p->at = scan_cfws(p->s, p->at);
}

static size_t
scan_word(struct slice s, size_t at)
{
	size_t end = scan_quoted_string(s, at);

	return end > at ? end : scan_atom_utf8(s, at);
}

static void
read_words(struct strict *p, struct words *w)
{
	bool after_dot = true; /* no word yet counts as a dot: ".a" is bad */

	*w = (struct words){ .local = true, .phrase = true };
	buf_init(&w->text, p->a, p->s.n);
	for (skip(p);; skip(p)) {
		size_t end = scan_word(p->s, p->at);
		bool dot = end == p->at && next_is(p, '.');

		if (end == p->at && !dot)
			break;
		if (dot == after_dot)
			w->local = false;
		if (dot && w->n == 0)
			w->phrase = false;
		end = dot ? end + 1 : end;
		buf_add(&w->text, slice_sub(p->s, p->at, end - p->at));
		p->at = end;
		after_dot = dot;
		w->n += !dot;
	}
	if (after_dot)
		w->local = false;
	if (!buf_ok(&w->text))
		p->err = ERR_NOMEM;
}

static bool
read_domain(struct strict *p, struct buf *text)
{
	size_t end;

	skip(p);
	end = scan_domain_literal(p->s, p->at);
	if (end == p->at)
		end = scan_dot_atom_utf8(p->s, p->at);
	if (end == p->at)
		return false;
	buf_add(text, slice_sub(p->s, p->at, end - p->at));
	p->at = end;
	skip(p);
	return true;
}

/* Behind a local-part: "@" domain. */
static bool
read_rest(struct strict *p, struct words *local)
{
	size_t n = local->text.n;
	struct mailbox *m;
	struct slice text;

	if (!local->local || local->n == 0 || !next_is(p, '@'))
		return false;
	if (p->out->mailboxes.n >= MAILBOXES_MAX)
		return false;
	p->at++;
	buf_addc(&local->text, '@');
	if (!read_domain(p, &local->text))
		return false;
	m = mailbox_vec_push(&p->out->mailboxes, p->a);
	if (m == NULL || !buf_ok(&local->text)) {
		p->err = ERR_NOMEM;
		return false;
	}
	text = buf_slice(&local->text);
	*m = (struct mailbox){ text, slice_sub(text, 0, n),
		slice_from(text, n + 1) };
	return true;
}

static bool
read_angle(struct strict *p)
{
	size_t begin = ++p->at;
	struct words w;
	struct slice inside;

	read_words(p, &w);
	if (!read_rest(p, &w) || !next_is(p, '>'))
		return false;
	inside = slice_sub(p->s, begin, p->at - begin);
	if (slice_vec_add(&p->out->angles, p->a, inside) != 0)
		p->err = ERR_NOMEM;
	p->at++;
	skip(p);
	return true;
}

static bool
read_address(struct strict *p)
{
	struct words w;

	read_words(p, &w);
	if (next_is(p, '<'))
		return w.phrase && read_angle(p);
	if (next_is(p, '@'))
		return read_rest(p, &w);
	if (!next_is(p, ':') || p->in_group || w.n == 0 || !w.phrase)
		return false;
	p->at++;
	p->in_group = true;
	p->out->groups++;
	return true;
}

/* Commas and the end of a group; false when an address must follow. */
static bool
read_separator(struct strict *p, bool *separated)
{
	if (next_is(p, ',')) {
		*separated = true;
	} else if (next_is(p, ';') && p->in_group) {
		p->in_group = false;
		*separated = false;
	} else {
		return false;
	}
	p->at++;
	return true;
}

bool
from_strict_read(struct arena *a, struct slice value, struct from_strict *out,
    int *err)
{
	struct strict p = { .a = a, .s = value, .out = out };
	bool separated = true, good = true;

	*out = (struct from_strict){ .groups = 0 };
	for (skip(&p); good && p.at < value.n; skip(&p)) {
		if (read_separator(&p, &separated))
			continue;
		good = separated && read_address(&p);
		separated = p.in_group && p.s.p[p.at - 1] == ':';
	}
	if (p.err != 0)
		*err = p.err;
	return good && p.err == 0 && !p.in_group &&
	    (out->mailboxes.n > 0 || out->groups > 0);
}
