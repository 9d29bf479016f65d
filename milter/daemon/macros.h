/* SPDX-License-Identifier: BSD-2-Clause
 *
 * macros: what the MTA tells beside the commands, by the names that Sendmail
 * and Postfix have for it. Any of them may be absent at any stage; the last
 * value told counts. Called from callbacks.
 */
#ifndef CM_DAEMON_MACROS_H
#define CM_DAEMON_MACROS_H

#include "base/base.h" /* first: it decides what the system declares */

#include <libmilter/mfapi.h>

#include "engine/engine.h"

/* In the negotiation, if the MTA offers it: asks for just the macros that are
 * read below. */
void macros_ask(SMFICTX *ctx);

/* At the stage of the name, before the engine is told the command. */
void macros_connect(SMFICTX *ctx, struct engine_session *s);
void macros_helo(SMFICTX *ctx, struct engine_session *s);
void macros_mail(SMFICTX *ctx, struct engine_session *s);
/* The queue id: Sendmail knows it at MAIL, Postfix from DATA on, and shows it
 * to us at end-of-message. */
void macros_queue_id(SMFICTX *ctx, struct engine_session *s);

#endif
