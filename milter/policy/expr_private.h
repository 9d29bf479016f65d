/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr_private.h: the program of an expression and the tokens of its text,
 * shared by the files of expr.
 *
 * The program works on a stack of truth values. A comparison pushes one, NOT
 * turns the top round, AND and OR make one of the two topmost. SKIP_NO and
 * SKIP_YES leave the right side of an `and` or `or` out when the left one has
 * settled it: they look at the top and go to op `target`.
 */
#ifndef CM_POLICY_EXPR_PRIVATE_H
#define CM_POLICY_EXPR_PRIVATE_H

#include "policy/expr.h"

enum expr_code {
	EXPR_YES,     /* a BOOL by itself */
	EXPR_IS_TEXT, /* WORD, TEXT: text */
	EXPR_IS_IP,
	EXPR_IS_NUMBER,
	EXPR_LESS,
	EXPR_MORE,
	EXPR_IN_WORDS, /* WORD in {a, b} */
	EXPR_IN_SET,
	EXPR_IN_MAP, /* the value of a map for another fact */
	EXPR_NOT,
	EXPR_AND,
	EXPR_OR,
	EXPR_SKIP_NO,
	EXPR_SKIP_YES
};

struct expr_op {
	enum expr_code code;
	bool negate;     /* `is not`, `not in` */
	unsigned target; /* SKIP_* */
	const struct fact *fact;
	struct slice arg; /* of the fact */
	struct slice text;
	struct ip ip;
	uint64_t number;
	struct slice_vec words;
	const struct set *set;
	const struct fact *key; /* IN_MAP */
	struct slice key_arg;
};
VEC_DEFINE(expr_op_vec, struct expr_op);

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING, /* without its quotes */
	TOKEN_LIST,   /* "{...}" as written */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_LESS,
	TOKEN_MORE,
	TOKEN_BAD /* text: what is wrong */
};

struct token {
	enum token_kind kind;
	struct slice text;
};

/* Takes the next token off *rest. */
struct token token_next(struct arena *a, struct slice *rest);
/* How a token reads in an error message. */
const char *token_kind_text(enum token_kind k);
/* The entries of "{a, "b c", d}", unquoted. 0, ERR_SYNTAX (a quote or a brace
 * that is not closed), ERR_NOMEM. */
int token_list(struct arena *a, struct slice list,
    struct slice_vec *out) A_MUST_USE;

enum expr_relation { REL_NONE, REL_IS, REL_IN, REL_LESS, REL_MORE };

/* A variable with its argument: header("X"). */
struct expr_reference {
	struct slice name;
	struct slice arg;
	bool has_arg;
};

/* A comparison as it stands in the text. */
struct expr_comparison {
	struct expr_reference left;
	enum expr_relation relation;
	bool negate;
	struct token right;
	struct expr_reference key; /* in NAME(key) */
	bool has_key;
};

/* Checks what a comparison means (names, types, words, stage) and fills `op`,
 * an op that is all zero. 0, ERR_CONFIG after reporting, or ERR_NOMEM. */
int expr_check(const struct expr_context *c, const struct expr_comparison *in,
    struct expr_op *op) A_MUST_USE;

/* Reports, and remembers in p->err; always false. For anything with the members
 * c (an expr_context) and err. */
#define complain(p, ...)                                               \
	(problems_error((p)->c->problems, (p)->c->place, __VA_ARGS__), \
	    (p)->err = (p)->err == ERR_NOMEM ? ERR_NOMEM : ERR_CONFIG, false)

#endif
