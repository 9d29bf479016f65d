/* SPDX-License-Identifier: BSD-2-Clause
 *
 * from: finds the author fields of a message, reads each by the grammar and,
 * where that fails or might be read otherwise, by salvage.
 *
 * Mail programs disagree about odd From fields (Chen, Paxson, Jiang:
 * "Composition Kills", 2020), so this errs on one side: a domain that some
 * program could show as the author's is reported as an author's domain, and
 * DMARC applies the strictest policy among them.
 */
#include "mail/from.h"

#include "base/err.h"
#include "mail/chars.h"
#include "mail/domain.h"
#include "mail/encoded.h"
#include "mail/from_parts.h"
#include "mail/scan.h"

const char *
from_error_word(enum from_error e)
{
	static const char *const words[] = {
		[FROM_OK] = "none",
		[FROM_NONE] = "missing",
		[FROM_SEVERAL_FIELDS] = "several-fields",
		[FROM_SEVERAL_MAILBOXES] = "several-mailboxes",
		[FROM_GROUP] = "group",
		[FROM_SYNTAX] = "syntax",
		[FROM_NO_DOMAIN] = "no-domain",
	};

	_Static_assert(ARRAY_LEN(words) == FROM_NO_DOMAIN + 1, "every error");
	return words[e];
}

/* Characters at either end that no domain name has, such as the closing quote
 * of 'a@b.example', which is an atom to RFC 5322. */
static struct slice
clean_domain(struct slice d)
{
	const unsigned inner = CHAR_LDH | CHAR_HIGH;

	while (d.n > 0 && d.p[0] != '_' && !char_is(d.p[0], inner))
		d = slice_from(d, 1);
	while (d.n > 0 && d.p[d.n - 1] != '_' && !char_is(d.p[d.n - 1], inner))
		d.n--;
	return d;
}

static bool
is_literal(struct slice d)
{
	return d.n > 0 && d.p[0] == '[';
}

void
from_more(struct from_reader *r, enum limit limit)
{
	r->out->more = true;
	limits_meet(&r->out->limits, limit);
}

/* Index of an author with this domain, or the number of authors. */
static size_t
find_domain(const struct author_vec *v, struct slice domain, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (slice_eq(v->at[i].domain, domain))
			return i;
	return v->n;
}

static bool
is_there(const struct author_vec *v, const struct author *one)
{
	for (size_t i = 0; i < v->n; i++)
		if (slice_eq(v->at[i].domain, one->domain) &&
		    slice_eq(v->at[i].mailbox.text, one->mailbox.text))
			return true;
	return false;
}

/* Where one more author may go: a new place, or, when all are taken, that of
 * an author whose domain another one has too. */
static struct author *
find_place(struct from_reader *r, const struct author *one)
{
	struct author_vec *v = &r->out->authors;
	struct author *place;

	if (v->n < MOST_AUTHORS) {
		place = author_vec_push(v, r->a);
		if (place == NULL)
			r->err = ERR_NOMEM;
		return place;
	}
	if (find_domain(v, one->domain, v->n) < v->n)
		return NULL;
	for (size_t i = v->n; i > 1; i--)
		if (find_domain(v, v->at[i - 1].domain, i - 1) < i - 1)
			return &v->at[i - 1];
	from_more(r, LIMIT_AUTHORS);
	return NULL;
}

static void
add_author(struct from_reader *r, struct slice local, struct slice domain,
    struct slice ascii)
{
	struct slice text =
	    arena_printf(r->a, "%.*s@%.*s", SL_ARG(local), SL_ARG(domain));
	struct author one = { .domain = ascii }, *place;

	if (text.p == NULL) {
		r->err = ERR_NOMEM;
		return;
	}
	r->found = true;
	one.mailbox.text = text;
	one.mailbox.local = slice_sub(text, 0, local.n);
	one.mailbox.domain = slice_from(text, local.n + 1);
	if (is_there(&r->out->authors, &one))
		return;
	if (r->only_new &&
	    find_domain(&r->out->authors, ascii, r->out->authors.n) <
		r->out->authors.n)
		return;
	place = find_place(r, &one);
	if (place != NULL)
		*place = one;
}

/* What a reader sees before the first character that no host name has, if
 * that looks like a domain: "b.example" of "b.example/x". */
static struct slice
plain_beginning(struct slice d)
{
	struct slice begin;
	size_t end = 0;

	while (end < d.n &&
	    (char_is(d.p[end], CHAR_LDH) || d.p[end] == '_' ||
		(d.p[end] == '.' && end + 1 < d.n && d.p[end + 1] != '.')))
		end++;
	begin = clean_domain(slice_sub(d, 0, end));
	return slice_chr(begin, '.') == SLICE_NONE ? slice_of(NULL, 0) : begin;
}

/* Octets of a UTF-8 character at offset `at` that is not shown (joiners, marks
 * of direction, selectors, tags), else 0. UTS 46 drops some of them and
 * refuses a name for the others. */
static size_t
unshown(struct slice s, size_t at)
{
	static const struct {
		char first[5], last[5];
	} ranges[] = {
		{ "\xc2\xad", "\xc2\xad" },                 /* U+00AD */
		{ "\xcd\x8f", "\xcd\x8f" },                 /* U+034F */
		{ "\xd8\x9c", "\xd8\x9c" },                 /* U+061C */
		{ "\xe1\xa0\x8b", "\xe1\xa0\x8f" },         /* U+180B-180F */
		{ "\xe2\x80\x8b", "\xe2\x80\x8f" },         /* U+200B-200F */
		{ "\xe2\x80\xaa", "\xe2\x80\xae" },         /* U+202A-202E */
		{ "\xe2\x81\xa0", "\xe2\x81\xaf" },         /* U+2060-206F */
		{ "\xef\xb8\x80", "\xef\xb8\x8f" },         /* U+FE00-FE0F */
		{ "\xef\xbb\xbf", "\xef\xbb\xbf" },         /* U+FEFF */
		{ "\xf3\xa0\x80\x80", "\xf3\xa0\xbf\xbf" }, /* U+E0000-E0FFF */
	};
	struct slice c = slice_sub(s, at, scan_utf8(s, at) - at);

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (c.n > 0 && slice_cmp(c, slice_c(ranges[i].first)) >= 0 &&
		    slice_cmp(c, slice_c(ranges[i].last)) <= 0)
			return c.n;
	return 0;
}

/* Of a name that is no domain: what is seen of it, if that is one. */
static void
add_visible(struct from_reader *r, struct slice local, struct slice d)
{
	char *p = arena_alloc(r->a, d.n + 1);
	size_t n = 0, i = 0, skip;
	struct slice seen;

	if (p == NULL) {
		r->err = ERR_NOMEM;
		return;
	}
	while (i < d.n) {
		skip = unshown(d, i);
		if (skip == 0)
			p[n++] = d.p[i++];
		i += skip;
	}
	if (n == d.n)
		return;
	seen = domain_to_ascii(r->a, clean_domain(slice_of(p, n)));
	if (seen.n > 0)
		add_author(r, local, d, seen);
}

bool
from_add(struct from_reader *r, struct slice local, struct slice domain)
{
	struct slice clean = clean_domain(domain), ascii, begin;

	if (is_literal(domain)) {
		add_author(r, local, domain, slice_of("", 0));
		return true;
	}
	ascii = clean_domain(domain_to_ascii(r->a, clean));
	if (ascii.n > 0)
		add_author(r, local, domain, ascii);
	r->odd = r->odd || clean.n < domain.n || ascii.n == 0;
	if (ascii.n > 0 && domain_is_hostname(ascii))
		return true;
	begin =
	    domain_to_ascii(r->a, plain_beginning(ascii.n > 0 ? ascii : clean));
	if (begin.n > 0 && begin.n != ascii.n) {
		r->odd = true;
		add_author(r, local, domain, begin);
	}
	if (ascii.n == 0)
		add_visible(r, local, clean);
	return ascii.n > 0 || begin.n > 0;
}

/* Behind the first byte at which some program may stop reading: NUL, or a CR
 * or LF that is no fold. */
static size_t
find_stop(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\0')
			return i;
		if (!char_is(s.p[i], CHAR_EOL))
			continue;
		if (s.p[i] != '\r' || i + 2 >= s.n || s.p[i + 1] != '\n' ||
		    !char_is(s.p[i + 2], CHAR_WSP))
			return i;
		i++;
	}
	return s.n;
}

static struct slice
without_stops(struct from_reader *r, struct slice s)
{
	char *p = arena_alloc(r->a, s.n + 1);
	size_t n = 0;

	if (p == NULL) {
		r->err = ERR_NOMEM;
		return slice_of("", 0);
	}
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\0')
			p[n++] = char_is(s.p[i], CHAR_EOL) ? ' ' : s.p[i];
	return slice_of(p, n);
}

/* True if it is an address-list and its authors were added. */
static bool
read_strict(struct from_reader *r, struct slice value)
{
	struct from_strict strict;
	size_t plain;

	if (!from_strict_read(r->a, value, &strict, &r->err))
		return false;
	r->groups += strict.groups;
	for (size_t i = 0; i < strict.mailboxes.n; i++) {
		const struct mailbox *m = &strict.mailboxes.at[i];

		if (!from_add(r, m->local, m->domain))
			r->unreadable = true;
	}
	/* So far by the grammar; now what others may read. RFC 2047 section 5
	 * forbids encoded words in addresses, but some programs decode them. */
	plain = r->out->authors.n;
	r->only_new = true;
	for (size_t i = 0; i < strict.mailboxes.n; i++)
		if (encoded_has(strict.mailboxes.at[i].text))
			(void)from_salvage_all(r, strict.mailboxes.at[i].text);
	from_salvage_naive(r, value, &strict.angles);
	r->only_new = false;
	r->odd = r->odd || r->out->authors.n > plain;
	return true;
}

/* Whether a name stands behind any '@'. */
static bool
names_a_host(struct slice value)
{
	for (size_t i = 0; i < value.n; i++) {
		size_t host = scan_lenient_space(value, i + 1);

		if (value.p[i] == '@' && host < value.n &&
		    char_is(value.p[host], CHAR_LDH | CHAR_HIGH))
			return true;
	}
	return false;
}

static void
read_field(struct from_reader *r, struct slice value)
{
	size_t stop;

	value = slice_trim(value);
	stop = find_stop(value);
	r->found = false;
	if (stop < value.n) {
		r->odd = true;
		from_salvage(r, slice_sub(value, 0, stop));
		value = without_stops(r, value);
	}
	if (!read_strict(r, value)) {
		r->odd = true;
		r->angles.n = 0;
		from_salvage(r, value);
		from_salvage_naive(r, value, &r->angles);
	}
	if (!r->found && from_salvage_all(r, value))
		r->odd = true;
	if (!r->found && names_a_host(value))
		r->unreadable = true;
}

static bool
is_from(struct slice name)
{
	while (name.n > 0 && char_is(name.p[name.n - 1], CHAR_CTL | CHAR_WSP))
		name.n--;
	return slice_ieq(name, SL("From"));
}

/* A line "From:" behind a CR or LF inside another field, which some program
 * may take for a field of its own: its value, or an empty slice with p NULL. */
static struct slice
next_hidden_field(struct slice *rest)
{
	size_t stop, colon;
	struct slice line;

	while ((stop = find_stop(*rest)) < rest->n) {
		*rest = slice_from(*rest, stop + 1);
		line = slice_sub(*rest, 0, find_stop(*rest));
		colon = slice_chr(slice_sub(line, 0, 64), ':');
		if (colon != SLICE_NONE && is_from(slice_sub(line, 0, colon)))
			return slice_from(line, colon + 1);
	}
	return slice_of(NULL, 0);
}

static void
judge(struct from_reader *r)
{
	struct from_field *out = r->out;
	size_t domains = 0;

	for (size_t i = 0; i < out->authors.n; i++)
		domains += out->authors.at[i].domain.n > 0;
	if (r->fields == 0)
		out->error = FROM_NONE;
	else if (r->fields > 1)
		out->error = FROM_SEVERAL_FIELDS;
	else if (r->groups > 0)
		out->error = FROM_GROUP;
	else if (domains == 0 || r->unreadable)
		out->error = FROM_NO_DOMAIN;
	else if (out->authors.n > 1 || out->more)
		out->error = FROM_SEVERAL_MAILBOXES;
	else
		out->error = r->odd ? FROM_SYNTAX : FROM_OK;
	out->salvaged = r->odd && domains > 0;
	out->unreadable = r->unreadable;
}

/* One more field. false: it is one too many. */
static bool
take_field(struct from_reader *r, struct slice value)
{
	if (r->fields == MOST_FROM_FIELDS) {
		from_more(r, LIMIT_FROM_FIELDS);
		return false;
	}
	r->fields++;
	read_field(r, value);
	return true;
}

int
from_parse(struct arena *a, const struct header_list *h, struct from_field *out)
{
	struct from_reader r = { .a = a, .out = out };
	bool room = true;

	*out = (struct from_field){ .error = FROM_OK };
	for (size_t i = 0; i < h->fields.n && room; i++)
		if (is_from(h->fields.at[i].name))
			room = take_field(&r, h->fields.at[i].value);
	for (size_t i = 0; i < h->fields.n && room; i++) {
		struct slice rest = h->fields.at[i].value, value;

		while (room && (value = next_hidden_field(&rest)).p != NULL)
			room = take_field(&r, value);
	}
	judge(&r);
	return r.err;
}
