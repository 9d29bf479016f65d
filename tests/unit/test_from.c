/* SPDX-License-Identifier: BSD-2-Clause
 *
 * from: the grammar, what is salvaged from broken fields, and the ways by
 * which somebody might hide the author that mail programs show.
 */
#include "mail/from.h"

#include "base/buf.h"
#include "base/clock.h"
#include "lib/tap.h"

struct vector {
	const char *value;
	const char *domains; /* of all authors, in order, "-" for none */
	const char *error;
	bool salvaged;
	const char *name;
};

static const struct vector plain[] = {
	{ "a@b.org", "b.org", "none", false, "a bare address" },
	{ "A B <a@B.org>", "b.org", "none", false, "name and address" },
	{ "\"B, A\" <a@b.org>", "b.org", "none", false, "a quoted comma" },
	{ "John Q. Public <a@b.org>", "b.org", "none", false,
	    "a dot in a display name (obs-phrase)" },
	{ "a@b.org (A. Nonymous)", "b.org", "none", false,
	    "a comment behind the address" },
	{ "(x) A (y) <(z) a@b.org> (w)", "b.org", "none", false,
	    "comments everywhere but in the address" },
	{ "=?utf-8?Q?A=40evil.org?= <a@b.org>", "b.org", "none", false,
	    "an address in an encoded display name is a name" },
	{ "\"x@evil.org\" <a@b.org>", "b.org", "none", false,
	    "an address in a quoted display name is a name" },
	{ "\"Bob <bob@evil.org> via List\" <a@b.org>", "b.org", "none", false,
	    "so it is in brackets in quotes" },
	{ "\"Al \\\"The\\\" B\" <a@b.org>", "b.org", "none", false,
	    "quoted quotes" },
	{ "a . b (c) . d @b.org", "b.org", "none", false,
	    "CFWS around the dots of a local part" },
	{ "\"a b\".c@b.org", "b.org", "none", false,
	    "a quoted word in a local part" },
	{ "\"a@x.org\"@b.org", "b.org", "none", false,
	    "an @ in a quoted local part" },
	{ "<\"a@x.org\"@b.org>", "b.org", "none", false,
	    "the same in brackets" },
	{ "\r\n A\r\n B\r\n\t<a@b.org\r\n >", "b.org", "none", false,
	    "everything folded" },
	{ "\xc3\xa9 <\xc3\xa9@b\xc3\xbc"
	  "cher.de>",
	    "xn--bcher-kva.de", "none", false, "a UTF-8 address" },
	{ "root@localhost", "localhost", "none", false,
	    "one label is a domain" },
	{ "a@b.org, c@d.org", "b.org d.org", "several-mailboxes", false,
	    "two mailboxes" },
	{ "a@b.org,,, c@b.org ,", "b.org b.org", "several-mailboxes", false,
	    "empty list elements" },
	{ "a@b.org, a@B.ORG", "b.org b.org", "several-mailboxes", false,
	    "two spellings" },
	{ "a@b.org, a@b.org", "b.org", "none", false,
	    "the same mailbox twice is one" },
	{ "Team: a@b.org, c@d.org;", "b.org d.org", "group", false,
	    "a group with members" },
	{ "undisclosed-recipients:;", "-", "group", false,
	    "a group without members" },
	{ "Team:; (x), a@b.org", "b.org", "group", false,
	    "a mailbox behind an empty group" },
	{ "<=?utf-8?Q?a?=@b.org>", "b.org", "none", false,
	    "an encoded word as local part" },
	{ "", "-", "no-domain", false, "an empty field" },
	{ "  \t ", "-", "no-domain", false, "white space" },
	{ "<>", "-", "no-domain", false, "empty brackets" },
	{ "root", "-", "no-domain", false, "a name without domain" },
	{ "a@[192.0.2.1]", "", "no-domain", false,
	    "an address literal has no domain" },
};

static const struct vector broken[] = {
	{ "Doe, John <a@b.org>", "b.org", "syntax", true, "an unquoted comma" },
	{ "ACME, Inc., Ltd. <a@b.org>", "b.org", "syntax", true,
	    "several of them" },
	{ "A [b] c <a@b.org>", "b.org", "syntax", true,
	    "brackets in a display name" },
	{ "x@evil.org <a@b.org>", "b.org", "syntax", true,
	    "an unquoted address as display name" },
	{ "Foo: Bar <a@b.org>", "b.org", "syntax", true, "an unquoted colon" },
	{ "\xb0\xa1\xc4\xe3@\xba\xc3 <a@b.org>", "b.org", "syntax", true,
	    "raw GBK with an @ as second byte" },
	{ "\"\xb0\\\" <a@b.org>", "b.org", "syntax", true,
	    "a backslash as second byte before the quote" },
	{ "A <a@b.org", "b.org", "syntax", true, "an unclosed bracket" },
	{ "A a@b.org>", "b.org", "syntax", true, "an unopened one" },
	{ "<<a@b.org>>", "b.org", "syntax", true, "doubled brackets" },
	{ "\"A <a@b.org>", "b.org", "syntax", true, "an unclosed quote" },
	{ "A (B <a@b.org>", "b.org", "syntax", true, "an unclosed comment" },
	{ "a@b.org.", "b.org", "syntax", true, "a final dot" },
	{ "a.@b.org", "b.org", "syntax", true,
	    "a local part that ends in a dot" },
	{ "a..b@b.org", "b.org", "syntax", true, "two dots in a local part" },
	{ "mailto:a@b.org", "b.org", "syntax", true, "a mailto URL" },
	{ "A <a@b.org>, B", "b.org", "syntax", true,
	    "a second entry without address" },
	{ "I <3 U <a@b.org>", "b.org", "syntax", true,
	    "a lonely bracket in the name" },
	{ "\x1b$B<+J,\x1b(B <a@b.org>", "b.org", "syntax", true,
	    "raw ISO-2022-JP" },
	{ "Al <al at b.org>", "-", "no-domain", false, "no address at all" },
	{ "b@a..org", "-", "no-domain", false, "an empty label" },
	{ "b@x\xfcy.org", "-", "no-domain", false, "a domain in Latin-1" },
};

/* The author that is shown is always legit.com. */
static const struct vector attacks[] = {
	{ "<a@legit.com>, <b@evil.org>", "legit.com evil.org",
	    "several-mailboxes", false, "two brackets" },
	{ "<b@evil.org>\\,<a@legit.com>", "evil.org legit.com",
	    "several-mailboxes", true, "an escaped comma" },
	{ "<b@evil.org>; <a@legit.com>", "evil.org legit.com",
	    "several-mailboxes", true, "a semicolon between" },
	{ "<b@evil.org> <a@legit.com>", "evil.org legit.com",
	    "several-mailboxes", true, "nothing between" },
	{ "<b@evil.org> a@legit.com", "evil.org legit.com", "several-mailboxes",
	    true, "an address behind brackets" },
	{ "<b@evil.org>a@legit.com", "evil.org legit.com", "several-mailboxes",
	    true, "directly behind them" },
	{ "a@legit.com <>", "legit.com", "syntax", true,
	    "empty brackets behind the address" },
	{ "a@legit.com <b>", "legit.com", "syntax", true,
	    "brackets without a domain" },
	{ "a@legit.com <b@[192.0.2.1]>, ", " legit.com", "several-mailboxes",
	    true, "brackets with a literal" },
	{ "\"a@legit.com\" <>", "legit.com", "syntax", true,
	    "a quoted address and empty brackets" },
	{ "\"a@legit.com\"", "legit.com", "syntax", true,
	    "nothing but a quoted address" },
	{ "(a@legit.com)", "legit.com", "syntax", true,
	    "nothing but a comment" },
	{ "\"a@legit.com\", <b@evil.org>", "legit.com evil.org",
	    "several-mailboxes", true, "a quoted address as first entry" },
	{ "=?utf-8?b?YUBsZWdpdC5jb20=?=", "legit.com", "syntax", true,
	    "nothing but an encoded address" },
	{ "=?utf-8?q?a=40legit.com?=, <b@evil.org>", "legit.com evil.org",
	    "several-mailboxes", true, "an encoded address as first entry" },
	{ "<=?utf-8?q?a=40legit.com=3E?=@evil.org>", "evil.org legit.com",
	    "several-mailboxes", true, "an encoded address in a local part" },
	{ "\"a@legit.com\":;", "legit.com", "group", true,
	    "an address as the name of an empty group" },
	{ "a@legit.com:;", "legit.com", "syntax", true, "unquoted too" },
	{ "<@legit.com:b@evil.org>", "evil.org legit.com", "several-mailboxes",
	    true, "a route" },
	{ "<@evil.org,@x.org:a@legit.com>", "legit.com evil.org x.org",
	    "several-mailboxes", true, "the address behind a route" },
	{ "a@legit.com@evil.org", "legit.com evil.org", "several-mailboxes",
	    true, "two at signs" },
	{ "<a@legit.com@evil.org>", "legit.com evil.org", "several-mailboxes",
	    true, "two at signs in brackets" },
	{ "<a@legit.com> <", "legit.com", "syntax", true,
	    "a lonely bracket at the end" },
	{ "<<a@legit.com>b@evil.org>", "legit.com evil.org",
	    "several-mailboxes", true, "nested brackets" },
	{ "<b@evil.org<a@legit.com>>", "evil.org legit.com",
	    "several-mailboxes", true, "nested the other way" },
	{ "<\"a@legit.com>\"@evil.org>", "evil.org legit.com",
	    "several-mailboxes", true, "a bracket in a quoted local part" },
	{ "\"\\\" <a@legit.com>\" <b@evil.org>", "evil.org legit.com",
	    "several-mailboxes", true, "an escaped quote hides brackets" },
	{ "(<a@legit.com>) b@evil.org", "evil.org legit.com",
	    "several-mailboxes", true, "brackets in a comment" },
	{ "<(a@legit.com) b@evil.org>", "evil.org legit.com",
	    "several-mailboxes", true, "a comment in brackets" },
	{ "a@legit.com (x).evil.org", "legit.com.evil.org legit.com",
	    "several-mailboxes", true, "a comment divides the domain" },
	{ "a@legit.com .evil.org", "legit.com.evil.org legit.com",
	    "several-mailboxes", true, "a space divides the domain" },
	{ "a@legit. com", "legit.com", "syntax", true, "a space behind a dot" },
	{ "a@(x)legit.com", "legit.com", "none", false,
	    "a comment before the domain" },
	{ "a (x) @ legit.com", "legit.com", "none", false,
	    "white space around the at sign" },
	{ "a@legit.com\r.evil.org", "legit.com legit.com.evil.org",
	    "several-mailboxes", true, "a bare CR in the domain" },
	{ "b@evil.org\rFrom: a@legit.com", "evil.org legit.com",
	    "several-fields", true, "a bare CR and a field" },
	{ "b@evil.org\nFrom : a@legit.com", "evil.org legit.com",
	    "several-fields", true, "a bare LF and a field" },
	{ "'a@legit.com'", "legit.com", "syntax", true,
	    "apostrophes, which are atoms" },
	{ "a@legit.com!", "legit.com", "syntax", true,
	    "a character no domain has at the end" },
	{ "a@legit\xe3\x80\x82"
	  "com",
	    "legit.com", "none", false, "an ideographic full stop" },
	{ "a@\xef\xbd\x8c"
	  "egit.com",
	    "legit.com", "none", false, "a full-width letter" },
	{ "a@le\xe2\x80\x8bgit.com", "legit.com", "none", false,
	    "a zero-width space" },
	{ "a@legit.c\xe2\x80\x8dom", "legit.c legit.com", "several-mailboxes",
	    true, "a zero-width joiner, which IDNA refuses here" },
	{ "a@legit.c\xe2\x81\xa2om", "legit.c legit.com", "several-mailboxes",
	    true, "a sign that is not shown" },
	{ "a@legit\xe2\x81\xa2.com", "legit.com", "no-domain", true,
	    "a sign that is not shown, in the first label" },
	{ "a@legit.com\xef\xbc\x88x\xef\xbc\x89", "legit.com", "syntax", true,
	    "a full-width bracket behind the domain" },
	{ "a@legit\\.com", "legit.com", "syntax", true,
	    "a backslash in the domain" },
	{ "b <a@legit\\.com>", "legit.com", "syntax", true,
	    "a backslash in the domain in brackets" },
	{ "a@legit.com\\.evil.org", "legit.com.evil.org legit.com",
	    "several-mailboxes", true, "a backslash divides the domain" },
	{ "a@LEGIT.com.", "legit.com", "syntax", true, "case and a final dot" },
	{ "a@legit.com/b", "legit.com/b legit.com", "several-mailboxes", true,
	    "a character inside that no host name has" },
	{ "<a@legit.com/b.evil.org>", "legit.com/b.evil.org legit.com",
	    "several-mailboxes", true, "and a name behind it" },
	{ "a@evil!.legit.com", "evil!.legit.com", "none", false,
	    "but it may be a label of the author's" },
	{ "a@legit.com\xef\xbc\x8f"
	  "b",
	    "legit.com/b legit.com", "several-mailboxes", true,
	    "a full-width one" },
	{ "a@legit.com\xe2\x81\x84"
	  "b",
	    "legit.com", "syntax", true, "one that no domain can hold" },
	{ "<a@legit\xe2\x81\x84.com>, <b@evil.org>", "evil.org", "no-domain",
	    true, "one of two mailboxes that cannot be read" },
	{ "<a@legit..com>, <b@evil.org>", "evil.org", "no-domain", true,
	    "an empty label in one of two" },
	{ "<a@legit.com..x>, <b@evil.org>", "legit.com evil.org",
	    "several-mailboxes", true, "two dots behind the domain" },
	{ "b@evil.org, \"x\" <a@legit.com", "evil.org legit.com",
	    "several-mailboxes", true, "an unclosed second entry" },
	{ "\"b@evil.org, a@legit.com", "evil.org legit.com",
	    "several-mailboxes", true, "an unclosed quote before two" },
	{ "(b@evil.org, a@legit.com", "evil.org legit.com", "several-mailboxes",
	    true, "an unclosed comment before two" },
};

static struct from_field
parse(struct arena *a, const char *value)
{
	struct header_list h;
	struct from_field f = { .error = FROM_OK };

	header_list_init(&h, a);
	if (header_list_add(&h, SL("Subject"), SL(" x"), NULL) != 0 ||
	    header_list_add(&h, SL("From"), t_slice(value), NULL) != 0 ||
	    from_parse(a, &h, &f) != 0)
		ok(false, "out of memory");
	return f;
}

static struct slice
domains(struct arena *a, const struct from_field *f)
{
	struct buf b;

	buf_init(&b, a, 65536);
	for (size_t i = 0; i < f->authors.n; i++) {
		if (i > 0)
			buf_addc(&b, ' ');
		buf_add(&b, f->authors.at[i].domain);
	}
	return f->authors.n == 0 ? SL("-") : buf_slice(&b);
}

static void
test_vectors(const struct vector *v, size_t n, const char *kind)
{
	struct arena *a = t_arena();

	for (size_t i = 0; i < n; i++, v++) {
		struct from_field f = parse(a, v->value);

		is_text(domains(a, &f), v->domains, "%s: %s", kind, v->name);
		is_text(slice_c(from_error_word(f.error)), v->error,
		    "%s: %s: error", kind, v->name);
		ok(f.salvaged == v->salvaged && !f.more,
		    "%s: %s: salvaged or not", kind, v->name);
	}
}

static void
test_fields(void)
{
	struct arena *a = t_arena();
	struct header_list h;
	struct from_field f = { .error = FROM_OK };

	header_list_init(&h, a);
	ok(from_parse(a, &h, &f) == 0 && f.error == FROM_NONE,
	    "no field is missing");
	ok(header_list_add(&h, SL("FROM "), t_slice(" a@legit.com"), NULL) ==
		    0 &&
		from_parse(a, &h, &f) == 0 && f.error == FROM_OK,
	    "case and a space before the colon do not hide it");
	is_text(f.authors.at[0].mailbox.local, "a", "its local part");
	is_text(f.authors.at[0].mailbox.domain, "legit.com",
	    "its domain as written");
	ok(header_list_add(&h, SL("from"), t_slice(" b@evil.org"), NULL) == 0 &&
		from_parse(a, &h, &f) == 0,
	    "a second field");
	is_text(domains(a, &f), "legit.com evil.org", "authors of both fields");
	is_text(slice_c(from_error_word(f.error)), "several-fields",
	    "several fields");

	header_list_init(&h, a);
	ok(header_list_add(&h, SL("From"), t_slice(" b@evil.org"), NULL) == 0 &&
		header_list_add(&h, SL("Subject"),
		    t_slice(" x\rFrom: a@legit.com\r\n y"), NULL) == 0 &&
		from_parse(a, &h, &f) == 0,
	    "a From behind a bare CR in the Subject");
	is_text(domains(a, &f), "evil.org legit.com",
	    "is an author field to some");
	header_list_init(&h, a);
	ok(header_list_add(&h, SL("From"), t_slice(" b@b.org"), NULL) == 0 &&
		header_list_add(&h, SL("Subject"),
		    t_slice(" x\r\n From: a@c.com\r\n y"), NULL) == 0 &&
		from_parse(a, &h, &f) == 0 && f.error == FROM_OK,
	    "a fold in the Subject is no line end");
	header_list_init(&h, a);
	ok(header_list_add(&h, SL("From"),
	       t_bytes("a@legit.com\0@evil.org", 21), NULL) == 0 &&
		from_parse(a, &h, &f) == 0,
	    "a NUL");
	is_text(domains(a, &f), "legit.com evil.org", "is read both ways");
}

static size_t
distinct(const struct from_field *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->authors.n; i++) {
		size_t j = 0;

		while (
		    !slice_eq(f->authors.at[i].domain, f->authors.at[j].domain))
			j++;
		n += i == j;
	}
	return n;
}

static void
test_limits(void)
{
	struct arena *a = t_arena();
	static char big[65536];
	struct buf b;
	struct from_field f = { .error = FROM_OK };
	int64_t begun = clock_mono_ms();
	static const char *const units[] = { "(", "<", "\"", "@", "a@b(",
		"a@b.c,", ".", "a@\"", "<@(", "=?a?q?x", "\\\"", "a:", ";,<",
		"@a .", "(a)", "\r\nFrom:a@b.c", "\r" };

	buf_init(&b, a, sizeof(big));
	for (int i = 0; i < 17; i++)
		buf_printf(&b, "x@d%d.org, y@d%d.org, ", i, i);
	f = parse(a, buf_cstr(&b));
	is_int((int64_t)f.authors.n, MOST_AUTHORS, "authors are limited");
	ok(f.more, "and it says so");
	is_int((int64_t)distinct(&f), MOST_AUTHORS,
	    "distinct domains come before repeated ones");
	buf_clear(&b);
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "x%d@d.org,", i);
	buf_adds(&b, "a@legit.com");
	f = parse(a, buf_cstr(&b));
	ok(slice_eq(f.authors.at[15].domain, SL("legit.com")) && !f.more,
	    "many mailboxes of one domain do not push out another");
	f = parse(a, "a@x . a . b . c . d . e . f . g . h . legit.com");
	ok(f.more, "a domain in too many pieces is not passed over");
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		size_t n = strlen(units[u]);

		for (size_t i = 0; i + 1 < sizeof(big); i++)
			big[i] = units[u][i % n];
		f = parse(a, big);
		ok(f.authors.n <= MOST_AUTHORS, "64 KB of %s end",
		    units[u][0] == '\r' ? "CR" : units[u]);
		arena_reset(a);
	}
	note("%lld ms", (long long)(clock_mono_ms() - begun));
}

static void
test_memory(void)
{
	for (size_t limit = 256; limit < 4096; limit += 256) {
		struct arena *a = arena_new(limit);
		struct header_list h;
		struct from_field f;
		int err;

		header_list_init(&h, a);
		err = header_list_add(&h, SL("From"),
		    SL("Doe, J <a@b.org>, b@c.org"), NULL);
		if (err == 0)
			err = from_parse(a, &h, &f);
		ok(err < 0 || f.authors.n == 2, "%zu bytes: all or an error",
		    limit);
		arena_free(a);
	}
}

static void
test_unreadable(void)
{
	static const struct {
		const char *value;
		bool unreadable;
	} cases[] = {
		{ "b@x\xfcy.org", true },
		{ "\"B\" <b@x\xfcy.org>", true },
		{ "b@a..org", true },
		{ "<a@b.org>, <b@x\xfcy.org>", true },
		{ "\xb0\xa1\xc4\xe3@\xba\xc3 <a@b.org>", false },
		{ "a@b.org", false },
		{ "a@[192.0.2.1]", false },
		{ "MAILER-DAEMON", false },
		{ "MAILER-DAEMON@", false },
		{ "<>", false },
		{ "", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ok(parse(t_arena(), cases[i].value).unreadable ==
			cases[i].unreadable,
		    "a domain that cannot be read: %s (%s)", cases[i].value,
		    cases[i].unreadable ? "yes" : "no");
}

int
main(void)
{
	test_vectors(plain, ARRAY_LEN(plain), "plain");
	test_vectors(broken, ARRAY_LEN(broken), "broken");
	test_vectors(attacks, ARRAY_LEN(attacks), "attack");
	test_fields();
	test_limits();
	test_memory();
	test_unreadable();
	return tap_done();
}
