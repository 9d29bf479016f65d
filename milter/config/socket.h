/* SPDX-License-Identifier: BSD-2-Clause
 *
 * socket: the text form of the place where the MTA connects, as libmilter
 * knows it: "unix:/path", "local:/path", "/path", "inet:port@host",
 * "inet6:port@host", "port@host", "inet:port", and "fd:number".
 */
#ifndef CM_CONFIG_SOCKET_H
#define CM_CONFIG_SOCKET_H

#include "base/arena.h"

enum socket_kind { SOCKET_UNIX, SOCKET_INET, SOCKET_INET6, SOCKET_FD };

struct socket_spec {
	enum socket_kind kind;
	const char *path; /* SOCKET_UNIX, in the arena */
	/* INET, INET6: name or address; NULL: every address */
	const char *host;
	uint16_t port;
	int fd;
};

/* 0; ERR_SYNTAX: *why says what is wrong; ERR_NOMEM. */
int socket_spec_parse(struct arena *a, struct slice text,
    struct socket_spec *out, const char **why) A_MUST_USE;

#endif
