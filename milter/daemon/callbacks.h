/* SPDX-License-Identifier: BSD-2-Clause
 *
 * callbacks: what libmilter calls. They translate and decide nothing.
 */
#ifndef CM_DAEMON_CALLBACKS_H
#define CM_DAEMON_CALLBACKS_H

#include "base/base.h"

/* Tells libmilter who we are and that it shall serve the listening
 * descriptor. Once, before callbacks_run. 0 or ERR_LIBRARY. */
int callbacks_register(int listen_fd) A_MUST_USE;
/* Serves; returns when libmilter gave up (it is never told to stop). */
void callbacks_run(void);
/* Waits until libmilter, in another thread, has set itself up or given up,
 * 10 seconds at most. Before that the process must not end: a handler that
 * libmilter left with atexit() takes away what it is just making. */
void callbacks_await(void);
/* libmilter waits for signals: the last thing it does before it serves. Told
 * by the stand-in of sigwait(). */
void callbacks_started(void);

#endif
