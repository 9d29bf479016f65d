/* SPDX-License-Identifier: BSD-2-Clause
 *
 * threads: libmilter's workers, kept for the next time.
 *
 * libmilter's pool starts a worker whenever none is idle and ends one whenever
 * two are, so under even load it makes and unmakes a thread for every third
 * message, which is a tenth of a message's CPU. A function named
 * pthread_create in the executable is what it binds to. A worker that returns
 * stays for a while, and is what libmilter gets when it asks for a thread
 * again. Threads of anybody else are made as ever.
 */
#ifndef CM_DAEMON_THREADS_H
#define CM_DAEMON_THREADS_H

#include "base/base.h"

/* Small stacks for all threads from now on, so that the C library keeps the
 * stacks of those that ended, and workers to be kept. Once, before any thread. */
void threads_prepare(void);

#endif
