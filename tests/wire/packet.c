/* SPDX-License-Identifier: BSD-2-Clause
 *
 * packet: see packet.h.
 */
#include "wire/packet.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

void
packet_put32(char out[4], uint32_t v)
{
	out[0] = (char)(unsigned char)(v >> 24);
	out[1] = (char)(unsigned char)(v >> 16);
	out[2] = (char)(unsigned char)(v >> 8);
	out[3] = (char)(unsigned char)v;
}

uint32_t
packet_get32(struct slice s)
{
	uint32_t v = 0;

	if (s.n < 4)
		return 0;
	for (size_t i = 0; i < 4; i++)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

bool
packet_write_raw(int fd, struct slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = slice_from(bytes, (size_t)n);
	}
	return true;
}

bool
packet_write(int fd, char command, struct slice data)
{
	char head[5];

	packet_put32(head, (uint32_t)data.n + 1);
	head[4] = command;
	return packet_write_raw(fd, slice_of(head, sizeof(head))) &&
	    packet_write_raw(fd, data);
}

static bool
read_all(int fd, char *p, size_t n)
{
	while (n > 0) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		int ready = poll(&pfd, 1, PACKET_PATIENCE_MS);
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return false;
		got = read(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

bool
packet_read(int fd, struct arena *a, struct packet *out)
{
	char head[5];
	char *data;
	size_t n;

	if (!read_all(fd, head, sizeof(head)))
		return false;
	n = packet_get32(slice_of(head, 4));
	if (n == 0 || n > PACKET_MAX)
		return false;
	data = arena_alloc(a, n);
	if (data == NULL || !read_all(fd, data, n - 1))
		return false;
	data[n - 1] = '\0';
	out->command = head[4];
	out->data = slice_of(data, n - 1);
	return true;
}

bool
packet_text(struct slice *rest, struct slice *out)
{
	size_t n = slice_chr(*rest, '\0');

	if (n == SLICE_NONE)
		return false;
	*out = slice_sub(*rest, 0, n);
	*rest = slice_from(*rest, n + 1);
	return true;
}
