/* SPDX-License-Identifier: BSD-2-Clause
 *
 * address_list: each line of the table was seen to come out of a real Sendmail
 * as it is written here (tests/mta sends the like through one); what cannot be told is left alone;
 * and nothing that anybody writes adds a line or an address.
 */
#include "mail/address_list.h"

#include "base/buf.h"
#include "base/err.h"
#include "lib/tap.h"
#include "mail/chars.h"

/* "" in `out`: the same; NULL: it is not touched. */
static const struct {
	const char *in, *out;
} fields[] = {
	/* stays */
	{ " Bob <bob@out.test>", "" },
	{ "bob@out.test", "" },
	{ "   bob@out.test", "" },
	{ "  Bob   Cee   <bob@out.test>", "" },
	{ " Bob<bob@out.test>", "" },
	{ " \"Bob B. Cee\" <bob@out.test>", "" },
	{ " Bob \"B.\" Cee <bob@out.test>", "" },
	{ " B\xc3\xb8"
	  "b <bob@out.test>",
	    "" },
	{ " \"B\xf8"
	  "b\" <bob@out.test>",
	    "" },
	{ " =?utf-8?q?B=C3=B8b?= <bob@out.test>", "" },
	{ " A&B + C = D! #1 $2 %3 *4 ^5 _6 `7 {8} |9 ~10 <b@out.test>", "" },
	{ " \"b ob\"@out.test", "" },
	{ " bob@[192.0.2.1], bob@[IPv6:2001:db8::1]", "" },
	{ " (Bob) bob@out.test", "" },
	{ " bob@out.test (Bob, B. <Cee> (x) \\) \")", "" },
	{ " Bob (the a.b one) <bob@out.test>(x)  (y)", "" },
	{ " undisclosed-recipients:;", "" },
	{ " undisclosed recipients: ;", "" },
	{ " Friends: Ann <a@out.test>, \"B.\" <b@out.test>;, c@out.test", "" },
	{ " a@out.test, (nobody), b@out.test", "" },
	{ "", "" },
	{ " ", "" },
	/* quoted */
	{ " Bob B. Cee <bob@out.test>", " \"Bob B. Cee\" <bob@out.test>" },
	{ " Bob B.<bob@out.test>", " \"Bob B.\"<bob@out.test>" },
	{ " O'Brien <bob@out.test>", " \"O'Brien\" <bob@out.test>" },
	{ " Bob [x] <bob@out.test>", " \"Bob [x]\" <bob@out.test>" },
	{ " b@x.test <bob@out.test>", " \"b@x.test\" <bob@out.test>" },
	{ " b@x.test (x) <bob@out.test>", " \"b@x.test\" (x) <bob@out.test>" },
	{ " \"Bob \\\"x\\\"\" B.\t Cee <bob@out.test>",
	    " \"Bob \\\"x\\\" B. Cee\" <bob@out.test>" },
	{ " My. Friends: a@out.test, b@out.test;",
	    " \"My. Friends\": a@out.test, b@out.test;" },
	/* an encoded word must not end up in quotes */
	{ " =?utf-8?q?B=C3=B8b_B.?= <bob@out.test>",
	    " =?utf-8?q?B=C3=B8b_B=2E?= <bob@out.test>" },
	{ " =?utf-8?B?QsO4Yg==?= B. 'C' =?utf-8?q?B=C3=B8b?= <bob@out.test>",
	    " =?utf-8?B?QsO4Yg==?= \"B. 'C'\" =?utf-8?q?B=C3=B8b?= "
	    "<bob@out.test>" },
	/* set anew */
	{ " a@out.test,b@out.test", " a@out.test, b@out.test" },
	{ " , a@out.test ,, b@out.test,", " a@out.test, b@out.test" },
	{ " Bob < bob@out.test >", " Bob <bob@out.test>" },
	{ " bob . x @ out . test", " bob.x@out.test" },
	{ " bob@out.test.", " bob@out.test" },
	{ " bob@out.test(Bob)", " bob@out.test (Bob)" },
	{ " Friends: a@out.test ;", " Friends: a@out.test;" },
	{ " Bob <@a.test, @b.test:bob@out.test>", " Bob <bob@out.test>" },
	{ "\r\n\tBob\r\n <bob@out.test>,\r\n\tann@out.test\r\n ",
	    " Bob <bob@out.test>, ann@out.test" },
	{ " 12345678901234567890@out.test, 12345678901234567890@out.test, "
	  "345@out.test",
	    "" },
	{ " 12345678901234567890@out.test, 12345678901234567890@out.test, "
	  "2345@out.test, x@out.test",
	    " 12345678901234567890@out.test, 12345678901234567890@out.test,\n"
	    "        2345@out.test, x@out.test" },
	/* not touched */
	{ " bob", NULL },
	{ " Bob <bob>", NULL },
	{ " bob@localhost", NULL },
	{ " Bob Cee", NULL },
	{ " a@out.test b@out.test", NULL },
	{ " a@out.test; b@out.test", NULL },
	{ " Bob; <bob@out.test>", NULL },
	{ " Bob: <bob@out.test>", NULL },
	{ " Bob \\ <bob@out.test>", NULL },
	{ " Bob <a@out.test> <b@out.test>", NULL },
	{ " Bob <bob@out.test", NULL },
	{ " bob@out.test>", NULL },
	{ " Bob <bob@out.test> Cee", NULL },
	{ " Bob <(x)bob@out.test>", NULL },
	{ " bob@(x)out.test", NULL },
	{ " (a) (b) bob@out.test", NULL },
	{ " =?utf-8?B?Qs.O4?= <bob@out.test>", NULL },
	{ " \"never closed <a@out.test>", NULL },
	{ " (never closed <a@out.test>", NULL },
	{ " <>", NULL },
	{ " @out.test", NULL },
	{ " bob@", NULL },
	{ " a@out.test, Friends: b@out.test, c@out.test", NULL },
	{ " A: B: c@out.test;;", NULL },
	{ " <@a.test bob@out.test>", NULL },
	{ " b..b@out.test", NULL },
	{ " a@out.test\rb@out.test", NULL },
	{ " a\x01@out.test", NULL },
	{ " a\x7f@out.test", NULL },
};

/* Names of several labels stay; it knows no others. */
static bool
as_it_is(void *ctx, struct slice *local, struct slice *domain)
{
	(void)ctx;
	(void)local;
	return slice_chr(*domain, '.') != SLICE_NONE ||
	    slice_starts(*domain, SL("["));
}

static int
write_to(struct slice in, struct slice *out)
{
	return address_list_write(t_arena(), SL("To"), in, as_it_is, NULL, out);
}

static void
test_fields(void)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const char *in = fields[i].in, *want = fields[i].out;
		struct slice out = SL("?");
		int err = write_to(t_slice(in), &out);

		if (want == NULL) {
			is_int(err, ERR_SYNTAX, "%zu is not touched: %s", i,
			    in);
			continue;
		}
		if (err != 0)
			out = slice_c(err_text(err));
		is_text(slice_rtrim(out),
		    slice_rtrim(slice_c(want[0] != '\0' ? want : in)).n > 0 ?
			(want[0] != '\0' ? want : in) :
			"",
		    "To:%.*s", (int)strcspn(in, "\r"), in);
	}
}

static bool
map_two(void *ctx, struct slice *local, struct slice *domain)
{
	(void)ctx;
	if (slice_eq(*domain, SL("")))
		*domain = SL("mx.test");
	if (slice_eq(*domain, SL("old.test"))) {
		*local = SL("new");
		*domain = SL("new.test");
	}
	return true;
}

static void
test_map(void)
{
	struct slice out = SL("?");

	is_int(address_list_write(t_arena(), SL("Cc"),
		   t_slice(" ann, A. B <bob@old.test> (x), <c@d.test>"),
		   map_two, NULL, &out),
	    0, "addresses go through the map");
	is_text(out, " ann@mx.test, \"A. B\" <new@new.test> (x), <c@d.test>",
	    "and what it says is written");
}

/* Sendmail cuts addresses with more than 256 octets, names included. */
static void
test_long(void)
{
	struct buf b;
	struct slice out;

	buf_init(&b, t_arena(), 1000000);
	for (size_t i = 0; i < 230; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, " <bob@out.test>");
	is_int(write_to(buf_slice(&b), &out), 0, "245 octets");
	buf_clear(&b);
	for (size_t i = 0; i < 240; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, " <bob@out.test>");
	is_int(write_to(buf_slice(&b), &out), ERR_LIMIT, "255 octets");
	buf_clear(&b);
	for (size_t i = 0; i < 20000; i++)
		buf_adds(&b, "bob@out.test,");
	is_int(write_to(buf_slice(&b), &out), 0, "20000 addresses");
	ok(out.n > b.n && out.n < 2 * b.n, "each with a space");
	/* all of them would be slow if any were looked for twice */
	buf_clear(&b);
	for (size_t i = 0; i < 500000; i++)
		buf_addc(&b, '(');
	is_int(write_to(buf_slice(&b), &out), ERR_SYNTAX,
	    "comments that never close");
}

/* One octet of every kind at every place of a usual field. */
static void
test_every_octet(void)
{
	static const char field[] = " \"A\" B. <a@b.test>, (c) d@e.test;x:";
	unsigned wrong = 0;

	for (size_t at = 0; at < sizeof(field) - 1; at++)
		for (int c = 0; c < 256; c++) {
			char text[sizeof(field)];
			struct slice out, again;

			memcpy(text, field, sizeof(field));
			text[at] = (char)c;
			if (write_to(t_bytes(text, sizeof(field) - 1), &out) !=
			    0)
				continue;
			for (size_t i = 0; i < out.n; i++)
				wrong += char_is(out.p[i], CHAR_CTL) &&
				    out.p[i] != '\t' &&
				    !(out.p[i] == '\n' && i + 1 < out.n &&
					out.p[i + 1] == ' ');
			wrong +=
			    write_to(out, &again) != 0 || !slice_eq(out, again);
		}
	is_int(wrong, 0, "no octet makes a line, and what is written stays");
}

int
main(void)
{
	test_fields();
	test_map();
	test_long();
	test_every_octet();
	ok(address_list_field(SL("reply-to")) == ADDRESS_FIELD_SENDER &&
		address_list_field(SL("CC")) == ADDRESS_FIELD_RECIPIENT &&
		address_list_field(SL("Subject")) == ADDRESS_FIELD_NONE,
	    "fields are known without case");
	return tap_done();
}
