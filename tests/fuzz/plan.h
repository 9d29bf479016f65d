/* SPDX-License-Identifier: BSD-2-Clause
 *
 * plan: what every plan must be, whatever it was made of: something that both
 * MTAs can carry out.
 */
#ifndef CM_TESTS_FUZZ_PLAN_H
#define CM_TESTS_FUZZ_PLAN_H

#include "fuzz/fuzz.h"
#include "policy/plan.h"

/* A reply belongs to its action and is text in lines that fit; a field that is
 * added is one field. */
void plan_demand(const struct plan *plan);

#endif
