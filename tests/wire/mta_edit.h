/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_edit: what the fake MTA does with the edits of a filter; private to mta.c.
 */
#ifndef CM_TESTS_WIRE_MTA_EDIT_H
#define CM_TESTS_WIRE_MTA_EDIT_H

#include "wire/mta.h"

/* Carries out one packet of end-of-message. false: no such edit, malformed,
 * or not negotiated; m->error says which. */
bool mta_edit_apply(struct mta *m, const struct packet *p);

#endif
