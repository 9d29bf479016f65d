/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr: runs a compiled condition. Comparisons get their fact when they are
 * reached, so that a DNS question whose answer cannot matter is not waited for.
 */
#include "policy/expr_private.h"

#include "base/err.h"
#include "mail/domain.h"

#define MAX_STACK 66 /* one value per pending operator, and the last */

static bool
in_words(const struct slice_vec *words, struct slice s)
{
	for (size_t i = 0; i < words->n; i++)
		if (slice_ieq(words->at[i], s))
			return true;
	return false;
}

/* One entry of a map's value, as in a set: "user@domain", "user@", "@domain",
 * "domain", ".domain", a word, or "<>" for the empty text. */
static bool
entry_matches(struct slice entry, struct slice text)
{
	size_t at = slice_rchr(text, '@');
	struct slice domain =
	    at == SLICE_NONE ? text : slice_from(text, at + 1);

	if (text.n == 0)
		return slice_eq(entry, SL("<>"));
	if (slice_ends(entry, SL("@")))
		return slice_ieq(slice_sub(text, 0, at),
		    slice_sub(entry, 0, entry.n - 1));
	if (slice_starts(entry, SL(".")))
		return domain_within(domain, slice_from(entry, 1));
	if (slice_starts(entry, SL("@")))
		return at != SLICE_NONE &&
		    domain_eq(domain, slice_from(entry, 1));
	return slice_ieq(entry, text) ||
	    (slice_chr(entry, '@') == SLICE_NONE && domain_eq(entry, domain));
}

/* What a map holds for one key. */
struct map_entry {
	const struct set *set;
	struct slice key;
};

/* A map may have several lines for a key, and several entries in a line. */
static bool
map_has_text(const void *ctx, struct slice text)
{
	const struct map_entry *m = ctx;
	struct slice value, entry;
	size_t next = 0;

	while (set_map_next(m->set, m->key, &next, &value))
		while (slice_cut(&value, ',', &entry)) {
			entry = slice_trim(entry);
			if (entry.n > 0 && entry_matches(entry, text))
				return true;
		}
	return false;
}

static bool
set_has_text(const void *ctx, struct slice text)
{
	return set_has(ctx, text);
}

/* Any, or every, text of a value: what `has` says of one. */
static bool
texts_match(const struct fact *f, const struct fact_value *v,
    bool (*has)(const void *ctx, struct slice text), const void *ctx)
{
	if (f->type != FACT_LIST)
		return has(ctx, v->text);
	for (size_t i = 0; i < v->list.n; i++)
		if (has(ctx, v->list.at[i]) != f->every)
			return !f->every;
	return f->every && v->list.n > 0;
}

static int
in_set(const struct expr_op *op, const struct fact_context *c,
    const struct fact_value *v, bool *out)
{
	struct fact_value name;
	int err;

	if (op->fact->type != FACT_ADDRESS) {
		*out = texts_match(op->fact, v, set_has_text, op->set);
		return 0;
	}
	/* A set of hosts may name them; only a verified name counts. */
	err = fact_get(op->key, c, SL(""), &name);
	*out = err == 0 && set_has_host(op->set, &v->ip, name.text);
	return err;
}

static int
in_map(const struct expr_op *op, const struct fact_context *c,
    const struct fact_value *v, bool *out)
{
	struct map_entry m = { .set = op->set };
	struct fact_value key;
	int err = fact_get(op->key, c, op->key_arg, &key);

	*out = false;
	if (err != 0)
		return err;
	m.key = fact_text(c->ev->arena, &key);
	if (m.key.p == NULL)
		return ERR_NOMEM;
	*out = texts_match(op->fact, v, map_has_text, &m);
	return 0;
}

static int
compare(const struct expr_op *op, const struct fact_context *c,
    const struct fact_value *v, bool *out)
{
	*out = false;
	switch (op->code) {
	case EXPR_YES:
		*out = v->yes;
		break;
	case EXPR_IS_TEXT:
		*out = slice_ieq(v->text, op->text);
		break;
	case EXPR_IS_IP:
		*out = ip_eq(&v->ip, &op->ip);
		break;
	case EXPR_IS_NUMBER:
		*out = v->number == op->number;
		break;
	case EXPR_LESS:
		*out = v->number < op->number;
		break;
	case EXPR_MORE:
		*out = v->number > op->number;
		break;
	case EXPR_IN_WORDS:
		*out = in_words(&op->words, v->text);
		break;
	case EXPR_IN_SET:
		return in_set(op, c, v, out);
	case EXPR_IN_MAP:
		return in_map(op, c, v, out);
	case EXPR_NOT:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_SKIP_NO:
	case EXPR_SKIP_YES:
		return ERR_BUG;
	}
	return 0;
}

static int
judge(const struct expr_op *op, const struct fact_context *c, enum truth *out)
{
	struct fact_value v;
	bool yes;
	int err;

	if (!fact_known_at(op->fact, c->stage) ||
	    (op->key != NULL && !fact_known_at(op->key, c->stage))) {
		*out = TRUTH_LATER;
		return 0;
	}
	err = fact_get(op->fact, c, op->arg, &v);
	if (err == 0)
		err = compare(op, c, &v, &yes);
	if (err == ERR_TIMEOUT) {
		*out = TRUTH_UNDECIDED;
		return 0;
	}
	if (err == 0)
		*out = yes != op->negate ? TRUTH_YES : TRUTH_NO;
	return err;
}

static enum truth
truth_and(enum truth a, enum truth b)
{
	return a < b ? a : b;
}

static enum truth
truth_or(enum truth a, enum truth b)
{
	if (a == TRUTH_YES || b == TRUTH_YES)
		return TRUTH_YES;
	if (a == TRUTH_UNDECIDED || b == TRUTH_UNDECIDED)
		return TRUTH_UNDECIDED;
	return a > b ? a : b;
}

static enum truth
truth_not(enum truth a)
{
	if (a == TRUTH_YES)
		return TRUTH_NO;
	return a == TRUTH_NO ? TRUTH_YES : a;
}

/* The left side of an `and` or `or` makes the right one needless. */
static bool
settled(enum expr_code code, enum truth left)
{
	return (code == EXPR_SKIP_NO && left == TRUTH_NO) ||
	    (code == EXPR_SKIP_YES && left == TRUTH_YES);
}

int
expr_eval(const struct expr *e, const struct fact_context *c, enum truth *out)
{
	enum truth stack[MAX_STACK];
	size_t n = 0;
	int err;

	*out = TRUTH_YES;
	for (size_t i = 0; i < e->n; i++) {
		const struct expr_op *op = &e->ops[i];

		if (op->code < EXPR_NOT) {
			if (n == MAX_STACK)
				return ERR_BUG;
			err = judge(op, c, &stack[n++]);
			if (err != 0)
				return err;
			continue;
		}
		if (n == 0 ||
		    (n == 1 && (op->code == EXPR_AND || op->code == EXPR_OR)))
			return ERR_BUG;
		if (op->code == EXPR_NOT) {
			stack[n - 1] = truth_not(stack[n - 1]);
		} else if (settled(op->code, stack[n - 1])) {
			i = op->target - 1;
		} else if (op->code == EXPR_AND || op->code == EXPR_OR) {
			n--;
			stack[n - 1] = op->code == EXPR_AND ?
			    truth_and(stack[n - 1], stack[n]) :
			    truth_or(stack[n - 1], stack[n]);
		}
	}
	if (n > 0)
		*out = stack[0];
	return 0;
}

bool
expr_uses(const struct expr *e, const struct fact *f)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->ops[i].fact == f || e->ops[i].key == f)
			return true;
	return false;
}

bool
expr_known_at(const struct expr *e, enum stage s)
{
	for (size_t i = 0; i < e->n; i++)
		if ((e->ops[i].fact != NULL &&
			!fact_known_at(e->ops[i].fact, s)) ||
		    (e->ops[i].key != NULL && !fact_known_at(e->ops[i].key, s)))
			return false;
	return true;
}

bool
expr_waits(const struct expr *e)
{
	for (size_t i = 0; i < e->n; i++)
		if ((e->ops[i].fact != NULL && e->ops[i].fact->waits) ||
		    (e->ops[i].key != NULL && e->ops[i].key->waits))
			return true;
	return false;
}
