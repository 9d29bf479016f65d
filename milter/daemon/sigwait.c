/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sigwait: a stand-in for the C library's, for libmilter alone.
 *
 * smfi_main() starts a thread that waits by sigwait() for SIGHUP, SIGTERM and
 * SIGINT, and takes each for "stop". A second thread that waits for the same
 * signals, ours, gets only those that thread did not get first. A function of
 * this name in the executable is what libmilter binds to: it waits as asked,
 * but never for the three that are ours (reload.c waits for them by sigwaitinfo).
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <signal.h>

#include "daemon/callbacks.h"

__attribute__((visibility("default"))) int
sigwait(const sigset_t *restrict set, int *restrict sig)
{
	sigset_t rest = *set;
	int got;

	callbacks_started();
	(void)sigdelset(&rest, SIGHUP);
	(void)sigdelset(&rest, SIGTERM);
	(void)sigdelset(&rest, SIGINT);
	do
		got = sigwaitinfo(&rest, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno;
	*sig = got;
	return 0;
}
