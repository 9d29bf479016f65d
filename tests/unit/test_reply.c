/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reply: what is wrong with a reply file is told at load; whatever the values
 * are at run time, a reply is printable ASCII, short enough and one reply.
 */
#include "policy/reply.h"

#include "base/err.h"
#include "lib/evaluation.h"
#include "lib/tap.h"
#include "policy/reply_tags.h"

static struct t_evaluation t;

static void
says(const char *text, const char *want, bool loads, const char *what)
{
	struct problems p;
	struct replies *r = t_replies(text, NULL, &p);

	ok((r != NULL) == loads, "%s: %s", what,
	    loads ? "loads" : "is refused");
	is_text(t_problems(&p), want, "%s: told so", what);
}

static void
wrong(const char *text, const char *want, const char *what)
{
	says(text, want, false, what);
}

static void
test_head(void)
{
	static const char form[] =
	    "1: error: a reply begins `reply NAME CODE ENHANCED TAG`; its text "
	    "lines begin with white space\n";

	says("# one\n  # two\nreply a 550 5.7.1 DT:RULE\n  text # 1\n", "",
	    true, "comments are whole lines");
	wrong("reply a 550 5.7.1\n  text\n", form, "a missing word");
	wrong("reply a 550 5.7.1 DT:RULE x\n  text\n", form, "a word too many");
	wrong("answer a 550 5.7.1 DT:RULE\n  text\n", form, "another word");
	wrong("reply a 250 2.1.5 DT:RULE\n  text\n",
	    "1: error: '250' is no code to refuse with: it is 4xx or 5xx\n",
	    "a code that accepts");
	wrong("reply a 5500 5.7.1 DT:RULE\n  text\n",
	    "1: error: '5500' is no code to refuse with: it is 4xx or 5xx\n",
	    "a code of four digits");
	wrong("reply a 590 5.7.1 DT:RULE\n  text\n",
	    "1: error: '590' is no code to refuse with: it is 4xx or 5xx\n",
	    "a code outside of RFC 5321");
	wrong("reply a 550 5.7 DT:RULE\n  text\n",
	    "1: error: '5.7' is no enhanced code: it is 5.x.x\n",
	    "two numbers");
	wrong("reply a 550 5.7.1. DT:RULE\n  text\n",
	    "1: error: '5.7.1.' is no enhanced code: it is 5.x.x\n",
	    "a dot at the end");
	wrong("reply a 550 5.7.1234 DT:RULE\n  text\n",
	    "1: error: '5.7.1234' is no enhanced code: it is 5.x.x\n",
	    "four digits of detail");
	wrong("reply a 550 4.7.1 DT:RULE\n  text\n",
	    "1: error: code 550 and enhanced code 4.7.1 do not agree: both "
	    "begin with the same digit\n",
	    "codes of two classes");
	wrong("reply a 550 5.7.1 MI:SFP\n  text\n",
	    "1: error: unknown tag 'MI:SFP'; did you mean 'MI:SPF'?\n",
	    "a misspelt tag");
	wrong("reply a+b 550 5.7.1 DT:RULE\n  text\n",
	    "1: error: reply name 'a+b': letters, digits, '-', '_' and '.' "
	    "only\n",
	    "a sign in a name");
	wrong("reply a 550 5.7.1 DT:RULE\n  text\nreply A 550 5.7.1 DT:RULE\n"
	      "  text\n",
	    "3: error: reply 'A' stands in line 1 already\n",
	    "a name that was taken");
	wrong("reply a 55 5.7 MI:SFP\n  {sfp}\n",
	    "1: error: '55' is no code to refuse with: it is 4xx or 5xx\n"
	    "1: error: unknown tag 'MI:SFP'; did you mean 'MI:SPF'?\n",
	    "two mistakes in a line");
}

/* A reply `a` with this text line. */
static const char *
with_line(const char *line)
{
	return arena_printf(t_arena(), "reply a 550 5.7.1 DT:RULE\n  %s\n",
	    line)
	    .p;
}

static void
test_text(void)
{
	char long_line[600];

	wrong("  text\n",
	    "1: error: a text line without a `reply` line before it\n",
	    "text without a reply");
	wrong("reply a 550 5.7.1 DT:RULE\nreply b 550 5.7.1 DT:RULE\n  text\n",
	    "1: error: reply 'a' has no text line\n", "a reply without text");
	wrong(with_line("x {sfp.domain}"),
	    "2: error: unknown variable {sfp.domain}; did you mean "
	    "'spf.domain'?\n",
	    "a misspelt variable");
	wrong(with_line("x {epcoh}"),
	    "2: error: unknown variable {epcoh}; did you mean 'epoch'?\n",
	    "a misspelt variable of replies");
	wrong(with_line("x {id"),
	    "2: error: a '{' without its '}' (a brace itself is written "
	    "twice)\n",
	    "a brace that is not closed");
	wrong(with_line("x id}"),
	    "2: error: a '}' without its '{' (a brace itself is written "
	    "twice)\n",
	    "a brace that was not opened");
	wrong(with_line("x {}"), "2: error: unknown variable {}\n",
	    "empty braces");
	wrong(with_line("x {header}"),
	    "2: error: {header} needs an argument: {header(\"Name\")}\n",
	    "header without a name");
	wrong(with_line("x {spf(\"a\")}"),
	    "2: error: {spf(\"a\")} takes no argument\n",
	    "an argument too many");
	wrong(with_line("x {header(Subject)}"),
	    "2: error: {header(Subject)}: an argument is written "
	    "{header(\"Name\")}\n",
	    "an argument without quotes");
	wrong(with_line("\xc3\xa4"),
	    "2: error: only printable ASCII can be sent\n", "UTF-8 text");
	memset(long_line, 'x', sizeof(long_line));
	memcpy(long_line + 481, "{id}", 5);
	wrong(with_line(long_line),
	    "2: error: the line has 481 characters without its variables; a "
	    "reply line has room for 480\n",
	    "a line that is too long even with empty values");
}

static void
test_line_count(void)
{
	struct buf b;

	buf_init(&b, t_arena(), 65536);
	buf_adds(&b, "reply a 550 5.7.1 DT:RULE\n");
	for (int i = 0; i < 32; i++)
		buf_adds(&b, "  text\n");
	says(buf_cstr(&b), "", true, "32 lines");
	buf_adds(&b, "  text\n");
	wrong(buf_cstr(&b), "34: error: reply 'a' has more than 32 lines\n",
	    "33 lines");
}

static void
test_help_options(void)
{
	static const struct {
		const char *url, *lang, *want;
	} cases[] = {
		{ "ftp://x/", "en",
		    "0: error: 'ftp://x/' does not begin with https:// or "
		    "http://\n" },
		{ "https://x/{tga}", "en",
		    "0: error: unknown variable {tga}; did you mean 'tag'?\n" },
		{ "https://x/a b", "en", "0: error: a URL holds no space\n" },
		{ "https://x/{help}", "en",
		    "0: error: {help} is the URL itself\n" },
		{ "", "e n",
		    "0: error: 'e n' is no language, such as en or "
		    "zh-CN\n" },
		{ "https://x/{lang}/{tag}", "zh-CN", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reply_options o = { .help_url = slice_c(cases[i].url),
			.help_lang = slice_c(cases[i].lang) };
		struct problems p;

		(void)t_replies("", &o, &p);
		is_text(t_problems(&p), cases[i].want,
		    "HelpURL %s, HelpLang "
		    "%s",
		    cases[i].url, cases[i].lang);
	}
}

/* The reply made from one text line, or from a whole file. */
static struct reply
render(const char *file, const struct reply_options *o, const char *name,
    size_t line_max)
{
	struct fact_context c = t_context(&t, STAGE_EOM);
	struct reply_extra x = { .rule = SL("the-rule") };
	struct problems p;
	struct replies *r = t_replies(file, o, &p);
	struct reply out;

	if (r == NULL) {
		printf("Bail out! %.*s\n", SL_ARG(t_problems(&p)));
		exit(1);
	}
	if (replies_render(r, slice_c(name), &c, &x, line_max, &out) != 0)
		exit(1);
	return out;
}

static void
reads(const char *line, const char *want, const char *what)
{
	struct reply r = render(with_line(line), NULL, "a", 480);

	is_text(r.lines.at[0], want, "%s", what);
}

static void
test_variables(void)
{
	reads("{tag} {host},{id} {epoch} {help} {rule}",
	    "DT:RULE mx1.local.test,0a1b2c3d4e5f6g7h 1800000000 the-rule",
	    "an unset {help} goes with its space");
	reads("{help} {id}", "0a1b2c3d4e5f6g7h", "also at the start of a line");
	reads("{id} {help}", "0a1b2c3d4e5f6g7h", "and at its end");
	reads("<{help}>", "<>", "without a space nothing else goes");
	reads("{qid} {time}", "4XyZ 2027-01-15T08:00:00Z", "queue id, time");
	reads("{{spf}} {{{spf}}} }}{{", "{spf} {none} }{",
	    "a doubled brace is a brace");
	reads("{client} {client.name} {helo} {mailfrom} {rcpt.any}",
	    "192.0.2.9 mail.example.net mail.example.net a@example.org "
	    "b@local.test",
	    "facts");
	reads("{tls} {size} {rcpt}", "no 2 unknown",
	    "a fact that cannot be known here");
	reads("100% {spf}%s", "100% none%s", "a percent sign is not touched");
	reads("{Spf} {HOST}", "none mx1.local.test", "capitals");
	t_header(&t, "Subject", "hello");
	reads("{header(\"subject\")}", "hello", "a header field");
	reads("{reason}", "rule the-rule", "a reason without findings");
}

static void
test_reason(void)
{
	(void)!findings_add(&t.ev.findings, METHOD_SPF, VERDICT_FAIL,
	    SL("not\r\nallowed"));
	(void)!findings_add(&t.ev.findings, METHOD_DKIM, VERDICT_PASS,
	    SL("fine"));
	(void)!findings_add(&t.ev.findings, METHOD_DMARC, VERDICT_TEMPERROR,
	    SL(""));
	reads("{reason}", "spf=fail (not?allowed); dmarc=temperror",
	    "what did not pass, with its reason");
	{
		struct finding *f = findings_add(&t.ev.findings, METHOD_SPF,
		    VERDICT_PERMERROR, SL(""));

		ok(f != NULL &&
			finding_prop(&t.ev.findings, f, "smtp", "helo",
			    SL("x")) == 0,
		    "a finding of the HELO name");
	}
	reads("{reason}",
	    "spf=fail (not?allowed); dmarc=temperror; spf.helo=permerror",
	    "is told apart");
	t.ev.findings.all.n = 0;
}

static void
test_theirs_is_marked(void)
{
	t.ev.spf.explanation = SL("go to http://x \xe4\xb8\xad now");
	t.ev.spf.explainer = SL("example.org");
	reads("{spf.exp}", "example.org explains: go to http://x ? now",
	    "an explanation tells whose it is");
	t.ev.spf.explanation = SL("");
	reads("a {spf.exp}", "a", "no explanation, no mark");
	t.session.helo = SL("you have won");
	reads("called {helo}.", "called \"you have won\".",
	    "words of a stranger stand in quotes");
	t.session.helo = SL("say\"quote\"");
	reads("called {helo}.", "called \"say'quote'\".",
	    "which they cannot close");
	t.ev.dmarc.record = SL("v=DMARC1; p=reject");
	reads("{dmarc.record}", "\"v=DMARC1; p=reject\"", "a record");
	t.session.helo = SL("mail.example.net");
}

static bool
is_sound(const struct reply *r, size_t line_max)
{
	if (!r->set || r->lines.n == 0 || r->lines.n > 32)
		return false;
	for (size_t i = 0; i < r->lines.n; i++) {
		struct slice s = r->lines.at[i];

		if (s.n == 0 || s.n > line_max)
			return false;
		for (size_t k = 0; k < s.n; k++)
			if (s.p[k] < ' ' || s.p[k] > '~')
				return false;
	}
	return true;
}

/* Every text that a stranger can choose gets one value. */
static void
set_everything(struct slice v)
{
	t.session.helo = v;
	t.session.client_name = v;
	t.message.mail_from = (struct mailbox){ v, v, v };
	t.message.rcpts.at[0].path = (struct mailbox){ v, v, v };
	t.ev.from.authors.at[0].mailbox = (struct mailbox){ v, v, v };
	t.ev.from.authors.at[0].domain = v;
	t.message.auth_authen = v;
	t.session.daemon_name = v;
	t.message.queue_id = v;
	t.ev.spf = (struct spf_result){ .done = true,
		.verdict = VERDICT_FAIL,
		.domain = v,
		.record = v,
		.mechanism = v,
		.explanation = v,
		.explainer = v };
	t.ev.spf_helo = t.ev.spf;
	t.ev.dkim.reason = v;
	t.ev.dkim.signatures.n = 0;
	t_dkim(&t, "x", VERDICT_PASS);
	t.ev.dkim.signatures.at[0].domain = v;
	t.ev.dmarc.record = v;
	t.ev.dmarc.author_domain = v;
	t.ev.dmarc.policy_domain = v;
	t.ev.arc.sealer = v;
	t.ev.findings.all.n = 0;
	(void)!findings_add(&t.ev.findings, METHOD_SPF, VERDICT_FAIL, v);
}

/* One line with every variable there is; two lines of 20 each. */
static const char *
all_variables(void)
{
	static const char *const more[] = { "host", "id", "qid", "epoch",
		"time", "tag", "reason", "rule", "help", "lang", "spf.exp",
		"dkim.reason", "dmarc.record" };
	struct buf b;

	buf_init(&b, t_arena(), 65536);
	buf_adds(&b, "reply a 550 5.7.1 DT:RULE\n ");
	for (size_t i = 0; i < facts_count; i++) {
		if (i % 20 == 19)
			buf_adds(&b, "\n ");
		buf_printf(&b, " {%s%s}", facts[i].name,
		    facts[i].takes_argument ? "(\"Subject\")" : "");
	}
	buf_adds(&b, "\n ");
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		buf_printf(&b, " {%s}", more[i]);
	buf_adds(&b, "\n  {tag} {host},{id} {help}\n  HELO {helo} end\n");
	return buf_cstr(&b);
}

static struct slice
fill(const char *piece, size_t n)
{
	struct buf b;

	buf_init(&b, t_arena(), n + 64);
	while (b.n < n)
		buf_adds(&b, piece);
	return t_bytes(b.p, b.n);
}

static void
test_hostile_values(void)
{
	static const char controls[] = "a\0\r\n250 ok\x7f\x1b[2J";
	struct reply_options o = {
		.help_url = SL("https://h.test/{lang}/{tag}?helo={helo}&"
			       "from={mailfrom}&id={id}"),
	};
	const char *file = all_variables();
	struct slice values[] = {
		t_bytes(controls, sizeof(controls) - 1),
		t_slice("\r\n550 5.7.1 forged"),
		t_slice("\"quoted\" \\\"twice\\\""),
		t_slice("\xff\xfe\x80 \xe4\xbd\xa0\xe5\xa5\xbd"),
		t_slice("%s%n%d %% {id} {{ }} {helo}"),
		t_slice("   "),
		t_slice(""),
		t_slice("<a@b>,<c@d>"),
		fill("x", 65536),
		fill("\r\n", 65536),
		fill("\xff\"% {", 65536),
		fill("two words ", 65536),
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct reply r;

		set_everything(values[i]);
		r = render(file, &o, "a", 480);
		ok(is_sound(&r, 480), "value %zu: a sound reply at eom", i);
		ok(slice_starts(r.lines.at[r.lines.n - 2],
		       SL("DT:RULE mx1.local.test,0a1b2c3d4e5f6g7h "
			  "https://h.test/en/DT%3ARULE?helo=")),
		    "value %zu: what is ours stays whole", i);
		ok(slice_starts(r.lines.at[r.lines.n - 1], SL("HELO ")) &&
			slice_ends(r.lines.at[r.lines.n - 1], SL("end")),
		    "value %zu: the text around it stays", i);
		r = render(file, &o, "a", 200);
		ok(is_sound(&r, 200), "value %zu: a sound reply at rcpt", i);
	}
}

static void
test_cutting(void)
{
	set_everything(SL("short"));
	t.session.helo = fill("y", 1000);
	t.message.mail_from.text = SL("a@b");
	{
		struct reply r =
		    render(with_line("{helo} and {mailfrom}"), NULL, "a", 480);
		struct slice s = r.lines.at[0];

		ok(slice_ends(s, SL("yyy... and a@b")),
		    "a long value is cut with dots, the short one stays");
		ok(s.n <= 280, "one value has not the whole line");
	}
	{
		struct reply r = render(with_line("{helo} {helo} {helo} {id}"),
		    NULL, "a", 480);

		ok(r.lines.at[0].n <= 480 &&
			slice_ends(r.lines.at[0], SL("... 0a1b2c3d4e5f6g7h")),
		    "several long values share the line");
	}
	t.session.helo = fill("y ", 1000);
	{
		struct reply r = render(with_line("{helo} {helo} {helo} {id}"),
		    NULL, "a", 100);

		ok(r.lines.at[0].n <= 100 &&
			slice_ends(r.lines.at[0], SL("...\" 0a1b2c3d4e5f6g7h")),
		    "a cut value keeps its closing quote");
	}
}

static void
test_help_url(void)
{
	struct reply_options o = {
		.help_url = SL("https://h.test/help/{lang}/{tag}?ip={client}&"
			       "hostid={host}&id={id}&time={epoch}"),
		.help_lang = SL("zh-CN")
	};
	struct reply r = render(with_line("{tag} {help}"), &o, "a", 480);

	is_text(r.lines.at[0],
	    "DT:RULE https://h.test/help/zh-CN/DT%3ARULE?ip=192.0.2.9&"
	    "hostid=mx1.local.test&id=0a1b2c3d4e5f6g7h&time=1800000000",
	    "HelpURL with its variables");
	t.session.helo = SL("a b&c=d#?/\xff\"<>%41");
	o.help_url = SL("https://h.test/?h={helo}");
	r = render(with_line("{help}"), &o, "a", 480);
	is_text(r.lines.at[0],
	    "https://h.test/?h=a%20b%26c%3Dd%23%3F%2F%3F%22%3C%3E%2541",
	    "values are percent-encoded");
	t.session.helo = fill("\"", 65536);
	o.help_url = SL("https://h.test/?{helo}{helo}{helo}{helo}{helo}");
	r = render(with_line("see {help}"), &o, "a", 480);
	is_text(r.lines.at[0], "see", "a URL that grew too long is left out");
	o.help_url = SL("https://h.test/?{helo}");
	r = render(with_line("{tag} {host},{id} {help} end"), &o, "a", 100);
	is_text(r.lines.at[0], "DT:RULE mx1.local.test,0a1b2c3d4e5f6g7h end",
	    "so is one that a short line has no room for");
	t.session.helo = SL("mail.example.net");
}

static void
test_empty_lines_go(void)
{
	struct reply r;

	t.ev.spf.explanation = SL("");
	r = render("reply a 550 5.7.1 DT:RULE\n  one\n  {spf.exp}\n  two\n",
	    NULL, "a", 480);
	is_int((int64_t)r.lines.n, 2, "a line with nothing in it is left out");
	is_text(r.lines.at[1], "two", "the next one follows");
	r = render("reply a 550 5.7.1 DT:RULE\n  {spf.exp}\n", NULL, "a", 480);
	ok(r.lines.n == 1 && slice_eq(r.lines.at[0], SL("DT:RULE")),
	    "a reply that is all empty says its tag");
}

static void
test_internal(void)
{
	struct arena *small = arena_new(16);
	struct reply r;

	reply_internal(&r, t_arena(), "0a1b2c3d4e5f6g7h");
	ok(r.set && strcmp(r.code, "451") == 0 &&
		strcmp(r.enhanced, "4.3.0") == 0,
	    "a failure of ours is temporary");
	is_text(r.lines.at[0],
	    "ER:SYS 0a1b2c3d4e5f6g7h internal error, please try again later",
	    "with tag and id");
	(void)!arena_alloc(small, 1000);
	reply_internal(&r, small, "0a1b2c3d4e5f6g7h");
	ok(r.set && r.lines.n == 1 &&
		slice_eq(r.lines.at[0],
		    SL("ER:SYS internal error, please try again later")),
	    "without memory it still has a line");
	arena_free(small);
}

/* Wherever memory ends: a whole reply or none. */
static void
test_memory_ends(void)
{
	const char *file = all_variables();
	struct reply_extra x = { .rule = SL("the-rule") };
	struct fact_context c = t_context(&t, STAGE_EOM);
	struct arena *whole = t.ev.arena;
	struct problems p;
	struct replies *r = t_replies(file, NULL, &p);
	unsigned failed = 0, rendered = 0, wrong = 0;

	for (size_t limit = 0; r != NULL && limit < 65536; limit += 256) {
		struct arena *small = arena_new(limit);
		struct reply out;
		int err;

		if (small == NULL)
			continue;
		t.ev.arena = t.message.arena = small;
		err = replies_render(r, SL("a"), &c, &x, 480, &out);
		if (err == ERR_NOMEM)
			failed++;
		else if (err == 0 && is_sound(&out, 480))
			rendered++;
		else
			wrong++;
		t.ev.arena = t.message.arena = whole;
		arena_free(small);
	}
	ok(failed > 0 && rendered > 0 && wrong == 0,
	    "with little memory: %u failed, %u rendered, %u wrong", failed,
	    rendered, wrong);
	for (size_t limit = 0; limit < 65536; limit += 128) {
		struct arena *small = arena_new(limit);
		struct reply_options o = { 0 };

		problems_init(&p, t_arena());
		if (small == NULL)
			continue;
		r = replies_load(small, &o, &p);
		wrong += (r == NULL) == (p.errors == 0) ? 1 : 0;
		arena_free(small);
	}
	is_int(wrong, 0, "loading with little memory fails with a report");
}

static void
test_tags(void)
{
	for (size_t i = 0; i < REPLY_TAG_COUNT; i++) {
		struct slice s = slice_c(reply_tags[i].text);

		ok(reply_tag_find(s) == &reply_tags[i] && s.n <= 8 &&
			reply_tags[i].help[0] != '\0',
		    "tag %s is unique, short and explained",
		    reply_tags[i].text);
	}
	ok(reply_tag_find(SL("mi:spf")) == NULL, "case counts in tags");
}

int
main(void)
{
	t_evaluation_init(&t, t_arena());
	test_head();
	test_text();
	test_line_count();
	test_help_options();
	test_variables();
	test_reason();
	test_theirs_is_marked();
	test_empty_lines_go();
	test_help_url();
	test_hostile_values();
	test_cutting();
	test_internal();
	test_memory_ends();
	test_tags();
	return tap_done();
}
