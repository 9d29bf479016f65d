/* SPDX-License-Identifier: BSD-2-Clause
 *
 * corpus: which scenarios a test program plays: the files named on its command
 * line, or all of tests/scenario.
 */
#ifndef CM_TESTS_SCENARIO_CORPUS_H
#define CM_TESTS_SCENARIO_CORPUS_H

#include "scenario/scenario.h"

/* Calls `play` once for each file, in the order of their names. A corpus
 * without a scenario is a failed test. */
void corpus_each(int argc, char **argv, void (*play)(const char *path));

/* Reads one. False if it is not to be played: it is not meant for this way of
 * running (`how`, see scenario_is_for), or it cannot be read, which is a failed
 * test with the file's mistakes as notes. */
bool corpus_open(struct arena *a, const char *path, const char *how,
    struct scenario *out) A_MUST_USE;

/* The last part of the path. */
const char *corpus_name(const char *path) A_PURE;

#endif
