/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr: precedence, every operator on every type, what is not known yet, and
 * each mistake with the words that tell of it.
 */
#include "policy/expr.h"

#include "base/err.h"
#include "lib/evaluation.h"
#include "lib/tap.h"

static struct t_evaluation t;
static struct named_set_vec sets;

static void
add_set(const char *name, const char *source)
{
	struct named_set *s = named_set_vec_push(&sets, t_arena());
	struct place at = { "sets", 1 };
	struct problems p;

	problems_init(&p, t_arena());
	if (s == NULL)
		exit(1);
	s->name = slice_c(name);
	if (set_load(t_arena(), slice_c(source), at, &p, &s->set) != 0) {
		note("%.*s", SL_ARG(t_problems(&p)));
		exit(1);
	}
}

/* Compiles at a stage; the problems are left in *p. */
static int
compile(const char *text, enum stage stage, struct expr *e, struct problems *p)
{
	struct expr_context c = { .arena = t_arena(),
		.problems = p,
		.place = { "policy", 7 },
		.stage = stage,
		.sets = &sets };

	problems_init(p, t_arena());
	return expr_compile(&c, t_slice(text), e);
}

static void
is_truth(const char *text, enum stage stage, enum truth want)
{
	static const char *const words[] = { "no", "undecided", "later",
		"yes" };
	struct fact_context c = t_context(&t, stage);
	enum truth got = TRUTH_NO;
	struct problems p;
	struct expr e;
	int err = compile(text, STAGE_EOM, &e, &p);

	if (err == 0)
		err = expr_eval(&e, &c, &got);
	if (!ok(err == 0 && got == want, "%s: %s", text, words[want]))
		note("error %d, got %s, %.*s", err, words[got],
		    SL_ARG(t_problems(&p)));
}

static void
holds(const char *text)
{
	is_truth(text, STAGE_EOM, TRUTH_YES);
}

static void
fails(const char *text)
{
	is_truth(text, STAGE_EOM, TRUTH_NO);
}

static void
wrong(const char *text, const char *want)
{
	char line[1024];
	struct problems p;
	struct expr e;
	int err = compile(text, STAGE_EOM, &e, &p);

	is_int(err, ERR_CONFIG, "refused: %s", text);
	(void)snprintf(line, sizeof(line), "7: error: %s\n", want);
	is_text(t_problems(&p), line, "and told why");
}

static void
test_precedence(void)
{
	/* authenticated and tls are no, spf.null is yes */
	t.ev.spf.null = true;
	holds("spf.null or authenticated and tls");
	fails("(spf.null or authenticated) and tls");
	holds("authenticated and tls or spf.null");
	holds("not authenticated and spf.null");
	fails("not (authenticated or spf.null)");
	holds("not authenticated or tls");
	holds("not not spf.null");
	fails("not spf.null or not spf.null and spf.null");
	holds("((((spf.null))))");
	holds("not(authenticated)and(spf.null)");
	holds("NOT authenticated AND SPF.NULL");
	fails("authenticated or tls or authenticated or tls");
	holds("spf.null and spf.null and not tls and spf.null");
	holds("authenticated or (tls or (authenticated or (spf.null)))");
	t.ev.spf.null = false;
}

static void
test_words(void)
{
	t_spf(&t, VERDICT_SOFTFAIL, "example.org");
	holds("spf is softfail");
	holds("spf is SoftFail");
	holds("spf is \"softfail\"");
	fails("spf is pass");
	holds("spf is not pass");
	fails("spf is not softfail");
	holds("spf in {fail, softfail}");
	holds("spf in { \"fail\" , softfail }");
	fails("spf in {pass, none}");
	holds("spf not in {pass, none}");
	fails("spf in {}");
	holds("spf in soft-words");
	holds("direction is inbound");
	holds("from.error is none");
}

static void
test_texts(void)
{
	holds("mailfrom is \"a@example.org\"");
	holds("mailfrom is \"A@EXAMPLE.org\"");
	fails("mailfrom is \"\"");
	holds("mailfrom is not \"\"");
	holds("mailfrom in {a@example.org}");
	holds("mailfrom in {example.org}");
	holds("mailfrom in {a@}");
	fails("mailfrom in {!a@example.org, example.org}");
	holds("mailfrom.domain in {.org}");
	fails("mailfrom.domain in {.example.org.example}");
	holds("mailfrom in partners");
	holds("helo is \"mail.example.net\"");
	t_header(&t, "Subject", "say \"yes\"\r\n\tand go");
	t_header(&t, "Subject", "second");
	holds("header(\"subject\") is \"say \\\"yes\\\"\tand go\"");
	holds("header(\"X-None\") is \"\"");
	holds("header(\"Subject\") is not \"\" and not tls");
	t_mailfrom(&t, "<>");
	holds("mailfrom is \"\"");
	fails("mailfrom in {example.org, a@}");
	holds("mailfrom in {<>}");
	t_mailfrom(&t, "<a@example.org>");
}

static void
test_addresses(void)
{
	holds("client is 192.0.2.9");
	holds("client is \"192.0.2.9\"");
	holds("client is ::ffff:192.0.2.9");
	fails("client is 192.0.2.10");
	holds("client is not 2001:db8::1");
	holds("client in {192.0.2.0/24}");
	fails("client in {192.0.2.0/29, 2001:db8::/32}");
	holds("client not in {198.51.100.0/24}");
	holds("client in {.example.net}");
	holds("client in partners");
	fails("client in {.example.net, !192.0.2.9}");
	fails("client in {192.0.2.0/24, !mail.example.net}");
	holds("client in {192.0.2.0/24, !other.example.net}");
	holds("client not in {.example.net, !192.0.2.9}");
	t.session.client_name = SL("[192.0.2.9]");
	fails("client in {.example.net}");
	t.session.client_name = SL("mail.example.net");
	holds("client.name is \"mail.example.net\"");
}

static void
test_local_submission(void)
{
	struct ip ip = t.session.client;

	t.session.client = (struct ip){ 0 };
	t.session.client_name = SL("");
	fails("client in {0.0.0.0/0, ::/0}");
	fails("client is 192.0.2.9");
	t.session.client = ip;
	t.session.client_name = SL("mail.example.net");
}

static void
test_lists(void)
{
	(void)t_rcpt(&t, "<postmaster@local.test>");
	holds("rcpt.any in {postmaster@}");
	fails("rcpt.all in {postmaster@}");
	holds("rcpt.all in {local.test}");
	holds("rcpt.any not in {other.test}");
	holds("rcpt.all not in {postmaster@}");
	t.message.rcpts.at[0].refused = true;
	holds("rcpt.all in {postmaster@}");
	t.message.rcpts.at[1].refused = true;
	fails("rcpt.all in {local.test}");
	t.message.rcpts.at[0].refused = false;
	t.message.rcpts.n = 1;
	fails("dkim.domains in {example.org}");
	t_dkim(&t, "example.org", VERDICT_PASS);
	t_dkim(&t, "example.com", VERDICT_FAIL);
	holds("dkim.domains in {example.org}");
	fails("dkim.domains in {example.com}");
}

static void
test_bools_and_numbers(void)
{
	fails("tls");
	holds("tls is no");
	holds("tls is not yes");
	fails("tls is true");
	holds("not tls is yes");
	t.session.tls_version = SL("TLSv1.3");
	holds("tls");
	holds("tls is yes and tls is not false");
	t.session.tls_version = SL("");
	t.message.header_bytes = 998;
	t.message.body_bytes = 1048;
	holds("size is 2K");
	holds("size is not 2047");
	holds("size > 2047");
	fails("size > 2048");
	holds("size < 2049");
	fails("size<2k");
	holds("size<3000 and size>1K");
}

static void
test_maps(void)
{
	t.message.auth_authen = SL("alice");
	holds("from.domain in senders(auth.user)");
	fails("from.domain not in senders(auth.user)");
	t_author(&t, "x@sub.example.com", false);
	holds("from.domain in senders(auth.user)");
	t_author(&t, "x@example.edu", false);
	fails("from.domain in senders(auth.user)");
	t_author(&t, "boss@example.edu", false);
	holds("from in senders(auth.user)");
	t.message.auth_authen = SL("mallory");
	fails("from.domain in senders(auth.user)");
	t.message.auth_authen = SL("");
	fails("from.domain in senders(auth.user)");
	t_author(&t, "a@example.org", false);
	holds("mailfrom in senders(header(\"X-User\"))");
}

/* What is not known settles nothing by itself, and hides nothing that is. */
static void
test_not_known_yet(void)
{
	t.session.tls_version = SL("TLSv1.3");
	is_truth("dkim is pass", STAGE_MAIL, TRUTH_LATER);
	is_truth("not dkim is pass", STAGE_MAIL, TRUTH_LATER);
	is_truth("tls or dkim is pass", STAGE_MAIL, TRUTH_YES);
	is_truth("dkim is pass or tls", STAGE_MAIL, TRUTH_YES);
	is_truth("not tls and dkim is pass", STAGE_MAIL, TRUTH_NO);
	is_truth("dkim is pass and not tls", STAGE_MAIL, TRUTH_NO);
	is_truth("dkim is pass and tls", STAGE_MAIL, TRUTH_LATER);
	t.ev.spf.done = false;
	is_truth("spf is fail", STAGE_MAIL, TRUTH_UNDECIDED);
	is_truth("spf is not fail", STAGE_MAIL, TRUTH_UNDECIDED);
	is_truth("spf is fail or tls", STAGE_MAIL, TRUTH_YES);
	is_truth("spf is fail and not tls", STAGE_MAIL, TRUTH_NO);
	is_truth("spf is fail or dkim is pass", STAGE_MAIL, TRUTH_UNDECIDED);
	is_truth("dkim is pass and spf is fail", STAGE_MAIL, TRUTH_UNDECIDED);
	t.ev.spf.done = true;
	t.session.tls_version = SL("");
}

static void
test_wrong_names(void)
{
	wrong("sfp is fail", "unknown variable 'sfp'; did you mean 'spf'?");
	wrong("dmarc.disposotion is reject",
	    "unknown variable 'dmarc.disposotion'; did you mean "
	    "'dmarc.disposition'?");
	wrong("zebra", "unknown variable 'zebra'");
	wrong("partners is \"a\"",
	    "'partners' is a set: it stands behind `in`, a variable before");
	wrong("client in parners",
	    "unknown set 'parners'; did you mean 'partners'?");
	wrong("spf is reject",
	    "spf is never 'reject': it is one of none, pass, fail, softfail, "
	    "neutral, temperror, permerror");
	wrong("dmarc is quarantin or dmarc.policy is quarantin",
	    "dmarc is never 'quarantin': it is one of none, pass, fail, "
	    "temperror, permerror\n7: error: dmarc.policy is never "
	    "'quarantin': it is one of none, quarantine, reject; did you mean "
	    "'quarantine'?");
	wrong("spf in {pass, fial}",
	    "spf is never 'fial': it is one of none, pass, fail, softfail, "
	    "neutral, temperror, permerror; did you mean 'fail'?");
	wrong("spf in partners",
	    "spf is never '192.0.2.0/24': it is one of none, pass, fail, "
	    "softfail, neutral, temperror, permerror");
	wrong("header(\"a b\") is \"x\"",
	    "header: 'a b' is no name of a header field");
	wrong("header(\"From:\") is \"x\"",
	    "header: 'From:' is no name of a header field");
	wrong("header is \"x\"", "header needs an argument: header(\"Name\")");
	wrong("spf(\"x\") is pass", "spf takes no argument (write spf)");
	wrong("rcpt in roles",
	    "rcpt is only known at rcpt, but the rule stands at eom: use "
	    "rcpt.any or rcpt.all");
}

static void
test_wrong_types(void)
{
	wrong("spf", "spf needs a comparison, such as: spf is pass");
	wrong("mailfrom", "mailfrom is a text: it needs a comparison");
	wrong("mailfrom is example.org",
	    "mailfrom is a text: write it in quotes, \"example.org\"");
	wrong("rcpt.any is \"a\"",
	    "rcpt.any is a list: it goes with `in`, not with `is`");
	wrong("tls in {yes}", "tls is yes or no: it cannot be `in` anything");
	wrong("size in {1}", "size is a number: it cannot be `in` anything");
	wrong("tls is maybe", "tls is yes or no, not 'maybe'");
	wrong("client is 192.0.2.0/24",
	    "'192.0.2.0/24' is a network: write client in {192.0.2.0/24}");
	wrong("client is mail", "'mail' is no IP address");
	wrong("size > 10X",
	    "size is a number: '10X' is none (digits, perhaps with K, M or G)");
	wrong("spf > 3", "spf is a word: '>' compares numbers");
	wrong("mailfrom < 3", "mailfrom is a text: '<' compares numbers");
	wrong("spf is {pass}", "a list goes with `in`, not with `is`");
	wrong("from in partners(auth.user)",
	    "set 'partners' is no map: a map's lines are `key value`");
	wrong("tls in senders(auth.user)",
	    "tls is yes or no: it cannot be `in` anything");
	wrong("spf in senders(auth.user)",
	    "spf is a word: a map's value is a text");
	wrong("from in senders(rcpt.any)",
	    "rcpt.any is a list: a map is asked for one key");
	wrong("from in senders(auth.usr)",
	    "unknown variable 'auth.usr'; did you mean 'auth.user'?");
}

static void
test_wrong_grammar(void)
{
	wrong("", "a variable is missing at the end of the condition");
	wrong("spf is", "a value is missing at the end of the condition");
	wrong("spf is fail and",
	    "a variable is missing at the end of the condition");
	wrong("spf is fail dkim is pass",
	    "`and` or `or` is expected before 'dkim'");
	wrong("and tls", "a variable is expected before 'and'");
	wrong("(tls", "a '(' is not closed");
	wrong("tls)", "a ')' without its '('");
	wrong("()", "a variable is expected before ')'");
	wrong("client in {192.0.2.1", "a '{' is not closed");
	wrong("tls}", "a '}' without its '{'");
	wrong("client in {a {b}}", "a '{' is not closed");
	wrong("mailfrom is \"a", "a double quote is not closed");
	wrong("client not 192.0.2.1",
	    "`in` (it is `is not`, `not in`, or `not` in front of the "
	    "variable) is expected before '192.0.2.1'");
	wrong("spf is fail, dkim is pass", "a comma outside of a list {a, b}");
	wrong("client in (tls)",
	    "a list {a, b} or the name of a set is expected before '('");
	wrong("spf in {\"pass}", "a '{' is not closed");
}

/* Builds PREFIX n times, MIDDLE, SUFFIX n times. */
static const char *
repeat(const char *prefix, const char *middle, const char *suffix, unsigned n)
{
	struct buf b;

	buf_init(&b, t_arena(), 1 << 20);
	for (unsigned i = 0; i < n; i++)
		buf_adds(&b, prefix);
	buf_adds(&b, middle);
	for (unsigned i = 0; i < n; i++)
		buf_adds(&b, suffix);
	return buf_cstr(&b);
}

static void
test_limits(void)
{
	holds(repeat("(", "not tls", ")", EXPR_MAX_DEPTH));
	wrong(repeat("(", "tls", ")", EXPR_MAX_DEPTH + 1),
	    "the condition is nested too deeply");
	wrong(repeat("not ", "tls", "", 1000),
	    "the condition is nested too deeply");
	holds(repeat("", "not tls", " or tls", 80));
	wrong(repeat("", "tls", " or tls", 200),
	    "the condition has more than 256 comparisons and operators");
	holds(repeat("not tls and (", "not tls", ")", EXPR_MAX_DEPTH - 1));
}

static void
test_stage_of_variables(void)
{
	struct problems p;
	struct expr e;

	is_int(compile("dkim is pass", STAGE_MAIL, &e, &p), ERR_CONFIG,
	    "a variable of eom in a rule at mail");
	is_text(t_problems(&p),
	    "7: error: dkim is not known before eom, but the rule stands at "
	    "mail\n",
	    "names the stage at which it is known");
	is_int(compile("rcpt in {a@b}", STAGE_MAIL, &e, &p), ERR_CONFIG,
	    "rcpt at mail");
	is_text(t_problems(&p),
	    "7: error: rcpt is only known at rcpt, but the rule stands at "
	    "mail\n",
	    "rcpt is known at rcpt only");
	is_int(compile("rcpt in {a@b} and spf is fail", STAGE_RCPT, &e, &p), 0,
	    "rcpt and spf at rcpt");
	ok(!expr_known_at(&e, STAGE_MAIL) && expr_known_at(&e, STAGE_RCPT) &&
		!expr_known_at(&e, STAGE_EOM),
	    "it can be known at rcpt alone");
	ok(expr_uses(&e, fact_find(SL("spf"))) &&
		!expr_uses(&e, fact_find(SL("dkim"))),
	    "tells which facts it uses");
}

int
main(void)
{
	t_evaluation_init(&t, t_arena());
	add_set("partners", "{192.0.2.0/24, example.org}");
	add_set("soft-words", "{softfail, neutral}");
	add_set("senders", "{}");
	sets.at[2].set = set_new(t_arena());
	{
		struct place at = { "senders", 1 };
		struct problems p;

		problems_init(&p, t_arena());
		if (set_add(t_arena(), sets.at[2].set, SL("alice"),
			SL("example.org,.example.com"), at, &p) != 0 ||
		    set_add(t_arena(), sets.at[2].set, SL("alice"), SL("boss@"),
			at, &p) != 0 ||
		    set_add(t_arena(), sets.at[2].set, SL("bob"),
			SL("a@example.org"), at, &p) != 0)
			return 1;
	}
	t_header(&t, "X-User", "bob");
	test_precedence();
	test_words();
	test_texts();
	test_addresses();
	test_local_submission();
	test_lists();
	test_bools_and_numbers();
	test_maps();
	test_not_known_yet();
	test_wrong_names();
	test_wrong_types();
	test_wrong_grammar();
	test_limits();
	test_stage_of_variables();
	return tap_done();
}
