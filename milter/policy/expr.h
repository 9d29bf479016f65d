/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr: the condition of a rule: compiled at load into a flat program in
 * postfix order, run per message without recursion and without memory of its
 * own beyond what facts take. A compiled expression is immutable and shared.
 *
 * It computes in four values: whatever is not known yet stays unknown as long
 * as the rest does not settle the matter either way.
 */
#ifndef CM_POLICY_EXPR_H
#define CM_POLICY_EXPR_H

#include "check/facts.h"
#include "mail/sets.h"

#define EXPR_MAX_OPS 256  /* comparisons and operators of one expression */
#define EXPR_MAX_DEPTH 32 /* brackets inside brackets */

/* In the order in which `and` prefers them; `or` prefers the reverse, but for
 * the two in the middle. */
enum truth {
	TRUTH_NO,
	TRUTH_UNDECIDED, /* DNS has not answered within this stage's time */
	TRUTH_LATER,     /* a variable is not known at this stage */
	TRUTH_YES
};

/* A set of the policy file by its name. */
struct named_set {
	struct slice name;
	struct place place;
	struct set *set;
	bool used;
};
VEC_DEFINE(named_set_vec, struct named_set);

struct expr_op;

struct expr {
	const struct expr_op *ops;
	size_t n;
};

/* What compiling needs; `stage` is the rule's. Sets that are named become
 * `used`. */
struct expr_context {
	struct arena *arena;
	struct problems *problems;
	struct place place;
	enum stage stage;
	struct named_set_vec *sets;
};

/* 0, ERR_CONFIG after reporting everything that is wrong, or ERR_NOMEM. */
int expr_compile(const struct expr_context *c, struct slice text,
    struct expr *out) A_MUST_USE;
/* 0 or a failure of ours. An empty expression is TRUTH_YES. */
int expr_eval(const struct expr *e, const struct fact_context *c,
    enum truth *out) A_MUST_USE;
/* True if the expression names this fact. */
bool expr_uses(const struct expr *e, const struct fact *f);
/* True if every fact in it can be known at a stage. */
bool expr_known_at(const struct expr *e, enum stage s);
/* True if it may wait for the DNS before end-of-message. */
bool expr_waits(const struct expr *e);

#endif
