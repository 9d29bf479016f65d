/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scenario_sign: puts a genuine DKIM signature on a scenario's message and
 * its key into the scenario's zone.
 */
#ifndef CM_TESTS_SCENARIO_SCENARIO_SIGN_H
#define CM_TESTS_SCENARIO_SCENARIO_SIGN_H

#include "scenario/scenario.h"

/* *message is replaced by the signed one (in the arena). 0 on success. */
int scenario_sign(struct arena *a, struct scenario *s,
    const struct scn_sign *how, struct slice *message) A_MUST_USE;

/* A private key for our own seals: its file, which goes with the arena, is put
 * into the configuration, its record into the zone. */
void scenario_seal_key(struct arena *a, struct scenario *s,
    const struct scn_sign *how);

/* The same for a key that we sign with. */
void scenario_dkim_key(struct arena *a, struct scenario *s,
    const struct scn_sign *how);

#endif
