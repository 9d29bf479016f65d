/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_vouch: what the results that trusted sealers recorded say for the author
 * of a message (RFC 8617 section 7.2.1). One message, one thread.
 */
#ifndef CM_CHECK_ARC_VOUCH_H
#define CM_CHECK_ARC_VOUCH_H

#include "check/arc_chain.h"

/* Of a chain that passes: whether one of the trusted sealers at its end, that
 * no other stands behind, saw an aligned pass of the domain of the only
 * author. 0 or ERR_NOMEM. */
int arc_vouch(struct evaluation *ev, const struct arc_chain *c,
    bool *saw_pass) A_MUST_USE;

/* The results of one field, behind "i=N;". Read item by item, so that one
 * that breaks the grammar does not hide the others; words such as "action=none"
 * that belong to no property are passed over. 0; ERR_LIMIT: more than
 * MOST_ARC_RESULTS or 64 KB, or so broken that it takes too long: *out is what
 * comes before; ERR_NOMEM. */
struct authres;
int arc_results_read(struct arena *a, struct slice text,
    struct authres *out) A_MUST_USE;

#endif
