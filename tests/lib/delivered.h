/* SPDX-License-Identifier: BSD-2-Clause
 *
 * delivered: the header section after the edits of a plan, as an MTA would
 * deliver it. It shares nothing with the code that signs. One thread.
 */
#ifndef CM_TESTS_LIB_DELIVERED_H
#define CM_TESTS_LIB_DELIVERED_H

#include "mail/header.h"
#include "policy/plan.h"

/* 0 or ERR_NOMEM. */
int delivered_headers(struct arena *a, const struct header_list *in,
    const struct plan *plan, struct header_list *out) A_MUST_USE;

#endif
