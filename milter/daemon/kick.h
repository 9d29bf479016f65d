/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kick: makes libmilter's pool of workers grow while callbacks wait.
 *
 * The controller of that pool hands a ready session to an idle worker without
 * taking the worker off its count of idle ones: the worker does that itself
 * when it wakes. Two sessions may so be given to one worker, and the second
 * waits until *any* callback of *any* session returns, seconds later when that
 * one waits for DNS. Every new connection makes the controller look again, find no
 * idle worker, and start one. So, when a callback begins to wait, a helper
 * thread opens a connection to our own socket and closes it, a few times a
 * millisecond apart, and goes on every 8 ms as a net while any callback waits:
 * 16 sessions that wait a second each then take 1.0 s instead of 2 to 8. A
 * session that was set free and begins to wait itself brings new kicks. (One
 * kick every millisecond for as long as anything waits frees no more, and costs
 * 7 % of a core.) Asleep otherwise, under the name "kick". Counted as
 * `pool_kicks_total`.
 */
#ifndef CM_DAEMON_KICK_H
#define CM_DAEMON_KICK_H

#include "daemon/listen.h"

/* Starts the helper; once, after privileges were dropped. 0 or ERR_IO. */
int kick_start(const struct listener *l) A_MUST_USE;
/* A callback begins / ends to wait. From any thread; harmless before start. */
void kick_begin(void);
void kick_end(void);
/* No more connections (the socket is going away). */
void kick_stop(void);

#endif
