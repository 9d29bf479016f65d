/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_verify: genuine signatures over every kind of message pass, whatever
 * their canonicalisation and algorithm; changed ones do not.
 */
#include "lib/dkim_world.h"
#include "lib/tap.h"

static struct dkim_world w;

#define HEAD                                                                   \
	"Received: by mx.example.org;\r\n Sat, 21 Nov 2026 23:00:19 +0000\r\n" \
	"From: Ann <ann@example.org>\r\n"                                      \
	"To: Bob <bob@example.net>\r\n"                                        \
	"Subject: Hello  there\r\n"                                            \
	"Date: Sat, 21 Nov 2026 23:00:19 +0000\r\n"

static const struct {
	const char *what, *text;
	size_t n; /* 0: strlen */
} mails[] = {
	{ "a plain message", HEAD "\r\nHi.\r\n\r\nBye.\r\n", 0 },
	{ "folded fields",
	    "From: Ann\r\n\t<ann@example.org>\r\nTo:\r\n  bob@example.net,\r\n"
	    "\t\t eve@example.net  \r\nSubject: a\r\n \r\n b\r\n\r\nx\r\n",
	    0 },
	{ "no space after the colon",
	    "From:ann@example.org\r\nTo:b@c.example\r\nSubject:x\r\n\r\nx\r\n",
	    0 },
	{ "TAB after the colon",
	    "From:\tann@example.org\r\nSubject:\t\tx\t\r\n\r\nx\r\n", 0 },
	{ "space before the colon",
	    "From : ann@example.org\r\nSubject \t: x\r\n\r\nx\r\n", 0 },
	{ "empty values",
	    "From: ann@example.org\r\nTo:\r\nSubject: \r\nDate: \t \r\n\r\nx\r\n",
	    0 },
	{ "trailing white space",
	    "From: ann@example.org  \t\r\nSubject: x \t \r\n\r\nx \t\r\n y \r\n",
	    0 },
	{ "an empty body", HEAD "\r\n", 0 },
	{ "a body of empty lines", HEAD "\r\n\r\n\r\n\r\n", 0 },
	{ "a body of white space", HEAD "\r\n \t \r\n\t\r\n", 0 },
	{ "no final newline", HEAD "\r\nHi.\r\nBye.", 0 },
	{ "white space at the end", HEAD "\r\nHi.\r\nBye. \t", 0 },
	{ "trailing empty lines", HEAD "\r\nHi.\r\n\r\n\r\n \r\n\r\n", 0 },
	{ "bare CR and LF in the body",
	    HEAD "\r\na\rb\nc\r\r\nd\n\r\n\r\n\ne\r", 0 },
	{ "NUL and 8-bit in the body",
	    HEAD "\r\na\0b\xff\xfe \0 \r\n", sizeof(HEAD) - 1 + 13 },
	{ "UTF-8 in the header",
	    "From: \xc3\x84nn <\xc3\xa4nn@example.org>\r\n"
	    "Subject: \xe4\xbd\xa0\xe5\xa5\xbd \xff\r\n\r\nx\r\n",
	    0 },
	{ "odd bytes in the header",
	    "From: ann@example.org\r\nTo: a\vb\fc@d.example\r\n"
	    "Subject: a\0b\x01\x7f c\rd\r\n\r\nx\r\n",
	    37 + 23 + 28 },
	{ "repeated fields",
	    "Subject: one\r\nFrom: ann@example.org\r\nReceived: a\r\n"
	    "Received: b\r\n\r\nx\r\n",
	    0 },
	{ "an address that is a group",
	    "From: undisclosed:;\r\nSubject: x\r\n\r\nx\r\n", 0 },
	{ "an address that is none",
	    "From: who knows\r\nSubject: x\r\n\r\nx\r\n", 0 },
	{ "two authors", "From: a@example.org, b@example.org\r\n\r\nx\r\n", 0 },
};

static const char *const canons[] = { NULL, "simple/simple", "simple/relaxed",
	"relaxed/simple", "relaxed/relaxed", "relaxed" };

static struct test_mail
parse(const char *text, size_t n)
{
	return test_mail_parse(t_arena(),
	    t_bytes(text, n > 0 ? n : strlen(text)));
}

/* The only signature's verdict; reports findings when it is another. */
static bool
is_verdict(const struct test_mail *m, size_t chunk, enum verdict want,
    const char *what, const char *how)
{
	struct evaluation *ev = dkim_world_run(&w, m, chunk);
	bool same = ev != NULL && ev->dkim.signatures.n == 1 &&
	    ev->dkim.signatures.at[0].verdict == want &&
	    ev->dkim.verdict == want;
	struct buf b;

	buf_init(&b, t_arena(), 4096);
	if (ev != NULL && ev->findings.all.n > 0)
		finding_print(ev->findings.all.at[0], &b);
	if (!ok(same, "%s (%s): %s", what, how, verdict_word(want)))
		note("%.*s", SL_ARG(buf_slice(&b)));
	dkim_world_done(ev);
	return same;
}

static void
test_genuine(const struct key *key, const char *selector)
{
	for (size_t i = 0; i < ARRAY_LEN(mails); i++)
		for (size_t j = 0; j < ARRAY_LEN(canons); j++) {
			struct dkim_signer s = { .key = key,
				.s = selector,
				.c = canons[j],
				.h = "from:to:subject:date:received:received:"
				     "received:from:x-none",
				.one_line = j % 2 == 1 };
			struct test_mail m =
			    parse(mails[i].text, mails[i].n);

			dkim_signer_sign(t_arena(), &s, &m);
			(void)is_verdict(&m, j * 3, VERDICT_PASS,
			    mails[i].what,
			    canons[j] != NULL ? canons[j] : "no c=");
		}
}

static void
test_tampered(void)
{
	static const char *const bodies[] = { "Hi.\r\n\r\nBye!\r\n",
		"Hi.\r\n\r\nBye.\r\nMore.\r\n", "Hi.\r\nBye.\r\n", "",
		"\r\nHi.\r\n\r\nBye.\r\n", "Hi .\r\n\r\nBye.\r\n" };
	struct dkim_signer s = { .key = w.rsa, .c = "relaxed/relaxed" };
	struct test_mail m;

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		m = parse(mails[0].text, 0);
		dkim_signer_sign(t_arena(), &s, &m);
		m.body = t_slice(bodies[i]);
		(void)is_verdict(&m, 0, VERDICT_FAIL, "a changed body", "rsa");
	}
	for (size_t i = 2; i < 6; i++) {
		struct slice raw;
		char *p;

		m = parse(mails[0].text, 0);
		dkim_signer_sign(t_arena(), &s, &m);
		raw = m.headers.fields.at[i].raw;
		p = arena_alloc(t_arena(), raw.n);
		memcpy(p, raw.p, raw.n);
		p[raw.n - 2] ^= 1;
		m.headers.fields.at[i].raw = slice_of(p, raw.n);
		(void)is_verdict(&m, 0, VERDICT_FAIL, "a changed field", "rsa");
	}
	m = parse(mails[0].text, 0);
	dkim_signer_sign(t_arena(), &s, &m);
	m.headers.fields.at[1].raw = t_slice("Received: something else");
	(void)is_verdict(&m, 0, VERDICT_PASS, "a changed unsigned field", "rsa");
}

int
main(void)
{
	dkim_world_init(&w);
	dkim_world_open(&w);
	test_genuine(w.rsa, "sel");
	test_genuine(w.ed, "ed");
	test_tampered();
	dkim_world_close(&w);
	return tap_done();
}
