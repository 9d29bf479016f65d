/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_flow: see mta_flow.h. Empty chunks are none to libmilter, so the last
 * octet of each stays behind, under a head of its own. A chunk whose head has
 * come in pieces, or that is longer than any MTA makes it, goes the long way.
 */
#include "daemon/mta_flow.h"

#include <sys/socket.h>

#include "base/limits.h"

#define HEAD ((size_t)5)
#define CHUNK_MAX ((size_t)1 << 20)

static size_t
data_length(const char *head)
{
	const unsigned char *len = (const void *)head;
	size_t n = (size_t)len[0] << 24 | (size_t)len[1] << 16 |
	    (size_t)len[2] << 8 | len[3];

	return n > 0 ? n - 1 : 0;
}

/* A chunk begins to come. Without room nothing is sent: then libmilter
 * answers it when it has been read. */
static void
answer(struct mta_flow *f, int fd)
{
	static const char proceed[] = { 0, 0, 0, 1, 'c' };

	f->owed = send(fd, proceed, sizeof(proceed),
		      MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(proceed);
}

/* Begins a chunk if one stands there. */
static bool
begin(struct mta_flow *f, int fd, const char *p, size_t n)
{
	size_t data;

	if (f->taker == NULL || f->leaves || f->left > 0 || f->head_n > 0 ||
	    n < HEAD || p[4] != 'B')
		return false;
	data = data_length(p);
	if (data < 2 || data > CHUNK_MAX)
		return false;
	f->body_left = data - 1;
	answer(f, fd);
	return true;
}

static void
give(struct mta_flow *f, const char *p, size_t n)
{
	if (f->taker != NULL && !f->taker(f->ctx, slice_of(p, n)))
		f->taker = NULL;
	f->body_left -= n;
	if (f->body_left == 0) {
		f->shown = HEAD;
		f->left = 1;
	}
}

size_t
mta_flow_take(struct mta_flow *f, int fd, const char *p, size_t n)
{
	size_t at = 0;

	while (at < n && f->shown == 0) {
		size_t piece = n - at < f->body_left ? n - at : f->body_left;

		if (piece > 0) {
			give(f, p + at, piece);
			at += piece;
		} else if (begin(f, fd, p + at, n - at)) {
			at += HEAD;
		} else {
			break;
		}
	}
	return at;
}

size_t
mta_flow_show(struct mta_flow *f, char *to, size_t n)
{
	static const char chunk[] = { 0, 0, 0, 2, 'B' };

	if (n > f->shown)
		n = f->shown;
	memcpy(to, chunk + sizeof(chunk) - f->shown, n);
	f->shown = (uint8_t)(f->shown - n);
	return n;
}

/* "Another client follows on this connection." libmilter ignores it after a
 * refusal or HELO, and then ignores the next client, too, whose mail would be
 * judged as that of the one before. */
static void
note_client(struct mta_flow *f)
{
	if (f->leaves)
		f->wrong = "another client comes, where libmilter holds on to "
			   "the one before";
	f->leaves = f->leaves || f->head[4] == 'K';
}

/* Macros are names and values in turn. With a name alone at the end libmilter
 * reads on behind its list when it looks for another. */
static void
note_data(struct mta_flow *f, struct slice part)
{
	if (f->head[4] != 'D')
		return;
	for (size_t i = 0; i < part.n; i++)
		f->odd ^= part.p[i] == '\0';
	if (f->left == 0 && f->odd)
		f->wrong = "a macro without a value";
}

void
mta_flow_read(struct mta_flow *f, int fd, const char *p, size_t n)
{
	while (n > 0) {
		size_t here = n < f->left ? n : f->left;

		if (f->left > 0) {
			f->left -= here;
			note_data(f, slice_of(p, here));
			p += here;
			n -= here;
			continue;
		}
		f->head[f->head_n++] = *p++;
		n--;
		if (f->head_n < sizeof(f->head))
			continue;
		f->head_n = 0;
		f->odd = false;
		f->owed = false; /* not given: libmilter ignored that packet */
		f->left = data_length(f->head);
		if (f->left > MOST_PACKET) /* libmilter ends without a word */
			limits_tell(LIMIT_PACKET,
			    "an MTA sends a packet of %zu octets, its session "
			    "ends",
			    f->left);
		note_client(f);
		if (f->taker != NULL && f->head[4] == 'B')
			answer(f, fd);
	}
}
