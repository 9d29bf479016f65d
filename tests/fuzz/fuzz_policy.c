/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_policy: policy and reply files. The first byte chooses which. A file
 * that is refused says why; one that is taken can be asked what it needs.
 */
#include "policy/rules.h"

#include "fuzz/fuzz.h"

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
	struct replies *r = replies_load(a, &o, p);
	char class;

	FUZZ_DEMAND((r == NULL) == (p->errors > 0));
	if (r != NULL)
		FUZZ_DEMAND(replies_has(r, SL(REPLY_DEFAULT_REJECT), &class) &&
		    class == '5');
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
