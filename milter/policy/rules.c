/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rules: reads the policy file and checks what no single line can tell: early
 * refusals that an exemption above cannot reach, rules that never get their
 * turn, sets that nobody uses.
 */
#include "policy/rules_private.h"

#include "base/err.h"
#include "base/names.h"
#include "policy/builtin.h"

#define BUILT_IN "policy.conf (built in)"
#define DEFAULT_MARK "X-Chopmark-Quarantine: {reason}; id={id}"

static bool
is_set_line(const struct line *line)
{
	struct slice text = line->text;

	return slice_istarts(text, SL("set")) && text.n > 3 &&
	    (text.p[3] == ' ' || text.p[3] == '\t');
}

/* Sets first, so that a rule may name one that stands below it. */
static int
read_lines(struct rules_reader *r, const struct line_vec *lines)
{
	int err = 0;

	for (size_t i = 0; i < lines->n && err == 0; i++)
		if (is_set_line(&lines->at[i]))
			err = rules_parse_set(r, &lines->at[i]);
	for (size_t i = 0; i < lines->n && err == 0; i++)
		if (!is_set_line(&lines->at[i]))
			err = rules_parse_rule(r, &lines->at[i]);
	return err;
}

/* Ends judgement for good where it matches. */
static bool
is_decisive(const struct rule *rule)
{
	return rule->action != RULE_TAG && rule->action != RULE_SEAL &&
	    !rule->test && !rule->expired && rule->percent == 100;
}

/* An `accept` that cannot be known when an early rule below it answers. */
static void
check_early(struct rules_reader *r, size_t i)
{
	const struct rule *rule = &r->rules->all.at[i];

	if (rule->stage == STAGE_EOM || rule->action == RULE_ACCEPT ||
	    rule->expired || rule->test)
		return;
	for (size_t k = 0; k < i; k++) {
		const struct rule *above = &r->rules->all.at[k];

		if (above->action != RULE_ACCEPT || above->test ||
		    above->expired || above->stage <= rule->stage ||
		    (above->percent == 100 &&
			expr_known_at(&above->condition, rule->stage)))
			continue;
		problems_warn(r->problems, rule->place,
		    "rule '%.*s' answers at %s, before the accept of '%.*s' "
		    "in line %u can be known",
		    SL_ARG(rule->name), stage_word(rule->stage),
		    SL_ARG(above->name), above->place.line);
		return;
	}
}

/* A rule below one that always decides at its stage. */
static void
check_reached(struct rules_reader *r, size_t i)
{
	const struct rule *rule = &r->rules->all.at[i];

	for (size_t k = 0; k < i; k++) {
		const struct rule *above = &r->rules->all.at[k];

		if (above->condition.n > 0 || !is_decisive(above) ||
		    above->until != 0 || above->stage > rule->stage)
			continue;
		problems_warn(r->problems, rule->place,
		    "rule '%.*s' is never reached: '%.*s' in line %u has no "
		    "condition",
		    SL_ARG(rule->name), SL_ARG(above->name), above->place.line);
		return;
	}
}

static void
check_whole(struct rules_reader *r)
{
	const struct named_set_vec *sets = &r->rules->sets;

	for (size_t i = 0; i < r->rules->all.n; i++) {
		check_early(r, i);
		check_reached(r, i);
	}
	for (size_t i = 0; i < sets->n; i++)
		if (!sets->at[i].used)
			problems_warn(r->problems, sets->at[i].place,
			    "set '%.*s' is not used by any rule",
			    SL_ARG(sets->at[i].name));
}

/* What the walk needs besides the rules themselves. */
static int
prepare(struct rules_reader *r, const struct rules_options *o)
{
	struct place mark = { "QuarantineHeader", 0 };
	struct rules *rules = r->rules;

	rules->uses = arena_array(r->arena, facts_count, sizeof(bool));
	if (rules->uses == NULL)
		return ERR_NOMEM;
	for (size_t f = 0; f < facts_count; f++) {
		rules->uses[f] = false;
		for (size_t i = 0; i < rules->all.n; i++)
			if (!rules->all.at[i].expired &&
			    expr_uses(&rules->all.at[i].condition, &facts[f]))
				rules->uses[f] = true;
	}
	for (size_t i = 0; i < rules->all.n; i++) {
		const struct rule *rule = &rules->all.at[i];

		rules->all.at[i].test = rule->test || o->test_mode;
		for (unsigned s = rule->stage; s < STAGE_EOM; s++)
			if (!rule->expired)
				rules->early[s] = i + 1;
	}
	(void)rules_parse_field(r, mark,
	    o->quarantine_header.n > 0 ? o->quarantine_header :
					 SL(DEFAULT_MARK),
	    &rules->mark_name, &rules->mark_value);
	rules->mark_name = arena_copy(r->arena, rules->mark_name);
	rules->hold_reason = reply_template_parse(r->arena,
	    SL("{rule}: {reason}"), mark, r->problems);
	return rules->mark_name.p != NULL ? 0 : ERR_NOMEM;
}

struct rules *
rules_load(struct arena *a, const struct rules_options *o,
    const struct replies *replies, struct problems *p)
{
	struct rules_reader r = { .arena = a,
		.problems = p,
		.replies = replies };
	struct place whole = { o->file != NULL ? o->file : BUILT_IN, 0 };
	unsigned errors = p->errors;
	struct line_vec lines;
	int err;

	r.rules = arena_zalloc(a, sizeof(*r.rules));
	if (r.rules == NULL) {
		problems_error(p, whole, "out of memory");
		return NULL;
	}
	if (o->file != NULL)
		err = lines_read(a, o->file, LINES_JOIN, &lines, p);
	else
		err = lines_parse(a, BUILT_IN, builtin_policy, LINES_JOIN,
		    &lines, p);
	if (err == 0 || lines.n > 0)
		err = read_lines(&r, &lines);
	if (err == 0 && p->errors == errors)
		check_whole(&r);
	if (err == 0)
		err = prepare(&r, o);
	if (err == ERR_NOMEM)
		problems_error(p, whole, "out of memory");
	return p->errors == errors ? r.rules : NULL;
}

bool
rules_need_stage(const struct rules *r, enum stage s)
{
	for (size_t i = 0; i < r->all.n; i++)
		if (r->all.at[i].stage <= s && !r->all.at[i].expired &&
		    !r->all.at[i].test)
			return true;
	return false;
}

bool
rules_use_fact(const struct rules *r, struct slice name)
{
	const struct fact *f = fact_find(name);

	return f != NULL && r->uses[f - facts];
}

static bool
can_do(const struct rules *r, enum rule_action action)
{
	for (size_t i = 0; i < r->all.n; i++)
		if (r->all.at[i].action == action && !r->all.at[i].expired &&
		    !r->all.at[i].test)
			return true;
	return false;
}

bool
rules_can_hold(const struct rules *r)
{
	return can_do(r, RULE_HOLD);
}

bool
rules_can_seal(const struct rules *r)
{
	return can_do(r, RULE_SEAL);
}
