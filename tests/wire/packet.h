/* SPDX-License-Identifier: BSD-2-Clause
 *
 * packet: the milter protocol on a stream: a length of four bytes (network
 * order, counting what follows), a command byte, data. Own reader and writer,
 * from the protocol alone: nothing of libmilter. One thread per stream.
 */
#ifndef CM_TESTS_WIRE_PACKET_H
#define CM_TESTS_WIRE_PACKET_H

#include "base/arena.h"

/* Longest packet that is read; a filter has no reason to send more. */
#define PACKET_MAX ((size_t)4 << 20)
/* A peer that is silent for so long is taken as lost. */
#define PACKET_PATIENCE_MS 60000

struct packet {
	char command;
	struct slice data;
};

/* false: the peer is gone. */
bool packet_write(int fd, char command, struct slice data);
/* Any bytes, for streams that are wrong on purpose. */
bool packet_write_raw(int fd, struct slice bytes);
/* false: end of stream, error, a length of 0 or over PACKET_MAX, or no byte
 * for PACKET_PATIENCE_MS. The data is in the arena, a NUL follows it. */
bool packet_read(int fd, struct arena *a, struct packet *out) A_MUST_USE;

/* Numbers of four bytes as they are on the wire. */
void packet_put32(char out[4], uint32_t v);
uint32_t packet_get32(struct slice s);

/* Takes a NUL-terminated text off the front of *rest; false if none is
 * complete. */
bool packet_text(struct slice *rest, struct slice *out);

#endif
