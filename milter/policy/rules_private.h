/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rules_private.h: a loaded policy, for rules, rules_parse and decide alone.
 */
#ifndef CM_POLICY_RULES_PRIVATE_H
#define CM_POLICY_RULES_PRIVATE_H

#include "policy/expr.h"
#include "policy/rules.h"

#define MAX_RULES 1000
#define MAX_SETS 500
#define MAX_NAME ((size_t)64)

enum rule_action {
	RULE_ACCEPT,
	RULE_TAG,
	RULE_SEAL,
	RULE_QUARANTINE,
	RULE_HOLD,
	RULE_TEMPFAIL,
	RULE_REJECT,
	RULE_DISCARD
};

struct rule {
	struct slice name;
	struct place place;
	enum rule_action action;
	enum stage stage;
	struct slice reply;    /* TEMPFAIL, REJECT */
	struct slice tag_name; /* TAG: field name and value */
	struct reply_template *tag_value;
	bool test;
	unsigned percent; /* 100: always */
	int64_t until; /* first second at which it no longer holds; 0: ever */
	bool expired;  /* at load */
	struct expr condition;
};
VEC_DEFINE(rule_vec, struct rule);

struct rules {
	struct rule_vec all;
	struct named_set_vec sets;
	bool *uses;              /* by index in facts[] */
	size_t early[STAGE_EOM]; /* by stage: rules up to the last that can
				    answer there */
	struct slice mark_name;  /* QuarantineHeader */
	struct reply_template *mark_value;
	struct reply_template *hold_reason;
};

const char *rule_action_word(enum rule_action a);

/* What reading needs. */
struct rules_reader {
	struct arena *arena;
	struct problems *problems;
	const struct replies *replies;
	struct rules *rules;
};

/* `set NAME SOURCE` and `name: ACTION ...`, checked for themselves; what is
 * wrong is reported. 0 or ERR_NOMEM. */
int rules_parse_set(struct rules_reader *r, const struct line *line) A_MUST_USE;
int rules_parse_rule(struct rules_reader *r,
    const struct line *line) A_MUST_USE;
/* "Name: value template" of a field that we may write. False after reporting. */
bool rules_parse_field(struct rules_reader *r, struct place at,
    struct slice text, struct slice *name, struct reply_template **value);

#endif
