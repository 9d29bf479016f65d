/* SPDX-License-Identifier: BSD-2-Clause
 *
 * observed: comparing with expectations, and edits applied to a header.
 */
#include "scenario/observed.h"

#include "base/num.h"

static bool
finding_has(const struct finding *f, const struct scn_event *e, struct arena *a)
{
	if (!slice_eq(e->name, slice_c(method_word(f->method))) ||
	    (e->args.n > 0 &&
		!slice_eq(e->args.at[0], slice_c(verdict_word(f->verdict)))))
		return false;
	for (size_t i = 1; i < e->args.n; i++) {
		struct slice pair = e->args.at[i];
		size_t eq = slice_chr(pair, '=');
		struct slice key = slice_sub(pair, 0, eq);
		struct slice want =
		    slice_from(pair, eq == SLICE_NONE ? pair.n : eq + 1);
		struct slice have = slice_eq(key, SL("reason")) ?
		    f->reason :
		    finding_get(f, key);

		if (want.n > 2 && want.p[0] == '/' &&
		    want.p[want.n - 1] == '/') {
			if (!scenario_match(slice_sub(want, 1, want.n - 2),
				have))
				return false;
		} else if (!slice_eq(have, want)) {
			return false;
		}
	}
	(void)a;
	return true;
}

static struct slice
all_findings(const struct observed *o, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, (size_t)1 << 20);
	for (size_t i = 0; i < o->findings->all.n; i++) {
		buf_adds(&b, i > 0 ? " | " : "");
		finding_print(o->findings->all.at[i], &b);
	}
	return buf_slice(&b);
}

static enum observed_result
meets_finding(const struct observed *o, const struct scn_event *e,
    struct arena *a, struct slice *why)
{
	bool found = false;

	if (o->findings == NULL)
		return OBSERVED_UNSEEN;
	for (size_t i = 0; i < o->findings->all.n; i++)
		found = found || finding_has(o->findings->all.at[i], e, a);
	*why = all_findings(o, a);
	return found == (e->expect == EXPECT_FINDING) ? OBSERVED_YES :
							OBSERVED_NO;
}

/* Unfolded, every run of white space one SP: how it is folded is no matter. */
static struct slice
on_one_line(struct arena *a, struct slice value)
{
	struct slice v = header_unfold(a, value);
	struct buf b;

	buf_init(&b, a, v.n + 1);
	for (size_t i = 0; i < v.n; i++) {
		bool blank = v.p[i] == ' ' || v.p[i] == '\t';

		if (!blank)
			buf_addc(&b, v.p[i]);
		else if (b.n > 0 && b.p[b.n - 1] != ' ')
			buf_addc(&b, ' ');
	}
	return buf_slice(&b);
}

static enum observed_result
meets_header(const struct observed *o, const struct scn_event *e,
    struct arena *a, struct slice *why)
{
	const struct header_field *f;
	bool found = false;
	uint64_t want;
	size_t n = 0;

	if (o->delivered == NULL) {
		*why = SL("nothing was delivered");
		return OBSERVED_NO;
	}
	for (; (f = header_list_get(o->delivered, e->name, n)) != NULL; n++) {
		struct slice v = on_one_line(a, f->value);

		if (e->text.n == 0 || scenario_match(e->text, v))
			found = true;
		*why = arena_printf(a, "%.*s%s%.*s", SL_ARG(*why),
		    why->n > 0 ? " | " : "", SL_ARG(v));
	}
	if (e->expect == EXPECT_COUNT)
		return e->args.n == 1 &&
			num_parse(e->args.at[0], 10000, &want) == 0 &&
			want == n ?
		    OBSERVED_YES :
		    OBSERVED_NO;
	return found == (e->expect == EXPECT_HEADER) ? OBSERVED_YES :
						       OBSERVED_NO;
}

static enum observed_result
meets_reply(const struct observed *o, const struct scn_event *e,
    struct arena *a, struct slice *why)
{
	*why = arena_printf(a, "%.*s %.*s %.*s", SL_ARG(o->code),
	    SL_ARG(o->enhanced), SL_ARG(o->text));
	if (!slice_eq(o->code, e->name))
		return OBSERVED_NO;
	if (e->args.n > 0 && !slice_eq(o->enhanced, e->args.at[0]))
		return OBSERVED_NO;
	if (e->text.n > 0 && !scenario_match(e->text, o->text))
		return OBSERVED_NO;
	return OBSERVED_YES;
}

static enum observed_result
yes_if(bool cond)
{
	return cond ? OBSERVED_YES : OBSERVED_NO;
}

enum observed_result
observed_meets(const struct observed *o, const struct scn_event *e,
    struct arena *a, struct slice *why)
{
	*why = SL("");
	switch (e->expect) {
	case EXPECT_REPLY:
		return meets_reply(o, e, a, why);
	case EXPECT_FINDING:
	case EXPECT_NO_FINDING:
		return meets_finding(o, e, a, why);
	case EXPECT_HEADER:
	case EXPECT_NO_HEADER:
	case EXPECT_COUNT:
		return meets_header(o, e, a, why);
	case EXPECT_RULE:
		*why = o->rule;
		if (!o->sees_decision)
			return OBSERVED_UNSEEN;
		return yes_if(slice_eq(o->rule, e->name) ||
		    (o->rule.n == 0 && slice_eq(e->name, SL("none"))));
	case EXPECT_ACTION:
		*why = o->action;
		if (!o->sees_decision)
			return OBSERVED_UNSEEN;
		return yes_if(slice_eq(o->action, e->name));
	case EXPECT_TEST:
		if (!o->sees_decision)
			return OBSERVED_UNSEEN;
		for (size_t i = 0; i < o->tests.n; i++)
			if (slice_eq(o->tests.at[i], e->name))
				return OBSERVED_YES;
		return OBSERVED_NO;
	}
	return OBSERVED_NO;
}
