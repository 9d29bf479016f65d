/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rules: the policy file: ordered rules, read and checked at load, evaluated
 * per message. DESIGN section 5. A loaded `struct rules` is immutable and shared.
 */
#ifndef CM_POLICY_RULES_H
#define CM_POLICY_RULES_H

#include "policy/reply.h"

struct rules;

struct rules_options {
	const char *file; /* PolicyFile; NULL: the shipped policy, built in */
	struct slice quarantine_header; /* QuarantineHeader template */
	bool test_mode;                 /* TestMode: all rules are test rules */
};

/* NULL after reporting to p. */
struct rules *rules_load(struct arena *a, const struct rules_options *o,
    const struct replies *replies, struct problems *p) A_MUST_USE;

/* What the loaded rules need, for negotiation and for which checks run. */
/* A rule can answer at this stage: one `at` it, or one of an earlier stage that
 * was undecided there. Test rules and expired ones cannot. */
bool rules_need_stage(const struct rules *r, enum stage s);
bool rules_use_fact(const struct rules *r, struct slice name);
bool rules_can_hold(const struct rules *r);
bool rules_can_seal(const struct rules *r);

/* Walks the rules at a stage and fills the plan: action, rule, reply, tag
 * edits, marks, tests. At STAGE_MAIL/RCPT: ACTION_CONTINUE if nothing decided,
 * ACTION_ACCEPT if an accept ends judgement early (then no rule is walked for
 * this message any more), TEMPFAIL/REJECT/DISCARD as told. At STAGE_EOM always a
 * final action. 0 or ERR_NOMEM. */
int rules_decide(const struct rules *r, const struct replies *replies,
    const struct fact_context *c, struct plan *out) A_MUST_USE;

#endif
