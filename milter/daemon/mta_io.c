/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_io: see mta_io.h. A session at rest holds no buffer: one is taken when
 * something has come, or is to be held back, and given back when it is empty.
 */
#include "daemon/mta_io.h"

#include <dlfcn.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/mta_flow.h"
#include "daemon/shortage.h"

#define AHEAD ((size_t)32768)
/* Edits held back at most; more go out as they come. */
#define HELD ((size_t)16384)
/* How long a peer may leave no room: libmilter's own limit. */
#define ROOM_MS 7210000
#define MAX_PIECES 4
/* No connection has a descriptor from here on. */
#define MAX_FD 16384
/* Of the descriptors that we may have, connections leave one in so many, and
 * no more than that, for lookups, the log and a reload. */
#define LEAVE_ONE_IN 8
#define LEAVE_MAX 256
#define PAUSE_NS 50000000L /* when there is none for a connection */
/* What libmilter asks for when it has accepted one; without memory it sleeps,
 * longer each time, and after some times ends. */
#define SESSION_MEMORY ((size_t)16384)

#define SPARES 8

struct ahead {
	size_t at, n;
	char data[AHEAD];
};

struct held {
	size_t n;
	char data[HELD];
};

/* Of one descriptor: no session, a session with nothing read ahead, or its
 * buffer. Written by the thread that has the session. */
static _Atomic(struct ahead *) buffers[MAX_FD];
static struct ahead nothing;
static _Atomic(struct held *) helds[MAX_FD]; /* NULL: none */
static struct mta_flow flows[MAX_FD];
static _Thread_local int current = -1;
/* Buffers that were given back: so many threads can run at a time. */
static _Atomic(struct ahead *) spares[SPARES];
static atomic_int listener = -1;

typedef ssize_t (*read_fn)(int, void *, size_t);
typedef int (*poll_fn)(struct pollfd *, nfds_t, int);
typedef ssize_t (*writev_fn)(int, const struct iovec *, int);
typedef int (*accept_fn)(int, struct sockaddr *, socklen_t *);
typedef int (*close_fn)(int);

union symbol {
	void *object;
	read_fn read;
	poll_fn poll;
	writev_fn writev;
	accept_fn accept;
	close_fn close;
};

/* Named in C otherwise than for the linker: the system's declarations of
 * these differ in attributes that do not suit a definition. */
#define STANDS_FOR(name) __asm__(name) __attribute__((visibility("default")))
ssize_t read_stand_in(int fd, void *to, size_t n) STANDS_FOR("read");
int poll_stand_in(struct pollfd *fds, nfds_t n, int timeout) STANDS_FOR("poll");
ssize_t writev_stand_in(int fd, const struct iovec *iov, int n)
    STANDS_FOR("writev");
int accept_stand_in(int fd, struct sockaddr *address, socklen_t *len)
    STANDS_FOR("accept");
int close_stand_in(int fd) STANDS_FOR("close");

enum { REAL_READ, REAL_POLL, REAL_WRITEV, REAL_ACCEPT, REAL_CLOSE };

/* The next one of that name behind ours: the C library's, or a sanitizer's. */
static union symbol
real(unsigned which)
{
	static const char *const names[] = { "read", "poll", "writev", "accept",
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
mta_io_listen(int fd)
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

static struct ahead *
take_spare(void)
{
	struct ahead *b = NULL;

	for (size_t i = 0; i < SPARES && b == NULL; i++)
		if (atomic_load_explicit(&spares[i], memory_order_relaxed) !=
		    NULL)
			b = atomic_exchange(&spares[i], NULL);
	return b != NULL ? b : malloc(sizeof(*b));
}

static void
keep_spare(struct ahead *b)
{
	for (size_t i = 0; i < SPARES; i++) {
		struct ahead *none = NULL;

		if (atomic_load_explicit(&spares[i], memory_order_relaxed) ==
			NULL &&
		    atomic_compare_exchange_strong(&spares[i], &none, b))
			return;
	}
	free(b);
}

/* Gives an empty buffer back. */
static void
drop_buffer(int fd, struct ahead *b)
{
	set_buffer(fd, &nothing);
	keep_spare(b);
}

/* Takes in what has come, at least one octet: as recv() does and says. */
static ssize_t
fill(int fd, int flags)
{
	struct ahead *b = take_spare();
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
	keep_spare(b);
	errno = err;
	return n;
}

/* True if libmilter has something to read; chunks of a body that are not for
 * it are taken out of its way first. */
static bool
has_more(int fd)
{
	struct ahead *b = buffer_of(fd);
	struct mta_flow *f;

	if (b == NULL)
		return false;
	f = &flows[fd];
	if (f->shown == 0 && b != &nothing) {
		b->at += mta_flow_take(f, fd, b->data + b->at, b->n - b->at);
		if (b->at == b->n) {
			drop_buffer(fd, b);
			b = &nothing;
		}
	}
	return f->shown > 0 || b != &nothing;
}

/* Without memory for a buffer: libmilter's own read, or a little of a chunk. */
static ssize_t
read_unbuffered(int fd, char *to, size_t n)
{
	struct mta_flow *f = &flows[fd];
	char little[512];
	ssize_t got;

	if (f->body_left == 0) {
		got = real(REAL_READ).read(fd, to, n);
		if (got > 0)
			mta_flow_read(f, fd, to, (size_t)got);
		return got;
	}
	n = f->body_left < sizeof(little) ? f->body_left : sizeof(little);
	got = recv(fd, little, n, 0);
	if (got > 0)
		(void)mta_flow_take(f, fd, little, (size_t)got);
	return got;
}

static ssize_t
read_buffered(int fd, char *to, size_t n)
{
	struct mta_flow *f = &flows[fd];
	struct ahead *b;

	while (n > 0 && !has_more(fd)) {
		bool direct = n >= AHEAD && f->body_left == 0;
		bool body = f->body_left > 0;
		ssize_t got = direct ? -1 : fill(fd, 0);

		if (direct || (got < 0 && errno == ENOMEM)) {
			got = read_unbuffered(fd, to, n);
			if (got <= 0 || !body)
				return got;
		} else if (got <= 0) {
			return got;
		}
	}
	if (f->shown > 0)
		return (ssize_t)mta_flow_show(f, to, n);
	b = buffer_of(fd);
	if (n == 0 || b == NULL)
		return 0;
	if (n > b->n - b->at)
		n = b->n - b->at;
	memcpy(to, b->data + b->at, n);
	b->at += n;
	if (b->at == b->n)
		drop_buffer(fd, b);
	mta_flow_read(f, fd, to, n);
	return (ssize_t)n;
}

ssize_t
read_stand_in(int fd, void *to, size_t n)
{
	ssize_t got;

	if (buffer_of(fd) == NULL)
		return real(REAL_READ).read(fd, to, n);
	current = fd;
	got = read_buffered(fd, to, n);
	if (got <= 0 || flows[fd].wrong == NULL)
		return got;
	log_text(LOG_LEVEL_WARN, "a connection of an MTA is closed: %s",
	    flows[fd].wrong);
	return 0;
}

int
mta_io_connection(void)
{
	return current;
}

void
mta_io_message_ends(int fd)
{
	/* What it is to get is gone, though chunks may come all the same. */
	if (fd >= 0)
		flows[fd].taker = NULL;
}

void
mta_io_session_ends(int fd)
{
	mta_io_message_ends(fd);
	if (fd >= 0)
		flows[fd].leaves = false;
}

void
mta_io_take_bodies(mta_body_fn taker, void *ctx)
{
	if (current < 0)
		return;
	flows[current].taker = taker;
	flows[current].ctx = ctx;
}

bool
mta_io_answered(void)
{
	return current >= 0 && flows[current].owed;
}

/* What has been read ahead is readable, whatever the kernel would say. */
static int
mark_readable(struct pollfd *fds, nfds_t n)
{
	int ready = 0;

	for (nfds_t i = 0; i < n; i++) {
		int fd = fds[i].fd;
		const struct ahead *b = buffer_of(fd);

		fds[i].revents = 0;
		if (b != NULL && (b != &nothing || flows[fd].shown > 0) &&
		    (fds[i].events & POLLIN) != 0)
			fds[i].revents = POLLIN;
		ready += fds[i].revents != 0;
	}
	return ready;
}

/* Waits until there is something for libmilter: instead of asking whether
 * something has come, takes it. */
static int
poll_session(struct pollfd *p, int timeout)
{
	current = p->fd;
	while (!has_more(p->fd)) {
		ssize_t got = fill(p->fd, MSG_DONTWAIT);
		int n;

		if (got > 0)
			continue;
		if (got < 0 && errno == EAGAIN && timeout == 0)
			return 0;
		n = real(REAL_POLL).poll(p, 1, timeout);
		if (n <= 0 || got == 0 || errno != EAGAIN ||
		    flows[p->fd].taker == NULL)
			return n;
	}
	p->revents = POLLIN;
	return 1;
}

int
poll_stand_in(struct pollfd *fds, nfds_t n, int timeout)
{
	bool session = n == 1 && buffer_of(fds[0].fd) != NULL;
	int ready;

	/* A write waits by itself, if it must. */
	if (session && fds[0].events == POLLOUT) {
		fds[0].revents = POLLOUT;
		return 1;
	}
	if (session && (fds[0].events & (POLLIN | POLLOUT)) == POLLIN) {
		fds[0].revents = 0;
		return poll_session(fds, timeout);
	}
	ready = mark_readable(fds, n);
	return ready > 0 ? ready : real(REAL_POLL).poll(fds, n, timeout);
}

/* ---- writing ---- */

/* Packets that change the message; the MTA acts on them when a reply ends the
 * stage, so they may come along with it. */
static bool
is_edit(const struct iovec *iov, int n)
{
	static const char edits[] = "himq+-2e";
	const char *head = iov[0].iov_base;

	return n > 0 && iov[0].iov_len >= 5 &&
	    memchr(edits, head[4], sizeof(edits) - 1) != NULL;
}

/* False: no room, nothing is held of it. */
static bool
hold(int fd, const struct iovec *iov, int n)
{
	struct held *h = atomic_load_explicit(&helds[fd], memory_order_acquire);
	size_t all = 0;

	for (int i = 0; i < n; i++)
		all += iov[i].iov_len;
	if (h == NULL && all <= HELD) {
		h = malloc(sizeof(*h));
		if (h == NULL)
			return false;
		h->n = 0;
		atomic_store_explicit(&helds[fd], h, memory_order_release);
	}
	if (h == NULL || all > HELD - h->n)
		return false;
	for (int i = 0; i < n; i++) {
		memcpy(h->data + h->n, iov[i].iov_base, iov[i].iov_len);
		h->n += iov[i].iov_len;
	}
	return true;
}

/* Takes n octets off the front. */
static void
advance(struct iovec *iov, int pieces, size_t n)
{
	for (int i = 0; i < pieces; i++) {
		size_t here = n < iov[i].iov_len ? n : iov[i].iov_len;

		if (here == 0) /* where there may be nothing to point to */
			continue;
		iov[i].iov_base = (char *)iov[i].iov_base + here;
		iov[i].iov_len -= here;
		n -= here;
	}
}

/* Sends all, waiting for room. Changes the pieces. False: errno says why. */
static bool
send_all(int fd, struct iovec *iov, int pieces)
{
	size_t left = 0;

	for (int i = 0; i < pieces; i++)
		left += iov[i].iov_len;
	while (left > 0) {
		struct msghdr m = { .msg_iov = iov,
			.msg_iovlen = (size_t)pieces };
		struct pollfd room = { .fd = fd, .events = POLLOUT };
		ssize_t sent = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent >= 0) {
			left -= (size_t)sent;
			advance(iov, pieces, (size_t)sent);
		} else if (errno == EAGAIN) {
			if (real(REAL_POLL).poll(&room, 1, ROOM_MS) == 0) {
				errno = ETIMEDOUT;
				return false;
			}
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

ssize_t
writev_stand_in(int fd, const struct iovec *iov, int n)
{
	struct iovec all[MAX_PIECES + 1];
	struct held *h;
	size_t asked = 0;
	bool sent;

	if (buffer_of(fd) == NULL || n < 1 || n > MAX_PIECES)
		return real(REAL_WRITEV).writev(fd, iov, n);
	for (int i = 0; i < n; i++)
		asked += iov[i].iov_len;
	if (flows[fd].owed) {
		flows[fd].owed = false;
		return (ssize_t)asked;
	}
	if (is_edit(iov, n) && hold(fd, iov, n))
		return (ssize_t)asked;
	h = atomic_exchange(&helds[fd], NULL);
	all[0] = (struct iovec){ 0 };
	if (h != NULL)
		all[0] = (struct iovec){ h->data, h->n };
	memcpy(all + 1, iov, (size_t)n * sizeof(*iov));
	sent = send_all(fd, all, n + 1);
	free(h);
	return sent ? (ssize_t)asked : -1;
}

/* ---- beginning and end ---- */

/* The number may have been another connection's, in another thread, which left
 * the slot empty when it closed it: reading that makes the slot ours. */
static void
take_over(int fd)
{
	struct ahead *left = buffer_of(fd);

	flows[fd] = (struct mta_flow){ 0 };
	set_buffer(fd, &nothing);
	if (left != NULL && left != &nothing)
		free(left); /* closed behind our back: none of this one's */
}

/* The first number that no connection may have: numbers are given out from the
 * lowest on, so it tells how many are in use. Asked anew: it can be changed
 * from outside while we run. */
static int
ceiling(void)
{
	struct rlimit lim;
	rlim_t leave;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0 || lim.rlim_cur > MAX_FD)
		return MAX_FD;
	leave = lim.rlim_cur / LEAVE_ONE_IN;
	return (int)(lim.rlim_cur - (leave < LEAVE_MAX ? leave : LEAVE_MAX));
}

/* libmilter would ask again at once, and again. */
static void
none_left(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int err = errno;

	if (err != EMFILE && err != ENFILE && err != ENOBUFS && err != ENOMEM)
		return;
	shortage_tell(SHORTAGE_DESCRIPTORS, err);
	(void)nanosleep(&pause, NULL);
	errno = err;
}

/* What there is not enough of for that connection; SHORTAGES: nothing. */
static enum shortage
lacking(int fd)
{
	void *volatile room; /* or a compiler may leave both calls out */

	if (fd >= ceiling())
		return SHORTAGE_DESCRIPTORS;
	room = malloc(SESSION_MEMORY);
	free(room);
	return room != NULL ? SHORTAGES : SHORTAGE_MEMORY;
}

int
accept_stand_in(int fd, struct sockaddr *address, socklen_t *len)
{
	int got = real(REAL_ACCEPT).accept(fd, address, len);
	enum shortage why;

	if (fd != atomic_load(&listener))
		return got;
	if (got < 0) {
		none_left();
		return got;
	}
	why = lacking(got);
	if (why != SHORTAGES) {
		/* Better a deferral now than one after the MTA's patience. */
		(void)real(REAL_CLOSE).close(got);
		errno = why == SHORTAGE_MEMORY ? ENOMEM : EMFILE;
		shortage_tell(why, errno);
		errno = EMFILE; /* libmilter goes on with the next one */
		return -1;
	}
	take_over(got);
	return got;
}

int
close_stand_in(int fd)
{
	struct ahead *b = buffer_of(fd);

	/* Before: right after, the number may be another's. */
	if (b != NULL) {
		set_buffer(fd, NULL);
		free(atomic_exchange(&helds[fd], NULL));
		if (b != &nothing)
			free(b);
	}
	return real(REAL_CLOSE).close(fd);
}
