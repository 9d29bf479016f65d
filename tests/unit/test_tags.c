/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tags: the list grammar of RFC 6376 section 3.2 at its borders, strict and
 * lenient, and the readers of values.
 */
#include "mail/tags.h"

#include "base/buf.h"
#include "base/err.h"
#include "lib/tap.h"

/* "name=value|" for each tag, or the code of the error and what was bad. */
static struct slice
read_list(const char *text, unsigned flags)
{
	struct arena *a = t_arena();
	struct slice copy = t_slice(text), bad;
	struct tag_vec tags;
	struct buf out;
	int err = tags_parse(a, copy, flags, &tags, &bad);

	buf_init(&out, a, 65536);
	if (err != 0)
		buf_printf(&out, "%d %.*s", err, SL_ARG(bad));
	else
		for (size_t i = 0; i < tags.n; i++)
			buf_printf(&out, "%.*s=%.*s|", SL_ARG(tags.at[i].name),
			    SL_ARG(tags.at[i].value));
	return buf_slice(&out);
}

static void
grammar(void)
{
	static const struct {
		const char *what, *text, *strict, *lenient;
	} cases[] = {
		{ "a plain list", "v=1; a=b", "v=1|a=b|", "v=1|a=b|" },
		{ "a final semicolon", "v=1;", "v=1|", "v=1|" },
		{ "white space behind the final semicolon", "v=1; \r\n ",
		    "v=1|", "v=1|" },
		{ "white space around everything",
		    " \tv \r\n = \t1\r\n\t; a=b ", "v=1|a=b|", "v=1|a=b|" },
		{ "white space inside a value stays", "b=x \r\n\ty",
		    "b=x \r\n\ty|", "b=x \r\n\ty|" },
		{ "an empty value", "p=; n=", "p=|n=|", "p=|n=|" },
		{ "an equals sign in a value", "b=aGk==; c==", "b=aGk==|c==|",
		    "b=aGk==|c==|" },
		{ "case of names kept", "V=1; v=2", "V=1|v=2|", "V=1|v=2|" },
		{ "digits and underscore in a name", "a1_=x", "a1_=x|",
		    "a1_=x|" },
		{ "an empty text", "", "-3 ", "" },
		{ "only white space", "  ", "-3 ", "" },
		{ "only a semicolon", ";", "-3 ", "" },
		{ "an empty tag inside", "v=1;;a=b", "-3 ", "v=1|a=b|" },
		{ "two final semicolons", "v=1;;", "-3 ", "v=1|" },
		{ "a semicolon in front", ";v=1", "-3 ", "v=1|" },
		{ "no equals sign", "v=1; foo", "-3 foo", "v=1|" },
		{ "no name", "=1; a=b", "-3 =1", "a=b|" },
		{ "a name that begins with a digit", "1a=b;c=d", "-3 1a=b",
		    "c=d|" },
		{ "a hyphen in a name", "a-b=c;c=d", "-3 a-b=c", "c=d|" },
		{ "two words as name", "a b=c;c=d", "-3 a b=c", "c=d|" },
		{ "a repeated name", "a=1;b=2;a=3", "-3 a", "a=1|b=2|" },
		{ "CRLF that no white space follows", "a=1\r\nb;c=2", "-3 a",
		    "c=2|" },
		{ "a bare LF", "a=1\n 2;c=2", "-3 a", "c=2|" },
		{ "a bare CR", "a=1\r 2;c=2", "-3 a", "c=2|" },
		{ "a control byte", "a=\x01;c=2", "-3 a", "c=2|" },
		{ "DEL", "a=\x7f;c=2", "-3 a", "c=2|" },
		{ "UTF-8 in a domain",
		    "d=b\xc3\xbc"
		    "cher.example",
		    "d=b\xc3\xbc"
		    "cher.example|",
		    "d=b\xc3\xbc"
		    "cher.example|" },
		{ "UTF-8 in another tag", "h=b\xc3\xbc;c=2", "-3 h", "c=2|" },
		{ "broken UTF-8 in a domain", "d=b\xc3(;c=2", "-3 d", "c=2|" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		is_text(read_list(cases[i].text, TAGS_STRICT), cases[i].strict,
		    "strict: %s", cases[i].what);
		is_text(read_list(cases[i].text, TAGS_LENIENT),
		    cases[i].lenient, "lenient: %s", cases[i].what);
	}
}

static void
nul_and_limits(void)
{
	struct arena *a = t_arena();
	struct tag_vec tags;
	struct buf text;

	is_int(tags_parse(a, t_bytes("a=1\0;b=2", 8), 0, &tags, NULL),
	    ERR_SYNTAX, "NUL is no value character");
	buf_init(&text, a, 65536);
	for (unsigned i = 0; i < MOST_TAGS; i++)
		buf_printf(&text, "t%u=x;", i);
	is_int(tags_parse(a, buf_slice(&text), 0, &tags, NULL), 0,
	    "as many tags as allowed are read");
	is_int((int64_t)tags.n, MOST_TAGS, "and all of them kept");
	buf_adds(&text, "last=x");
	is_int(tags_parse(a, buf_slice(&text), 0, &tags, NULL), ERR_LIMIT,
	    "one more is too many");
	is_int(tags_parse(a, buf_slice(&text), TAGS_LENIENT, &tags, NULL),
	    ERR_LIMIT, "for the lenient reader too");
	ok(tags_get(&tags, SL("T0")) == NULL &&
		tags_get(&tags, SL("t0")) != NULL,
	    "get minds the case");
}

static void
base64(void)
{
	static const struct {
		const char *text, *bytes; /* bytes NULL: a syntax error */
	} cases[] = {
		{ "aGVsbG8=", "hello" },
		{ "aGVsbA==", "hell" },
		{ "aGVs", "hel" },
		{ " aG\r\n Vs\tbG 8 = ", "hello" },
		{ "+/+/", "\xfb\xff\xbf" },
		{ "", NULL },
		{ "====", NULL },
		{ "aGVsbG8", NULL },
		{ "aGVsbG8==", NULL },
		{ "aGVsbA=", NULL },
		{ "aGVsb===", NULL },
		{ "aGVsbA==aGVs", NULL },
		{ "aGV=", "he" },
		{ "aG=s", NULL },
		{ "aG-_", NULL },
		{ "aGV\x80", NULL },
	};
	struct arena *a = t_arena();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct slice out;
		int err = tags_base64(a, t_slice(cases[i].text), &out);

		if (cases[i].bytes == NULL)
			is_int(err, ERR_SYNTAX, "base64 \"%s\" is refused",
			    i == 3 ? "folded" : cases[i].text);
		else
			is_text(out, cases[i].bytes,
			    "base64 case %zu is decoded", i);
	}
}

static void
numbers(void)
{
	static const struct {
		const char *text;
		size_t digits;
		int err;
		int64_t value;
	} cases[] = {
		{ "0", 10, 0, 0 },
		{ "007", 3, 0, 7 },
		{ "12345678901", 10, ERR_SYNTAX, 0 },
		{ "9223372036854775807", 76, 0, INT64_MAX },
		{ "9223372036854775808", 76, 0, INT64_MAX },
		{ "99999999999999999999999999999999999999", 76, 0, INT64_MAX },
		{ "", 10, ERR_SYNTAX, 0 },
		{ "-1", 10, ERR_SYNTAX, 0 },
		{ "+1", 10, ERR_SYNTAX, 0 },
		{ "1 2", 10, ERR_SYNTAX, 0 },
		{ "0x1", 10, ERR_SYNTAX, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t value = 0;
		int err = tags_number(t_slice(cases[i].text), cases[i].digits,
		    &value);

		ok(err == cases[i].err && value == (uint64_t)cases[i].value,
		    "number \"%s\" of at most %zu digits", cases[i].text,
		    cases[i].digits);
	}
}

int
main(void)
{
	grammar();
	nul_and_limits();
	base64();
	numbers();
	is_text(tags_strip_fws(t_arena(), t_slice(" a \r\n\tb ")), "ab",
	    "strip takes all white space out");
	return tap_done();
}
