/* SPDX-License-Identifier: BSD-2-Clause
 *
 * steps: which SMTP stages and which edits the loaded configuration can need,
 * so that the daemon negotiates just that.
 */
#ifndef CM_ENGINE_STEPS_H
#define CM_ENGINE_STEPS_H

#include "engine/engine.h"

struct steps {
	/* stages at which a reply of ours is possible */
	bool mail_replies, rcpt_replies;
	/* edits that a plan can hold */
	bool edits_headers, adds_headers, holds, changes_from, changes_rcpts;
	bool needs_body;
};

struct steps engine_steps(const struct engine *e);

#endif
