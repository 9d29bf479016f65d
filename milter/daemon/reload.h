/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reload: the configuration in use, its replacement by SIGHUP or SIGUSR1, and
 * the end by SIGTERM or SIGINT. The main thread sits in reload_loop(); these
 * four signals are blocked in every thread (reload_block) and taken from the
 * queue there, so that no handler ever runs.
 */
#ifndef CM_DAEMON_RELOAD_H
#define CM_DAEMON_RELOAD_H

#include "config/snapshot.h"
#include "daemon/listen.h"

/* Before the first thread. */
void reload_block(void);

/* Takes over the caller's reference; the snapshot before is let go. */
void reload_install(struct snapshot *s);
/* A reference to the configuration in use, for snapshot_put. Any thread. */
struct snapshot *reload_current(void);

/* Log settings of a configuration take effect. */
void reload_log(const struct snapshot *s);
/* Writes every problem as a log line. */
void reload_tell(const struct problems *p);

/* Tells the main thread that libmilter gave up. Any thread. */
void reload_serving_ended(void);

/* Until SIGTERM or SIGINT, then drains: no new sessions, the open ones have
 * DrainTime (a second signal ends that). Returns the exit code; *clean is
 * false if sessions were cut off, so threads may still be in our code. */
int reload_loop(const struct config_source *src, struct listener *l,
    bool *clean);

#endif
