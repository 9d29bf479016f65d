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

/* A literal, its length, for it may hold NUL, and who verifies it. */
#define T(text) text, sizeof(text) - 1, false
#define OWN(text) text, sizeof(text) - 1, true

static const struct {
	const char *what, *text;
	size_t n;
	bool own; /* the library cannot carry it */
} mails[] = {
	{ "a plain message", T(HEAD "\r\nHi.\r\n\r\nBye.\r\n") },
	{ "folded fields",
	    T("From: Ann\r\n\t<ann@example.org>\r\nTo:\r\n  bob@example.net,\r\n"
	      "\t\t eve@example.net  \r\nSubject: a\r\n \r\n b\r\n\r\nx\r\n") },
	{ "no space after the colon",
	    T("From:ann@example.org\r\nTo:b@c.example\r\nSubject:x\r\n\r\nx\r\n") },
	{ "TAB after the colon",
	    T("From:\tann@example.org\r\nSubject:\t\tx\t\r\n\r\nx\r\n") },
	{ "space before the colon",
	    OWN("From : ann@example.org\r\nSubject \t: x\r\n\r\nx\r\n") },
	{ "empty values",
	    T("From: ann@example.org\r\nTo:\r\nSubject: \r\nDate: \t \r\n\r\nx\r\n") },
	{ "trailing white space",
	    T("From: ann@example.org  \t\r\nSubject: x \t \r\n\r\nx \t\r\n y \r\n") },
	{ "an empty body", T(HEAD "\r\n") },
	{ "a body of empty lines", T(HEAD "\r\n\r\n\r\n\r\n") },
	{ "a body of white space", T(HEAD "\r\n \t \r\n\t\r\n") },
	{ "no final newline", T(HEAD "\r\nHi.\r\nBye.") },
	{ "white space at the end", T(HEAD "\r\nHi.\r\nBye. \t") },
	{ "trailing empty lines", T(HEAD "\r\nHi.\r\n\r\n\r\n \r\n\r\n") },
	{ "bare CR and LF in the body",
	    T(HEAD "\r\na\rb\nc\r\r\nd\n\r\n\r\n\ne\r") },
	{ "NUL and 8-bit in the body", T(HEAD "\r\na\0b\xff\xfe \0 \r\n") },
	{ "UTF-8 in the header",
	    T("From: \xc3\x84nn <\xc3\xa4nn@example.org>\r\n"
	      "Subject: \xe4\xbd\xa0\xe5\xa5\xbd \xff\r\n\r\nx\r\n") },
	{ "odd bytes in the header",
	    OWN("From: ann@example.org\r\nTo: a\vb\fc@d.example\r\n"
		"Subject: a\0b\x01\x7f c\rd\r\n\r\nx\r\n") },
	{ "repeated fields",
	    T("Subject: one\r\nFrom: ann@example.org\r\nReceived: a\r\n"
	      "Received: b\r\n\r\nx\r\n") },
	{ "an address that is a group",
	    OWN("From: undisclosed:;\r\nSubject: x\r\n\r\nx\r\n") },
	{ "an address that is none",
	    OWN("From: who knows\r\nSubject: x\r\n\r\nx\r\n") },
	{ "two authors", T("From: a@example.org, b@example.org\r\n\r\nx\r\n") },
};

static const char *const canons[] = { NULL, "simple/simple", "simple/relaxed",
	"relaxed/simple", "relaxed/relaxed", "relaxed" };

static struct test_mail
parse(size_t i)
{
	return test_mail_parse(t_arena(), t_bytes(mails[i].text, mails[i].n));
}

/* The only signature's verdict, and by whose hands; shows the finding when it
 * is another. */
static void
is_verdict(const struct test_mail *m, size_t chunk, enum verdict want, bool own,
    const char *what)
{
	struct evaluation *ev = dkim_world_run(&w, m, chunk);
	const struct finding *f = NULL;
	struct buf b;

	buf_init(&b, t_arena(), 4096);
	if (ev != NULL && ev->findings.all.n == 1) {
		f = ev->findings.all.at[0];
		finding_print(f, &b);
	}
	if (!ok(f != NULL && f->verdict == want && ev->dkim.verdict == want &&
		    (finding_get(f, SL("verified-by")).n > 0) == own,
		"%s: %s", what, verdict_word(want)))
		note("%.*s", SL_ARG(buf_slice(&b)));
	dkim_world_done(ev);
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
			struct test_mail m = parse(i);

			dkim_signer_sign(t_arena(), &s, &m);
			is_verdict(&m, j * 3, VERDICT_PASS, mails[i].own,
			    mails[i].what);
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
		m = parse(0);
		dkim_signer_sign(t_arena(), &s, &m);
		m.body = t_slice(bodies[i]);
		is_verdict(&m, 0, VERDICT_FAIL, false, "a changed body");
	}
	for (size_t i = 2; i < 6; i++) {
		struct slice raw;
		char *p;

		m = parse(0);
		dkim_signer_sign(t_arena(), &s, &m);
		raw = m.headers.fields.at[i].raw;
		p = arena_alloc(t_arena(), raw.n);
		memcpy(p, raw.p, raw.n);
		p[raw.n - 2] ^= 1;
		m.headers.fields.at[i].raw = slice_of(p, raw.n);
		is_verdict(&m, 0, VERDICT_FAIL, false, "a changed field");
	}
	m = parse(0);
	dkim_signer_sign(t_arena(), &s, &m);
	m.headers.fields.at[1].raw = t_slice("Received: something else");
	is_verdict(&m, 0, VERDICT_PASS, false, "a changed unsigned field");
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
