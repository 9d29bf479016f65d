/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_sign: what is signed verifies, whatever it looks like and with whatever
 * it is signed; and nobody else's mail is signed, whatever it claims.
 */
#include "base/log.h"
#include "lib/sign_stand.h"
#include "lib/tap.h"

#define PAIR                                                  \
	"Domain example.org\nSelector rsa\nKeyFile rsa.pem\n" \
	"Selector ed\nKeyFile ed.pem\n"

static char log_text_seen[65536];

static void
remember(void *ctx, enum log_level level, struct slice line)
{
	size_t n = strlen(log_text_seen);

	(void)ctx;
	(void)level;
	(void)snprintf(log_text_seen + n, sizeof(log_text_seen) - n, "%.*s\n",
	    SL_ARG(line));
}

static bool
logged(const char *what)
{
	return strstr(log_text_seen, what) != NULL;
}

/* What a stranger makes of a message that this sender sent. */
static struct slice
outcome(const struct snapshot *s, const struct sender *from, const char *head,
    const char *body)
{
	struct test_mail m = sign_stand_mail(head, body);

	return sign_stand_send(s, from, &m) == NULL ?
	    SL("refused") :
	    sign_stand_verified(&m, 0);
}

#define USUAL                                       \
	"From: Ann <ann@example.org>\r\n"           \
	"To: Bob <bob@example.net>\r\n"             \
	"Subject: Hello\r\n"                        \
	"Date: Sat, 21 Nov 2026 23:00:19 +0000\r\n" \
	"Message-ID: <1@example.org>\r\n"

static const struct {
	const char *what, *head;
} heads[] = {
	{ "usual", USUAL },
	{ "folded",
	    "From:\r\n Ann\r\n\t<ann@example.org>\r\n"
	    "Subject: one\r\n  two\r\n\t\tthree  \r\n"
	    "To: a@example.net,\r\n b@example.net\r\n" },
	{ "odd space",
	    "From  :   ann@example.org   \r\nSubject:\r\nTo:\t\r\n"
	    "Date:Sat,  21 Nov 2026 23:00:19 +0000\r\n" },
	{ "empty fields",
	    "From: ann@example.org\r\nSubject:\r\nTo: \r\nCc:\r\n" },
	{ "8-bit and UTF-8",
	    "From: \xc3\x84nne <ann@example.org>\r\n"
	    "Subject: Gr\xc3\xbc\xc3\x9f"
	    "e \xff\xfe\r\n" },
	{ "repeated fields",
	    USUAL "Subject: again\r\nTo: c@example.net\r\n"
		  "To: d@example.net\r\nReceived: x\r\nReceived: y\r\n" },
	{ "list fields",
	    USUAL "List-Unsubscribe: <https://example.org/u>\r\n"
		  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
		  "List-Id: <l.example.org>\r\n" },
	{ "a bare CR", "From: ann@example.org\r\nSubject: a\rb\r\n" },
	{ "no To, Date and Message-ID", "From: ann@example.org\r\nX: y\r\n" },
};

static const struct {
	const char *what, *body;
} bodies[] = {
	{ "text", "Hi.\r\n" },
	{ "none", "" },
	{ "empty lines", "\r\n\r\n\r\n" },
	{ "trailing empty lines", "Hi.\r\n\r\n\r\n\r\n" },
	{ "no final line end", "Hi.\r\n there" },
	{ "trailing white space", "Hi.  \t\r\n  \t \r\nx \r\n" },
	{ "dots", ".\r\n..\r\n...x\r\n." },
	{ "bare CR and LF", "a\rb\nc\r\n\nd\r\r\n" },
	{ "8-bit", "\xc3\xa4\xff\x80\r\n" },
};

static void
test_everything_verifies(void)
{
	static const char *const pairs[] = { "relaxed/relaxed",
		"relaxed/simple", "simple/relaxed", "simple/simple" };
	const struct sender odd = { .chunk = 3 };

	for (size_t p = 0; p < ARRAY_LEN(pairs); p++) {
		struct snapshot *s = sign_stand_config(arena_printf(t_arena(),
		    PAIR "Canonicalization %s\n", pairs[p])
							   .p);

		for (size_t h = 0; h < ARRAY_LEN(heads); h++) {
			is_text(outcome(s, &odd, heads[h].head, "Hi.\r\n"),
			    "2/2", "%s: header: %s", pairs[p], heads[h].what);
			sign_stand_forget();
		}
		for (size_t b = 0; b < ARRAY_LEN(bodies); b++) {
			is_text(outcome(s, &odd, USUAL, bodies[b].body), "2/2",
			    "%s: body: %s", pairs[p], bodies[b].what);
			sign_stand_forget();
		}
		snapshot_put(s);
	}
}

static void
test_sizes(void)
{
	struct snapshot *s = sign_stand_config(PAIR);
	size_t sizes[] = { 1000, 100000, (size_t)20 << 20 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct test_mail m = sign_stand_mail(USUAL, "");
		const struct sender from = { .chunk = 65535 };
		char *text = malloc(sizes[i]);

		for (size_t k = 0; text != NULL && k < sizes[i]; k++)
			text[k] = k % 78 == 76 ? '\r' :
			    k % 78 == 77       ? '\n' :
						 (char)('a' + k % 19);
		m.body = slice_of(text, sizes[i]);
		ok(sign_stand_send(s, &from, &m) != NULL, "%zu bytes are sent",
		    sizes[i]);
		is_text(sign_stand_verified(&m, 4096), "2/2",
		    "%zu bytes verify", sizes[i]);
		sign_stand_forget();
		free(text);
	}
	snapshot_put(s);
}

struct claim {
	const char *what;
	struct sender from;
	const char *head;
	const char *want; /* what a stranger sees */
};

#define ANN "From: ann@example.org\r\n"

static const struct claim claims[] = {
	{ "internal host", { .client = "127.0.0.1" }, ANN, "2/2" },
	{ "internal host, IPv6", { .client = "::1" }, ANN, "2/2" },
	{ "no client address", { .client = "" }, ANN, "2/2" },
	{ "authenticated", { .client = "192.0.2.7", .auth = "ann" }, ANN,
	    "2/2" },
	{ "submission", { .client = "192.0.2.7", .daemon = "MSA" }, ANN,
	    "2/2" },
	{ "a stranger", { .client = "192.0.2.7" }, ANN, "0/0" },
	{ "a stranger at another service",
	    { .client = "192.0.2.7", .daemon = "MTA" }, ANN, "0/0" },
	{ "a relay, though internal", { .client = "192.0.2.50" }, ANN, "0/0" },
	{ "another domain", { .auth = "ann" }, "From: x@example.net\r\n",
	    "0/0" },
	{ "a domain that only ends the same", { .auth = "ann" },
	    "From: x@notexample.org\r\n", "0/0" },
	{ "a subdomain", { .auth = "ann" }, "From: x@sub.example.org\r\n",
	    "0/0" },
	{ "upper case", { .auth = "ann" }, "From: x@Example.ORG\r\n", "2/2" },
	{ "ours in the envelope, Sender and Reply-To alone",
	    { .auth = "ann", .envelope = "<ann@example.org>" },
	    "From: x@example.net\r\nSender: ann@example.org\r\n"
	    "Reply-To: ann@example.org\r\n",
	    "0/0" },
	{ "ours in the display name", { .auth = "ann" },
	    "From: \"ann@example.org\" <x@example.net>\r\n", "0/0" },
	{ "two From fields", { .auth = "ann" }, ANN "From: x@example.net\r\n",
	    "0/0" },
	{ "two equal From fields", { .auth = "ann" }, ANN ANN, "0/0" },
	{ "two authors", { .auth = "ann" },
	    "From: ann@example.org, x@example.net\r\n", "0/0" },
	{ "a group", { .auth = "ann" }, "From: us: ann@example.org;\r\n",
	    "0/0" },
	{ "a From hidden behind a bare CR", { .auth = "ann" },
	    "X: y\rFrom: ann@example.org\r\n", "0/0" },
	{ "no From", { .auth = "ann" }, "Subject: x\r\n", "0/0" },
	{ "From that must be salvaged", { .auth = "ann" },
	    "From: Ann, Bob <ann@example.org>\r\n", "0/0" },
	{ "null sender", { .envelope = "<>" }, ANN, "2/2" },
	{ "a foreign envelope", { .envelope = "<x@example.net>" }, ANN, "2/2" },
	{ "our own results, from an internal host", { .client = "127.0.0.1" },
	    ANN "Authentication-Results: mx.example.org; spf=pass\r\n", "0/0" },
	{ "our own results, authenticated", { .auth = "ann" },
	    ANN "Authentication-Results: mx.example.org; spf=pass\r\n", "2/2" },
	{ "results of others", { .client = "127.0.0.1" },
	    ANN "Authentication-Results: mx.example.net; spf=pass\r\n", "2/2" },
	{ "a content filter", { .client = "127.0.0.9" }, ANN, "0/0" },
	{ "a content filter, authenticated",
	    { .client = "127.0.0.9", .auth = "ann" }, ANN, "2/2" },
};

static void
test_whose_mail(void)
{
	struct snapshot *s =
	    sign_stand_config(PAIR "InternalHosts 127.0.0.0/8, ::1, "
				   "192.0.2.50\nRelayHosts 192.0.2.50\n"
				   "MTA MSA\nReinjectHosts 127.0.0.9\n"
				   "PolicyFile \"\"\n");

	for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
		const struct claim *c = &claims[i];
		struct test_mail m = sign_stand_mail(c->head, "Hi.\r\n");
		struct slice seen = SL("0/0");

		/* what is refused is not signed either */
		if (sign_stand_send(s, &c->from, &m) != NULL)
			seen = arena_printf(t_arena(), "%.*s",
			    SL_ARG(sign_stand_verified(&m, 0)));
		if (slice_eq(seen, SL("refused")) &&
		    header_list_count(&m.headers, SL("DKIM-Signature")) == 0)
			seen = SL("0/0");
		is_text(seen, c->want, "%s", c->what);
		sign_stand_forget();
	}
	snapshot_put(s);
	s = sign_stand_config("Mode v\n" PAIR);
	is_text(outcome(s, &(struct sender){ .auth = "ann" }, ANN, ""), "0/0",
	    "Mode v signs nothing");
	snapshot_put(s);
	s = sign_stand_config("Mode s\n" PAIR);
	is_text(outcome(s, &(struct sender){ .auth = "ann" }, ANN, ""), "2/2",
	    "Mode s signs");
	snapshot_put(s);
}

/* The value of the nth signature on one line. */
static struct slice
signature(const struct snapshot *s, const char *head, size_t nth)
{
	struct test_mail m = sign_stand_mail(head, "Hi.\r\n");
	const struct header_field *f;

	if (sign_stand_send(s, &(struct sender){ .auth = "ann" }, &m) == NULL)
		return SL("refused");
	is_text(sign_stand_verified(&m, 0),
	    arena_printf(t_arena(), "%zu/%zu",
		header_list_count(&m.headers, SL("DKIM-Signature")),
		header_list_count(&m.headers, SL("DKIM-Signature")))
		.p,
	    "it verifies");
	f = header_list_get(&m.headers, SL("DKIM-Signature"), nth);
	return f != NULL ? header_unfold(t_arena(), f->value) : SL("none");
}

static bool
has(struct slice field, const char *text)
{
	/* h= may be folded between any two names */
	struct buf b;

	buf_init(&b, t_arena(), 65536);
	for (size_t i = 0; i < field.n; i++)
		if (field.p[i] != ' ' && field.p[i] != '\t')
			buf_addc(&b, field.p[i]);
	if (slice_search(buf_slice(&b), slice_c(text)) != SLICE_NONE)
		return true;
	note("%.*s", SL_ARG(buf_slice(&b)));
	return false;
}

static void
test_field(void)
{
	struct snapshot *s = sign_stand_config(PAIR "SignatureTTL 7d\n");
	struct slice rsa, ed;

	clock_fake(1795307148);
	rsa = signature(s, USUAL, 0);
	ed = signature(s, USUAL, 1);
	clock_fake(0);
	ok(has(rsa,
	       "v=1;a=rsa-sha256;c=relaxed/relaxed;d=example.org;s=rsa;") &&
		has(ed,
		    "v=1;a=ed25519-sha256;c=relaxed/relaxed;d=example.org;"
		    "s=ed;"),
	    "a signature for each key, in their order");
	ok(has(rsa, ";t=1795307148;x=1795911948;"), "times are told");
	ok(has(rsa,
	       ";h=From:From:Reply-To:Subject:Subject:Date:Date:Message-ID:"
	       "Message-ID:To:To:Cc:MIME-Version:Content-Type;"),
	    "the usual fields, oversigned");
	ok(slice_search(rsa, SL("l=")) == SLICE_NONE &&
		slice_search(rsa, SL("z=")) == SLICE_NONE,
	    "no l= and no z=");
	rsa = signature(s, ANN, 0);
	ok(has(rsa,
	       ";h=From:From:Reply-To:Subject:To:Cc:MIME-Version:"
	       "Content-Type;"),
	    "a Date or Message-ID that may still come is not forbidden");
	sign_stand_forget();
	snapshot_put(s);
	s = sign_stand_config(
	    PAIR "SignHeaders From, X-Ours\nOversignHeaders +X-Ours -To\n");
	rsa = signature(s, ANN "X-Ours: 1\r\n", 0);
	ok(has(rsa, ";h=From:From:X-Ours:X-Ours:Reply-To:") &&
		slice_search(rsa, SL("To:To")) == SLICE_NONE,
	    "lists change what is signed");
	sign_stand_forget();
	snapshot_put(s);
	s = sign_stand_config(PAIR "SignHeaders -From, -List-Id\n");
	ok(has(signature(s, ANN, 0), ";h=Reply-To:") ||
		has(signature(s, ANN, 0), "From:From"),
	    "From is always signed");
	sign_stand_forget();
	snapshot_put(s);
}

static void
test_edits(void)
{
	struct snapshot *s;
	struct test_mail m = sign_stand_mail(ANN "Subject: x\r\n", "Hi.\r\n");
	const struct header_field *date;

	s = sign_stand_config(PAIR "AddMissingHeaders yes\n");
	ok(sign_stand_send(s, &(struct sender){ .auth = "a" }, &m) != NULL,
	    "sent with missing fields");
	date = header_list_get(&m.headers, SL("Date"), 0);
	ok(date != NULL && header_list_count(&m.headers, SL("Message-ID")) == 1,
	    "a Date and a Message-ID are added");
	is_text(sign_stand_verified(&m, 0), "2/2", "and signed");
	sign_stand_forget();
	snapshot_put(s);
	sign_stand_write("rules.conf",
	    SL("add: tag \"List-Id: <l.example.org>\"\n"
	       "also: tag \"X-Policy: 2\"\n"
	       "done: accept\n"),
	    0644);
	s = sign_stand_config(
	    PAIR "PolicyFile rules.conf\nSignHeaders +X-Policy\n");
	is_text(outcome(s, &(struct sender){ .auth = "a" },
		    ANN "X-Policy: 1\r\n", ""),
	    "2/2", "fields that rules add are signed as they will stand");
	sign_stand_forget();
	snapshot_put(s);
	sign_stand_write("rules.conf", SL("no: reject if size > 5\n"), 0644);
	s = sign_stand_config(PAIR "PolicyFile rules.conf\n");
	is_text(outcome(s, &(struct sender){ .auth = "a" }, ANN, "Hi.\r\n"),
	    "refused", "what is refused is not signed");
	sign_stand_forget();
	snapshot_put(s);
}

static void
test_normalized(void)
{
	static const char head[] = "From: Ann B. Cee <ann@example.org>\r\n"
				   "To: a@example.net,b@example.net\r\n"
				   "Cc: bob\r\nX-To: a@b.test,c@d.test\r\n";
	static const char stranger[] = "From: A. B <ann@example.net>\r\n"
				       "To: a@b.test,c@d.test\r\n";
	static const char *const pairs[] = { "relaxed/relaxed",
		"simple/simple" };
	const struct sender ann = { .auth = "ann" };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct snapshot *s = sign_stand_config(arena_printf(t_arena(),
		    PAIR "NormalizeAddresses yes\nCanonicalization %s\n",
		    pairs[i])
							   .p);
		struct test_mail m = sign_stand_mail(head, "Hi.\r\n");

		ok(sign_stand_send(s, &ann, &m) != NULL, "%s: sent", pairs[i]);
		is_text(header_list_get(&m.headers, SL("From"), 0)->value,
		    " \"Ann B. Cee\" <ann@example.org>",
		    "a name with a dot is quoted");
		is_text(header_list_get(&m.headers, SL("To"), 0)->value,
		    " a@example.net, b@example.net", "commas get their space");
		is_text(header_list_get(&m.headers, SL("Cc"), 0)->value, " bob",
		    "what is not understood stays");
		is_text(header_list_get(&m.headers, SL("X-To"), 0)->value,
		    " a@b.test,c@d.test", "so do fields that are not signed");
		is_text(sign_stand_verified(&m, 0), "2/2", "it verifies");
		m = sign_stand_mail(stranger, "");
		ok(sign_stand_send(s, &ann, &m) != NULL, "sent");
		is_text(header_list_get(&m.headers, SL("To"), 0)->value,
		    " a@b.test,c@d.test", "mail that is not signed stays");
		sign_stand_forget();
		snapshot_put(s);
	}
}

static void
test_warnings(void)
{
	struct snapshot *s = sign_stand_config(PAIR);
	struct sender ann = { .auth = "ann" };
	char *long_body = malloc(1100);

	memset(long_body, 'x', 1099);
	long_body[1099] = '\0';
	log_text_seen[0] = '\0';
	(void)outcome(s, &ann, USUAL, "fine\r\n");
	ok(!logged("breaks its signature"), "a good message: no warning");
	(void)outcome(s, &ann, USUAL, "\xc3\xa4\r\n");
	ok(logged("8-bit text") && logged("<ann@example.org>"),
	    "8-bit text without 8BITMIME is told");
	log_text_seen[0] = '\0';
	(void)outcome(s, &ann, USUAL, "\xc3\xa4\r\n");
	ok(!logged("8-bit text"), "once a sender");
	(void)outcome(s, &ann, "From: x@example.org\r\n", "\xc3\xa4\r\n");
	ok(logged("8-bit text"), "and again for another");
	log_text_seen[0] = '\0';
	ann.param = "BODY=8BITMIME";
	(void)outcome(s, &ann, "From: y@example.org\r\n", "\xc3\xa4\r\n");
	ok(logged("to a host without 8BITMIME"),
	    "with 8BITMIME the next hop may lack it");
	(void)outcome(s, &ann, USUAL, long_body);
	ok(logged("more than 990"), "a long line is told");
	(void)outcome(s, &ann, USUAL, "a\nb\r\n");
	ok(logged("end no line"), "a bare LF is told");
	sign_stand_forget();
	log_text_seen[0] = '\0';
	(void)outcome(s, &ann, "From: a@example.org, b@example.net\r\n", "");
	ok(logged("does not name exactly one author") &&
		logged("unsigned=author"),
	    "an unclear author is told");
	(void)outcome(s, &ann, "From: b@example.net\r\n", "");
	ok(logged("unsigned=no-key"),
	    "a domain without key is in the log line");
	(void)outcome(s, &ann, USUAL, "");
	ok(logged("signed=example.org:rsa,example.org:ed"),
	    "so are the keys that signed");
	free(long_body);
	sign_stand_forget();
	snapshot_put(s);
}

static void
test_mailing_list(void)
{
	static const struct {
		const char *list_id, *want;
	} cases[] = {
		{ "List-Id: The list <l.example.com>\r\n", "1/1" },
		{ "List-Id: <L.Example.COM>\r\n", "1/1" },
		{ "List-Id: l.example.com\r\n", "0/0" },
		{ "List-Id: <l.example.com> <x.example.com>\r\n", "0/0" },
		{ "List-Id: <l.example.com>\r\nList-Id: <x>\r\n", "0/0" },
		{ "X-List-Id: <l.example.com>\r\n", "0/0" },
		/* a second author: not signed, and a stranger refuses it */
		{ "List-Id: <l.example.com>\r\nFrom: x@y.test\r\n", "refused" },
	};
	struct snapshot *s;

	sign_stand_write("keys",
	    arena_printf(t_arena(), "list example.com:rsa:%s\n",
		sign_stand_path("rsa.pem")),
	    0644);
	sign_stand_write("signing", SL("list-id:l.example.com list\n"), 0644);
	s = sign_stand_config(
	    "KeyTable file:keys\nSigningTable file:signing\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *head = arena_printf(t_arena(),
		    "From: x@example.net\r\n%s", cases[i].list_id)
				       .p;

		is_text(outcome(s, &(struct sender){ 0 }, head, "Hi.\r\n"),
		    cases[i].want, "a mailing list: case %zu", i + 1);
		ok(!slice_eq(outcome(s,
				 &(struct sender){ .client = "192.0.2.9" },
				 head, "Hi.\r\n"),
		       SL("1/1")),
		    "a stranger's list is not signed: case %zu", i + 1);
		sign_stand_forget();
	}
	snapshot_put(s);
}

static void
test_too_many_fields(void)
{
	struct snapshot *s = sign_stand_config(PAIR);
	struct buf head;

	buf_init(&head, t_arena(), 65536);
	buf_adds(&head, ANN);
	for (int i = 0; i < 200; i++)
		buf_adds(&head, "Subject: x\r\n");
	is_text(outcome(s, &(struct sender){ .auth = "ann" }, buf_cstr(&head),
		    ""),
	    "0/0", "hundreds of Subject fields are not signed");
	sign_stand_forget();
	snapshot_put(s);
}

static void
test_published(void)
{
	struct snapshot *s =
	    sign_stand_config("Domain example.org\nSelector rsa\n"
			      "KeyFile rsa.pem\nSelector late\n"
			      "KeyFile late.pem\nKeyRequirePublished yes\n");
	const struct engine *e = snapshot_engine(s);
	struct sender ann = { .auth = "ann" };

	log_text_seen[0] = '\0';
	is_text(outcome(s, &ann, ANN, ""), "0/0",
	    "before the DNS was asked nothing is signed");
	is_int((int64_t)dkim_published_look(engine_keys(e), engine_resolver(e),
		   1000),
	    1, "one key of two is missing");
	is_text(outcome(s, &ann, ANN, ""), "1/1", "the other one signs");
	ok(logged("late._domainkey.example.org: there is no such record"),
	    "the missing one is told");
	sign_stand_forget();
	snapshot_put(s);
}

int
main(void)
{
	log_set_sink(remember, NULL);
	sign_stand_begin();
	test_everything_verifies();
	test_sizes();
	test_whose_mail();
	test_field();
	test_edits();
	test_normalized();
	test_warnings();
	test_mailing_list();
	test_too_many_fields();
	test_published();
	sign_stand_end();
	return tap_done();
}
