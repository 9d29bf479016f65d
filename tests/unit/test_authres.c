/* SPDX-License-Identifier: BSD-2-Clause
 *
 * authres: what is written can be read back and is nothing more, whatever the
 * values; the reader's grammar at its borders; and every spelling in which a
 * forger may write our name.
 */
#include "mail/authres.h"

#include "base/err.h"
#include "lib/tap.h"

/* "id[/version]|method/version=result reason ptype.property=value ..|" or the
 * code of the error. */
static struct slice
read_field(struct slice value)
{
	struct arena *a = t_arena();
	struct authres r;
	struct buf out;
	int err = authres_parse(a, value, &r);

	if (err != 0)
		return arena_printf(a, "%d", err);
	buf_init(&out, a, 1 << 20);
	buf_printf(&out, "%.*s,%.*s|", SL_ARG(r.id), SL_ARG(r.version));
	for (size_t i = 0; i < r.items.n; i++) {
		const struct authres_item *item = &r.items.at[i];

		buf_printf(&out, "%.*s,%.*s=%.*s[%.*s]", SL_ARG(item->method),
		    SL_ARG(item->version), SL_ARG(item->result),
		    SL_ARG(item->reason));
		for (size_t k = 0; k < item->props.n; k++)
			buf_printf(&out, " %.*s.%.*s=%.*s",
			    SL_ARG(item->props.at[k].ptype),
			    SL_ARG(item->props.at[k].property),
			    SL_ARG(item->props.at[k].value));
		buf_addc(&out, '|');
	}
	return buf_slice(&out);
}

static void
reader(void)
{
	static const struct {
		const char *what, *value, *read;
	} cases[] = {
		{ "no results", " example.org; none", "example.org,|" },
		{ "a version", " example.org 1; none", "example.org,1|" },
		{ "one result", " a; spf=pass smtp.mailfrom=example.net",
		    "a,|spf,=pass[] smtp.mailfrom=example.net|" },
		{ "an address", " a; spf=pass smtp.mailfrom=u/x=y@example.net",
		    "a,|spf,=pass[] smtp.mailfrom=u/x=y@example.net|" },
		{ "a quoted local-part",
		    " a; spf=pass smtp.mailfrom=\"u v\"@example.net",
		    "a,|spf,=pass[] smtp.mailfrom=\"u v\"@example.net|" },
		{ "an address without local-part",
		    " a; dkim=pass header.i=@example.net",
		    "a,|dkim,=pass[] header.i=@example.net|" },
		{ "an underscore in a domain",
		    " a; spf=pass smtp.mailfrom=u@a_b.example",
		    "a,|spf,=pass[] smtp.mailfrom=u@a_b.example|" },
		{ "several results", "a;spf=fail;dkim=none",
		    "a,|spf,=fail[]|dkim,=none[]|" },
		{ "folds of both kinds", " a;\r\n\tspf=fail\n smtp.helo=b",
		    "a,|spf,=fail[] smtp.helo=b|" },
		{ "comments and white space wherever they may stand",
		    " (x) a (y) 1 (z) ; (1) spf (2) / (3) 1 (4) = (5) pass (6) reason "
		    "(7) = (8) \"r s\" (9) smtp (a) . (b) helo (c) = (d) h (e) ; dkim = none",
		    "a,1|spf,1=pass[r s] smtp.helo=h|dkim,=none[]|" },
		{ "nested and escaped comments", " a (b (c \\) d) \\( e); none",
		    "a,|" },
		{ "case", " A.Example; SPF=PASS SMTP.MailFrom=X@Y",
		    "A.Example,|spf,=pass[] smtp.mailfrom=X@Y|" },
		{ "a reason that is a token",
		    " a; dkim=fail reason=bad header.d=x",
		    "a,|dkim,=fail[bad] header.d=x|" },
		{ "escapes in a quoted text",
		    " a; dkim=fail reason=\"q\\\"b\\\\s;\"",
		    "a,|dkim,=fail[q\"b\\s;]|" },
		{ "a quoted id", " \"a b\"; none", "a b,|" },
		{ "a quoted value",
		    " a; iprev=pass policy.iprev=\"2001:db8::1\"",
		    "a,|iprev,=pass[] policy.iprev=2001:db8::1|" },
		{ "an empty quoted value", " a; auth=pass smtp.auth=\"\"",
		    "a,|auth,=pass[] smtp.auth=|" },
		{ "no space behind a quoted value", " a; x=pass b.c=\"d\"e.f=g",
		    "a,|x,=pass[] b.c=d e.f=g|" },
		{ "a property called reason", " a; x=pass reason.b=c",
		    "a,|x,=pass[] reason.b=c|" },
		{ "UTF-8",
		    " a; x=pass header.d=b\xc3\xbc.example header.i=\xc3\xa4@b\xc3\xbc.example",
		    "a,|x,=pass[] header.d=b\xc3\xbc.example header.i=\xc3\xa4@b\xc3\xbc.example|" },
		{ "a method called none", " a; none=pass", "a,|none,=pass[]|" },
		{ "nothing", "", "-3" },
		{ "only a comment", " (a)", "-3" },
		{ "no semicolon", " a", "-3" },
		{ "nothing behind the semicolon", " a;", "-3" },
		{ "a final semicolon", " a; spf=pass;", "-3" },
		{ "no id", "; spf=pass", "-3" },
		{ "results in the place of the id",
		    " spf=pass smtp.helo=a; dkim=none", "-3" },
		{ "none and a result", " a; none; spf=pass", "-3" },
		{ "a result and none", " a; spf=pass; none", "-3" },
		{ "no result word", " a; spf=", "-3" },
		{ "no equals sign", " a; spf pass", "-3" },
		{ "a method version that is no number", " a; spf/x=pass",
		    "-3" },
		{ "a keyword that ends with a hyphen", " a; spf-=pass", "-3" },
		{ "glued words", " a; spf=pass\"x\"", "-3" },
		{ "a reason behind a property", " a; x=pass b.c=d reason=e",
		    "-3" },
		{ "a property without value", " a; x=pass b.c=", "-3" },
		{ "a property without point", " a; x=pass b=c", "-3" },
		{ "an unquoted address literal", " a; x=pass b.c=u@[192.0.2.1]",
		    "-3" },
		{ "an unquoted slash", " a; x=pass b.c=d/e", "-3" },
		{ "an unclosed comment", " a; x=pass (b", "-3" },
		{ "an unclosed quote", " a; x=pass b.c=\"d", "-3" },
		{ "a bare CR", " a; x=pass\r b.c=d", "-3" },
		{ "a line end that is no fold", " a; x=pass\r\nb.c=d", "-3" },
		{ "a line end in a quoted text", " a; x=pass b.c=\"d\ne\"",
		    "-3" },
		{ "broken UTF-8", " a; x=pass b.c=\xc3(", "-3" },
		{ "an encoded word", " =?utf-8?q?a?=; x=pass", "-3" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_text(read_field(t_slice(cases[i].value)), cases[i].read,
		    "read: %s", cases[i].what);
	is_text(read_field(t_bytes(" a\0; none", 9)), "-3", "read: NUL");
}

static void
limits(void)
{
	struct buf b;

	buf_init(&b, t_arena(), 1 << 20);
	buf_adds(&b, " a");
	for (unsigned i = 0; i < 100; i++)
		buf_adds(&b, "; x=pass");
	ok(slice_starts(read_field(buf_slice(&b)), SL("a,|x,=pass")),
	    "a hundred results are read");
	buf_adds(&b, "; x=pass");
	is_text(read_field(buf_slice(&b)), "-2", "one more is too many");
	buf_clear(&b);
	buf_adds(&b, " a ");
	while (b.n < 65536)
		buf_addc(&b, '(');
	is_text(read_field(buf_slice(&b)), "-3", "64 KB of open comments end");
	buf_addc(&b, '(');
	is_text(read_field(buf_slice(&b)), "-2", "a longer field is not read");
}

static void
written_form(void)
{
	struct authres_writer w;
	struct buf b;

	buf_init(&b, t_arena(), 65536);
	authres_begin(&w, &b, SL("mx.example.org"));
	authres_end(&w);
	is_text(buf_slice(&b), " mx.example.org; none", "no result is none");
	buf_clear(&b);
	authres_begin(&w, &b, SL("mx.example.org"));
	authres_result(&w, "spf", "fail", SL(""));
	authres_prop(&w, "smtp", "mailfrom", SL("a+b@example.net"), false);
	authres_result(&w, "dkim", "fail", SL("body hash did not verify"));
	authres_prop(&w, "header", "d", SL("example.net"), false);
	authres_prop(&w, "header", "b", SL("ab/+c=d"), false);
	authres_comment(&w, SL("held (by a rule\\)"));
	authres_end(&w);
	is_text(buf_slice(&b),
	    " mx.example.org;\n"
	    "\tspf=fail smtp.mailfrom=a+b@example.net;\n"
	    "\tdkim=fail reason=\"body hash did not verify\" header.d=example.net\n"
	    "\theader.b=\"ab/+c=d\" (held \\(by a rule\\\\\\))",
	    "each result begins a line, values are quoted when they must be");
	is_text(read_field(buf_slice(&b)),
	    "mx.example.org,|spf,=fail[] smtp.mailfrom=a+b@example.net|dkim,=fail["
	    "body hash did not verify] header.d=example.net header.b=ab/+c=d|",
	    "and reads back");
}

/* One value out and in again. */
static struct slice
there_and_back(const char *value, size_t n, bool utf8)
{
	struct arena *a = t_arena();
	struct authres_writer w;
	struct authres r;
	struct buf b;

	buf_init(&b, a, 65536);
	authres_begin(&w, &b, SL("a"));
	authres_result(&w, "x", "pass", SL(""));
	authres_prop(&w, "b", "c", t_bytes(value, n), utf8);
	authres_end(&w);
	if (!buf_ok(&b) || authres_parse(a, buf_slice(&b), &r) != 0 ||
	    r.items.n != 1 || r.items.at[0].props.n != 1)
		return buf_slice(&b);
	return r.items.at[0].props.at[0].value;
}

static void
values(void)
{
	static const struct {
		const char *what, *value, *back;
	} cases[] = {
		{ "a token", "abc", "abc" },
		{ "nothing", "", "" },
		{ "quotes and backslashes", "a\"b\\c\\\"", "a\"b\\c\\\"" },
		{ "another result", "a; dkim=pass", "a? dkim=pass" },
		{ "a quote and another result", "a\"; dkim=pass b.c=\"d",
		    "a\"? dkim=pass b.c=\"d" },
		{ "a line end", "a\r\nX: y", "a??X: y" },
		{ "a fold", "a\n\tb", "a??b" },
		{ "a comment", "a(b", "a(b" },
		{ "an address literal", "u@[192.0.2.1]", "u@[192.0.2.1]" },
		{ "a quoted local-part", "\"u v\"@example.org",
		    "\"u v\"@example.org" },
		{ "two at signs", "a@b@c", "a@b@c" },
		{ "no domain", "a@", "a@" },
		{ "an empty label", "a@b..c", "a@b..c" },
		{ "a domain that begins with a hyphen", "a@-b", "a@-b" },
		{ "8-bit bytes", "a\xff\x80", "a??" },
		{ "DEL and escape", "\x7f\x1b[31m", "??[31m" },
		{ "an encoded word", "=?utf-8?q?x?=", "=?utf-8?q?x?=" },
	};
	struct buf b;
	struct slice back;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_text(there_and_back(cases[i].value, strlen(cases[i].value),
			    false),
		    cases[i].back, "written and read: %s", cases[i].what);
	is_text(there_and_back("a\0b", 3, false), "a?b",
	    "written and read: NUL");
	is_text(there_and_back("b\xc3\xbc\xc3", 4, true), "b\xc3\xbc?",
	    "UTF-8 passes where it may, its fragments do not");
	is_text(there_and_back("b\xc3\xbc", 3, false), "b??",
	    "and not where it may not");
	buf_init(&b, t_arena(), 1 << 17);
	buf_adds(&b, "xy");
	while (b.n < 65536)
		buf_adds(&b, "\"\xc3\xbc");
	back = there_and_back(b.p, b.n, true);
	ok(back.n == AUTHRES_VALUE_MAX - 1 + 3 &&
		slice_ends(back, SL("\xbc\"...")),
	    "64 KB are cut between characters, and say so");
}

static uint64_t seed = 88172645463325252U;

static size_t
dice(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed >> 11) % n;
}

static struct slice
random_text(struct arena *a)
{
	static const char *const bits[] = { "\"", "\\", ";", "=", "(", ")",
		"\r\n", "\n\t", " ", "a", "b.c=d", "spf=pass", "@", ".", "-",
		"\xc3\xbc", "\xff", "none", "reason=", ",", "/", "\x01" };
	struct buf b;

	buf_init(&b, a, 65536);
	for (size_t n = dice(dice(20) == 0 ? 600 : 12); n > 0; n--)
		buf_adds(&b, bits[dice(ARRAY_LEN(bits))]);
	if (dice(8) == 0)
		return slice_of("a\0b", 3);
	return buf_slice(&b);
}

/* Lines end only in folds, and none is too long for the wire. */
static bool
lines_are_fine(struct slice s)
{
	size_t column = 0;

	for (size_t i = 0; i < s.n; i++, column++) {
		if (s.p[i] == '\r' || s.p[i] == '\0')
			return false;
		if (s.p[i] != '\n')
			continue;
		if (i + 1 == s.n || s.p[i + 1] != '\t' || column > 970)
			return false;
		column = 0;
	}
	return column <= 970;
}

static bool
same_shape(struct arena *a)
{
	struct authres_writer w;
	struct authres r;
	struct buf b;
	size_t results = dice(4), props[4], wrong = 0;

	buf_init(&b, a, 1 << 18);
	authres_begin(&w, &b, dice(2) == 0 ? SL("id") : random_text(a));
	for (size_t i = 0; i < results; i++) {
		authres_result(&w, "x", "pass", random_text(a));
		props[i] = dice(4);
		for (size_t k = 0; k < props[i]; k++)
			authres_prop(&w, "b", "c", random_text(a),
			    dice(2) == 0);
		if (dice(3) == 0)
			authres_comment(&w, random_text(a));
	}
	authres_end(&w);
	if (!buf_ok(&b) || !lines_are_fine(buf_slice(&b)) ||
	    authres_parse(a, t_bytes(b.p, b.n), &r) != 0 ||
	    r.items.n != results)
		return false;
	for (size_t i = 0; i < results; i++)
		wrong += r.items.at[i].props.n != props[i];
	return wrong == 0;
}

static void
nothing_is_added(void)
{
	struct arena *a = arena_new((size_t)8 << 20);
	unsigned wrong = 0;

	for (unsigned i = 0; i < 3000 && a != NULL; i++) {
		if (!same_shape(a))
			wrong++;
		arena_reset(a);
	}
	ok(a != NULL && wrong == 0,
	    "whatever the values, as many results and properties are read as were "
	    "written");
	arena_free(a);
}

static void
claims(void)
{
	static const struct {
		const char *value;
		enum authres_claim claim;
	} cases[] = {
		{ " mx.example.org; spf=pass", AUTHRES_CLAIMS },
		{ "mx.example.org;spf=pass", AUTHRES_CLAIMS },
		{ " MX.Example.ORG; spf=pass", AUTHRES_CLAIMS },
		{ " \"mx.example.org\"; spf=pass", AUTHRES_CLAIMS },
		{ " \"m\\x.example\\.org\"; spf=pass", AUTHRES_CLAIMS },
		{ " \" mx.example.org \"; spf=pass", AUTHRES_CLAIMS },
		{ " \"mx.\r\n example.org\"; spf=pass", AUTHRES_CLAIMS },
		{ " (x) mx.example.org (y); spf=pass", AUTHRES_CLAIMS },
		{ " (a (b) \\)) mx.example.org; spf=pass", AUTHRES_CLAIMS },
		{ "\r\n\tmx.example.org\r\n\t1; spf=pass", AUTHRES_CLAIMS },
		{ "\n\tmx.example.org; spf=pass", AUTHRES_CLAIMS },
		{ " mx.example.org. ; spf=pass", AUTHRES_CLAIMS },
		{ " mx.example.org..; spf=pass", AUTHRES_CLAIMS },
		{ " mx.example.org 2; spf=pass", AUTHRES_CLAIMS },
		{ " mx.example.org", AUTHRES_CLAIMS },
		{ " mx.example.org garbage", AUTHRES_CLAIMS },
		{ " mx.example.org=x; spf=pass", AUTHRES_CLAIMS },
		{ " mx.example.org(; spf=pass", AUTHRES_CLAIMS },
		{ " \xef\xbd\x8dx.example.org; spf=pass", AUTHRES_CLAIMS },
		{ " mx\xe3\x80\x82"
		  "example.org; spf=pass",
		    AUTHRES_CLAIMS },
		{ " \x0c"
		  "mx.example.org; spf=pass",
		    AUTHRES_BROKEN },
		{ " mx2.example.org; spf=pass", AUTHRES_OTHER },
		{ " mx.example.org.evil.example; spf=pass", AUTHRES_OTHER },
		{ " example.org; spf=pass", AUTHRES_OTHER },
		{ " other.example 1; total ( garbage", AUTHRES_OTHER },
		{ " \"other\"; none", AUTHRES_OTHER },
		{ " other.example 2; spf=pass", AUTHRES_BROKEN },
		{ " other.example mx.example.org; spf=pass", AUTHRES_BROKEN },
		{ " mx . example . org; spf=pass", AUTHRES_BROKEN },
		{ " mx(.).example.org; spf=pass", AUTHRES_BROKEN },
		{ " =?utf-8?q?mx.example.org?=; spf=pass", AUTHRES_BROKEN },
		{ " spf=pass smtp.mailfrom=x", AUTHRES_BROKEN },
		{ "; spf=pass", AUTHRES_BROKEN },
		{ "", AUTHRES_BROKEN },
		{ " (mx.example.org; spf=pass", AUTHRES_BROKEN },
		{ " \"mx.example.org; spf=pass", AUTHRES_BROKEN },
		{ " other.example\x01; spf=pass", AUTHRES_BROKEN },
		{ " oth\xff.example; spf=pass", AUTHRES_BROKEN },
		{ " mx.example.org\xc2\xa0; spf=pass", AUTHRES_BROKEN },
		{ " oth\xc3\xa9r.example; spf=pass", AUTHRES_OTHER },
	};
	struct arena *a = t_arena();
	struct buf b;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_int(authres_claim(a, t_slice(cases[i].value),
			   SL("mx.example.org")),
		    cases[i].claim, "claim of row %zu", i);
	is_int(authres_claim(a,
		   SL(" b\xc3\xbc"
		      "cher.example; none"),
		   SL("xn--bcher-kva.example")),
	    AUTHRES_CLAIMS, "a U-label claims our A-label");
	is_int(authres_claim(a, SL(" xn--bcher-kva.example; none"),
		   SL("b\xc3\xbc"
		      "cher.example")),
	    AUTHRES_CLAIMS, "an A-label claims our U-label");
	is_int(authres_claim(a, t_bytes("\0mx.example.org; none", 21),
		   SL("mx.example.org")),
	    AUTHRES_CLAIMS, "NUL in front does not hide it");
	buf_init(&b, a, 1 << 17);
	buf_addc(&b, ' ');
	while (b.n < 65000)
		buf_addc(&b, 'x');
	is_int(authres_claim(a, buf_slice(&b), SL("mx.example.org")),
	    AUTHRES_BROKEN, "an id of 64 KB is unreadable");
}

int
main(void)
{
	reader();
	limits();
	written_form();
	values();
	nothing_is_added();
	claims();
	return tap_done();
}
