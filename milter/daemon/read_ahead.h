/* SPDX-License-Identifier: BSD-2-Clause
 *
 * read_ahead: what libmilter reads from an MTA comes through a buffer.
 *
 * For every packet libmilter asks poll() twice and read() twice; a message of
 * twenty header fields is 46 packets, so 130 of its 150 system calls were
 * these, and they were half of a small message's CPU. libmilter has no
 * setting for it. Functions named read, poll, accept and close in the
 * executable are what it binds to: for connections accepted from our
 * listening socket they keep what has come beyond the bytes asked for; for
 * every other descriptor, and every other caller, they are the C library's.
 *
 * One connection is used by one thread at a time (libmilter's rule); the
 * pool's controller asks about many, none of which a worker has.
 */
#ifndef CM_DAEMON_READ_AHEAD_H
#define CM_DAEMON_READ_AHEAD_H

/* From now on connections accepted from this socket are read ahead; -1: none
 * any more. Connections accepted before stay as they are. */
void read_ahead_listen(int fd);

#endif
