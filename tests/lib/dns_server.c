/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_server: see dns_server.h. One thread with poll(); replies that wait for
 * $DELAY stand in one list, in the order in which they are due.
 */
#include "lib/dns_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/dns_reply.h"
#include "mail/domain.h"

#define MAX_STREAMS 64
#define MAX_QUERY ((size_t)1024)
#define ZONE_MEMORY ((size_t)256 << 20)
#define BUCKETS 1024
#define STEP_NS 2000000L
#define STEPS 30000 /* a minute */

/* What was asked how often. */
struct asked {
	struct asked *next;   /* of all */
	struct asked *beside; /* in the same bucket */
	struct dns_key key;
	unsigned n;
	bool held;
	bool let_go;
};

struct stream {
	int fd;
	uint32_t serial; /* so that a late reply finds the right one */
	size_t n;
	uint8_t in[MAX_QUERY];
};

struct later {
	struct later *next;
	struct deadline due;
	struct sockaddr_in to;
	const struct asked *what; /* the question, if it is held */
	size_t stream;            /* MAX_STREAMS: UDP */
	uint32_t serial;
	size_t n;
	uint8_t packet[];
};

struct dns_server {
	struct arena *arena;
	struct dns_zone zone;
	char address[32];
	uint16_t port;
	int udp, tcp, wake;
	pthread_t thread;
	struct stream streams[MAX_STREAMS];
	uint32_t serial;
	struct later *first, **end;
	struct later *held;
	atomic_bool stop, silent, open; /* open: let go what is held */
	atomic_llong delay_ms;
	pthread_mutex_t lock; /* of what follows */
	struct asked *asked, *buckets[BUCKETS];
	unsigned n_tcp;
	bool holding;
	struct dns_key hold; /* this name and what is below it */
};

/* Whether the question is to wait. */
static bool
holds_locked(const struct dns_server *s, const struct asked *a)
{
	struct slice name = dns_key_name(&s->hold);

	return s->holding && !a->let_go &&
	    (name.n == 0 || domain_within(dns_key_name(&a->key), name));
}

/* Counts a question. It is returned if it is to wait, else NULL. */
static const struct asked *
take_question(struct dns_server *s, const struct dns_query *q)
{
	struct asked *a,
	    **bucket =
		&s->buckets[slice_ihash(dns_key_name(&q->key), 0) % BUCKETS];

	(void)pthread_mutex_lock(&s->lock);
	for (a = *bucket; a != NULL && !dns_key_eq(&a->key, &q->key);)
		a = a->beside;
	if (a == NULL) {
		a = calloc(1, sizeof(*a));
		if (a == NULL)
			abort();
		a->key = q->key;
		a->next = s->asked;
		s->asked = a;
		a->beside = *bucket;
		*bucket = a;
	}
	a->n++;
	s->n_tcp += q->tcp;
	a->held = holds_locked(s, a);
	if (!a->held)
		a = NULL;
	(void)pthread_mutex_unlock(&s->lock);
	return a;
}

static void
close_stream(struct stream *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
	c->n = 0;
}

static void
send_stream(struct stream *c, const uint8_t *b, size_t n)
{
	uint8_t head[2] = { (uint8_t)(n >> 8), (uint8_t)n };

	if (c->fd < 0)
		return;
	if (send(c->fd, head, 2, MSG_NOSIGNAL | MSG_MORE) != 2)
		close_stream(c);
	while (n > 0 && c->fd >= 0) {
		ssize_t sent = send(c->fd, b, n, MSG_NOSIGNAL);

		if (sent <= 0) {
			close_stream(c);
			return;
		}
		b += sent;
		n -= (size_t)sent;
	}
}

static void
send_reply(struct dns_server *s, const struct later *l)
{
	if (l->stream == MAX_STREAMS)
		(void)!sendto(s->udp, l->packet, l->n, MSG_NOSIGNAL,
		    (const struct sockaddr *)&l->to, sizeof(l->to));
	else if (s->streams[l->stream].serial == l->serial)
		send_stream(&s->streams[l->stream], l->packet, l->n);
}

/* Answers one packet, now or later. */
static void
answer(struct dns_server *s, struct slice packet, size_t stream,
    const struct sockaddr_in *from)
{
	static uint8_t out[DNS_PACKET]; /* of the one thread that comes here */
	struct dns_query q;
	struct later *l;
	const struct asked *held;
	int64_t delay;
	size_t n;

	if (!dns_query_read(packet, stream < MAX_STREAMS, &q))
		return;
	held = take_question(s, &q);
	if (atomic_load(&s->silent))
		return;
	n = dns_reply_write(&s->zone, &q, out);
	if (n == 0) {
		if (stream < MAX_STREAMS)
			close_stream(&s->streams[stream]);
		return;
	}
	l = calloc(1, sizeof(*l) + n);
	if (l == NULL)
		abort();
	memcpy(l->packet, out, n);
	l->n = n;
	l->stream = stream;
	if (stream < MAX_STREAMS)
		l->serial = s->streams[stream].serial;
	else
		l->to = *from;
	if (held != NULL) {
		l->what = held;
		l->next = s->held;
		s->held = l;
		return;
	}
	delay = atomic_load(&s->delay_ms);
	if (delay == 0) {
		send_reply(s, l);
		free(l);
		return;
	}
	l->due = deadline_in(delay);
	*s->end = l;
	s->end = &l->next;
}

static void
send_due(struct dns_server *s)
{
	while (s->first != NULL && deadline_passed(s->first->due)) {
		struct later *l = s->first;

		s->first = l->next;
		if (s->first == NULL)
			s->end = &s->first;
		send_reply(s, l);
		free(l);
	}
}

/* Answers what was let go; the rest goes on waiting. */
static void
send_held(struct dns_server *s)
{
	struct later **at = &s->held;

	while (*at != NULL) {
		struct later *l = *at;
		bool go;

		(void)pthread_mutex_lock(&s->lock);
		go = l->what->let_go;
		(void)pthread_mutex_unlock(&s->lock);
		if (!go) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		send_reply(s, l);
		free(l);
	}
}

static void
on_wake(struct dns_server *s)
{
	uint64_t n;

	if (read(s->wake, &n, sizeof(n)) < 0)
		abort();
	if (atomic_exchange(&s->open, false))
		send_held(s);
}

static void
on_udp(struct dns_server *s)
{
	uint8_t in[MAX_QUERY];

	for (unsigned i = 0; i < 64; i++) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(s->udp, in, sizeof(in), MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len);

		if (n <= 0)
			return;
		answer(s, slice_of((const char *)in, (size_t)n), MAX_STREAMS,
		    &from);
	}
}

static void
on_accept(struct dns_server *s)
{
	struct timeval second = { .tv_sec = 1 };
	int fd = accept4(s->tcp, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (size_t i = 0; i < MAX_STREAMS; i++)
		if (s->streams[i].fd < 0) {
			(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second,
			    sizeof(second));
			s->streams[i].fd = fd;
			s->streams[i].n = 0;
			s->streams[i].serial = ++s->serial;
			return;
		}
	(void)close(fd);
}

static void
on_stream(struct dns_server *s, size_t i)
{
	struct stream *c = &s->streams[i];
	ssize_t n =
	    recv(c->fd, c->in + c->n, sizeof(c->in) - c->n, MSG_DONTWAIT);

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_stream(c);
		return;
	}
	c->n += (size_t)n;
	while (c->fd >= 0 && c->n >= 2) {
		size_t len = (size_t)c->in[0] << 8 | c->in[1];

		if (len + 2 > sizeof(c->in))
			close_stream(c);
		if (c->n < len + 2)
			return;
		answer(s, slice_of((const char *)c->in + 2, len), i, NULL);
		if (c->fd < 0)
			return;
		c->n -= len + 2;
		memmove(c->in, c->in + len + 2, c->n);
	}
}

static int
poll_ms(const struct dns_server *s)
{
	int64_t left;

	if (s->first == NULL)
		return -1;
	left = deadline_left(s->first->due);
	return left > 60000 ? 60000 : (int)left;
}

static void *
server_thread(void *arg)
{
	struct dns_server *s = arg;
	struct pollfd fds[3 + MAX_STREAMS];

	while (!atomic_load(&s->stop)) {
		fds[0] = (struct pollfd){ .fd = s->wake, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = s->udp, .events = POLLIN };
		fds[2] = (struct pollfd){ .fd = s->tcp, .events = POLLIN };
		for (size_t i = 0; i < MAX_STREAMS; i++)
			fds[3 + i] = (struct pollfd){ .fd = s->streams[i].fd,
				.events = POLLIN };
		if (poll(fds, ARRAY_LEN(fds), poll_ms(s)) < 0 && errno != EINTR)
			abort();
		if (fds[1].revents != 0)
			on_udp(s);
		for (size_t i = 0; i < MAX_STREAMS; i++)
			if (fds[3 + i].revents != 0)
				on_stream(s, i);
		if (fds[2].revents != 0)
			on_accept(s);
		if (fds[0].revents != 0)
			on_wake(s);
		send_due(s);
	}
	return NULL;
}

static bool
bind_sockets(struct dns_server *s, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int one = 1, room = 4 << 20;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons(port);
	s->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->tcp < 0 || s->udp < 0)
		return false;
	(void)setsockopt(s->tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	(void)setsockopt(s->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(s->tcp, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    getsockname(s->tcp, (struct sockaddr *)&at, &len) != 0 ||
	    listen(s->tcp, 128) != 0 ||
	    bind(s->udp, (struct sockaddr *)&at, sizeof(at)) != 0)
		return false;
	s->port = ntohs(at.sin_port);
	return true;
}

/* A free port of TCP may be taken in UDP: some more are tried. */
static bool
open_sockets(struct dns_server *s, uint16_t port)
{
	for (unsigned tries = port == 0 ? 20 : 1; tries > 0; tries--) {
		if (bind_sockets(s, port))
			return true;
		if (s->tcp >= 0)
			(void)close(s->tcp);
		if (s->udp >= 0)
			(void)close(s->udp);
		s->tcp = s->udp = -1;
	}
	perror("dns_server: cannot bind 127.0.0.1");
	return false;
}

static bool
read_zone(struct dns_server *s, struct slice text)
{
	struct problems p;
	struct slice copy;

	s->arena = arena_new(ZONE_MEMORY);
	if (s->arena == NULL)
		return false;
	copy = arena_copy(s->arena, text);
	problems_init(&p, s->arena);
	if (copy.p != NULL &&
	    dns_zone_parse(s->arena, "zone", copy, dns_reply_faults, &s->zone,
		&p) == 0) {
		atomic_store(&s->delay_ms, s->zone.delay_ms);
		return true;
	}
	for (size_t i = 0; i < p.all.n; i++)
		(void)fprintf(stderr, "dns_server: line %u: %.*s\n",
		    p.all.at[i].place.line, SL_ARG(p.all.at[i].text));
	return false;
}

struct dns_server *
dns_server_start(struct slice zone_text, uint16_t port)
{
	struct dns_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < MAX_STREAMS; i++)
		s->streams[i].fd = -1;
	s->udp = s->tcp = -1;
	s->end = &s->first;
	s->wake = eventfd(0, EFD_CLOEXEC);
	if (pthread_mutex_init(&s->lock, NULL) != 0 || s->wake < 0)
		abort();
	if (!read_zone(s, zone_text) || !open_sockets(s, port) ||
	    pthread_create(&s->thread, NULL, server_thread, s) != 0) {
		arena_free(s->arena);
		(void)close(s->wake);
		free(s);
		return NULL;
	}
	(void)snprintf(s->address, sizeof(s->address), "127.0.0.1@%u", s->port);
	return s;
}

uint16_t
dns_server_port(const struct dns_server *s)
{
	return s->port;
}

struct slice
dns_server_address(const struct dns_server *s)
{
	return slice_c(s->address);
}

unsigned
dns_server_count(struct dns_server *s, struct slice name, enum dns_type type)
{
	unsigned n = 0;

	(void)pthread_mutex_lock(&s->lock);
	for (const struct asked *a = s->asked; a != NULL; a = a->next)
		if (name.n == 0 ||
		    (a->key.type == type &&
			slice_ieq(dns_key_name(&a->key), name)))
			n += a->n;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

unsigned
dns_server_tcp_count(struct dns_server *s)
{
	unsigned n;

	(void)pthread_mutex_lock(&s->lock);
	n = s->n_tcp;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

void
dns_server_silence(struct dns_server *s, bool silent)
{
	atomic_store(&s->silent, silent);
}

void
dns_server_delay(struct dns_server *s, int64_t ms)
{
	atomic_store(&s->delay_ms, ms);
}

void
dns_server_hold(struct dns_server *s, struct slice name)
{
	(void)pthread_mutex_lock(&s->lock);
	s->holding = true;
	if (!dns_key_init(&s->hold, name, DNS_TXT))
		s->hold = (struct dns_key){ .n = 0 };
	(void)pthread_mutex_unlock(&s->lock);
}

unsigned
dns_server_held(struct dns_server *s)
{
	unsigned n = 0;

	(void)pthread_mutex_lock(&s->lock);
	for (const struct asked *a = s->asked; a != NULL; a = a->next)
		n += a->held;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

bool
dns_server_await_held(struct dns_server *s, unsigned n)
{
	const struct timespec step = { .tv_nsec = STEP_NS };

	for (unsigned i = 0; i < STEPS; i++) {
		if (dns_server_held(s) >= n)
			return true;
		(void)nanosleep(&step, NULL);
	}
	return false;
}

static void
wake(struct dns_server *s)
{
	const uint64_t one = 1;

	if (write(s->wake, &one, sizeof(one)) < 0)
		abort();
}

unsigned
dns_server_let_go(struct dns_server *s)
{
	unsigned n = 0;

	(void)pthread_mutex_lock(&s->lock);
	for (struct asked *a = s->asked; a != NULL; a = a->next) {
		n += a->held;
		a->let_go = a->let_go || a->held;
		a->held = false;
	}
	(void)pthread_mutex_unlock(&s->lock);
	atomic_store(&s->open, true);
	wake(s);
	return n;
}

void
dns_server_stop(struct dns_server *s)
{
	if (s == NULL)
		return;
	atomic_store(&s->stop, true);
	wake(s);
	(void)pthread_join(s->thread, NULL);
	for (size_t i = 0; i < MAX_STREAMS; i++)
		close_stream(&s->streams[i]);
	while (s->first != NULL) {
		struct later *l = s->first;

		s->first = l->next;
		free(l);
	}
	while (s->held != NULL) {
		struct later *l = s->held;

		s->held = l->next;
		free(l);
	}
	while (s->asked != NULL) {
		struct asked *a = s->asked;

		s->asked = a->next;
		free(a);
	}
	(void)close(s->udp);
	(void)close(s->tcp);
	(void)close(s->wake);
	(void)pthread_mutex_destroy(&s->lock);
	arena_free(s->arena);
	free(s);
}
