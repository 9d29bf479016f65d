/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stage: what playing a scenario in-process needs: its configuration, written
 * to a directory of its own, and the feeding of an engine. A machine that
 * cannot write a temporary file ends the test program.
 */
#ifndef CM_TESTS_SCENARIO_STAGE_H
#define CM_TESTS_SCENARIO_STAGE_H

#include "config/snapshot.h"
#include "scenario/scenario.h"

struct scn_stage {
	char dir[64];
	struct config_source source;
};

/* Writes the files. The path in `source` is in the arena. */
void stage_set(struct scn_stage *st, struct arena *a, const struct scenario *s);
/* Removes them. */
void stage_strike(const struct scn_stage *st);
/* Loads what was written; NULL after telling why in the test's output. */
struct snapshot *stage_load(const struct scn_stage *st, struct arena *a,
    const struct snapshot *before) A_MUST_USE;

/* A macro by the MTA's name; false: the scenario misspells it. */
bool stage_macro(struct engine_session *s, struct slice name,
    struct slice value) A_MUST_USE;
/* A message as it would come from the MTA. */
struct scn_message {
	struct slice_vec names, values; /* folds as LF + WSP */
	struct slice body;
};
void stage_cut(struct arena *a, struct slice text, struct scn_message *out);
void stage_feed(struct engine_session *s, const struct scn_message *m);

#endif
