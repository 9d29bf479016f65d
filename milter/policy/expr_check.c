/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr_check: what a comparison means: that its names exist, that its operator
 * suits the variable and its value the type, and that the variable can be
 * known at the rule's stage and can ever be what it is compared with.
 */
#include "base/err.h"
#include "base/names.h"
#include "base/num.h"
#include "mail/header.h"
#include "policy/expr_private.h"

struct checker {
	const struct expr_context *c;
	int err; /* ERR_NOMEM, or ERR_CONFIG once anything was reported */
};

static const struct named_set *
find_set(struct checker *p, struct slice name)
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
unknown_variable(struct checker *p, struct slice name)
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
too_early(struct checker *p, const struct fact *f)
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
resolve(struct checker *p, const struct expr_reference *r)
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
	if (r->has_arg && !header_is_name(r->arg)) {
		(void)complain(p, "%s: '%.*s' is no name of a header field",
		    f->name, SL_ARG(slice_sub(r->arg, 0, 64)));
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
check_word(struct checker *p, const struct fact *f, struct slice word)
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
check_is_ip(struct checker *p, const struct fact *f, struct slice text,
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
check_is_bool(struct checker *p, const struct fact *f, struct slice text,
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
check_number(struct checker *p, const struct fact *f, struct slice text,
    struct expr_op *op)
{
	if (num_parse_size(text, UINT64_MAX, &op->number) == 0)
		return true;
	return complain(p,
	    "%s is a number: '%.*s' is none (digits, perhaps with K, M or G)",
	    f->name, SL_ARG(text));
}

static bool
check_is(struct checker *p, const struct expr_comparison *c, struct expr_op *op)
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
check_words(struct checker *p, struct slice list, struct expr_op *op)
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
check_set_words(struct checker *p, const struct fact *f, const struct set *set)
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
unknown_set(struct checker *p, struct slice name)
{
	struct names_nearest near = names_nearest_to(name);

	for (size_t i = 0; i < p->c->sets->n; i++)
		names_nearest_try(&near, p->c->sets->at[i].name);
	return complain(p, "unknown set '%.*s'%s", SL_ARG(name),
	    problems_hint(p->c->problems, near.best));
}

static bool
check_map(struct checker *p, const struct expr_comparison *c,
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
load_list(struct checker *p, struct slice list, struct expr_op *op)
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
check_in(struct checker *p, const struct expr_comparison *c, struct expr_op *op)
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
check_order(struct checker *p, const struct expr_comparison *c,
    struct expr_op *op)
{
	if (op->fact->type != FACT_NUMBER)
		return complain(p, "%s is %s: '%c' compares numbers",
		    op->fact->name, type_text(op->fact->type),
		    c->relation == REL_LESS ? '<' : '>');
	op->code = c->relation == REL_LESS ? EXPR_LESS : EXPR_MORE;
	return check_number(p, op->fact, c->right.text, op);
}

static bool
check_alone(struct checker *p, struct expr_op *op)
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

int
expr_check(const struct expr_context *c, const struct expr_comparison *in,
    struct expr_op *op)
{
	struct checker p = { .c = c };

	op->fact = resolve(&p, &in->left);
	op->arg = in->left.arg;
	op->negate = in->negate;
	if (op->fact == NULL)
		return p.err;
	switch (in->relation) {
	case REL_NONE:
		(void)check_alone(&p, op);
		break;
	case REL_IS:
		(void)check_is(&p, in, op);
		break;
	case REL_IN:
		(void)check_in(&p, in, op);
		break;
	case REL_LESS:
	case REL_MORE:
		(void)check_order(&p, in, op);
		break;
	}
	return p.err;
}
