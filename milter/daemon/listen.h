/* SPDX-License-Identifier: BSD-2-Clause
 *
 * listen: the socket the MTA connects to. We make it ourselves instead of
 * leaving that to libmilter, so that its mode and group are right before
 * anyone can connect, so that a stale one is removed only if it is stale, and
 * so that it can be closed for new sessions while the open ones end (libmilter
 * has no such thing). Main thread only.
 */
#ifndef CM_DAEMON_LISTEN_H
#define CM_DAEMON_LISTEN_H

#include "base/slice.h" /* first: it decides what the system declares */

#include <sys/socket.h>
#include <sys/types.h>

#include "config/socket.h"

#define LISTEN_WHY 512
#define LISTEN_KEEP ((unsigned)-1) /* no owner / group asked for */

struct listen_options {
	const struct socket_spec *socket;
	unsigned mode;  /* of a unix socket */
	unsigned owner; /* uid the daemon will run as, or LISTEN_KEEP */
	unsigned group; /* gid, or LISTEN_KEEP */
};

struct listener {
	int fd;
	bool inherited;
	char path[108]; /* of a unix socket of ours, else "" */
	dev_t dev;      /* of that path, so that only our own is unlinked */
	ino_t ino;
	struct sockaddr_storage address; /* where a client connects */
	socklen_t address_len;
};

/* Makes, binds and listens. 0, ERR_IO, ERR_UNSAFE (something that
 * is not a stale socket stands there); `why` tells what an operator should
 * know. A stale unix socket is removed: only if it is a socket and nobody
 * answers on it. */
int listen_open(const struct listen_options *o, struct listener *l,
    char why[LISTEN_WHY]) A_MUST_USE;

/* No new sessions from now on: the path goes away, what already waits in the
 * queue is left a moment to be taken, then a descriptor that is never ready
 * takes the place of l->fd, on which libmilter goes on polling. An inherited
 * socket stays open with whoever gave it to us: its queue is our successor's. */
void listen_drain(struct listener *l);

/* Closes, and unlinks our path if it still is ours. */
void listen_close(struct listener *l);

#endif
