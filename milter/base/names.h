/* SPDX-License-Identifier: BSD-2-Clause
 *
 * names: tables between codes and their names, used both ways, and the
 * nearest valid spelling for an error message. Pure and thread-safe.
 */
#ifndef CM_BASE_NAMES_H
#define CM_BASE_NAMES_H

#include "base/slice.h"

struct name_code {
	const char *name;
	int code;
};

/* The code of a name (ASCII, without case), or `missing`. */
int names_code(const struct name_code *table, size_t n, struct slice name,
    int missing);
/* The first name of a code, or "unknown". */
const char *names_name(const struct name_code *table, size_t n, int code);

/* Number of single-character edits between two names without case
 * (insertion, deletion, substitution, swap of neighbours). Longer than 63
 * bytes counts as far away. */
unsigned names_distance(struct slice a, struct slice b);

/* Collects the nearest of many candidates:
 *     struct names_nearest near = names_nearest_to(word);
 *     names_nearest_try(&near, slice_c("Socket")); ...
 *     near.best.n > 0: worth suggesting (at most a third of its characters
 *     differ, at least one edit is allowed). */
struct names_nearest {
	struct slice word;
	struct slice best; /* borrowed from the candidate */
	unsigned distance;
};
struct names_nearest names_nearest_to(struct slice word);
void names_nearest_try(struct names_nearest *near, struct slice candidate);

#endif
