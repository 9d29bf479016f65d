/* SPDX-License-Identifier: BSD-2-Clause
 *
 * plan: see plan.h.
 */
#include "fuzz/plan.h"

#define LINE_MAX_OCTETS 480

static void
demand_reply(const struct plan *plan)
{
	const struct reply *r = &plan->reply;
	char class = plan->action == ACTION_REJECT ? '5' : '4';

	FUZZ_DEMAND(
	    plan->action == ACTION_REJECT || plan->action == ACTION_TEMPFAIL);
	FUZZ_DEMAND(r->code[0] == class && r->enhanced[0] == class);
	FUZZ_DEMAND(r->lines.n > 0 && r->lines.n <= REPLY_MAX_LINES);
	for (size_t i = 0; i < r->lines.n; i++) {
		struct slice line = r->lines.at[i];

		FUZZ_DEMAND(line.n > 0 && line.n <= LINE_MAX_OCTETS);
		for (size_t k = 0; k < line.n; k++)
			FUZZ_DEMAND(line.p[k] >= 0x20 && line.p[k] < 0x7f);
	}
}

static void
demand_field(struct slice v)
{
	for (size_t i = 0; i < v.n; i++) {
		FUZZ_DEMAND(v.p[i] != '\r' && v.p[i] != '\0');
		FUZZ_DEMAND(v.p[i] != '\n' ||
		    (i + 1 < v.n && (v.p[i + 1] == '\t' || v.p[i + 1] == ' ')));
	}
	FUZZ_DEMAND(slice_starts(v, SL(" ")));
}

void
plan_demand(const struct plan *plan)
{
	FUZZ_DEMAND(plan != NULL);
	if (plan->reply.set)
		demand_reply(plan);
	for (size_t i = 0; i < plan->edits.n; i++) {
		const struct edit *e = &plan->edits.at[i];

		if (e->kind == EDIT_INSERT_HEADER || e->kind == EDIT_ADD_HEADER)
			demand_field(e->value);
	}
}
