/* SPDX-License-Identifier: BSD-2-Clause
 *
 * publish: KeyRequirePublished. Our keys are looked up in the DNS by whoever
 * loads a configuration and by a thread of their own, never by a session: every
 * minute as long as one is missing, every hour then.
 */
#ifndef CM_DAEMON_PUBLISH_H
#define CM_DAEMON_PUBLISH_H

#include "config/snapshot.h"

/* Looks for the keys of a snapshot that is about to serve, if it asks for
 * that. Keys that `before` (may be NULL) found stay found though the DNS should
 * fail now. May take seconds. */
void publish_look(const struct snapshot *s, const struct snapshot *before);
/* Starts the thread; once. 0 or ERR_IO. */
int publish_start(void) A_MUST_USE;
/* Ends it, waiting for a look that is under way. Harmless before start. */
void publish_stop(void);

#endif
