/* SPDX-License-Identifier: BSD-2-Clause
 *
 * background: leaving the terminal, and the pid file. The process that was
 * started waits until the daemon serves and ends with its exit code, so that
 * whatever goes wrong on the way is seen where it was started. Main thread,
 * before other threads.
 */
#ifndef CM_DAEMON_BACKGROUND_H
#define CM_DAEMON_BACKGROUND_H

#include "base/slice.h"

#define BACKGROUND_WHY 512

/* Forks. Returns only in the daemon: 0, or ERR_IO when that failed. */
int background_begin(void) A_MUST_USE;
/* The daemon serves: lets go of the terminal and of the waiting process.
 * Harmless without background_begin(). */
void background_ready(void);

/* Writes our process id; refuses a file that is not a plain one of ours or
 * root's. 0 or ERR_IO. */
int pidfile_write(const char *path, char why[BACKGROUND_WHY]) A_MUST_USE;
/* Removes it, if we still may. */
void pidfile_remove(const char *path);

#endif
