/* SPDX-License-Identifier: BSD-2-Clause
 *
 * world: what a soak plays, and in which surroundings: the sessions of many
 * scenario files in one configuration and one zone, keys of ours that take
 * turns, and hostile texts. Made once, then only read, by any thread.
 */
#ifndef CM_TESTS_SOAK_WORLD_H
#define CM_TESTS_SOAK_WORLD_H

#include "scenario/scenario.h"

#define WORLD_TURNS 4 /* keys for d=ours.example, turn0 ... */

/* One session: the events from a `connect` to the next. */
struct script {
	const char *file; /* without the directory */
	const struct scn_event *events;
	size_t n;
};
VEC_DEFINE(script_vec, struct script);

/* A seed of the fuzz targets: as a field of that name, or, with name.n == 0,
 * as the recipient's path. */
struct hostile {
	struct slice name, text;
};
VEC_DEFINE(hostile_vec, struct hostile);

struct world {
	struct arena *a;
	struct buf config; /* all but what differs from turn to turn */
	struct buf zone;
	struct slice turns[WORLD_TURNS];
	struct script_vec scripts;
	struct hostile_vec hostile;
};

/* False after telling why in the test's output. Memory is a's. */
bool world_make(struct world *w, struct arena *a);

#endif
