/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_io: what libmilter reads from an MTA, and writes to it, goes through
 * buffers.
 *
 * For every packet libmilter asks poll() twice and read() twice; a message of
 * twenty header fields is 46 packets, so 130 of its 150 system calls were
 * these, and they were half of a small message's CPU. Before every packet that
 * it writes it asks poll(), too, and each edit is a packet of its own, which
 * wakes the MTA. libmilter has no setting for any of it. Functions named read,
 * poll, writev, accept and close in the executable are what it binds to. For
 * connections accepted from our listening socket
 *   - what has come beyond the bytes asked for is kept for the next read;
 *   - there is always room to write; a write waits instead, if there is none;
 *   - edits of the message go out with the reply that follows them;
 *   - a packet that libmilter cannot take ends the connection instead;
 *   - chunks of a body that is wanted go to us from the buffer they came into,
 *     and "continue" goes out as soon as one begins: the MTA sends the next one
 *     meanwhile. libmilter gets the last octet of each.
 * A connection for which there is no descriptor or memory to serve it with is
 * closed at once, so that the MTA defers its mail now; libmilter would spin or
 * sleep. For every other descriptor, and every other caller, they are the C
 * library's.
 *
 * One connection is used by one thread at a time (libmilter's rule); the
 * pool's controller asks about many, none of which a worker has.
 */
#ifndef CM_DAEMON_MTA_IO_H
#define CM_DAEMON_MTA_IO_H

#include "base/slice.h"

/* From now on connections accepted from this socket go through buffers;
 * -1: none any more. Those accepted before stay as they are. */
void mta_io_listen(int fd);

/* Takes a piece of a chunk; false: it wants no more. */
typedef bool (*mta_body_fn)(void *ctx, struct slice piece);

/* In a callback, of the connection that it is about: the chunks to come go to
 * the taker and are answered by "continue"; NULL: to libmilter, unanswered. The
 * taker is called, and ctx used, by the thread that has the connection. */
void mta_io_take_bodies(mta_body_fn taker, void *ctx);
/* In the callback of a chunk: true if it was answered, so that "continue" is
 * what the callback says. */
bool mta_io_answered(void);

/* That connection, for the callbacks that come without a packet: abort and
 * close, in whatever thread. */
int mta_io_connection(void);
/* No body of its is taken until it is asked for again. */
void mta_io_message_ends(int fd);
/* The same, and another client may follow. Where an MTA has said that one does
 * and this did not come, the connection is closed. */
void mta_io_session_ends(int fd);

#endif
