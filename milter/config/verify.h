/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verify: what must hold between options, and the few fields that are made
 * from several of them. For parse.c, after every option has its value.
 */
#ifndef CM_CONFIG_VERIFY_H
#define CM_CONFIG_VERIFY_H

#include "config/options.h"

/* Problems go to p. 0 or ERR_NOMEM. */
int config_verify(struct arena *a, struct config *c,
    struct problems *p) A_MUST_USE;

#endif
