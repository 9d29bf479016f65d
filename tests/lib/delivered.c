/* SPDX-License-Identifier: BSD-2-Clause
 *
 * delivered: see delivered.h.
 */
#include "lib/delivered.h"

#include "base/err.h"

/* Notes an edit at the nth field of its name (from 1). */
static void
mark(const struct header_list *in, const struct edit **edits,
    const struct edit *e)
{
	unsigned n = 0;

	for (size_t i = 0; i < in->fields.n; i++)
		if (slice_ieq(in->fields.at[i].name, e->name) &&
		    ++n == e->index)
			edits[i] = e;
}

static int
add_all(struct header_list *out, const struct plan *plan, enum edit_kind kind)
{
	int err = 0;

	for (size_t i = 0; i < plan->edits.n && err == 0; i++)
		if (plan->edits.at[i].kind == kind)
			err = header_list_add(out, plan->edits.at[i].name,
			    plan->edits.at[i].value, NULL);
	return err;
}

int
delivered_headers(struct arena *a, const struct header_list *in,
    const struct plan *plan, struct header_list *out)
{
	const struct edit **edits =
	    arena_zalloc(a, (in->fields.n + 1) * sizeof(*edits));
	int err;

	if (edits == NULL)
		return ERR_NOMEM;
	header_list_init(out, a);
	for (size_t i = 0; i < plan->edits.n; i++)
		if (plan->edits.at[i].kind == EDIT_DELETE_HEADER ||
		    plan->edits.at[i].kind == EDIT_CHANGE_HEADER)
			mark(in, edits, &plan->edits.at[i]);
	err = add_all(out, plan, EDIT_INSERT_HEADER);
	for (size_t i = 0; i < in->fields.n && err == 0; i++) {
		struct slice raw = in->fields.at[i].raw;
		size_t colon = slice_chr(raw, ':');

		if (edits[i] == NULL)
			err = header_list_add(out, slice_sub(raw, 0, colon),
			    slice_from(raw, colon + 1), NULL);
		else if (edits[i]->kind == EDIT_CHANGE_HEADER)
			err = header_list_add(out, edits[i]->name,
			    edits[i]->value, NULL);
	}
	return err != 0 ? err : add_all(out, plan, EDIT_ADD_HEADER);
}
