/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_return: mail that a list manager or a content filter of ours brings back
 * to be sent on. It was judged when it came, and our results of that time are
 * still on it. A footer or a subject tag has broken whatever signature was
 * there, ours of that time too; so it is sealed as it leaves, with those results
 * and with what the chain was worth on arrival (RFC 8617 section 5.1).
 *
 * Whose word is taken is the caller's affair: nobody but ReinjectHosts may
 * bring results under our name.
 */
#ifndef CM_CHECK_ARC_RETURN_H
#define CM_CHECK_ARC_RETURN_H

#include "base/slice.h"

struct evaluation;

/* At the end of the header section, after arc_eoh, if there is a sealer.
 * `results`: the value of the newest Authentication-Results field of ours, or
 * empty. Does nothing where nothing is
 * sealed, nor for mail of users of ours: who authenticates, or hands mail over
 * without SMTP, may write any field. 0 or ERR_*. */
int arc_return_eoh(struct evaluation *ev, struct slice results);

/* At end of message; takes the place of arc_end, and does nothing for other
 * mail. 0 or ERR_*. */
int arc_return_end(struct evaluation *ev);

#endif
