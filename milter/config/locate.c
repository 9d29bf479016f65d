/* SPDX-License-Identifier: BSD-2-Clause
 *
 * locate: see locate.h. A problem that has a line is never touched, so doing
 * it twice is harmless.
 */
#include "config/locate.h"

static void
move(struct problems *p, struct problem *one, struct place at)
{
	struct slice text = one->text;

	if (!slice_starts(text, slice_c(one->place.file)))
		text = arena_printf(p->arena, "%s: %.*s", one->place.file,
		    SL_ARG(text));
	/* What was read may be gone when problems are shown. */
	at.file = arena_cstr(p->arena, slice_c(at.file));
	if (text.p == NULL || at.file == NULL)
		return; /* without memory the first text is better than none */
	one->text = text;
	one->place = at;
}

void
locate_at(struct problems *p, size_t from, struct place at)
{
	for (size_t i = from; i < p->all.n; i++)
		if (p->all.at[i].place.line == 0 &&
		    p->all.at[i].place.file != NULL)
			move(p, &p->all.at[i], at);
}

/* The value that a problem at `name` speaks of: the option's first one, or
 * the one that ends in this path ("file:/path"). */
static const struct given_value *
cause(const struct config *c, struct slice name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct given_vec *given = &c->given[i];

		if (given->n > 0 && slice_eq(name, slice_c(options[i].name)))
			return &given->at[0];
		for (size_t k = 0; k < given->n; k++)
			if (slice_starts(name, SL("/")) &&
			    slice_ends(given->at[k].text, name))
				return &given->at[k];
	}
	return NULL;
}

void
locate_problems(const struct config *c, struct problems *p)
{
	for (size_t i = 0; i < p->all.n; i++) {
		struct problem *one = &p->all.at[i];
		const struct given_value *v;

		if (one->place.line > 0 || one->place.file == NULL)
			continue;
		v = cause(c, slice_c(one->place.file));
		if (v != NULL && v->place.file != NULL)
			move(p, one, v->place);
	}
}
