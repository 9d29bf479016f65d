/* SPDX-License-Identifier: BSD-2-Clause
 *
 * export: see export.c.
 */
#ifndef CM_TESTS_SCENARIO_EXPORT_H
#define CM_TESTS_SCENARIO_EXPORT_H

#include "scenario/scenario.h"

/* Writes one JSON object to standard output; 0 on success. */
int scenario_export(struct arena *a, const struct scenario *s);

#endif
