/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr_parse: compiles a condition by operator precedence, with a stack of its
 * own instead of recursion. A comparison is read by its shape first and
 * checked for its meaning afterwards, so that one wrong name does not hide
 * the next mistake.
 */
#include "base/err.h"
#include "policy/expr_private.h"

#define MAX_PENDING 64

enum pending_kind { PENDING_OPEN, PENDING_OR, PENDING_AND, PENDING_NOT };

/* An operator or bracket whose right side is still to come. */
struct pending {
	enum pending_kind kind; /* in the order of precedence */
	size_t skip;            /* the SKIP op in front of that right side */
};

struct parser {
	const struct expr_context *c;
	struct slice rest;
	struct token token; /* the next one */
	struct expr_op_vec ops;
	struct pending stack[MAX_PENDING];
	size_t depth;
	unsigned brackets;
	int err; /* ERR_NOMEM, or ERR_CONFIG once anything was reported */
};

static void
next(struct parser *p)
{
	p->token = token_next(p->c->arena, &p->rest);
}

static bool
is_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD &&
	    slice_ieq(p->token.text, slice_c(word));
}

static bool
expected(struct parser *p, const char *what)
{
	if (p->token.kind == TOKEN_BAD)
		return complain(p, "%.*s", SL_ARG(p->token.text));
	if (p->token.kind == TOKEN_END)
		return complain(p, "%s is missing at the end of the condition",
		    what);
	return complain(p, "%s is expected before '%.*s'", what,
	    SL_ARG(p->token.text));
}

static struct expr_op *
emit(struct parser *p, enum expr_code code)
{
	struct expr_op *op;

	if (p->ops.n >= EXPR_MAX_OPS) {
		(void)complain(p,
		    "the condition has more than %d comparisons and operators",
		    EXPR_MAX_OPS);
		return NULL;
	}
	op = expr_op_vec_push(&p->ops, p->c->arena);
	if (op == NULL)
		p->err = ERR_NOMEM;
	else
		op->code = code;
	return op;
}

/* ---- the shape of a comparison ---- */

/* NAME or NAME("argument"); the name is the current token. */
static bool
read_reference(struct parser *p, struct expr_reference *out)
{
	*out = (struct expr_reference){ .name = p->token.text };
	next(p);
	if (p->token.kind != TOKEN_OPEN)
		return true;
	next(p);
	if (p->token.kind != TOKEN_STRING)
		return expected(p, "an argument in quotes");
	out->arg = p->token.text;
	out->has_arg = true;
	next(p);
	if (p->token.kind != TOKEN_CLOSE)
		return expected(p, "')'");
	next(p);
	return true;
}

/* The right side of `in`: a list, a set, or a map with its key. */
static bool
read_set(struct parser *p, struct expr_comparison *out)
{
	if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_LIST)
		return expected(p, "a list {a, b} or the name of a set");
	out->right = p->token;
	next(p);
	if (out->right.kind == TOKEN_LIST || p->token.kind != TOKEN_OPEN)
		return true;
	next(p);
	if (p->token.kind != TOKEN_WORD)
		return expected(p, "the variable that is the map's key");
	out->has_key = true;
	if (!read_reference(p, &out->key))
		return false;
	if (p->token.kind != TOKEN_CLOSE)
		return expected(p, "')'");
	next(p);
	return true;
}

static bool
read_value(struct parser *p, struct expr_comparison *out)
{
	if (p->token.kind == TOKEN_LIST)
		return complain(p, "a list goes with `in`, not with `is`");
	if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING)
		return expected(p, "a value");
	out->right = p->token;
	next(p);
	return true;
}

static bool
read_comparison(struct parser *p, struct expr_comparison *out)
{
	*out = (struct expr_comparison){ .relation = REL_NONE };
	if (!read_reference(p, &out->left))
		return false;
	if (is_word(p, "not")) {
		out->negate = true;
		next(p);
		if (!is_word(p, "in"))
			return expected(p,
			    "`in` (it is `is not`, `not in`, or `not` in front "
			    "of the variable)");
	}
	if (is_word(p, "in")) {
		out->relation = REL_IN;
		next(p);
		return read_set(p, out);
	}
	if (is_word(p, "is")) {
		out->relation = REL_IS;
		next(p);
		out->negate = is_word(p, "not");
		if (out->negate)
			next(p);
	} else if (p->token.kind == TOKEN_LESS || p->token.kind == TOKEN_MORE) {
		out->relation =
		    p->token.kind == TOKEN_LESS ? REL_LESS : REL_MORE;
		next(p);
	} else {
		return true;
	}
	return read_value(p, out);
}

/* Reads one comparison and emits it. False when parsing cannot go on. */
static bool
take_comparison(struct parser *p)
{
	struct expr_comparison c;
	struct expr_op *op;
	int err;

	if (!read_comparison(p, &c))
		return false;
	op = emit(p, EXPR_YES);
	if (op == NULL)
		return false;
	err = expr_check(p->c, &c, op);
	if (err == ERR_NOMEM || p->err == 0)
		p->err = err;
	return p->err != ERR_NOMEM;
}

/* ---- operators ---- */

/* Ends the topmost pending operator: its right side is complete. */
static bool
reduce(struct parser *p)
{
	struct pending top = p->stack[--p->depth];
	enum expr_code code = EXPR_NOT;

	if (top.kind == PENDING_OPEN)
		return true;
	if (top.kind == PENDING_AND)
		code = EXPR_AND;
	else if (top.kind == PENDING_OR)
		code = EXPR_OR;
	if (emit(p, code) == NULL)
		return false;
	if (top.kind != PENDING_NOT)
		p->ops.at[top.skip].target = (unsigned)p->ops.n;
	return true;
}

static bool
push(struct parser *p, enum pending_kind kind, size_t skip)
{
	if (p->depth >= MAX_PENDING || p->brackets > EXPR_MAX_DEPTH)
		return complain(p, "the condition is nested too deeply");
	p->stack[p->depth++] = (struct pending){ kind, skip };
	return true;
}

/* `and`, `or`: what binds at least as tightly on the left is complete. */
static bool
take_binary(struct parser *p, enum pending_kind kind)
{
	size_t skip;

	while (p->depth > 0 && p->stack[p->depth - 1].kind >= kind)
		if (!reduce(p))
			return false;
	skip = p->ops.n;
	if (emit(p, kind == PENDING_AND ? EXPR_SKIP_NO : EXPR_SKIP_YES) == NULL)
		return false;
	next(p);
	return push(p, kind, skip);
}

static bool
take_close(struct parser *p)
{
	while (p->depth > 0 && p->stack[p->depth - 1].kind != PENDING_OPEN)
		if (!reduce(p))
			return false;
	if (p->depth == 0)
		return complain(p, "a ')' without its '('");
	p->brackets--;
	next(p);
	return reduce(p);
}

/* What may stand before a value: `not`, '(', or the comparison itself.
 * *done tells that the value is there. */
static bool
take_operand(struct parser *p, bool *done)
{
	if (p->token.kind == TOKEN_OPEN) {
		p->brackets++;
		next(p);
		return push(p, PENDING_OPEN, 0);
	}
	if (is_word(p, "not")) {
		next(p);
		return push(p, PENDING_NOT, 0);
	}
	if (p->token.kind != TOKEN_WORD || is_word(p, "and") ||
	    is_word(p, "or"))
		return expected(p, "a variable");
	*done = true;
	return take_comparison(p);
}

/* What may stand behind a value. */
static bool
take_operator(struct parser *p, bool *done)
{
	*done = true;
	if (p->token.kind == TOKEN_CLOSE)
		return take_close(p);
	*done = false;
	if (is_word(p, "and"))
		return take_binary(p, PENDING_AND);
	if (is_word(p, "or"))
		return take_binary(p, PENDING_OR);
	return expected(p, "`and` or `or`");
}

static bool
finish(struct parser *p)
{
	while (p->depth > 0) {
		if (p->stack[p->depth - 1].kind == PENDING_OPEN)
			return complain(p, "a '(' is not closed");
		if (!reduce(p))
			return false;
	}
	return true;
}

int
expr_compile(const struct expr_context *c, struct slice text, struct expr *out)
{
	struct parser p = { .c = c, .rest = text };
	bool value = false, going = true;

	*out = (struct expr){ 0 };
	next(&p);
	while (going && !(value && p.token.kind == TOKEN_END))
		going = value ? take_operator(&p, &value) :
				take_operand(&p, &value);
	if (going)
		(void)finish(&p);
	out->ops = p.ops.at;
	out->n = p.err == 0 ? p.ops.n : 0;
	return p.err;
}
