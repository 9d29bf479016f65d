/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr_parse: compiles a condition by operator precedence, with a stack of its
 * own instead of recursion. A comparison is read by its shape first and
 * checked for its meaning afterwards, so that one wrong name does not hide
 * the next mistake.
 */
#include "base/err.h"
#include "base/names.h"
#include "base/num.h"
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

enum relation { REL_NONE, REL_IS, REL_IN, REL_LESS, REL_MORE };

/* A variable with its argument: header("X"). */
struct reference {
	struct slice name;
	struct slice arg;
	bool has_arg;
};

/* A comparison as it stands in the text. */
struct comparison {
	struct reference left;
	enum relation relation;
	bool negate;
	struct token right;
	struct reference key; /* in NAME(key) */
	bool has_key;
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

/* Reports and remembers; always false. */
#define complain(p, ...)                                               \
	(problems_error((p)->c->problems, (p)->c->place, __VA_ARGS__), \
	    (p)->err = (p)->err == ERR_NOMEM ? ERR_NOMEM : ERR_CONFIG, false)

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
read_reference(struct parser *p, struct reference *out)
{
	*out = (struct reference){ .name = p->token.text };
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
read_set(struct parser *p, struct comparison *out)
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
read_value(struct parser *p, struct comparison *out)
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
read_comparison(struct parser *p, struct comparison *out)
{
	*out = (struct comparison){ .relation = REL_NONE };
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

/* ---- its meaning ---- */

static const struct named_set *
find_set(struct parser *p, struct slice name)
{
	struct named_set_vec *all = p->c->sets;

	for (size_t i = 0; i < all->n; i++)
		if (slice_ieq(all->at[i].name, name)) {
			all->at[i].used = true;
			return &all->at[i];
		}
	return NULL;
}

static bool
unknown_variable(struct parser *p, struct slice name)
{
	struct names_nearest near = names_nearest_to(name);

	if (find_set(p, name) != NULL)
		return complain(p,
		    "'%.*s' is a set: it stands behind `in`, a variable before",
		    SL_ARG(name));
	facts_nearest(&near);
	return complain(p, "unknown variable '%.*s'%s", SL_ARG(name),
	    problems_hint(p->c->problems, near.best));
}

static bool
too_early(struct parser *p, const struct fact *f)
{
	bool only = f->until < STAGE_EOM;

	return complain(p, "%s is %s %s, but the rule stands at %s%s", f->name,
	    only ? "only known at" : "not known before",
	    only ? stage_word(f->until) : stage_word(f->from),
	    stage_word(p->c->stage),
	    only && p->c->stage == STAGE_EOM ? ": use rcpt.any or rcpt.all" :
					       "");
}

/* The fact of a reference, checked for argument and stage; NULL when it was
 * reported. */
static const struct fact *
resolve(struct parser *p, const struct reference *r)
{
	const struct fact *f = fact_find(r->name);

	if (f == NULL) {
		(void)unknown_variable(p, r->name);
		return NULL;
	}
	if (f->takes_argument != r->has_arg || (r->has_arg && r->arg.n == 0)) {
		(void)complain(p,
		    f->takes_argument ? "%s needs an argument: %s(\"Name\")" :
					"%s takes no argument (write %s)",
		    f->name, f->name);
		return NULL;
	}
	if (!fact_known_at(f, p->c->stage)) {
		(void)too_early(p, f);
		return NULL;
	}
	return f;
}

static const char *
type_text(enum fact_type t)
{
	switch (t) {
	case FACT_WORD:
		return "a word";
	case FACT_TEXT:
		return "a text";
	case FACT_ADDRESS:
		return "an address";
	case FACT_LIST:
		return "a list";
	case FACT_BOOL:
		return "yes or no";
	case FACT_NUMBER:
		break;
	}
	return "a number";
}

static bool
is_possible(const struct fact *f, struct slice word)
{
	for (size_t i = 0; f->words[i] != NULL; i++)
		if (slice_ieq(word, slice_c(f->words[i])))
			return true;
	return false;
}

/* A word that the variable can be. */
static bool
check_word(struct parser *p, const struct fact *f, struct slice word)
{
	struct names_nearest near = names_nearest_to(word);
	struct buf b;

	if (is_possible(f, word))
		return true;
	buf_init(&b, p->c->arena, 1024);
	for (size_t i = 0; f->words[i] != NULL; i++) {
		names_nearest_try(&near, slice_c(f->words[i]));
		buf_printf(&b, "%s%s", i > 0 ? ", " : "", f->words[i]);
	}
	return complain(p, "%s is never '%.*s': it is one of %.*s%s", f->name,
	    SL_ARG(word), SL_ARG(buf_slice(&b)),
	    problems_hint(p->c->problems, near.best));
}

static bool
check_is_ip(struct parser *p, const struct fact *f, struct slice text,
    struct expr_op *op)
{
	struct ip_net net;

	if (ip_parse(text, &op->ip)) {
		op->ip = ip_unmap(op->ip);
		return true;
	}
	if (ip_net_parse(text, &net))
		return complain(p, "'%.*s' is a network: write %s in {%.*s}",
		    SL_ARG(text), f->name, SL_ARG(text));
	return complain(p, "'%.*s' is no IP address", SL_ARG(text));
}

static bool
check_is_bool(struct parser *p, const struct fact *f, struct slice text,
    struct expr_op *op)
{
	bool yes = slice_ieq(text, SL("yes")) || slice_ieq(text, SL("true"));

	op->code = EXPR_YES;
	if (yes || slice_ieq(text, SL("no")) || slice_ieq(text, SL("false"))) {
		op->negate = op->negate != !yes;
		return true;
	}
	return complain(p, "%s is yes or no, not '%.*s'", f->name,
	    SL_ARG(text));
}

static bool
check_number(struct parser *p, const struct fact *f, struct slice text,
    struct expr_op *op)
{
	if (num_parse_size(text, UINT64_MAX, &op->number) == 0)
		return true;
	return complain(p,
	    "%s is a number: '%.*s' is none (digits, perhaps with K, M or G)",
	    f->name, SL_ARG(text));
}

static bool
check_is(struct parser *p, const struct comparison *c, struct expr_op *op)
{
	const struct fact *f = op->fact;

	op->code = EXPR_IS_TEXT;
	op->text = c->right.text;
	switch (f->type) {
	case FACT_WORD:
		return check_word(p, f, c->right.text);
	case FACT_TEXT:
		if (c->right.kind == TOKEN_STRING)
			return true;
		return complain(p, "%s is a text: write it in quotes, \"%.*s\"",
		    f->name, SL_ARG(c->right.text));
	case FACT_ADDRESS:
		op->code = EXPR_IS_IP;
		return check_is_ip(p, f, c->right.text, op);
	case FACT_BOOL:
		return check_is_bool(p, f, c->right.text, op);
	case FACT_NUMBER:
		op->code = EXPR_IS_NUMBER;
		return check_number(p, f, c->right.text, op);
	case FACT_LIST:
		break;
	}
	return complain(p, "%s is a list: it goes with `in`, not with `is`",
	    f->name);
}

/* Words of a list, all of them possible. */
static bool
check_words(struct parser *p, struct slice list, struct expr_op *op)
{
	int err = token_list(p->c->arena, list, &op->words);
	bool good = true;

	if (err == ERR_NOMEM) {
		p->err = ERR_NOMEM;
		return false;
	}
	if (err != 0)
		return complain(p, "%.*s is no list {a, b}", SL_ARG(list));
	for (size_t i = 0; i < op->words.n; i++)
		good = check_word(p, op->fact, op->words.at[i]) && good;
	op->code = EXPR_IN_WORDS;
	return good;
}

/* A named set whose entries a WORD is compared with. */
static bool
check_set_words(struct parser *p, const struct fact *f, const struct set *set)
{
	struct slice key, value;
	struct place at;

	for (size_t i = 0; set_entry(set, i, &key, &value, &at); i++)
		if (!is_possible(f,
			slice_starts(key, SL("!")) ? slice_from(key, 1) : key))
			return check_word(p, f, key);
	return true;
}

static bool
unknown_set(struct parser *p, struct slice name)
{
	struct names_nearest near = names_nearest_to(name);

	for (size_t i = 0; i < p->c->sets->n; i++)
		names_nearest_try(&near, p->c->sets->at[i].name);
	return complain(p, "unknown set '%.*s'%s", SL_ARG(name),
	    problems_hint(p->c->problems, near.best));
}

static bool
check_map(struct parser *p, const struct comparison *c,
    const struct named_set *s, struct expr_op *op)
{
	op->code = EXPR_IN_MAP;
	op->key = resolve(p, &c->key);
	op->key_arg = c->key.arg;
	if (op->key == NULL)
		return false;
	if (op->key->type == FACT_LIST)
		return complain(p, "%s is a list: a map is asked for one key",
		    op->key->name);
	if (op->fact->type != FACT_TEXT && op->fact->type != FACT_LIST)
		return complain(p, "%s is %s: a map's value is a text",
		    op->fact->name, type_text(op->fact->type));
	if (set_count(s->set) > 0 && !set_is_map(s->set))
		return complain(p,
		    "set '%.*s' is no map: a map's lines are `key value`",
		    SL_ARG(s->name));
	return true;
}

static bool
load_list(struct parser *p, struct slice list, struct expr_op *op)
{
	struct set *set = NULL;
	int err =
	    set_load(p->c->arena, list, p->c->place, p->c->problems, &set);

	op->set = set;
	if (err == ERR_NOMEM || (err != 0 && p->err == 0))
		p->err = err == ERR_NOMEM ? ERR_NOMEM : ERR_CONFIG;
	return err == 0;
}

static bool
check_in(struct parser *p, const struct comparison *c, struct expr_op *op)
{
	const struct fact *f = op->fact;
	const struct named_set *s;

	op->code = EXPR_IN_SET;
	if (f->type == FACT_BOOL || f->type == FACT_NUMBER)
		return complain(p, "%s is %s: it cannot be `in` anything",
		    f->name, type_text(f->type));
	if (f->type == FACT_ADDRESS)
		op->key = fact_find(SL("client.name"));
	if (c->right.kind == TOKEN_LIST)
		return f->type == FACT_WORD ?
		    check_words(p, c->right.text, op) :
		    load_list(p, c->right.text, op);
	s = find_set(p, c->right.text);
	if (s == NULL)
		return unknown_set(p, c->right.text);
	op->set = s->set;
	if (c->has_key)
		return check_map(p, c, s, op);
	return f->type != FACT_WORD || check_set_words(p, f, s->set);
}

static bool
check_order(struct parser *p, const struct comparison *c, struct expr_op *op)
{
	if (op->fact->type != FACT_NUMBER)
		return complain(p, "%s is %s: '%c' compares numbers",
		    op->fact->name, type_text(op->fact->type),
		    c->relation == REL_LESS ? '<' : '>');
	op->code = c->relation == REL_LESS ? EXPR_LESS : EXPR_MORE;
	return check_number(p, op->fact, c->right.text, op);
}

static bool
check_alone(struct parser *p, struct expr_op *op)
{
	const struct fact *f = op->fact;

	op->code = EXPR_YES;
	if (f->type == FACT_BOOL)
		return true;
	if (f->type == FACT_WORD)
		return complain(p, "%s needs a comparison, such as: %s is %s",
		    f->name, f->name, f->words[1]);
	return complain(p, "%s is %s: it needs a comparison", f->name,
	    type_text(f->type));
}

/* Reads one comparison and emits it. False when parsing cannot go on. */
static bool
take_comparison(struct parser *p)
{
	struct comparison c;
	struct expr_op *op;

	if (!read_comparison(p, &c))
		return false;
	op = emit(p, EXPR_YES);
	if (op == NULL)
		return false;
	op->fact = resolve(p, &c.left);
	op->arg = c.left.arg;
	op->negate = c.negate;
	if (op->fact == NULL)
		return p->err != ERR_NOMEM;
	switch (c.relation) {
	case REL_NONE:
		(void)check_alone(p, op);
		break;
	case REL_IS:
		(void)check_is(p, &c, op);
		break;
	case REL_IN:
		(void)check_in(p, &c, op);
		break;
	case REL_LESS:
	case REL_MORE:
		(void)check_order(p, &c, op);
		break;
	}
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
