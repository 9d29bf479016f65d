/* SPDX-License-Identifier: BSD-2-Clause
 *
 * read_ahead: see read_ahead.h. A session that waits for the MTA holds no
 * buffer: it is taken when something has come and given back when all is
 * read.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include "daemon/read_ahead.h"

#include <dlfcn.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define AHEAD ((size_t)8192)
/* Descriptors from here on are simply not read ahead. */
#define MAX_FD 16384

struct ahead {
	size_t at, n;
	char data[AHEAD];
};

/* Of one descriptor: no session, a session with nothing read ahead, or its
 * buffer. Written by the thread that has the session. */
static _Atomic(struct ahead *) buffers[MAX_FD];
static struct ahead nothing;
static atomic_int listener = -1;

typedef ssize_t (*read_fn)(int, void *, size_t);
typedef int (*poll_fn)(struct pollfd *, nfds_t, int);
typedef int (*accept_fn)(int, struct sockaddr *, socklen_t *);
typedef int (*close_fn)(int);

union symbol {
	void *object;
	read_fn read;
	poll_fn poll;
	accept_fn accept;
	close_fn close;
};

/* Named in C otherwise than for the linker: the system's declarations of these
 * four differ in attributes that do not suit a definition. */
#define STANDS_FOR(name) __asm__(name) __attribute__((visibility("default")))
ssize_t read_stand_in(int fd, void *to, size_t n) STANDS_FOR("read");
int poll_stand_in(struct pollfd *fds, nfds_t n, int timeout) STANDS_FOR("poll");
int accept_stand_in(int fd, struct sockaddr *address, socklen_t *len)
    STANDS_FOR("accept");
int close_stand_in(int fd) STANDS_FOR("close");

enum { REAL_READ, REAL_POLL, REAL_ACCEPT, REAL_CLOSE };

/* The next one of that name behind ours: the C library's, or a sanitizer's. */
static union symbol
real(unsigned which)
{
	static const char *const names[] = { "read", "poll", "accept",
		"close" };
	static _Atomic(void *) found[ARRAY_LEN(names)];
	union symbol s = { .object = atomic_load_explicit(&found[which],
			       memory_order_relaxed) };

	if (s.object == NULL) {
		s.object = dlsym(RTLD_NEXT, names[which]);
		if (s.object == NULL)
			abort(); /* no C library: nothing can go on */
		atomic_store_explicit(&found[which], s.object,
		    memory_order_relaxed);
	}
	return s;
}

void
read_ahead_listen(int fd)
{
	atomic_store(&listener, fd);
}

static struct ahead *
buffer_of(int fd)
{
	if (fd < 0 || fd >= MAX_FD)
		return NULL;
	return atomic_load_explicit(&buffers[fd], memory_order_acquire);
}

static void
set_buffer(int fd, struct ahead *b)
{
	atomic_store_explicit(&buffers[fd], b, memory_order_release);
}

/* Gives an empty buffer back. */
static void
drop_buffer(int fd, struct ahead *b)
{
	set_buffer(fd, &nothing);
	free(b);
}

/* Takes in what has come, at least one octet: as recv() does and says. */
static ssize_t
fill(int fd, int flags)
{
	struct ahead *b = malloc(sizeof(*b));
	ssize_t n;
	int err;

	if (b == NULL) {
		errno = ENOMEM;
		return -1;
	}
	n = recv(fd, b->data, sizeof(b->data), flags);
	if (n > 0) {
		b->at = 0;
		b->n = (size_t)n;
		set_buffer(fd, b);
		return n;
	}
	err = errno;
	free(b);
	errno = err;
	return n;
}

ssize_t
read_stand_in(int fd, void *to, size_t n)
{
	struct ahead *b = buffer_of(fd);
	size_t have;

	if (b == NULL || n == 0 || (b == &nothing && n >= AHEAD))
		return real(REAL_READ).read(fd, to, n);
	if (b == &nothing) {
		ssize_t got = fill(fd, 0);

		if (got < 0 && errno == ENOMEM)
			return real(REAL_READ).read(fd, to, n);
		if (got <= 0)
			return got;
		b = buffer_of(fd);
	}
	have = b->n - b->at;
	if (n > have)
		n = have;
	memcpy(to, b->data + b->at, n);
	b->at += n;
	if (b->at == b->n)
		drop_buffer(fd, b);
	return (ssize_t)n;
}

/* What has been read ahead is readable, whatever the kernel would say. */
static int
mark_readable(struct pollfd *fds, nfds_t n)
{
	int ready = 0;

	for (nfds_t i = 0; i < n; i++) {
		const struct ahead *b = buffer_of(fds[i].fd);

		fds[i].revents = 0;
		if (b != NULL && b != &nothing && (fds[i].events & POLLIN) != 0)
			fds[i].revents = POLLIN;
		ready += fds[i].revents != 0;
	}
	return ready;
}

int
poll_stand_in(struct pollfd *fds, nfds_t n, int timeout)
{
	int ready = mark_readable(fds, n);

	if (ready > 0)
		return ready;
	/* Instead of asking whether something has come: take it. */
	if (n == 1 && (fds[0].events & (POLLIN | POLLOUT)) == POLLIN &&
	    buffer_of(fds[0].fd) == &nothing) {
		ssize_t got = fill(fds[0].fd, MSG_DONTWAIT);

		if (got > 0) {
			fds[0].revents = POLLIN;
			return 1;
		}
		if (got < 0 && errno == EAGAIN && timeout == 0)
			return 0;
	}
	return real(REAL_POLL).poll(fds, n, timeout);
}

int
accept_stand_in(int fd, struct sockaddr *address, socklen_t *len)
{
	int got = real(REAL_ACCEPT).accept(fd, address, len);

	if (got >= 0 && got < MAX_FD && fd == atomic_load(&listener))
		set_buffer(got, &nothing);
	return got;
}

int
close_stand_in(int fd)
{
	struct ahead *b = buffer_of(fd);

	/* Before: right after, the number may be another's. */
	if (b != NULL) {
		set_buffer(fd, NULL);
		if (b != &nothing)
			free(b);
	}
	return real(REAL_CLOSE).close(fd);
}
