/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_macro: see spf_macro.h. Every value is walked in place from its right
 * end, so splitting and reversing need no copy and are linear.
 */
#include "check/spf_macro.h"

#include "mail/chars.h"
#include "mail/domain.h"

/* Digits beyond this keep all parts anyway: no value has so many. */
#define PARTS_MAX 100000U

static bool
is_macro_letter(char c)
{
	return slice_chr(SL("slodiphcrtv"), c) != SLICE_NONE;
}

static bool
is_delimiter(char c)
{
	return slice_chr(SL(".-+,/_="), c) != SLICE_NONE;
}

/* transformers *delimiter "}" from offset `at`; 0 = syntax error. */
static size_t
scan_transformers(struct slice s, size_t at, struct spf_macro *out)
{
	size_t digits = at, delimiters;

	while (at < s.n && char_is(s.p[at], CHAR_DIGIT)) {
		if (out->parts < PARTS_MAX)
			out->parts =
			    out->parts * 10 + (unsigned)(s.p[at] - '0');
		at++;
	}
	if (at > digits && out->parts == 0)
		return 0;
	if (at < s.n && slice_lower(s.p[at]) == 'r') {
		out->reverse = true;
		at++;
	}
	delimiters = at;
	while (at < s.n && is_delimiter(s.p[at]))
		at++;
	out->delimiters = slice_sub(s, delimiters, at - delimiters);
	return at < s.n && s.p[at] == '}' ? at + 1 : 0;
}

size_t
spf_macro_scan(struct slice s, size_t at, struct spf_macro *out)
{
	size_t end;

	*out = (struct spf_macro){ 0 };
	if (s.n - at < 2)
		return at;
	out->letter = s.p[at + 1];
	if (slice_chr(SL("%_-"), out->letter) != SLICE_NONE)
		return at + 2;
	if (out->letter != '{' || s.n - at < 4)
		return at;
	out->letter = slice_lower(s.p[at + 2]);
	out->escape_url = out->letter != s.p[at + 2];
	if (!is_macro_letter(out->letter))
		return at;
	end = scan_transformers(s, at + 3, out);
	return end == 0 ? at : end;
}

static uint32_t
letter_bit(char c)
{
	return c >= 'a' && c <= 'z' ? SPF_LETTER(c) : SPF_LETTER_ESCAPE;
}

/* Walks a macro-string; `literal` becomes the offset behind the last macro.
 * Returns NULL or the flaw. */
static const char *
walk(struct slice s, bool with_space, uint32_t *letters, size_t *literal)
{
	struct spf_macro macro;
	size_t next;

	*letters = 0;
	*literal = 0;
	for (size_t at = 0; at < s.n; at = next) {
		next = at + 1;
		if (s.p[at] == '%') {
			next = spf_macro_scan(s, at, &macro);
			if (next == at)
				return "not a macro";
			*letters |= letter_bit(macro.letter);
			*literal = next;
		} else if (!char_is(s.p[at], CHAR_VCHAR) &&
		    !(with_space && s.p[at] == ' ')) {
			return "a character that may not stand here";
		}
	}
	return NULL;
}

bool
spf_macro_check(struct slice s, bool with_space, uint32_t *letters)
{
	size_t literal;

	return walk(s, with_space, letters, &literal) == NULL;
}

/* toplabel: letters, digits and inner hyphens, not digits alone. */
static bool
is_toplabel(struct slice s)
{
	bool only_digits = true;

	if (s.n == 0 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is(s.p[i], CHAR_LDH))
			return false;
		if (!char_is(s.p[i], CHAR_DIGIT))
			only_digits = false;
	}
	return !only_digits;
}

const char *
spf_domain_spec_flaw(struct slice s, uint32_t *letters)
{
	size_t literal, dot;
	const char *flaw = walk(s, false, letters, &literal);
	struct ip ip;

	if (flaw != NULL)
		return flaw;
	if ((*letters & SPF_LETTERS_EXP) != 0)
		return "a macro that only explanations may use";
	if (s.n == 0)
		return "no domain given";
	if (literal == s.n)
		return NULL;
	if (ip_parse(s, &ip))
		return "an address where a name belongs (ip4: or ip6: meant?)";
	s = slice_from(s, literal);
	if (s.p[s.n - 1] == '.')
		s.n--;
	dot = slice_rchr(s, '.');
	if (dot == SLICE_NONE || !is_toplabel(slice_from(s, dot + 1)))
		return "a domain that ends in no valid top-level label";
	return NULL;
}

/* Where expanded text goes: a window on its beginning or its end. */
struct sink {
	char *p;
	size_t n, cap;
	bool tail;
};

static void
put(struct sink *k, struct slice s)
{
	if (k->tail && s.n > k->cap)
		s = slice_from(s, s.n - k->cap);
	if (k->tail && s.n > k->cap - k->n) {
		size_t drop = s.n - (k->cap - k->n);

		memmove(k->p, k->p + drop, k->n - drop);
		k->n -= drop;
	}
	s = slice_sub(s, 0, k->cap - k->n);
	if (s.n > 0)
		memcpy(k->p + k->n, s.p, s.n);
	k->n += s.n;
}

/* Section 7.3: all but unreserved characters of RFC 3986 as %XX. */
static void
put_value(struct sink *k, struct slice s, bool escape_url)
{
	static const char hex[] = "0123456789ABCDEF";

	if (!escape_url) {
		put(k, s);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char code[3] = { '%', hex[c >> 4], hex[c & 15] };
		bool plain = char_is(s.p[i], CHAR_ALPHA | CHAR_DIGIT) ||
		    slice_chr(SL("-._~"), s.p[i]) != SLICE_NONE;

		put(k, plain ? slice_sub(s, i, 1) : slice_of(code, 3));
	}
}

static bool
splits(const struct spf_macro *m, char c)
{
	return m->delimiters.n == 0 ? c == '.' :
				      slice_chr(m->delimiters, c) != SLICE_NONE;
}

/* Where the first `parts` parts end, or the last ones begin. */
static size_t
parts_bound(const struct spf_macro *m, struct slice value, bool first)
{
	size_t at = first ? 0 : value.n;
	unsigned left = m->parts;

	if (m->parts == 0)
		return value.n - at;
	while (first ? at < value.n : at > 0) {
		if (splits(m, value.p[first ? at : at - 1]) && --left == 0)
			break;
		at += first ? 1 : (size_t)-1;
	}
	return at;
}

/* The value's right-hand parts in order, joined by dots. */
static void
put_forward(struct sink *k, const struct spf_macro *m, struct slice value)
{
	value = slice_from(value, parts_bound(m, value, false));
	if (m->delimiters.n == 0) {
		put_value(k, value, m->escape_url);
		return;
	}
	for (size_t i = 0; i < value.n; i++)
		if (splits(m, value.p[i]))
			put(k, SL("."));
		else
			put_value(k, slice_sub(value, i, 1), m->escape_url);
}

/* The right-hand parts of what the value is when reversed: its first ones,
 * last to first. */
static void
put_reversed(struct sink *k, const struct spf_macro *m, struct slice value)
{
	size_t end = parts_bound(m, value, true), start;

	for (;;) {
		start = end;
		while (start > 0 && !splits(m, value.p[start - 1]))
			start--;
		put_value(k, slice_sub(value, start, end - start),
		    m->escape_url);
		if (start == 0)
			return;
		put(k, SL("."));
		end = start - 1;
	}
}

static void
put_parts(struct sink *k, const struct spf_macro *m, struct slice value)
{
	if (m->reverse)
		put_reversed(k, m, value);
	else
		put_forward(k, m, value);
}

/* Room for what is printed here: 32 nibbles with dots. */
#define TEXT_ROOM 64

/* i: an IPv6 address as dotted nibbles, an IPv4 address as usual. */
static struct slice
dotted_client(const struct ip *ip, char out[TEXT_ROOM])
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	if (ip->family == 4)
		return slice_c(ip_print(ip, out));
	for (size_t i = 0; i < 16; i++) {
		out[n++] = hex[ip->b[i] >> 4];
		out[n++] = '.';
		out[n++] = hex[ip->b[i] & 15];
		out[n++] = '.';
	}
	return slice_of(out, n - 1);
}

static struct slice
value_of(char letter, const struct spf_values *v, char room[TEXT_ROOM])
{
	switch (letter) {
	case 'l':
		return v->local;
	case 'o':
		return v->sender_domain;
	case 'd':
		return v->domain;
	case 'h':
		return v->helo;
	case 'r':
		return v->receiver.n > 0 ? v->receiver : SL("unknown");
	case 'p':
		return v->validated.n > 0 ? v->validated : SL("unknown");
	case 'v':
		return v->client.family == 6 ? SL("ip6") : SL("in-addr");
	case 'i':
		return dotted_client(&v->client, room);
	case 'c':
		return slice_c(ip_print(&v->client, room));
	default: /* 't', the only one left */
		(void)snprintf(room, TEXT_ROOM, "%" PRId64, v->epoch);
		return slice_c(room);
	}
}

/* s is the one value of two pieces. The longest pair a mail can bring (a
 * local-part of 64 and a domain of 255 octets) fits well; of longer ones the
 * end counts, which is what names are made from. */
#define SENDER_ROOM 1024

static void
put_macro(struct sink *k, const struct spf_macro *m, const struct spf_values *v)
{
	char room[SENDER_ROOM];
	struct sink sender = { room, 0, sizeof(room), true };

	if (m->letter == '%') {
		put(k, SL("%"));
	} else if (m->letter == '_') {
		put(k, SL(" "));
	} else if (m->letter == '-') {
		put(k, SL("%20"));
	} else if (m->letter == 's') {
		put(&sender, v->local);
		put(&sender, SL("@"));
		put(&sender, v->sender_domain);
		put_parts(k, m, slice_of(room, sender.n));
	} else {
		put_parts(k, m, value_of(m->letter, v, room));
	}
}

size_t
spf_macro_expand(struct slice s, const struct spf_values *v, bool tail,
    char *out, size_t cap)
{
	struct sink k = { out, 0, cap, tail };
	struct spf_macro macro;
	size_t at = 0;

	/* What is full at its end takes no more. */
	while (at < s.n && (tail || k.n < cap)) {
		size_t run = slice_chr(slice_from(s, at), '%');

		put(&k, slice_sub(s, at, run));
		if (run == SLICE_NONE)
			break;
		at += run;
		run = spf_macro_scan(s, at, &macro);
		if (run == at)
			break;
		put_macro(&k, &macro, v);
		at = run;
	}
	return k.n;
}

struct slice
spf_macro_name(struct slice spec, const struct spf_values *v,
    char out[SPF_NAME_ROOM])
{
	/* A label has 63 octets at most: whatever is cut away on the left of
	 * this window could not be kept anyway. */
	struct slice name =
	    slice_of(out, spf_macro_expand(spec, v, true, out, SPF_NAME_ROOM));

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	while (name.n > DOMAIN_MAX) {
		size_t dot = slice_chr(name, '.');

		if (dot == SLICE_NONE)
			break;
		name = slice_from(name, dot + 1);
	}
	return name;
}
