/* SPDX-License-Identifier: BSD-2-Clause
 *
 * decide: the walk of the rules: order, stages, what is undecided, test rules,
 * samples, expiry, and the plan that each action makes.
 */
#include "base/clock.h"
#include "base/err.h"
#include "lib/evaluation.h"
#include "lib/tap.h"

static struct t_evaluation t;

static struct rules *
load_with(const char *text, const struct rules_options *o)
{
	struct problems p;
	struct rules *r = t_rules(text, o, t_shipped_replies(), &p);

	if (r == NULL) {
		printf("Bail out! %.*s\n", SL_ARG(t_problems(&p)));
		exit(1);
	}
	return r;
}

/* The plan of a policy at a stage, as text without the reply's first line,
 * which holds id and time. */
static struct slice
plan_of(const struct rules *r, enum stage stage)
{
	struct fact_context c = t_context(&t, stage);
	struct plan plan;
	struct buf b;
	int err;

	plan_init(&plan, t_arena());
	err = rules_decide(r, t_shipped_replies(), &c, &plan);
	if (err != 0)
		return arena_printf(t_arena(), "error %s", err_text(err));
	plan.reply.set = false;
	buf_init(&b, t_arena(), 65536);
	plan_print(&plan, &b);
	return buf_slice(&b);
}

static void
decides(const char *policy, enum stage stage, const char *want,
    const char *what)
{
	is_text(plan_of(load_with(policy, NULL), stage), want, "%s", what);
}

static void
test_order(void)
{
	decides("", STAGE_EOM, "action accept\n", "no rule: accepted");
	decides("", STAGE_MAIL, "action continue\n", "no rule at mail: go on");
	decides("a: reject if tls\nb: tempfail if not tls\nc: reject\n",
	    STAGE_EOM, "action tempfail\nrule b\n",
	    "the first rule that matches decides");
	decides("a: discard\n", STAGE_EOM, "action discard\nrule a\n",
	    "discard");
	decides("a: accept\nb: reject if not tls\n", STAGE_EOM,
	    "action accept\nrule a\n", "an accept ends the walk");
}

static void
test_marks(void)
{
	decides("a: tag \"X-A: {mailfrom}\"\nb: tag \"X-B: b\" if tls\n"
		"c: quarantine\n",
	    STAGE_EOM,
	    "action accept\nrule c\nquarantine\ninsert 0 X-A: a@example.org\n"
	    "insert 0 X-Chopmark-Quarantine: rule c; id=0a1b2c3d4e5f6g7h\n",
	    "a tag goes on, quarantine marks and delivers");
	decides("a: hold\n", STAGE_EOM,
	    "action accept\nrule a\nhold a: rule a\n",
	    "hold puts it into the queue of the MTA");
	decides("a: seal\nb: seal if tls\nc: quarantine\n", STAGE_EOM,
	    "action accept\nrule c\nquarantine\nseal\n"
	    "insert 0 X-Chopmark-Quarantine: rule c; id=0a1b2c3d4e5f6g7h\n",
	    "seal goes on");
	decides("a: seal if tls\n", STAGE_EOM, "action accept\n",
	    "a seal that does not match");
	decides("a: seal test\n", STAGE_EOM, "action accept\ntest a seal\n",
	    "a seal that is only tried");
}

static void
test_own_mark(void)
{
	struct rules_options o = { .quarantine_header =
				       SL("X-Mark: {rule}/{spf}") };

	is_text(plan_of(load_with("a: quarantine\n", &o), STAGE_EOM),
	    "action accept\nrule a\nquarantine\ninsert 0 X-Mark: a/none\n",
	    "QuarantineHeader is the administrator's");
}

static void
test_long_tag_is_folded(void)
{
	struct rules *r = load_with("a: tag \"X-A: {header(\\\"Subject\\\")} "
				    "end\"\n",
	    NULL);
	struct fact_context c = t_context(&t, STAGE_EOM);
	struct plan plan;
	struct buf b;

	buf_init(&b, t_arena(), 65536);
	for (int i = 0; i < 60; i++)
		buf_adds(&b, "word\r\n\tX-Evil: 1\r\n ");
	t_header(&t, "Subject", buf_cstr(&b));
	plan_init(&plan, t_arena());
	is_int(rules_decide(r, t_shipped_replies(), &c, &plan), 0, "decided");
	ok(plan.edits.n == 1, "one field");
	if (plan.edits.n == 1) {
		struct slice v = plan.edits.at[0].value, line;
		bool good = true;

		while (slice_cut(&v, '\n', &line))
			good = good && line.n <= 78 && line.n > 1 &&
			    (line.p[0] == ' ' || line.p[0] == '\t');
		ok(good, "every line of it is short and a continuation");
	}
	t.message.headers.fields.n = 0;
}

static void
test_stages(void)
{
	static const char policy[] = "late: reject if not tls\n"
				     "rcpt: tempfail at rcpt if not tls\n"
				     "mail: reject at mail if spf is fail\n";

	t_spf(&t, VERDICT_FAIL, "example.org");
	decides(policy, STAGE_MAIL, "action reject\nrule mail\n",
	    "at mail the rules of later stages are skipped");
	decides(policy, STAGE_RCPT, "action tempfail\nrule rcpt\n",
	    "at rcpt the rules of rcpt and mail are walked top-down");
	decides(policy, STAGE_EOM, "action reject\nrule late\n",
	    "at eom all rules are walked");
	decides("mail: reject at mail if spf is fail\n", STAGE_EOM,
	    "action reject\nrule mail\n",
	    "an early rule that could not answer in time does at eom");
	t_spf(&t, VERDICT_NONE, "example.org");
}

static void
test_early_accept(void)
{
	t_spf(&t, VERDICT_FAIL, "example.org");
	decides("ok: accept if client in {192.0.2.9}\nno: reject at mail if "
		"spf is fail\n",
	    STAGE_MAIL, "action accept\nrule ok\n",
	    "an accept that is known holds early and ends judgement");
	decides("ok: accept if client in {192.0.2.9} or rcpt.all in {b@}\nno: "
		"reject at mail if spf is fail\n",
	    STAGE_MAIL, "action accept\nrule ok\n",
	    "also where the rest of its condition is not known");
	decides("ok: accept if rcpt.all in {b@}\nno: reject at mail if spf is "
		"fail\n",
	    STAGE_MAIL, "action reject\nrule no\n",
	    "an accept that is not known does not hold early");
	decides("bad: reject if from.error is missing\nok: accept if client in "
		"{192.0.2.9}\nno: reject at mail if spf is fail\n",
	    STAGE_MAIL, "action continue\n",
	    "below a rule that has yet to come it only shields");
	decides("ok: accept test if client in {192.0.2.9}\nno: reject at mail "
		"if spf is fail\n",
	    STAGE_MAIL, "action reject\nrule no\n",
	    "a test accept shields nothing");
	decides("ok: accept if spf is fail\n", STAGE_MAIL, "action continue\n",
	    "the DNS is not waited for where it shields nothing");
	decides("no: reject at mail if tls\nok: accept if spf is fail\n",
	    STAGE_MAIL, "action continue\n", "nor below the last early rule");
	decides("ok: accept if spf is fail\nno: reject at mail if tls\n",
	    STAGE_MAIL, "action accept\nrule ok\n", "but above one");
	decides("ok: accept at mail if spf is fail\nno: reject at mail\n",
	    STAGE_MAIL, "action accept\nrule ok\n", "an accept at mail");
	t_spf(&t, VERDICT_NONE, "example.org");
}

static void
test_accept_of_one_recipient(void)
{
	static const char policy[] = "role: accept at rcpt if rcpt in {b@}\n"
				     "no: reject at rcpt if spf is fail\n";
	struct rules *r = load_with(policy, NULL);

	t_spf(&t, VERDICT_FAIL, "example.org");
	is_text(plan_of(r, STAGE_RCPT), "action continue\n",
	    "an accept of one recipient does not end the message's judgement");
	is_text(plan_of(r, STAGE_EOM), "action accept\nrule role\n",
	    "at eom it holds if it does for every recipient");
	(void)t_rcpt(&t, "<c@local.test>");
	is_text(plan_of(r, STAGE_EOM), "action reject\nrule no\n",
	    "and not if there is another one");
	t.message.rcpts.at[1].refused = true;
	is_text(plan_of(r, STAGE_EOM), "action accept\nrule role\n",
	    "one that was refused does not count");
	t.message.rcpts.n = 1;
	decides("no: reject at rcpt if rcpt in {b@}\n", STAGE_RCPT,
	    "action reject\nrule no\n", "a refusal of one recipient");
	decides("no: reject at rcpt if rcpt.domain is \"local.test\" and spf "
		"is fail\n",
	    STAGE_EOM, "action reject\nrule no\n",
	    "a rule that names rcpt is judged at eom as well");
	t_spf(&t, VERDICT_NONE, "example.org");
}

static void
test_undecided(void)
{
	t.ev.spf.done = false;
	decides("a: reject at mail if spf is fail\nb: tempfail at mail\n",
	    STAGE_MAIL, "action continue\n",
	    "nothing below an undecided rule decides in its place");
	decides("a: reject at mail if tls and spf is fail\nb: tempfail at "
		"mail\n",
	    STAGE_MAIL, "action tempfail\nrule b\n",
	    "a rule that fails whatever SPF says is decided");
	decides("a: accept if spf is pass\nb: tempfail at mail\n", STAGE_MAIL,
	    "action continue\n", "an undecided accept stops the walk as well");
	decides("a: reject test at mail if spf is fail\nb: tempfail at mail\n",
	    STAGE_MAIL, "action tempfail\nrule b\n",
	    "an undecided test rule does not");
	is_text(plan_of(load_with("a: reject if spf is fail\n", NULL),
		    STAGE_EOM),
	    "error timed out",
	    "still undecided at the end is a failure of ours, not a match");
	is_text(plan_of(load_with("a: reject at rcpt if spf is fail\n", NULL),
		    STAGE_EOM),
	    "error timed out", "of a rule at rcpt as well");
	t.ev.spf.done = true;
}

static void
test_test_rules(void)
{
	struct rules_options o = { .test_mode = true };
	static const char policy[] =
	    "a: reject test if not tls\nb: tag \"X-A: b\" test\n"
	    "c: accept test if tls\nd: tempfail if not tls\n";

	decides(policy, STAGE_EOM,
	    "action tempfail\nrule d\ntest a reject\ntest b tag\n",
	    "a test rule tells what it would have done and goes on");
	is_text(plan_of(load_with(policy, &o), STAGE_EOM),
	    "action accept\ntest a reject\ntest b tag\ntest d tempfail\n",
	    "in TestMode all rules are test rules");
	decides("a: reject test at mail if not tls\n", STAGE_MAIL,
	    "action continue\ntest a reject\n", "a test rule at mail");
}

static void
test_until(void)
{
	struct rules *r =
	    load_with("a: reject until 2027-01-15 if not tls\n", NULL);

	is_text(plan_of(r, STAGE_EOM), "action reject\nrule a\n",
	    "a rule holds on its last day");
	t.message.epoch = T_EPOCH + 16 * 3600 - 1;
	is_text(plan_of(r, STAGE_EOM), "action reject\nrule a\n",
	    "to its last second in UTC");
	t.message.epoch++;
	is_text(plan_of(r, STAGE_EOM), "action accept\n",
	    "and no longer, without a reload");
	t.message.epoch = T_EPOCH;
	clock_fake(T_EPOCH + 86400);
	decides("a: reject until 2027-01-15 if not tls\n", STAGE_EOM,
	    "action accept\n", "a rule that had expired at load is skipped");
	clock_fake(T_EPOCH);
}

/* Of 1000 senders, how many a rule takes. */
static int
count_sample(const struct rules *r, enum stage stage)
{
	int n = 0;

	for (int i = 0; i < 1000; i++) {
		char path[32];
		struct slice text;

		(void)snprintf(path, sizeof(path), "<u%d@example.org>", i);
		t_mailfrom(&t, path);
		text = plan_of(r, stage);
		n += slice_starts(text, SL("action reject")) ? 1 : 0;
		if (!slice_starts(text, SL("action reject")) &&
		    !slice_ends(text, SL("test a reject\n")))
			return -1;
	}
	t_mailfrom(&t, "<a@example.org>");
	return n;
}

static void
test_sample(void)
{
	struct rules *r = load_with("a: reject on 10% if not tls\n", NULL);
	struct slice first;
	int n = count_sample(r, STAGE_EOM);

	ok(n > 60 && n < 140, "10%% is about a tenth of many senders (%d)", n);
	is_int(count_sample(r, STAGE_EOM), n, "the same ones every time");
	n = count_sample(load_with("a: reject at mail on 50%\n", NULL),
	    STAGE_MAIL);
	ok(n > 430 && n < 570, "half of them at mail (%d)", n);
	is_int(count_sample(load_with("a: reject at mail on 50%\n", NULL),
		   STAGE_EOM),
	    n, "an early rule takes the same ones at eom");
	n = count_sample(load_with("a: reject at rcpt on 50%\n", NULL),
	    STAGE_RCPT);
	is_int(count_sample(load_with("a: reject at rcpt on 50%\n", NULL),
		   STAGE_EOM),
	    n, "a rule at rcpt as well");
	r = load_with("a: reject on 50%\n", NULL);
	(void)t_rcpt(&t, "<c@local.test>");
	first = plan_of(r, STAGE_EOM);
	t.message.rcpts.n = 0;
	(void)t_rcpt(&t, "<c@local.test>");
	(void)t_rcpt(&t, "<b@local.test>");
	ok(slice_eq(plan_of(r, STAGE_EOM), first),
	    "the order of the recipients does not matter");
	t.message.rcpts.n = 0;
	(void)t_rcpt(&t, "<b@local.test>");
	is_int(count_sample(load_with("a: reject on 100%\n", NULL), STAGE_EOM),
	    1000, "100%% is all");
}

static struct reply
reply_at(const char *policy, enum stage stage)
{
	struct fact_context c = t_context(&t, stage);
	struct plan plan;

	plan_init(&plan, t_arena());
	ok(rules_decide(load_with(policy, NULL), t_shipped_replies(), &c,
	       &plan) == 0 &&
		plan.reply.set && plan.reply.lines.n > 0,
	    "a reply");
	return plan.reply;
}

static void
test_replies(void)
{
	struct reply r =
	    reply_at("a: reject with from if not tls\n", STAGE_EOM);

	ok(strcmp(r.code, "550") == 0 && strcmp(r.enhanced, "5.7.1") == 0 &&
		slice_eq(r.tag, SL("DT:FROM")),
	    "code and tag of the reply that the rule names");
	is_text(r.lines.at[0],
	    "DT:FROM mx1.local.test,0a1b2c3d4e5f6g7h 1800000000",
	    "its first line");
	r = reply_at("my-rule: tempfail if not tls\n", STAGE_EOM);
	ok(strcmp(r.code, "451") == 0 && r.lines.n == 2,
	    "a rule without `with` has a reply too");
	is_text(r.lines.at[1],
	    "not taken now by the rule my-rule of this host, try again later",
	    "that names the rule");
	r = reply_at("my-rule: reject if not tls\n", STAGE_EOM);
	ok(strcmp(r.code, "550") == 0 && strcmp(r.enhanced, "5.7.1") == 0,
	    "reject by itself");
	r = reply_at("a: reject with srs at rcpt if rcpt in {b@}\n",
	    STAGE_RCPT);
	is_text(r.lines.at[1],
	    "b@local.test is no forwarding address of ours, or it has expired",
	    "a reply at rcpt can name the recipient");
	r = reply_at("a: reject with srs at rcpt if rcpt in {b@}\n", STAGE_EOM);
	is_text(r.lines.at[1],
	    "b@local.test is no forwarding address of ours, or it has expired",
	    "and when the rule decides later");
}

/* Sendmail puts the address in front of the first line. */
static void
test_room_at_rcpt(void)
{
	char path[256];
	struct reply r;
	size_t longest = 0;

	memset(path, 'x', sizeof(path));
	memcpy(path + 200, "@local.test", 12);
	t.message.rcpts.n = 0;
	(void)t_rcpt(&t, path);
	t.session.helo = arena_lower(t_arena(), t_slice(path));
	r = reply_at("a: reject with helo at rcpt if not tls\n", STAGE_RCPT);
	for (size_t i = 0; i < r.lines.n; i++)
		if (r.lines.at[i].n > longest)
			longest = r.lines.at[i].n;
	ok(longest <= 480 - 211 - 6, "a line leaves room for it (%zu)",
	    longest);
	t.session.helo = SL("mail.example.net");
	t.message.rcpts.n = 0;
	(void)t_rcpt(&t, "<b@local.test>");
}

/* Wherever memory ends: a decision with its reply, or a failure of ours. */
static void
test_memory_ends(void)
{
	struct rules *r = load_with("a: tag \"X-A: {mailfrom} {reason}\"\n"
				    "b: reject with from if client in "
				    "{192.0.2.9} and rcpt.all in {b@}\n",
	    NULL);
	struct fact_context c = t_context(&t, STAGE_EOM);
	struct arena *whole = t.ev.arena;
	unsigned failed = 0, decided = 0, wrong = 0;

	for (size_t limit = 0; limit < 32768; limit += 128) {
		struct arena *small = arena_new(limit);
		struct plan plan;
		int err;

		if (small == NULL)
			continue;
		t.ev.arena = t.message.arena = small;
		plan_init(&plan, small);
		err = rules_decide(r, t_shipped_replies(), &c, &plan);
		if (err == ERR_NOMEM)
			failed++;
		else if (err == 0 && plan.action == ACTION_REJECT &&
		    plan.reply.set && plan.edits.n == 1)
			decided++;
		else
			wrong++;
		t.ev.arena = t.message.arena = whole;
		arena_free(small);
	}
	ok(failed > 0 && decided > 0 && wrong == 0,
	    "with little memory: %u failed, %u decided, %u wrong", failed,
	    decided, wrong);
}

int
main(void)
{
	t_evaluation_init(&t, t_arena());
	test_order();
	test_marks();
	test_own_mark();
	test_long_tag_is_folded();
	test_stages();
	test_early_accept();
	test_accept_of_one_recipient();
	test_undecided();
	test_test_rules();
	test_until();
	test_sample();
	test_replies();
	test_room_at_rcpt();
	test_memory_ends();
	return tap_done();
}
