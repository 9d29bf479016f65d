/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rules: everything that can be wrong with a policy file is told at load, with
 * its line and, where there is one, the nearest right spelling.
 */
#include "policy/rules.h"

#include "base/clock.h"
#include "lib/evaluation.h"
#include "lib/tap.h"

static void
says(const char *text, const char *want, bool loads, const char *what)
{
	struct problems p;
	struct rules *r = t_rules(text, NULL, t_shipped_replies(), &p);

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
warns(const char *text, const char *want, const char *what)
{
	says(text, want, true, what);
}

static void
test_rule_form(void)
{
	warns("", "", "an empty file");
	warns("# nothing\n\n   \n", "", "a file of comments");
	warns("a: accept\n", "", "the shortest rule");
	warns("a:accept if tls # why not\n", "", "no space behind the colon");
	warns("a : ACCEPT IF tls\n", "",
	    "capitals, and a space before the colon");
	warns("a: reject\n   with spf\n\tif spf is fail\n", "",
	    "a rule over three lines");
	warns("a: reject test on 5% until 2099-12-31 at mail with spf if spf "
	      "is fail\n",
	    "", "clauses in another order");
	wrong("accept if tls\n",
	    "1: error: a rule begins with its name and a colon: `name: ACTION "
	    "... if CONDITION` (or is it `set NAME SOURCE`?)\n",
	    "a rule without a name");
	wrong("\n\na b: accept\n",
	    "3: error: a rule begins with its name and a colon: `name: ACTION "
	    "... if CONDITION` (or is it `set NAME SOURCE`?)\n",
	    "a name of two words");
	wrong("a/b: accept\n",
	    "1: error: 'a/b' is no name of a rule: letters, digits, '-', '_' "
	    "and '.' only\n",
	    "a sign in a name");
	wrong(": accept\n",
	    "1: error: '' is no name of a rule: letters, digits, '-', '_' and "
	    "'.' only\n",
	    "an empty name");
	wrong("a: accept if tls\nb: accept if tls\nA: reject\n",
	    "3: error: rule 'A' stands in line 1 already\n",
	    "a name that was taken");
	wrong("a:\n", "1: error: unknown action ''\n", "no action");
	wrong("a: regect if tls\n",
	    "1: error: unknown action 'regect'; did you mean 'reject'?\n",
	    "a misspelt action");
	wrong("a: reject wiht spf if tls\n",
	    "1: error: unexpected 'wiht'; did you mean 'with'?\n",
	    "a misspelt clause");
	wrong("a: accept test test\n", "1: error: `test` stands twice\n",
	    "a clause twice");
	wrong("  a: accept\n",
	    "1: error: this line begins with white space, but there is no line "
	    "before it to continue\n",
	    "a continuation of nothing");
}

static void
test_clauses(void)
{
	wrong("a: reject with spff if tls\n",
	    "1: error: unknown reply 'spff'; did you mean 'spf'?\n",
	    "a misspelt reply");
	wrong("a: reject with dns if tls\n",
	    "1: error: reject needs a reply with a code of 5xx, 'dns' has "
	    "4xx\n",
	    "a 4xx reply for reject");
	wrong("a: tempfail with spf if tls\n",
	    "1: error: tempfail needs a reply with a code of 4xx, 'spf' has "
	    "5xx\n",
	    "a 5xx reply for tempfail");
	wrong("a: accept with spf if tls\n",
	    "1: error: accept gives no reply: `with` goes with reject and "
	    "tempfail\n",
	    "a reply for accept");
	wrong("a: reject at mial if tls\n",
	    "1: error: unknown stage 'mial': it is mail, rcpt or eom; did you "
	    "mean 'mail'?\n",
	    "a misspelt stage");
	wrong("a: reject at data if tls\n",
	    "1: error: unknown stage 'data': it is mail, rcpt or eom\n",
	    "no stage of ours");
	wrong("a: quarantine at mail if tls\nb: hold at rcpt if tls\n"
	      "c: tag \"X-A: b\" at mail\nd: seal at rcpt if tls\n",
	    "1: error: quarantine is only possible at eom\n"
	    "2: error: hold is only possible at eom\n"
	    "3: error: tag is only possible at eom\n"
	    "4: error: seal is only possible at eom\n",
	    "what needs the message, before there is one");
	wrong("a: discard at rcpt if tls\n",
	    "1: error: discard at rcpt would drop the message for every "
	    "recipient: write it at mail or at eom\n",
	    "discard at rcpt");
	for (size_t i = 0; i < 6; i++) {
		static const char *const bad[] = { "0%", "101%", "10", "x%",
			"-5%", "%" };
		char text[64], want[128];

		(void)snprintf(text, sizeof(text), "a: reject on %s\n", bad[i]);
		(void)snprintf(want, sizeof(want),
		    "1: error: 'on %s': it is a whole number from 1%% to "
		    "100%%\n",
		    bad[i]);
		wrong(text, want, bad[i]);
	}
	wrong("a: reject until 2026-02-30\n",
	    "1: error: 'until 2026-02-30': it is a day, YYYY-MM-DD\n",
	    "a day that does not exist");
	wrong("a: reject until tomorrow\n",
	    "1: error: 'until tomorrow': it is a day, YYYY-MM-DD\n", "no day");
}

static void
test_tags(void)
{
	warns("a: tag \"X-A: b {spf}\"\n", "", "a tag");
	wrong("a: tag X-A if tls\n",
	    "1: error: tag needs a header field: tag \"Name: value\"\n"
	    "1: error: unexpected 'X-A'\n",
	    "a tag without quotes");
	wrong("a: tag \"X-A\"\n",
	    "1: error: a header field is written \"Name: value\", not "
	    "\"X-A\"\n",
	    "a tag without a value");
	wrong("a: tag \"X A: b\"\n",
	    "1: error: a header field is written \"Name: value\", not \"X A: "
	    "b\"\n",
	    "a field name with a space");
	wrong("a: tag \"X-A: {sfp}\"\n",
	    "1: error: unknown variable {sfp}; did you mean 'spf'?\n",
	    "an unknown variable in a tag");
	wrong("a: tag \"authentication-results: x\"\nb: tag \"ARC-Seal: x\"\n"
	      "c: tag \"From: x\"\n",
	    "1: error: authentication-results fields are not for rules to "
	    "write: take a name of your own, such as X-Policy\n"
	    "2: error: ARC-Seal fields are not for rules to write: take a name "
	    "of your own, such as X-Policy\n"
	    "3: error: From fields are not for rules to write: take a name of "
	    "your own, such as X-Policy\n",
	    "fields that are not ours to write");
}

static void
test_sets(void)
{
	warns("a: accept if client in s\nset s {192.0.2.1}\n", "",
	    "a set below its rule");
	warns("set s {192.0.2.1}\n",
	    "1: warning: set 's' is not used by any rule\n", "an unused set");
	wrong("set s {a}\nset t {b}\nset S {c}\na: accept if helo in s or helo "
	      "in t\n",
	    "3: error: set 'S' stands in line 1 already\n",
	    "a set that was defined before");
	wrong("set s\n",
	    "1: error: a set is written `set NAME SOURCE`, such as: set "
	    "partners {192.0.2.0/24, .example.net}\n",
	    "a set without a source");
	wrong("set a+b {x}\n",
	    "1: error: 'a+b' is no name of a set: letters, digits, '-', '_' "
	    "and '.' only\n",
	    "a sign in a set's name");
	wrong("a: accept if client in ss\nset s {x}\n",
	    "1: error: unknown set 'ss'; did you mean 's'?\n",
	    "a misspelt set");
}

static void
test_stages(void)
{
	wrong("a: reject at mail if dkim is fail\n",
	    "1: error: dkim is not known before eom, but the rule stands at "
	    "mail\n",
	    "a variable that is not known yet");
	warns("ok: accept if dmarc is pass\nno: reject at mail if spf is "
	      "fail\n",
	    "2: warning: rule 'no' answers at mail, before the accept of 'ok' "
	    "in line 1 can be known\n",
	    "an early refusal below a later accept");
	warns("ok: accept if client is 192.0.2.1\nno: reject at mail if spf is "
	      "fail\n",
	    "", "an accept that can be known early");
	warns("ok: accept on 50% if client is 192.0.2.1\nno: reject at mail if "
	      "spf is fail\n",
	    "2: warning: rule 'no' answers at mail, before the accept of 'ok' "
	    "in line 1 can be known\n",
	    "a sampled accept needs the recipients");
	warns("ok: accept test if dmarc is pass\nno: reject at mail if spf is "
	      "fail\n",
	    "", "an accept that only tests shields nothing");
	warns("ok: accept at rcpt if rcpt in {postmaster@}\nno: reject at rcpt "
	      "if spf is fail\n",
	    "", "both at rcpt");
	warns("ok: accept at rcpt if rcpt in {postmaster@}\nno: reject at mail "
	      "if spf is fail\n",
	    "2: warning: rule 'no' answers at mail, before the accept of 'ok' "
	    "in line 1 can be known\n",
	    "a refusal at mail below an accept at rcpt");
	warns("no: reject with dmarc at mail if spf is fail\n",
	    "1: warning: reply 'dmarc' names {dmarc.domain}, which is not "
	    "known at mail\n",
	    "a reply that names what is not known yet");
	warns("a: reject\nb: accept if tls\nc: reject at mail if tls\n",
	    "2: warning: rule 'b' is never reached: 'a' in line 1 has no "
	    "condition\n",
	    "a rule below one that always decides");
}

static void
test_expiry(void)
{
	clock_fake(T_EPOCH); /* 2027-01-15 */
	warns("a: reject until 2027-01-14 if tls\n",
	    "1: warning: rule 'a' has expired (until 2027-01-14): it is "
	    "skipped\n",
	    "a rule that has expired");
	warns("a: reject until 2027-01-15 if tls\n", "",
	    "the day that is named is the last one");
}

/* A rule `nN: accept if tls` for each N. */
static const char *
many(const char *format, unsigned n)
{
	struct buf b;

	buf_init(&b, t_arena(), 1 << 20);
	for (unsigned i = 0; i < n; i++) {
		char line[64];

		(void)snprintf(line, sizeof(line), "n%u", i);
		buf_adds(&b, format[0] == 's' ? "set " : "");
		buf_adds(&b, line);
		buf_adds(&b, format + 1);
	}
	return buf_cstr(&b);
}

static void
test_limits(void)
{
	struct problems p;

	ok(t_rules(many("r: accept if tls\n", 1000), NULL, t_shipped_replies(),
	       &p) != NULL,
	    "1000 rules load");
	wrong(many("r: accept if tls\n", 1001),
	    "1001: error: more than 1000 rules\n", "1001 rules");
	wrong(many("s {a}\n", 501), "501: error: more than 500 sets\n",
	    "501 sets");
	wrong("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
	      "abcde: accept\n",
	    "1: error: the name of the rule is longer than 64 characters\n",
	    "a long name");
}

static void
test_all_errors_at_once(void)
{
	wrong("set s {192.0.2.0/33}\n"
	      "a: regect\n"
	      "b: reject with spff at mial on 0% if sfp is fail or spf is "
	      "fial\n"
	      "c: accept if (tls\n",
	    "1: error: \"192.0.2.0/33\": neither an IP address nor a network\n"
	    "2: error: unknown action 'regect'; did you mean 'reject'?\n"
	    "3: error: unknown reply 'spff'; did you mean 'spf'?\n"
	    "3: error: unknown stage 'mial': it is mail, rcpt or eom; did you "
	    "mean 'mail'?\n"
	    "3: error: 'on 0%': it is a whole number from 1% to 100%\n"
	    "3: error: unknown variable 'sfp'; did you mean 'spf'?\n"
	    "3: error: spf is never 'fial': it is one of none, pass, fail, "
	    "softfail, neutral, temperror, permerror; did you mean 'fail'?\n"
	    "4: error: a '(' is not closed\n",
	    "every mistake of a file");
}

static void
test_missing_file(void)
{
	struct rules_options o = { .file = "no-such-file.conf" };
	struct problems p;

	problems_init(&p, t_arena());
	ok(rules_load(t_arena(), &o, t_shipped_replies(), &p) == NULL,
	    "a file that is not there is refused");
	ok(p.all.n == 1 &&
		strcmp(p.all.at[0].place.file, "no-such-file.conf") == 0,
	    "and named");
}

static void
test_quarantine_header(void)
{
	struct rules_options o = { .quarantine_header = SL("X-Q: {reasn}") };
	struct problems p;

	ok(t_rules("a: accept\n", &o, t_shipped_replies(), &p) == NULL,
	    "an unknown variable in QuarantineHeader");
	ok(p.all.n == 1 &&
		strcmp(p.all.at[0].place.file, "QuarantineHeader") == 0,
	    "is reported by the option's name");
	is_text(p.all.at[0].text,
	    "unknown variable {reasn}; did you mean 'reason'?", "and tells");
}

static void
test_needs(void)
{
	struct rules_options o = { .test_mode = true };
	struct problems p;
	struct rules *r;

	r = t_rules("a: reject at mail if spf is fail\nb: hold if size > 1M\n",
	    NULL, t_shipped_replies(), &p);
	ok(r != NULL && rules_need_stage(r, STAGE_MAIL) &&
		rules_need_stage(r, STAGE_RCPT) &&
		rules_need_stage(r, STAGE_EOM),
	    "a rule at mail can answer there, and later if it was undecided");
	ok(r != NULL && rules_use_fact(r, SL("spf")) &&
		rules_use_fact(r, SL("size")) &&
		!rules_use_fact(r, SL("iprev")) &&
		!rules_use_fact(r, SL("nonsense")),
	    "facts that rules use");
	ok(r != NULL && rules_can_hold(r), "a rule can hold");
	r = t_rules("a: reject at rcpt if spf is fail\n", NULL,
	    t_shipped_replies(), &p);
	ok(r != NULL && !rules_need_stage(r, STAGE_MAIL) &&
		rules_need_stage(r, STAGE_RCPT),
	    "a rule at rcpt does not answer before");
	r = t_rules("a: reject test at mail if spf is fail\nb: reject at rcpt "
		    "until 2020-01-01\nc: hold test\n",
	    NULL, t_shipped_replies(), &p);
	ok(r != NULL && !rules_need_stage(r, STAGE_MAIL) &&
		!rules_need_stage(r, STAGE_RCPT) && !rules_can_hold(r),
	    "test rules and expired ones do not answer");
	r = t_rules("a: seal test\nb: seal until 2020-01-01\n", NULL,
	    t_shipped_replies(), &p);
	ok(r != NULL && !rules_can_seal(r), "nor do they seal");
	r = t_rules("a: seal if tls\nb: reject\nc: seal\n", NULL,
	    t_shipped_replies(), &p);
	ok(r != NULL && rules_can_seal(r), "a rule can seal");
	r = t_rules("a: reject at mail if spf is fail\n", &o,
	    t_shipped_replies(), &p);
	ok(r != NULL && !rules_need_stage(r, STAGE_MAIL),
	    "in TestMode no rule answers");
}

static void
test_memory_ends(void)
{
	unsigned loaded = 0, refused = 0, wrong = 0;

	for (size_t limit = 0; limit < 65536; limit += 128) {
		struct arena *small = arena_new(limit);
		struct rules_options o = { 0 };
		struct problems p;
		struct rules *r;

		if (small == NULL)
			continue;
		problems_init(&p, t_arena());
		r = rules_load(small, &o, t_shipped_replies(), &p);
		loaded += r != NULL ? 1 : 0;
		refused += r == NULL ? 1 : 0;
		wrong += (r == NULL) == (p.errors == 0) ? 1 : 0;
		arena_free(small);
	}
	ok(loaded > 0 && refused > 0 && wrong == 0,
	    "with little memory: %u loaded, %u refused, %u without a report",
	    loaded, refused, wrong);
}

int
main(void)
{
	clock_fake(T_EPOCH);
	test_rule_form();
	test_clauses();
	test_tags();
	test_sets();
	test_stages();
	test_expiry();
	test_limits();
	test_all_errors_at_once();
	test_missing_file();
	test_quarantine_header();
	test_needs();
	test_memory_ends();
	return tap_done();
}
