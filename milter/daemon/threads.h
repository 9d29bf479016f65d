/* SPDX-License-Identifier: BSD-2-Clause
 *
 * threads: libmilter's workers, kept for the next time, and what becomes of a
 * session for which none can be made.
 *
 * libmilter's pool starts a worker whenever none is idle and ends one whenever
 * two are, so under even load it makes and unmakes a thread for every third
 * message, which is a tenth of a message's CPU. A function named
 * pthread_create in the executable is what it binds to. A worker that returns
 * stays for a while, and is what libmilter gets when it asks for a thread
 * again. Threads of anybody else are made as ever.
 *
 * Some workers are made before mail is accepted and stay. When neither one of
 * them is free nor another can be made, libmilter would leave the session that
 * asked lying for ever; here it waits for the next worker that is done. Told by
 * shortage_tell.
 */
#ifndef CM_DAEMON_THREADS_H
#define CM_DAEMON_THREADS_H

#include "base/base.h"

/* Small stacks for all threads from now on, so that the C library keeps the
 * stacks of those that ended, and workers to be kept. Once, before any thread. */
void threads_prepare(void);
/* Makes the workers that stay. Once, as the user who serves. 0, or ERR_IO when
 * there is room for some of them only, or for none. */
int threads_reserve(void) A_MUST_USE;

#endif
