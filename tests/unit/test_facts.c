/* SPDX-License-Identifier: BSD-2-Clause
 *
 * facts: what each variable says of a message, when it can be known, and that
 * the manual page has every one of them with the same words.
 */
#include "check/facts.h"

#include "base/err.h"
#include "base/file.h"
#include "lib/evaluation.h"
#include "lib/tap.h"

static struct t_evaluation t;

static void
says_of(const char *name, const char *arg, const char *want, const char *what)
{
	struct fact_context c = t_context(&t, STAGE_EOM);
	const struct fact *f = fact_find(slice_c(name));
	struct fact_value v;
	int err = ERR_NOTFOUND;

	if (f != NULL)
		err = fact_get(f, &c, slice_c(arg), &v);
	if (err != 0)
		ok(false, "%s: %s (%s)", name, what, err_text(err));
	else
		is_text(fact_text(t_arena(), &v), want, "%s: %s", name, what);
}

static void
says(const char *name, const char *want, const char *what)
{
	says_of(name, "", want, what);
}

static void
test_table(void)
{
	bool words = true, unique = true, help = true;

	for (size_t i = 0; i < facts_count; i++) {
		unique =
		    unique && fact_find(slice_c(facts[i].name)) == &facts[i];
		words = words &&
		    (facts[i].type == FACT_WORD) == (facts[i].words != NULL);
		help = help && slice_ends(slice_c(facts[i].help), SL(".")) &&
		    facts[i].from <= facts[i].until;
	}
	ok(unique, "every name stands once");
	ok(words, "every word has its list, and nothing else has one");
	ok(help, "every fact has a sentence of help and its stages");
	ok(fact_find(SL("SPF")) == fact_find(SL("spf")) &&
		fact_find(SL("sp")) == NULL,
	    "names are found without case and as a whole");
}

/* `.It Cm name` and, behind it, the help text. */
static void
test_manual(void)
{
	char path[1024], why[FILE_WHY];
	struct slice page;
	unsigned missing = 0;

	(void)snprintf(path, sizeof(path), "%s/conf/policy.conf.5", CM_SRCDIR);
	if (!ok(file_read(t_arena(), path, 1 << 20, &page, why) == 0,
		"policy.conf.5 can be read"))
		return;
	for (size_t i = 0; i < facts_count; i++) {
		struct slice head = arena_printf(t_arena(), ".It Cm %s%s\n",
		    facts[i].name, facts[i].takes_argument ? " Ns" : "");
		size_t at;

		if (facts[i].takes_argument)
			head.n--;
		at = slice_search(page, head);
		if (at == SLICE_NONE ||
		    slice_search(slice_sub(page, at, 400),
			slice_c(facts[i].help)) == SLICE_NONE) {
			missing++;
			note("%s: %s", facts[i].name, facts[i].help);
		}
	}
	is_int(missing, 0, "the manual explains every variable in these words");
}

static void
test_session(void)
{
	says("direction", "inbound", "a stranger's mail");
	t.ev.direction = DIRECTION_ORIGINATING;
	says("direction", "originating", "our users'");
	t.ev.direction = DIRECTION_INBOUND;
	says("client", "192.0.2.9", "the address");
	says("client.name", "mail.example.net", "the verified name");
	t.session.client_name = SL("[192.0.2.9]");
	says("client.name", "", "an address in brackets is no name");
	t.session.client_name = SL("unknown");
	says("client.name", "", "nor is unknown");
	says("helo", "mail.example.net", "as given");
	says("authenticated", "no", "not logged in");
	t.message.auth_type = SL("PLAIN");
	t.message.auth_authen = SL("alice");
	says("authenticated", "yes", "logged in");
	says("auth.user", "alice", "by name");
	t.session.daemon_name = SL("MSA");
	says("daemon", "MSA", "as the MTA calls it");
	says("tls", "no", "plain text");
	t.session.tls_version = SL("TLSv1.3");
	says("tls", "yes", "encrypted");
}

static void
test_envelope(void)
{
	says("mailfrom", "a@example.org", "without brackets");
	says("mailfrom.domain", "example.org", "its domain");
	t_mailfrom(&t,
	    "<a@B\xc3\xbc"
	    "cher.example>");
	says("mailfrom.domain", "xn--bcher-kva.example", "as A-labels");
	t_mailfrom(&t, "<a@[192.0.2.1]>");
	says("mailfrom.domain", "[192.0.2.1]", "a literal stays");
	t_mailfrom(&t, "<>");
	says("mailfrom", "", "the null sender");
	says("mailfrom.domain", "", "has no domain");
	t_mailfrom(&t, "<a@example.org>");
	(void)t_rcpt(&t, "<c@local.test>");
	says("rcpt.any", "b@local.test,c@local.test", "all recipients");
	t.message.rcpts.at[0].refused = true;
	says("rcpt.all", "c@local.test", "without those that were refused");
	t.message.rcpts.at[0].refused = false;
}

static void
test_stage_of_rcpt(void)
{
	struct fact_context c = t_context(&t, STAGE_RCPT);
	const struct fact *f = fact_find(SL("rcpt.domain"));
	struct fact_value v;

	ok(fact_get(f, &c, SL(""), &v) == 0 &&
		slice_eq(v.text, SL("local.test")),
	    "rcpt.domain at rcpt");
	c = t_context(&t, STAGE_EOM);
	is_int(fact_get(f, &c, SL(""), &v), ERR_TIMEOUT, "not at eom");
	c = t_context(&t, STAGE_MAIL);
	is_int(fact_get(f, &c, SL(""), &v), ERR_TIMEOUT, "nor at mail");
	is_int(fact_get(fact_find(SL("dkim")), &c, SL(""), &v), ERR_TIMEOUT,
	    "dkim is not known at mail");
}

static void
test_header(void)
{
	says("from", "a@example.org", "the author");
	says("from.domain", "example.org", "the author's domain");
	t_author(&t, "b@example.com", true);
	says("from.domain", "example.org", "of several the first");
	t.ev.dmarc.author_domain = SL("example.com");
	says("from.domain", "example.com", "or the one that DMARC judged");
	t.ev.dmarc.author_domain = SL("");
	t_author(&t, "a@example.org", false);
	t.ev.from.error = FROM_SEVERAL_FIELDS;
	says("from.error", "several-fields", "what is wrong");
	t.ev.from.error = FROM_OK;
	says("from.error", "none", "nothing is wrong");
	says_of("header", "X-Test", "", "a field that is not there");
	t_header(&t, "X-Test", "one\r\n\ttwo");
	t_header(&t, "X-Test", "three");
	says_of("header", "x-test", "one\ttwo", "the first, unfolded");
	t.message.header_bytes = 100;
	t.message.body_bytes = 50;
	says("size", "152", "header, empty line and body");
}

static void
test_list_id(void)
{
	static const struct {
		const char *field, *want;
	} cases[] = {
		{ "<list.example.org>", "list.example.org" },
		{ "A list <users> \r\n < list.example.org >",
		    "list.example.org" },
		{ "list.example.org", "list.example.org" },
		{ "<broken", "<broken" },
		{ "a > b", "a > b" },
		{ "", "" },
	};

	says("list.id", "", "no field");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		t.message.headers.fields.n = 0;
		t_header(&t, "List-Id", cases[i].field);
		says("list.id", cases[i].want, "case of RFC 2919");
	}
	t.message.headers.fields.n = 0;
}

static void
test_spf(void)
{
	struct fact_context c = t_context(&t, STAGE_MAIL);
	struct fact_value v;

	t_spf(&t, VERDICT_FAIL, "example.org");
	t.ev.spf.null = true;
	t.ev.spf_helo.verdict = VERDICT_PERMERROR;
	says("spf", "fail", "the result");
	says("spf.domain", "example.org", "the domain");
	says("spf.record", "v=spf1 ip4:198.51.100.1 -all", "the record");
	says("spf.mechanism", "-all", "the term");
	says("spf.null", "yes", "nobody sends");
	says("spf.helo", "permerror", "the other identity");
	t.ev.spf = (struct spf_result){ 0 };
	t.ev.spf_helo = (struct spf_result){ 0 };
	is_int(fact_get(fact_find(SL("spf")), &c, SL(""), &v), ERR_TIMEOUT,
	    "undecided before the DNS answers");
	is_int(fact_get(fact_find(SL("spf.helo")), &c, SL(""), &v), ERR_TIMEOUT,
	    "and so for HELO");
	t.ev.judged = false;
	says("spf", "none", "what is not judged is none");
	says("spf.helo", "none", "HELO as well");
	says("iprev", "none", "iprev as well");
	t.ev.judged = true;
	t.ev.spf.done = t.ev.spf_helo.done = true;
}

static void
test_relayed_early(void)
{
	struct fact_context c = t_context(&t, STAGE_MAIL);
	struct fact_value v;

	t.ev.direction = DIRECTION_RELAYED;
	t.ev.iprev.done = false;
	is_int(fact_get(fact_find(SL("iprev")), &c, SL(""), &v), ERR_TIMEOUT,
	    "a relay's client is not known at mail");
	t.ev.iprev.done = true;
	says("iprev", "none", "at eom it is");
	t.ev.direction = DIRECTION_INBOUND;
}

static void
test_dkim(void)
{
	says("dkim", "none", "no signature");
	says("dkim.domains", "", "no domain");
	says("dkim.aligned", "no", "nothing is aligned");
	t_dkim(&t, "example.com", VERDICT_FAIL);
	t_dkim(&t, "example.net", VERDICT_PASS);
	t_dkim(&t, "example.net", VERDICT_PASS);
	says("dkim", "pass", "the best");
	says("dkim.domains", "example.net", "each that passed, once");
	says("dkim.aligned", "no", "of another organisation");
	t_dkim(&t, "mail.example.org", VERDICT_PASS);
	says("dkim.aligned", "yes",
	    "without a DMARC record the organisation counts");
	t.ev.dmarc.verdict = VERDICT_TEMPERROR;
	says("dkim.aligned", "no",
	    "without an answer only the very domain does");
	t_dkim(&t, "Example.org", VERDICT_PASS);
	says("dkim.aligned", "yes", "which is certain");
	t.ev.dmarc.verdict = VERDICT_FAIL;
	says("dkim.aligned", "no", "with a record DMARC has the word");
	t.ev.dmarc.dkim_aligned = true;
	says("dkim.aligned", "yes", "and says so");
	t.ev.dmarc = (struct dmarc_result){ 0 };
	t_author(&t, "x@example.com", true);
	says("dkim.aligned", "no", "every author must be signed for");
	t_dkim(&t, "example.com", VERDICT_PASS);
	says("dkim.aligned", "yes", "both are");
	t.ev.from.more = true;
	says("dkim.aligned", "no", "more authors than we look at");
	t.ev.from.more = false;
	t_author(&t, "a@example.org", false);
	t.ev.dkim = (struct dkim_result){ 0 };
}

static void
test_dmarc_arc_forward(void)
{
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_REJECT);
	says("dmarc", "fail", "the result");
	says("dmarc.policy", "reject", "as published");
	says("dmarc.disposition", "reject", "for this message");
	says("dmarc.domain", "example.org", "where the record stood");
	t.ev.dmarc = (struct dmarc_result){ 0 };
	says("dmarc", "none", "no record");
	says("dmarc.disposition", "none", "asks for nothing");
	says("arc", "none", "no chain");
	says("arc.sealer", "", "no sealer");
	says("arc.trusted", "no", "nor trust");
	says("arc.saw-pass", "no", "nor a pass");
	says("arc.unsure", "no", "and no doubt");
	t.ev.arc = (struct arc_result){ .done = true,
		.verdict = VERDICT_PASS,
		.sealer = SL("list.example"),
		.trusted = true,
		.saw_pass = true };
	says("arc", "pass", "a chain");
	says("arc.sealer", "list.example", "its newest sealer");
	says("arc.trusted", "yes", "whom we trust");
	says("arc.saw-pass", "yes", "and who saw a pass");
	t.ev.arc = (struct arc_result){ .done = true,
		.verdict = VERDICT_FAIL,
		.unsure = true };
	says("arc.unsure", "yes", "a chain whose key could not be had");
	t.ev.arc = (struct arc_result){ 0 };
	says("forward", "no", "no forward");
	says("forward.doomed", "no", "none doomed");
}

/* DESIGN: a field that another path leaves, and a third party with a proof. */
static void
test_indirect(void)
{
	says("indirect", "no", "a plain message");
	t_header(&t, "List-Id", "<l.example.net>");
	says("indirect", "no", "a List-Id alone is anybody's to write");
	t_dkim(&t, "example.net", VERDICT_FAIL);
	says("indirect", "no", "a signature that does not hold is no proof");
	t_dkim(&t, "news.example.org", VERDICT_PASS);
	says("indirect", "no", "the author's own is no third party's");
	t_dkim(&t, "example.net", VERDICT_PASS);
	says("indirect", "yes", "a list that signs");
	t.message.headers.fields.n = 0;
	says("indirect", "no", "a third party's signature alone");
	t_header(&t, "List-Unsubscribe", "<mailto:x@example.net>");
	says("indirect", "no", "List-Unsubscribe is not enough");
	t_header(&t, "Resent-From", "x@example.net");
	says("indirect", "yes", "a resent message");
	t.ev.dkim = (struct dkim_result){ 0 };
	says("indirect", "no", "without a proof");
	t_spf(&t, VERDICT_PASS, "bounces.example.net");
	says("indirect", "yes", "a list whose SPF passes");
	t_spf(&t, VERDICT_PASS, "bounces.example.org");
	says("indirect", "no", "the author's own SPF");
	t_spf(&t, VERDICT_SOFTFAIL, "example.net");
	says("indirect", "no", "an SPF that does not pass");
	t_spf(&t, VERDICT_PASS, "example.net");
	t.message.headers.fields.n = 0;
	t_header(&t, "ARC-Seal", "i=1; cv=none");
	says("indirect", "yes", "a chain");
	t.ev.arc.verdict = VERDICT_FAIL;
	says("indirect", "no", "a chain that is broken");
	t.ev.arc.verdict = VERDICT_NONE;
	t_author(&t, "x@example.net", true);
	says("indirect", "no", "one of several authors is no third party");
}

int
main(void)
{
	t_evaluation_init(&t, t_arena());
	test_table();
	test_manual();
	test_session();
	test_envelope();
	test_stage_of_rcpt();
	test_header();
	test_list_id();
	t_evaluation_init(&t, t_arena());
	test_spf();
	test_relayed_early();
	test_dkim();
	test_dmarc_arc_forward();
	test_indirect();
	return tap_done();
}
