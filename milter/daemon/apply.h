/* SPDX-License-Identifier: BSD-2-Clause
 *
 * apply: a plan becomes calls of libmilter. The only file that edits a
 * message or sets a reply. Called from callbacks, one thread per session.
 */
#ifndef CM_DAEMON_APPLY_H
#define CM_DAEMON_APPLY_H

#include "base/base.h" /* first: it decides what the system declares */

#include <libmilter/mfapi.h>

#include "daemon/negotiate.h"
#include "policy/plan.h"

/* MAIL and RCPT: sets the reply, if the plan refuses, and returns what the
 * callback returns. Anything that does not refuse or discard is "continue":
 * an accept of a rule still gets its header fields at end-of-message. */
sfsistat apply_early(SMFICTX *ctx, const struct plan *plan);

/* End of message: the edits of a plan that lets the message pass, in one
 * order: deletions from the highest index down (Postfix renumbers after each,
 * Sendmail does not), envelope, fields added at the end, fields inserted (the
 * last first, so that fields for one index stand as the plan lists them, top down),
 * hold; or the reply. When an edit fails the message is tempfailed: it must
 * not pass half done. Where the MTA does not let us add fields, labels are
 * left out. `id` names the message in the log. */
sfsistat apply_end(SMFICTX *ctx, const struct negotiated *n,
    const struct plan *plan, const char *id);

#endif
