/* SPDX-License-Identifier: BSD-2-Clause
 *
 * settings: the configuration under which a target plays whole messages.
 */
#ifndef CM_TESTS_FUZZ_SETTINGS_H
#define CM_TESTS_FUZZ_SETTINGS_H

#include "config/snapshot.h"
#include "fuzz/fuzz.h"

/* Loads the text of a configuration file, which must be right, and lets nothing
 * be logged from here on. `a` is for the time of the call. */
struct snapshot *fuzz_settings(struct arena *a, struct slice config);

#endif
