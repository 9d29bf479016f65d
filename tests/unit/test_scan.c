/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chars and scan: the classes as the RFCs write them, and each rule at its
 * borders.
 */
#include "mail/scan.h"

#include "lib/tap.h"

typedef size_t (*rule_fn)(struct slice s, size_t at);

struct vector {
	rule_fn rule;
	const char *text;
	size_t end;
	const char *name;
};

static const struct vector vectors[] = {
	{ scan_fws, " \t x", 3, "fws takes spaces and tabs" },
	{ scan_fws, "\r\n x", 3, "fws takes a fold" },
	{ scan_fws, " \r\n \r\n\tx", 7, "fws takes several folds (obs-FWS)" },
	{ scan_fws, " \r\nx", 1, "fws leaves a line end that nothing follows" },
	{ scan_fws, "\r\n", 0, "fws leaves a final line end" },
	{ scan_fws, "\n x", 0, "fws leaves a bare LF" },
	{ scan_comment, "(a)b", 3, "comment ends at its parenthesis" },
	{ scan_comment, "(a(b)c)d", 7, "comments nest" },
	{ scan_comment, "(a\\)b)c", 6, "a quoted parenthesis does not close" },
	{ scan_comment, "(a(b)c", 0, "an unclosed comment is none" },
	{ scan_comment, "(a\nb)", 0, "a bare LF is not in a comment" },
	{ scan_comment, "(a\r\n b)", 7, "a fold is in a comment" },
	{ scan_comment, "(\xc3\xa9)", 4, "UTF-8 is in a comment" },
	{ scan_comment, "(\xe9)", 0, "a lone high byte is not in a comment" },
	{ scan_cfws, " (a) (b)\r\n c", 11, "cfws takes comments and folds" },
	{ scan_cfws, "a", 0, "cfws may be empty" },
	{ scan_atom, "a+b=c.d", 5, "atom stops at a dot" },
	{ scan_dot_atom, "a.b.c d", 5, "dot-atom takes inner dots" },
	{ scan_dot_atom, "a.b.", 3, "dot-atom leaves a trailing dot" },
	{ scan_dot_atom, "a..b", 1, "dot-atom stops at two dots" },
	{ scan_dot_atom, ".a", 0, "dot-atom does not begin with a dot" },
	{ scan_dot_atom, "\xc3\xa9", 0, "dot-atom is ASCII" },
	{ scan_dot_atom_utf8,
	    "a\xc3\xa9.\xc3\xa9"
	    "b.",
	    7, "utf8 dot-atom mixes" },
	{ scan_quoted_string, "\"a b\"c", 5, "quoted-string takes spaces" },
	{ scan_quoted_string, "\"a\\\"b\"c", 6,
	    "a quoted quote does not close" },
	{ scan_quoted_string, "\"a", 0, "an unclosed quoted-string is none" },
	{ scan_quoted_string, "\"a\\", 0,
	    "a backslash at the end closes nothing" },
	{ scan_quoted_string, "\"a\x01\"", 0,
	    "controls are not in a quoted-string" },
	{ scan_quoted_string, "\"\"", 2, "the empty quoted-string" },
	{ scan_domain_literal, "[1.2.3.4]x", 9, "domain-literal" },
	{ scan_domain_literal, "[a[b]", 0, "no bracket inside a literal" },
	{ scan_token, "a/b", 1, "token stops at a slash" },
	{ scan_token, "a.b-c_d;", 7, "token takes dots" },
	{ scan_utf8, "\xf0\x9f\x98\x80", 4, "four-byte UTF-8" },
	{ scan_utf8, "\xc0\xaf", 0, "overlong two-byte UTF-8" },
	{ scan_utf8, "\xe0\x80\xaf", 0, "overlong three-byte UTF-8" },
	{ scan_utf8, "\xed\xa0\x80", 0, "a surrogate in UTF-8" },
	{ scan_utf8, "\xf4\x90\x80\x80", 0, "beyond U+10FFFF" },
	{ scan_utf8, "\xe2\x82", 0, "cut UTF-8" },
	{ scan_utf8, "a", 0, "ASCII is no high character" },
	{ scan_tag_name, "b_1=x", 3, "tag name" },
	{ scan_tag_name, "1b", 0, "tag name begins with a letter" },
	{ scan_lenient_space, " \r\n\t\nx", 5, "lenient space takes bare LF" },
	{ scan_lenient_comment, "(a\n\xff(b)c)d", 9,
	    "lenient comment takes any byte" },
	{ scan_lenient_comment, "(a(b)", 0, "lenient comment must close" },
	{ scan_lenient_quoted, "\"a\n\xff\"b", 5,
	    "lenient quoted takes any byte" },
	{ scan_lenient_cfws, "\n(a) \rb", 6, "lenient cfws" },
};

static void
test_rules(void)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		const struct vector *v = &vectors[i];

		is_int((int64_t)v->rule(t_slice(v->text), 0), (int64_t)v->end,
		    "%s", v->name);
		is_int((int64_t)v->rule(t_slice(v->text), strlen(v->text)),
		    (int64_t)strlen(v->text), "%s: nothing at the end",
		    v->name);
	}
}

static bool
agrees(unsigned class, const char *set)
{
	for (int i = 0; i < 256; i++) {
		bool want = i != 0 && strchr(set, i) != NULL;

		if (char_is((char)i, class) != want)
			return false;
	}
	return true;
}

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static void
test_classes(void)
{
	unsigned vchar = 0;

	ok(agrees(CHAR_ATEXT, ALNUM "!#$%&'*+-/=?^_`{|}~"),
	    "atext is RFC 5322's");
	ok(agrees(CHAR_TOKEN, ALNUM "!#$%&'*+-.^_`{|}~"),
	    "token is RFC 2045's");
	ok(agrees(CHAR_BASE64, ALNUM "+/"), "base64 alphabet");
	ok(agrees(CHAR_LDH, ALNUM "-"), "letters, digits, hyphen");
	ok(agrees(CHAR_ALPHA | CHAR_DIGIT, ALNUM), "letters and digits");
	ok(agrees(CHAR_WSP | CHAR_EOL, " \t\r\n"), "white space and line ends");
	ok(agrees(CHAR_HEX, "0123456789abcdefABCDEF"), "hexadecimal digits");
	for (int i = 0; i < 256; i++) {
		bool q =
		    (i == 33 || (i >= 35 && i <= 91) || (i >= 93 && i <= 126));
		bool c = (i >= 33 && i <= 39) || (i >= 42 && i <= 91) ||
		    (i >= 93 && i <= 126);
		bool d = (i >= 33 && i <= 90) || (i >= 94 && i <= 126);

		vchar += char_is((char)i, CHAR_QTEXT) != q ||
		    char_is((char)i, CHAR_CTEXT) != c ||
		    char_is((char)i, CHAR_DTEXT) != d ||
		    char_is((char)i, CHAR_CTL) != (i < 32 || i == 127) ||
		    char_is((char)i, CHAR_HIGH) != (i > 127) ||
		    char_is((char)i, CHAR_VCHAR) != (i > 32 && i < 127);
	}
	is_int(vchar, 0, "qtext, ctext, dtext, CTL, VCHAR by their ranges");
	is_int(char_hex_value('F'), 15, "hex value of F");
	is_int(char_hex_value('g'), -1, "g is no hex digit");
}

int
main(void)
{
	char out[32];
	struct slice s = t_slice("\"a\\\"b\r\n c\"");

	test_rules();
	test_classes();
	is_text(slice_of(out, scan_unquote(s, out)), "a\"b c",
	    "unquote undoes pairs and folds");
	s = t_slice("a\\b");
	is_text(slice_of(out, scan_unquote(s, out)), "a\\b",
	    "unquote leaves bare text");
	s = t_bytes("\"\0", 2);
	ok(scan_lenient_space(t_bytes("\0 ", 2), 0) == 2,
	    "lenient space takes NUL");
	ok(scan_lenient_quoted(s, 0) == 0, "an unclosed lenient quote is none");
	ok(scan_is_utf8(t_slice("a\xc3\xa9")) && !scan_is_utf8(t_slice("\xc3")),
	    "is_utf8");
	ok(scan_is_ascii(t_slice("a")) && !scan_is_ascii(t_slice("\xc3\xa9")),
	    "is_ascii");
	return tap_done();
}
