/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_judge: DMARC for one author domain: its policy and whether anything
 * that passed is aligned with it (RFC 9989 section 4.4, 4.10.1, 5.3). Reads
 * the results of SPF and DKIM in the evaluation. One thread.
 */
#ifndef CM_CHECK_DMARC_JUDGE_H
#define CM_CHECK_DMARC_JUDGE_H

#include "check/check.h"
#include "check/dmarc_walk.h"

/* `author`: A-labels, lower case. 0, ERR_TIMEOUT (soft deadline), ERR_NOMEM. */
int dmarc_judge(struct evaluation *ev, struct dmarc_finder *f,
    struct slice author, struct dmarc_result *out) A_MUST_USE;

#endif
