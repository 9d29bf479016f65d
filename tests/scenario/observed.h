/* SPDX-License-Identifier: BSD-2-Clause
 *
 * observed: what came of one command of a scenario, in whichever way it was
 * run, and the comparison with an expectation. Every run fills what it can
 * see; an expectation about something that a run cannot see is skipped.
 */
#ifndef CM_TESTS_SCENARIO_OBSERVED_H
#define CM_TESTS_SCENARIO_OBSERVED_H

#include "check/check.h"
#include "policy/plan.h"
#include "scenario/scenario.h"

struct observed {
	struct slice code;     /* "250" when nothing was refused */
	struct slice enhanced; /* "" if none */
	struct slice text;     /* reply lines joined by LF, without codes */
	bool sees_decision;    /* rule, action, tests are filled */
	struct slice rule, action;
	struct slice_vec tests;
	const struct findings *findings; /* NULL: cannot be seen */
	/* NULL: nothing was delivered or seen */
	const struct header_list *delivered;
};

enum observed_result { OBSERVED_YES, OBSERVED_NO, OBSERVED_UNSEEN };

/* `why` gets what was found instead. */
enum observed_result observed_meets(const struct observed *o,
    const struct scn_event *expect, struct arena *a, struct slice *why);

#endif
