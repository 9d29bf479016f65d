/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_chain: collecting and structure. Whatever is wrong makes the chain fail,
 * once and for all (RFC 8617 section 5.2.1).
 */
#include "check/arc_chain.h"

#include "base/err.h"
#include "check/check.h"

_Static_assert(MOST_ARC_FIELDS == ARC_MAX_SETS * ARC_KINDS, "whole sets");

static struct arc_set *
set_of(struct arc_chain *c, unsigned instance)
{
	return &c->sets[instance - 1];
}

int
arc_chain_add(struct arc_chain *c, struct arena *a,
    const struct header_field *f, int64_t now, int64_t drift,
    struct arc_field **out)
{
	struct arc_field *one, **slot;
	enum arc_kind kind;
	int err;

	*out = NULL;
	if (!arc_kind_parse(f->name, &kind))
		return 0;
	c->fields++;
	if (c->fields > MOST_ARC_FIELDS)
		return 0;
	one = arena_alloc(a, sizeof(*one));
	if (one == NULL)
		return ERR_NOMEM;
	err = arc_field_read(a, f, kind, now, drift, one);
	if (err != 0)
		return err;
	if (one->instance == 0) {
		c->unreadable = true;
		return 0;
	}
	slot = &set_of(c, one->instance)->part[kind];
	if (*slot != NULL) {
		if (c->twin == NULL)
			c->twin = one;
		return 0;
	}
	*slot = one;
	*out = one;
	if (one->instance > c->n)
		c->n = one->instance;
	return 0;
}

static int
broken(struct arc_chain *c, struct slice reason)
{
	c->verdict = VERDICT_FAIL;
	c->reason = reason;
	return reason.p != NULL ? 0 : ERR_NOMEM;
}

/* "ARC-Seal i=2: h= is not allowed" */
static int
broken_at(struct arc_chain *c, struct arena *a, enum arc_kind kind,
    unsigned instance, struct slice fault)
{
	return broken(c,
	    arena_printf(a, "%s i=%u: %.*s", arc_kind_name(kind), instance,
		SL_ARG(fault)));
}

/* Section 5.2 step 3: one of each in every set. */
static int
check_set(struct arc_chain *c, struct arena *a, unsigned instance)
{
	const struct arc_set *s = set_of(c, instance);
	const struct arc_field *seal = s->part[ARC_SEAL];

	for (unsigned k = 0; k < ARC_KINDS; k++)
		if (s->part[k] == NULL)
			return broken_at(c, a, (enum arc_kind)k, instance,
			    SL("missing"));
	if (seal->fault.n > 0)
		return broken_at(c, a, ARC_SEAL, instance, seal->fault);
	if (seal->cv != (instance == 1 ? VERDICT_NONE : VERDICT_PASS))
		return broken_at(c, a, ARC_SEAL, instance,
		    arena_printf(a, "cv=%s", verdict_word(seal->cv)));
	return 0;
}

/* The newest message signature must be good; an older one that is not shows
 * only in the oldest pass. */
static int
check_newest(struct arc_chain *c, struct arena *a)
{
	const struct arc_field *m = set_of(c, c->n)->part[ARC_MESSAGE];

	if (m->fault.n == 0)
		return 0;
	return broken_at(c, a, ARC_MESSAGE, c->n, m->fault);
}

int
arc_chain_check(struct arc_chain *c, struct arena *a)
{
	const struct arc_field *newest;
	int err = 0;

	c->reason = SL("");
	c->verdict = c->fields > 0 ? VERDICT_PASS : VERDICT_NONE;
	if (c->fields == 0)
		return 0;
	newest = c->n > 0 ? set_of(c, c->n)->part[ARC_SEAL] : NULL;
	c->ended = newest != NULL && newest->cv == VERDICT_FAIL;
	if (c->ended)
		return broken(c, SL("an earlier host found the chain broken"));
	if (c->fields > MOST_ARC_FIELDS)
		return broken(c, SL("more than 50 sets"));
	if (c->unreadable)
		return broken(c, SL("a field has no i= from 1 to 50"));
	if (c->twin != NULL)
		return broken_at(c, a, c->twin->kind, c->twin->instance,
		    SL("more than one"));
	for (unsigned i = c->n; i > 0 && err == 0; i--)
		if (c->verdict == VERDICT_PASS)
			err = check_set(c, a, i);
	if (err == 0 && c->verdict == VERDICT_PASS)
		err = check_newest(c, a);
	return err;
}

int
arc_chain_want(struct arc_chain *c, struct evaluation *ev)
{
	for (unsigned i = c->n; c->verdict == VERDICT_PASS && i > 0; i--) {
		struct arc_set *s = set_of(c, i);
		const struct arc_field *m = s->part[ARC_MESSAGE];

		s->body = ERR_LIMIT;
		if (m->fault.n > 0)
			continue;
		s->body = body_hash_want(ev->bodies, m->sig.body_canon,
		    m->sig.limited ? m->sig.limit : BODY_HASH_NO_LIMIT);
		if (s->body == ERR_LIMIT)
			limits_meet(&ev->limits, LIMIT_BODY_LIMITS);
		else if (s->body < 0)
			return s->body;
	}
	return 0;
}

static int
add_fields(const struct arc_set *s, struct arena *a, unsigned kinds,
    struct slice_vec *raws)
{
	for (unsigned k = 0; k < kinds; k++)
		if (slice_vec_add(raws, a, s->part[k]->raw) != 0)
			return ERR_NOMEM;
	return 0;
}

int
arc_chain_covered(const struct arc_chain *c, struct arena *a, unsigned n,
    struct slice_vec *raws)
{
	int err = 0;

	*raws = (struct slice_vec){ 0 };
	for (unsigned i = 0; i < n && err == 0; i++)
		err = add_fields(&c->sets[i], a,
		    i + 1 < n ? (unsigned)ARC_KINDS : (unsigned)ARC_SEAL, raws);
	return err;
}

int
arc_chain_sets(const struct arc_chain *c, struct arena *a,
    struct slice_vec *raws)
{
	int err = arc_chain_covered(c, a, c->n, raws);

	if (err == 0 && c->n > 0)
		err = slice_vec_add(raws, a,
		    c->sets[c->n - 1].part[ARC_SEAL]->raw);
	return err == 0 ? 0 : ERR_NOMEM;
}
