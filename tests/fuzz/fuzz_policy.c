/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_policy: policy and reply files. The first byte chooses which. A file
 * that is refused says why; one that is taken can be asked what it needs, and
 * decides on a message at every stage.
 */
#include "policy/rules.h"

#include "fuzz/plan.h"
#include "lib/evaluation.h"

/* A message of which much is known; what it takes to decide goes into `a`, and
 * is forgotten with it. */
static struct t_evaluation *
message(struct arena *a)
{
	static struct t_evaluation clean, t;
	static struct arena *keep;

	if (keep == NULL) {
		keep = arena_new(FUZZ_ARENA);
		FUZZ_DEMAND(keep != NULL);
		t_evaluation_init(&clean, keep);
		t_header(&clean, "Subject", "=?utf-8?q?caf=C3=A9?= %s \"x\"");
		t_header(&clean, "List-Id", "A list <list.example.net>");
		t_author(&clean, "\"b c\"@sub.example.org", true);
		(void)t_rcpt(&clean, "<postmaster@local.test>");
		t_dkim(&clean, "example.net", VERDICT_PASS);
		t_dkim(&clean, "example.org", VERDICT_FAIL);
		t_spf(&clean, VERDICT_FAIL, "example.org");
		t_dmarc(&clean, VERDICT_FAIL, DMARC_POLICY_REJECT);
	}
	t = clean;
	t.message.session = &t.session;
	t.env.options = &t.options;
	t.ev.env = &t.env;
	t.ev.message = &t.message;
	t.ev.arena = t.ev.findings.arena = t.message.arena = a;
	return &t;
}

static void
decide(struct arena *a, const struct rules *r, const struct replies *replies)
{
	struct t_evaluation *t = message(a);

	for (enum stage s = STAGE_MAIL; s <= STAGE_EOM; s++) {
		struct fact_context c = t_context(t, s);
		struct plan plan;

		plan_init(&plan, a);
		FUZZ_DEMAND(rules_decide(r, replies, &c, &plan) == 0);
		plan_demand(&plan);
		FUZZ_DEMAND(s != STAGE_EOM || plan.action != ACTION_CONTINUE);
	}
}

static const struct replies *
shipped(void)
{
	static const struct replies *replies;
	static struct arena *keep;
	struct problems p;

	if (keep == NULL) {
		struct reply_options o = { .help_lang = SL("en") };

		keep = arena_new(FUZZ_ARENA);
		FUZZ_DEMAND(keep != NULL);
		problems_init(&p, keep);
		replies = replies_load(keep, &o, &p);
	}
	return replies;
}

static void
load_replies(struct arena *a, const char *file, struct problems *p)
{
	struct reply_options o = { .file = file,
		.help_url = SL("https://example.org/{lang}/{tag}?id={id}"),
		.help_lang = SL("en") };
	static char path[FUZZ_PATH];
	struct rules_options use = { .file = path };
	struct replies *r = replies_load(a, &o, p);
	struct rules *rules;
	char class;

	FUZZ_DEMAND((r == NULL) == (p->errors > 0));
	if (r == NULL)
		return;
	FUZZ_DEMAND(
	    replies_has(r, SL(REPLY_DEFAULT_REJECT), &class) && class == '5');
	if (path[0] == '\0')
		fuzz_keep_file(SL("x: reject with x\n"), path);
	rules = replies_has(r, SL("x"), &class) && class == '5' ?
	    rules_load(a, &use, r, p) :
	    NULL;
	if (rules != NULL)
		decide(a, rules, r);
}

static void
load_rules(struct arena *a, const char *file, struct problems *p)
{
	struct rules_options o = { .file = file,
		.quarantine_header = SL("X-Q: {reason}") };
	struct rules *r = rules_load(a, &o, shipped(), p);

	FUZZ_DEMAND((r == NULL) == (p->errors > 0));
	if (r == NULL)
		return;
	(void)rules_need_stage(r, STAGE_MAIL);
	(void)rules_use_fact(r, SL("spf"));
	(void)rules_can_hold(r);
	decide(a, r, shipped());
}

void
fuzz_one(struct arena *a, struct slice in)
{
	bool replies = fuzz_byte(&in) == 'r';
	const char *file;
	struct problems p;

	FUZZ_DEMAND(shipped() != NULL);
	problems_init(&p, a);
	file = fuzz_file(in);
	if (replies)
		load_replies(a, file, &p);
	else
		load_rules(a, file, &p);
	for (size_t i = 0; i < p.all.n; i++)
		FUZZ_DEMAND(p.all.at[i].text.n > 0);
}
