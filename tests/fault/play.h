/* SPDX-License-Identifier: BSD-2-Clause
 *
 * play: plays a scenario as an MTA would, believing the answers it gets: a
 * refused sender sends no message, a refused recipient is left out. What
 * becomes of each message is kept as text, with ids and times made equal, so
 * that a run with a fault in it can be compared with one without.
 */
#ifndef CM_TESTS_FAULT_PLAY_H
#define CM_TESTS_FAULT_PLAY_H

#include "scenario/stage.h"

struct outcome {
	enum action action; /* CONTINUE: there was no message */
	struct slice text;  /* of the plan, ids and times masked */
};
VEC_DEFINE(outcome_vec, struct outcome);

/* Switches faults on while our engine is called, off for the player's own
 * needs. */
typedef void (*play_switch)(bool on);

/* One outcome for each MAIL of the scenario. A session that cannot be made is
 * answered as the daemon does: temporary failure. */
void play_scenario(struct arena *a, const struct scenario *s,
    const struct engine *e, play_switch faults, struct outcome_vec *out);

/* Whether `got` may stand in for `want`: the same, or a temporary failure. */
bool outcome_excusable(const struct outcome *got, const struct outcome *want);

#endif
