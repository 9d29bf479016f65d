/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_flow: where a connection is in its packets (a length, a command, data),
 * and what becomes of the chunks of a body. Part of mta_io, under its rules.
 */
#ifndef CM_DAEMON_MTA_FLOW_H
#define CM_DAEMON_MTA_FLOW_H

#include "daemon/mta_io.h"

struct mta_flow {
	char head[5];
	uint8_t head_n;
	uint8_t shown; /* octets of a head that libmilter is yet to read */
	bool owed;     /* libmilter is yet to give the answer that went out */
	bool leaves;   /* the client has left, and its session goes on */
	bool odd;      /* number of texts in the packet so far */
	const char *wrong; /* why libmilter must not see what comes; or NULL */
	size_t left;       /* octets of a packet that libmilter is to read */
	size_t body_left;  /* octets of a chunk that is being taken */
	mta_body_fn taker; /* NULL: libmilter reads the chunks */
	void *ctx;
};

/* Of what has come, what stands in front: a chunk that the taker gets, but for
 * its last octet. Returns how many octets were taken. */
size_t mta_flow_take(struct mta_flow *f, int fd, const char *p, size_t n);

/* Gives libmilter octets of the head of what is left of a chunk, at most n. */
size_t mta_flow_show(struct mta_flow *f, char *to, size_t n);

/* Follows what libmilter reads besides. */
void mta_flow_read(struct mta_flow *f, int fd, const char *p, size_t n);

#endif
