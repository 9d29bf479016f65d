/* SPDX-License-Identifier: BSD-2-Clause
 *
 * policy_files: the policies and replies as shipped: each loads without a
 * word, each rule is reached, real mail gets what it deserves, and what is
 * built in is what is shipped.
 */
#include <unistd.h>

#include "base/file.h"
#include "lib/evaluation.h"
#include "lib/tap.h"
#include "policy/builtin.h"
#include "policy/reply_tags.h"

static struct t_evaluation t;

static const char *
conf(const char *name)
{
	return arena_printf(t_arena(), "%s/conf/%s", CM_SRCDIR, name).p;
}

static struct replies *
load_replies(const char *name, const char *help_url)
{
	struct reply_options o = { .file = conf(name),
		.help_url = slice_c(help_url) };
	struct replies *r;
	struct problems p;

	problems_init(&p, t_arena());
	r = replies_load(t_arena(), &o, &p);
	ok(r != NULL && p.all.n == 0, "%s loads without a warning", name);
	if (r == NULL || p.all.n > 0)
		note("%.*s", SL_ARG(t_problems(&p)));
	return r;
}

static struct rules *
load_rules(const char *name, const struct replies *replies)
{
	struct rules_options o = { .file = conf(name) };
	struct rules *r;
	struct problems p;

	problems_init(&p, t_arena());
	r = rules_load(t_arena(), &o, replies, &p);
	ok(r != NULL && p.all.n == 0, "%s loads without a warning", name);
	if (r == NULL || p.all.n > 0)
		note("%.*s", SL_ARG(t_problems(&p)));
	return r;
}

static void
test_built_in(void)
{
	struct problems p;
	struct reply_options ro = { 0 };
	struct rules_options o = { 0 };
	struct replies *replies;
	struct slice text;
	char why[FILE_WHY];

	ok(file_read(t_arena(), conf("policy.conf"), 1 << 20, &text, why) ==
		    0 &&
		slice_eq(text, builtin_policy),
	    "the policy that is built in is policy.conf");
	ok(file_read(t_arena(), conf("replies.conf"), 1 << 20, &text, why) ==
		    0 &&
		slice_eq(text, builtin_replies),
	    "the replies that are built in are replies.conf");
	problems_init(&p, t_arena());
	replies = replies_load(t_arena(), &ro, &p);
	ok(replies != NULL && rules_load(t_arena(), &o, replies, &p) != NULL &&
		p.all.n == 0,
	    "they load without files");
}

/* ---- what each rule is there for ---- */

struct deed {
	const char *what;
	void (*make)(void);
	/* "STAGE ACTION rule", by file; NULL: the same as the shipped one */
	const char *shipped, *cautious, *strict;
};

static void
nothing(void)
{
}

static void
make_originating(void)
{
	t.ev.direction = DIRECTION_ORIGINATING;
}

static void
make_relayed_forgery(void)
{
	t.ev.direction = DIRECTION_RELAYED;
	t_spf(&t, VERDICT_FAIL, "example.org");
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_REJECT);
}

static void
make_to_postmaster(void)
{
	t.message.rcpts.n = 0;
	(void)t_rcpt(&t, "<Postmaster@local.test>");
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_REJECT);
}

static void
make_to_postmaster_and_others(void)
{
	make_to_postmaster();
	(void)t_rcpt(&t, "<b@local.test>");
}

static void
make_no_from(void)
{
	t.ev.from.authors.n = 0;
	t.ev.from.error = FROM_NONE;
}

static void
make_two_from(void)
{
	t.ev.from.error = FROM_SEVERAL_FIELDS;
}

static void
make_two_mailboxes(void)
{
	t.ev.from.error = FROM_SEVERAL_MAILBOXES;
	t_spf(&t, VERDICT_PASS, "example.org");
}

static void
make_arc_vouched(void)
{
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_REJECT);
	t.ev.arc = (struct arc_result){ .done = true,
		.verdict = VERDICT_PASS,
		.trusted = true,
		.saw_pass = true };
}

static void
make_forged_author(void)
{
	t_spf(&t, VERDICT_PASS, "example.net");
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_REJECT);
}

static void
make_forged_author_and_sender(void)
{
	t_spf(&t, VERDICT_FAIL, "example.org");
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_REJECT);
}

static void
make_list(void)
{
	make_forged_author();
	t_header(&t, "List-Id", "<l.example.net>");
}

static void
make_forged_bounce(void)
{
	t_mailfrom(&t, "<>");
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_REJECT);
}

static void
make_quarantine(void)
{
	make_forged_author();
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_QUARANTINE);
}

static void
make_policy_none(void)
{
	make_forged_author();
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_NONE);
}

static void
make_spf_null(void)
{
	t_spf(&t, VERDICT_FAIL, "example.org");
	t.ev.spf.null = true;
	t_dmarc(&t, VERDICT_FAIL, DMARC_POLICY_NONE);
}

static void
make_forged_helo(void)
{
	t_spf(&t, VERDICT_PASS, "example.org");
	t.ev.spf_helo.verdict = VERDICT_FAIL;
}

static void
make_forged_helo_signed(void)
{
	make_forged_helo();
	t_dkim(&t, "example.org", VERDICT_PASS);
}

static void
make_spf_fail(void)
{
	t_spf(&t, VERDICT_FAIL, "example.org");
}

static void
make_forwarded_signed(void)
{
	make_spf_fail();
	t_dkim(&t, "example.org", VERDICT_PASS);
}

static void
make_forwarded_dmarc_pass(void)
{
	make_forwarded_signed();
	t_dmarc(&t, VERDICT_PASS, DMARC_POLICY_REJECT);
	t.ev.dmarc.dkim_aligned = true;
}

static void
make_softfail(void)
{
	t_spf(&t, VERDICT_SOFTFAIL, "example.org");
}

static void
make_spf_permerror(void)
{
	t_spf(&t, VERDICT_PERMERROR, "example.org");
}

static void
make_dns_outage(void)
{
	t_spf(&t, VERDICT_TEMPERROR, "example.org");
	t_dmarc(&t, VERDICT_TEMPERROR, DMARC_POLICY_NONE);
}

static void
make_dns_outage_signed(void)
{
	make_dns_outage();
	t_dkim(&t, "example.org", VERDICT_PASS);
}

static void
make_spf_temperror(void)
{
	t_spf(&t, VERDICT_TEMPERROR, "example.org");
}

static void
make_good(void)
{
	t_spf(&t, VERDICT_PASS, "example.org");
	t_dkim(&t, "example.org", VERDICT_PASS);
	t_dmarc(&t, VERDICT_PASS, DMARC_POLICY_REJECT);
	t.ev.dmarc.dkim_aligned = t.ev.dmarc.spf_aligned = true;
}

#define ACCEPT "eom accept"
#define MARK "eom quarantine"

static const struct deed deeds[] = {
	{ "our users' mail", make_originating, "mail accept trusted", NULL,
	    NULL },
	{ "a forgery from the backup MX", make_relayed_forgery,
	    "mail accept trusted", NULL, NULL },
	{ "mail to postmaster", make_to_postmaster, ACCEPT " exempt", NULL,
	    NULL },
	{ "mail to postmaster and others", make_to_postmaster_and_others,
	    "eom reject dmarc-reject", MARK " dmarc-mark",
	    "eom reject dmarc-reject" },
	{ "no From field", make_no_from, "eom reject from-broken", NULL, NULL },
	{ "two From fields", make_two_from, "eom reject from-broken", NULL,
	    NULL },
	{ "two mailboxes", make_two_mailboxes, ACCEPT, NULL, NULL },
	{ "a forward that a trusted chain vouches for", make_arc_vouched,
	    ACCEPT " arc-vouched", NULL, NULL },
	{ "a forged author, the sender's SPF passes", make_forged_author,
	    "eom reject dmarc-reject", MARK " dmarc-mark",
	    "eom reject dmarc-reject" },
	{ "a forged author and sender", make_forged_author_and_sender,
	    "eom reject dmarc-reject", "eom reject dmarc-reject",
	    "mail reject spf-fail" },
	{ "a list with a p=reject author", make_list, MARK " dmarc-mark",
	    MARK " dmarc-mark", "eom reject dmarc-reject" },
	{ "a bounce with a p=reject author", make_forged_bounce,
	    MARK " dmarc-mark", MARK " dmarc-mark", "eom reject dmarc-reject" },
	{ "p=quarantine", make_quarantine, MARK " dmarc-mark", NULL, NULL },
	{ "p=none", make_policy_none, ACCEPT, NULL, NULL },
	{ "a domain that sends no mail", make_spf_null,
	    "eom reject spf-no-mail", NULL, "mail reject spf-no-mail" },
	{ "a forged HELO name", make_forged_helo, "eom reject helo-forged",
	    NULL, "mail reject helo-forged" },
	{ "a wrong HELO name, but signed by the author",
	    make_forged_helo_signed, ACCEPT, NULL, "mail reject helo-forged" },
	{ "SPF fail, no DMARC, no signature", make_spf_fail,
	    "eom reject spf-fail", NULL, "mail reject spf-fail" },
	{ "forwarded, signed, no DMARC", make_forwarded_signed, ACCEPT, NULL,
	    "mail reject spf-fail" },
	{ "forwarded, DMARC passes by the signature", make_forwarded_dmarc_pass,
	    ACCEPT, NULL, "mail reject spf-fail" },
	{ "SPF softfail", make_softfail, ACCEPT, NULL, MARK " unproven" },
	{ "SPF permerror", make_spf_permerror, ACCEPT, NULL, MARK " unproven" },
	{ "DNS does not answer", make_dns_outage, "eom tempfail dns-trouble",
	    NULL, NULL },
	{ "DNS does not answer, but signed by the author",
	    make_dns_outage_signed, ACCEPT, NULL, NULL },
	{ "only SPF has no answer", make_spf_temperror,
	    "eom tempfail dns-trouble", NULL, NULL },
	{ "good mail", make_good, ACCEPT, NULL, NULL },
	{ "mail without any proof", nothing, ACCEPT, NULL, MARK " unproven" },
};

/* The plan as "STAGE ACTION [rule]": the first stage that decides. */
static struct slice
outcome(const struct rules *r, const struct replies *replies)
{
	static const enum stage stages[] = { STAGE_MAIL, STAGE_RCPT,
		STAGE_EOM };

	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		struct fact_context c = t_context(&t, stages[i]);
		struct plan p;

		plan_init(&p, t_arena());
		if (rules_decide(r, replies, &c, &p) != 0)
			return SL("error");
		if (p.action == ACTION_CONTINUE)
			continue;
		if ((p.action == ACTION_REJECT ||
			p.action == ACTION_TEMPFAIL) != p.reply.set)
			return SL("no reply");
		return arena_printf(t_arena(), "%s %s%s%.*s",
		    stage_word(stages[i]),
		    p.quarantine ? "quarantine" : action_word(p.action),
		    p.rule.n > 0 ? " " : "", SL_ARG(p.rule));
	}
	return SL("nothing");
}

static void
test_policy(const char *name, size_t which)
{
	const struct replies *replies = t_shipped_replies();
	struct rules *r = load_rules(name, replies);

	for (size_t i = 0; r != NULL && i < ARRAY_LEN(deeds); i++) {
		const struct deed *d = &deeds[i];
		const char *want = d->shipped;

		if (which == 1 && d->cautious != NULL)
			want = d->cautious;
		if (which == 2 && d->strict != NULL)
			want = d->strict;
		t_evaluation_init(&t, t_arena());
		d->make();
		is_text(outcome(r, replies), want, "%s: %s", name, d->what);
	}
}

/* ---- replies ---- */

static void
test_reply_file(const char *name, const char *help_url)
{
	static const char *const names[] = { "spf", "spf-no-mail", "helo",
		"dns", "dkim", "dmarc", "from", "srs", "forward" };
	struct replies *r = load_replies(name, help_url);

	t_evaluation_init(&t, t_arena());
	make_forged_author_and_sender();
	for (size_t i = 0; r != NULL && i < ARRAY_LEN(names); i++) {
		struct fact_context c = t_context(&t, STAGE_EOM);
		struct reply_extra x = { .rule = SL("r") };
		struct reply out;
		bool id = false;

		if (!ok(replies_render(r, slice_c(names[i]), &c, &x, 480,
			    &out) == 0 &&
			    out.lines.n > 0,
			"%s: reply %s", name, names[i]))
			continue;
		for (size_t k = 0; k < out.lines.n; k++)
			id = id ||
			    slice_search(out.lines.at[k],
				SL("0a1b2c3d4e5f6g7h")) != SLICE_NONE;
		ok(id, "%s: reply %s carries the id", name, names[i]);
	}
}

static void
test_netease_manner(void)
{
	struct replies *r = load_replies("replies.conf",
	    "http://mail.local.test/help?ip={client}&hostid={host}&id={id}&"
	    "time={epoch}");
	struct fact_context c = t_context(&t, STAGE_EOM);
	struct reply_extra x = { .rule = SL("spf-fail") };
	struct reply out;

	t_spf(&t, VERDICT_FAIL, "example.org");
	t.ev.spf.mechanism = SL("include:_spf.example.net -all");
	t.ev.spf.explainer = SL("example.org");
	t.ev.spf.explanation = SL("see http://why.example.org/");
	if (r == NULL || replies_render(r, SL("spf"), &c, &x, 480, &out) != 0 ||
	    out.lines.n != 3) {
		ok(false, "the SPF reply has three lines");
		return;
	}
	ok(strcmp(out.code, "550") == 0 && strcmp(out.enhanced, "5.7.23") == 0,
	    "550 5.7.23");
	is_text(out.lines.at[0],
	    "MI:SPF mx1.local.test,0a1b2c3d4e5f6g7h 1800000000 "
	    "http://mail.local.test/help?ip=192.0.2.9&hostid=mx1.local.test&"
	    "id=0a1b2c3d4e5f6g7h&time=1800000000",
	    "tag, host and id, time, help page");
	is_text(out.lines.at[1],
	    "192.0.2.9 is not allowed to send mail for example.org: "
	    "\"include:_spf.example.net -all\" of its SPF record matched",
	    "what was found");
	is_text(out.lines.at[2],
	    "example.org explains: see http://why.example.org/",
	    "and what the domain says of it");
}

/* The rules and replies that the manual pages show, between .Bd and .Ed. */
static const char *
examples(const char *page)
{
	struct slice text, line;
	bool inside = false;
	char why[FILE_WHY];
	struct buf b;

	buf_init(&b, t_arena(), 1 << 20);
	if (file_read(t_arena(), conf(page), 1 << 20, &text, why) != 0)
		return "unreadable";
	while (slice_cut(&text, '\n', &line)) {
		if (slice_starts(line, SL(".Bd -literal")))
			inside = !slice_starts(text, SL("require"));
		else if (slice_eq(line, SL(".Ed")))
			inside = false;
		else if (inside && !slice_starts(line, SL("set senders"))) {
			buf_add(&b, line);
			buf_addc(&b, '\n');
		}
	}
	return buf_cstr(&b);
}

/* The map of the example stands in a file, which is made here. */
static void
test_manual_examples(void)
{
	char path[64];
	struct problems p;
	struct slice text;
	FILE *f;

	(void)snprintf(path, sizeof(path), "senders-%ld", (long)getpid());
	f = fopen(path, "w");
	if (f == NULL || fputs("alice example.org,.example.net\n", f) < 0 ||
	    fclose(f) != 0) {
		ok(false, "a map file");
		return;
	}
	text = arena_printf(t_arena(), "set senders file:%s\n%s", path,
	    examples("policy.conf.5"));
	ok(t_rules(text.p, NULL, t_shipped_replies(), &p) != NULL &&
		p.all.n == 0,
	    "the examples of policy.conf(5) load without a warning");
	if (p.all.n > 0)
		note("%.*s", SL_ARG(t_problems(&p)));
	ok(slice_search(text, SL("spf-early")) != SLICE_NONE &&
		slice_search(text, SL("show:")) != SLICE_NONE,
	    "all of them");
	(void)unlink(path);
	ok(t_replies(examples("replies.conf.5"), NULL, &p) != NULL &&
		p.all.n == 0,
	    "the example of replies.conf(5) loads without a warning");
}

static void
test_manual_of_tags(void)
{
	struct slice page;
	char why[FILE_WHY];

	if (file_read(t_arena(), conf("replies.conf.5"), 1 << 20, &page, why) !=
	    0)
		page = SL("");
	for (size_t i = 0; i < REPLY_TAG_COUNT; i++) {
		/* The page begins its sentence with a capital. */
		struct slice head =
		    arena_printf(t_arena(), ".It %s\n", reply_tags[i].text);
		size_t at = slice_search(page, head);

		ok(at != SLICE_NONE &&
			slice_starts(slice_from(page, at + head.n + 1),
			    slice_c(reply_tags[i].help + 1)),
		    "replies.conf(5) explains %s", reply_tags[i].text);
	}
}

int
main(void)
{
	t_evaluation_init(&t, t_arena());
	test_built_in();
	test_policy("policy.conf", 0);
	test_policy("policy-cautious.conf", 1);
	test_policy("policy-strict.conf", 2);
	test_reply_file("replies.conf", "");
	test_reply_file("replies-google.conf", "");
	test_reply_file("replies-plain.conf", "https://h.test/{tag}");
	t_evaluation_init(&t, t_arena());
	test_netease_manner();
	test_manual_examples();
	test_manual_of_tags();
	return tap_done();
}
