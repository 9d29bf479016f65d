/* SPDX-License-Identifier: BSD-2-Clause
 *
 * received: the forms
 *     from HELO (RDNS [IP]) by             Postfix; Sendmail, also with
 *     from HELO (USER@RDNS [IP] (may be forged)) by
 *     from RDNS ([IP] helo=HELO) by        Exim, with [IP]:port and ident=
 *     from [IP] (port=N helo=HELO) by      Exim without reverse name
 *     from HELO (IP) by                    Exchange
 * Further comments (TLS, login) may stand before "by". There is one "by" and
 * one ';', so that a HELO name that contains a whole clause of its own is
 * noticed by the real one that follows it.
 */
#include "mail/received.h"

#include "base/err.h"
#include "mail/scan.h"

struct reader {
	struct slice s;
	size_t at;
};

static struct slice
take(struct reader *r, size_t end)
{
	struct slice part = slice_sub(r->s, r->at, end - r->at);

	r->at = end;
	return part;
}

static void
skip_space(struct reader *r)
{
	r->at = scan_lenient_space(r->s, r->at);
}

static bool
is_plain(char c)
{
	return char_is(c, CHAR_VCHAR) && c != '(' && c != ')' && c != '"' &&
	    c != '<' && c != '>' && c != '\\' && c != ';' && c != ',';
}

/* A word without anything that could open or close something. */
static struct slice
take_word(struct reader *r)
{
	size_t end = r->at;

	while (end < r->s.n && is_plain(r->s.p[end]))
		end++;
	return take(r, end);
}

/* The inside of a comment, or a slice with p NULL. */
static struct slice
take_comment(struct reader *r)
{
	size_t end = scan_lenient_comment(r->s, r->at);
	struct slice whole;

	if (end == r->at)
		return slice_of(NULL, 0);
	whole = take(r, end);
	return slice_trim(slice_sub(whole, 1, whole.n - 2));
}

static bool
take_keyword(struct reader *r, struct slice word)
{
	struct reader before = *r;

	if (slice_ieq(take_word(r), word))
		return true;
	*r = before;
	return false;
}

/* "[address]", then ":port" if it is there. */
static bool
take_bracketed(struct reader *r, struct ip *ip)
{
	struct slice rest = slice_from(r->s, r->at);
	size_t close = slice_chr(rest, ']'), end;

	if (!slice_starts(rest, SL("[")) || close == SLICE_NONE)
		return false;
	if (!ip_parse(slice_sub(rest, 1, close - 1), ip))
		return false;
	r->at += close + 1;
	if (r->at < r->s.n && r->s.p[r->at] == ':') {
		end = scan_class(r->s, r->at + 1, CHAR_DIGIT);
		if (end == r->at + 1)
			return false;
		r->at = end;
	}
	return true;
}

/* "helo=X ident=Y port=N" in any order, up to the end. */
static bool
read_pairs(struct reader *r, struct slice *helo)
{
	for (skip_space(r); r->at < r->s.n; skip_space(r)) {
		struct slice word = take_word(r);

		if (slice_starts(word, SL("helo=")))
			*helo = slice_from(word, 5);
		else if (!slice_starts(word, SL("ident=")) &&
		    !slice_starts(word, SL("port=")))
			return false;
	}
	return true;
}

/* [USER@]RDNS as Postfix and Sendmail write it before the address. */
static bool
is_host(struct slice word)
{
	size_t at = slice_rchr(word, '@'), i = 0;

	if (at != SLICE_NONE) {
		/* Sendmail: "IDENT:user@" */
		while (i < at &&
		    (char_is(word.p[i], CHAR_ATEXT) || word.p[i] == '.' ||
			word.p[i] == ':'))
			i++;
		if (i < at || at == 0)
			return false;
		word = slice_from(word, at + 1);
	}
	for (i = 0; i < word.n; i++)
		if (!char_is(word.p[i], CHAR_LDH) && word.p[i] != '.' &&
		    word.p[i] != '_')
			return false;
	return true;
}

/* The inside of the comment that belongs to the relay. */
static bool
read_tcp_info(struct slice inside, struct received *out)
{
	struct reader r = { .s = inside };
	struct slice word;

	out->helo = out->from;
	if (ip_parse(inside, &out->ip))
		return true; /* Exchange */
	if (take_bracketed(&r, &out->ip))
		return read_pairs(&r, &out->helo);
	word = take_word(&r);
	skip_space(&r);
	/* USER@ may stand directly before the bracket when there is no name. */
	if (slice_rchr(word, '[') != SLICE_NONE) {
		r.at = slice_rchr(word, '[');
		word = slice_sub(word, 0, r.at);
		if (!slice_ends(word, SL("@")))
			return false;
	}
	if (word.n == 0 || !is_host(word) || !take_bracketed(&r, &out->ip))
		return false;
	skip_space(&r);
	return r.at == r.s.n ||
	    slice_eq(slice_from(r.s, r.at), SL("(may be forged)"));
}

/* "from NAME (...)": NAME and, where the relay put it, the address. */
static bool
read_from(struct reader *r, struct received *out)
{
	struct reader name = { .s = slice_of("", 0) };
	struct slice inside;

	if (!take_keyword(r, SL("from")))
		return false;
	skip_space(r);
	out->from = take_word(r);
	if (out->from.n == 0)
		return false;
	skip_space(r);
	inside = take_comment(r);
	if (inside.p != NULL && read_tcp_info(inside, out))
		return true;
	/* Exim's form, where NAME is the address. */
	name.s = out->from;
	out->helo = slice_of("", 0);
	if (!take_bracketed(&name, &out->ip) || name.at != name.s.n)
		return false;
	if (inside.p == NULL)
		return true;
	name = (struct reader){ .s = inside };
	return read_pairs(&name, &out->helo) && out->helo.n > 0;
}

/* A comment that tells an address as the relay's own does: if there are two,
 * one of them was the end of a HELO name. */
static bool
tells_address(struct slice inside)
{
	struct received unused = { .from = { NULL, 0 } };

	return read_tcp_info(inside, &unused);
}

/* Behind the from-clause: comments, one "by", no other "from", one ';'. */
static bool
read_rest(struct reader *r)
{
	unsigned by = 0, dates = 0;

	for (skip_space(r); r->at < r->s.n; skip_space(r)) {
		size_t before = r->at;
		char c = r->s.p[r->at];
		struct slice word;

		if (c == '(') {
			word = take_comment(r);
			if (word.p == NULL || (by == 0 && tells_address(word)))
				return false;
		}
		if (c == '<')
			r->at += slice_chr(slice_from(r->s, r->at), '>') + 1;
		if (c == ';' || c == ',')
			r->at++;
		if (r->at < before)
			return false; /* no '>' */
		dates += c == ';';
		if (r->at > before)
			continue;
		word = take_word(r);
		if (word.n == 0 || slice_ieq(word, SL("from")))
			return false;
		by += slice_ieq(word, SL("by"));
		if (by == 0)
			return false;
	}
	return by == 1 && dates == 1;
}

int
received_parse(struct arena *a, struct slice value, struct received *out)
{
	struct reader r = { .at = 0 };

	*out = (struct received){ .from = { NULL, 0 } };
	value = slice_trim(value);
	if (value.n > MOST_RECEIVED_OCTETS)
		return ERR_LIMIT;
	if (!scan_is_utf8(value))
		return ERR_SYNTAX;
	r.s = arena_copy(a, value);
	if (r.s.p == NULL)
		return ERR_NOMEM;
	if (read_from(&r, out) && read_rest(&r)) {
		out->ip = ip_unmap(out->ip);
		return 0;
	}
	*out = (struct received){ .from = { NULL, 0 } };
	return ERR_SYNTAX;
}
