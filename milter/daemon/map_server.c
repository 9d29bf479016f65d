/* SPDX-License-Identifier: BSD-2-Clause
 *
 * map_server: see map_server.h.
 *
 * A client has one request under way at a time: what it sends ahead stays in
 * its buffer, and nothing more is read from who does not take its replies. At
 * the ceiling of clients the one that has been silent longest makes room.
 */
#include "daemon/map_server.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/stats.h"
#include "daemon/map_jobs.h"
#include "daemon/reload.h"

#define CHUNK ((size_t)16384)
#define PENDING ((size_t)65536) /* of replies not taken: read no more */
#define INPUT (SOCKETMAP_REQUEST + CHUNK + 16)
#define OUTPUT (PENDING + 2 * SOCKETMAP_REPLY)
#define KEEP ((size_t)4096) /* memory that an idle client may keep */
#define HALF_MS (MOST_MAP_HALF * 1000)
#define IDLE_MS (MOST_MAP_IDLE * 1000) /* Sendmail's processes live long */
#define SWEEP_MS 1000
#define PATIENCE_MS 5000
#define ACCEPTS 64 /* in a row */
#define MEMORY ((size_t)1 << 20)

struct client {
	int fd;
	uint64_t id;
	struct buf in, out;
	size_t sent;   /* of out */
	int64_t heard; /* the last octet in either direction */
	int64_t half;  /* since when a request is incomplete, or 0 */
	bool busy;     /* a job is under way */
	bool ended;    /* it will send no more */
	bool gone;     /* to be closed */
};

struct map_server {
	pthread_t thread;
	int listen_fd, wake_fd;
	atomic_bool stopping;
	struct map_jobs *jobs;
	struct socketmap_counters counters;
	struct stat_counter *connections, *broken, *evicted;
	struct arena *arena; /* of one lookup */
	struct client *clients[MOST_MAP_CLIENTS];
	struct pollfd fds[MOST_MAP_CLIENTS + 2];
	size_t n;
	uint64_t last_id;
	int64_t swept;
	int64_t rest_until; /* out of descriptors: accept no one till then */
};

/* ---- one client ---- */

static void
client_free(struct client *c)
{
	(void)close(c->fd);
	buf_fini(&c->in);
	buf_fini(&c->out);
	free(c);
}

/* Takes n octets off the front. */
static void
buf_take(struct buf *b, size_t n)
{
	memmove(b->p, b->p + n, b->n - n);
	buf_cut(b, b->n - n);
	if (b->n == 0 && b->cap > KEEP)
		buf_fini(b);
}

/* Writes as much as the client takes. */
static void
client_flush(struct client *c)
{
	while (c->sent < c->out.n && !c->gone) {
		ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent,
		    MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			c->gone = true;
			return;
		}
		c->sent += (size_t)n;
		c->heard = clock_mono_ms();
	}
	if (c->sent > 0)
		buf_take(&c->out, c->sent);
	c->sent = 0;
}

/* Answers at once what can be answered at once. */
static void
client_answer(struct map_server *s, struct client *c,
    const struct socketmap_request *r)
{
	struct snapshot *conf = reload_current();
	const struct srs_map *m = engine_srs(snapshot_engine(conf));
	int err = ERR_NOTFOUND;

	if (socketmap_waits(m, s->arena, r)) {
		err = map_jobs_add(s->jobs, c->id,
		    slice_sub(buf_slice(&c->in), 0, r->used));
		c->busy = err == 0;
	}
	/* With too much waiting already the sender is rewritten unasked: that
	 * is never wrong, only sometimes not needed. */
	if (err != 0)
		socketmap_answer(m, s->arena, r, NULL, &s->counters, &c->out);
	arena_reset(s->arena);
	snapshot_put(conf);
	if (!buf_ok(&c->out))
		c->gone = true;
}

/* All whole requests that are there, unless replies pile up. */
static void
client_work(struct map_server *s, struct client *c)
{
	struct socketmap_request r;
	enum socketmap_read got = SOCKETMAP_TAKEN;

	while (!c->busy && !c->gone && c->out.n < PENDING) {
		got = socketmap_read(buf_slice(&c->in), &r);
		if (got != SOCKETMAP_TAKEN)
			break;
		client_answer(s, c, &r);
		buf_take(&c->in, r.used);
	}
	if (got == SOCKETMAP_BROKEN) {
		stats_add(s->broken, 1);
		limits_tell(LIMIT_MAP_REQUEST,
		    "a request to SRSSocket is none, or too long");
		c->gone = true;
	}
	if (got != SOCKETMAP_MORE || c->in.n == 0)
		c->half = 0;
	else if (c->half == 0)
		c->half = clock_mono_ms();
	client_flush(c);
	if (c->ended && !c->busy && c->out.n == 0)
		c->gone = true;
}

static void
client_read(struct map_server *s, struct client *c)
{
	char chunk[CHUNK / 2];
	ssize_t n = recv(c->fd, chunk, sizeof(chunk), 0);

	if (n < 0) {
		c->gone = errno != EAGAIN && errno != EINTR;
		return;
	}
	if (n == 0)
		c->ended = true;
	c->heard = clock_mono_ms();
	buf_add(&c->in, slice_of(chunk, (size_t)n));
	if (!buf_ok(&c->in))
		c->gone = true;
	else
		client_work(s, c);
}

static short
client_events(const struct client *c)
{
	short events = 0;

	if (!c->busy && !c->ended && c->out.n < PENDING)
		events |= POLLIN;
	if (c->out.n > 0)
		events |= POLLOUT;
	return events;
}

static void
client_event(struct map_server *s, struct client *c, short events)
{
	if (events & (POLLERR | POLLNVAL))
		c->gone = true;
	/* Nobody is there to take a reply. */
	if ((events & POLLHUP) && (c->busy || c->ended))
		c->gone = true;
	if ((events & POLLOUT) && !c->gone) {
		client_flush(c);
		client_work(s, c);
	}
	if ((events & (POLLIN | POLLHUP)) && !c->gone && !c->busy && !c->ended)
		client_read(s, c);
}

/* ---- all of them ---- */

static void
drop(struct map_server *s, size_t i)
{
	client_free(s->clients[i]);
	s->clients[i] = s->clients[--s->n];
}

/* Room for one more: the client that has been silent longest goes. */
static void
make_room(struct map_server *s)
{
	size_t oldest = 0;

	if (s->n < MOST_MAP_CLIENTS)
		return;
	for (size_t i = 1; i < s->n; i++)
		if (s->clients[i]->heard < s->clients[oldest]->heard)
			oldest = i;
	stats_add(s->evicted, 1);
	limits_tell(LIMIT_MAP_CLIENTS, "a connection to SRSSocket made room");
	drop(s, oldest);
}

static void
admit(struct map_server *s, int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)close(fd);
		return;
	}
	make_room(s);
	c->fd = fd;
	c->id = ++s->last_id;
	c->heard = clock_mono_ms();
	buf_init(&c->in, NULL, INPUT);
	buf_init(&c->out, NULL, OUTPUT);
	stats_add(s->connections, 1);
	s->clients[s->n++] = c;
}

static void
accept_all(struct map_server *s)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(s->listen_fd, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			admit(s, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS) {
			log_text(LOG_LEVEL_WARN,
			    "socketmap: a connection has to wait: %s",
			    strerror(errno));
			s->rest_until = clock_mono_ms() + SWEEP_MS;
		}
		return;
	}
}

/* Replies of jobs go to their clients, if these are there still. */
static void
take_jobs(struct map_server *s)
{
	struct map_job *job;

	while ((job = map_jobs_take(s->jobs)) != NULL) {
		for (size_t i = 0; i < s->n; i++) {
			struct client *c = s->clients[i];

			if (c->id != job->client)
				continue;
			buf_add(&c->out, buf_slice(&job->reply));
			c->busy = false;
			c->gone = c->gone || !buf_ok(&c->out);
			client_work(s, c);
			break;
		}
		map_job_free(job);
	}
}

static void
sweep(struct map_server *s)
{
	int64_t now = clock_mono_ms();

	for (size_t i = s->n; i > 0; i--) {
		struct client *c = s->clients[i - 1];
		bool late = c->half != 0 && now - c->half > HALF_MS;
		bool stuck = c->out.n > 0 && now - c->heard > HALF_MS;
		bool idle = !c->busy && now - c->heard > IDLE_MS;

		if (!c->gone && (late || stuck))
			limits_count(LIMIT_MAP_HALF);
		else if (!c->gone && idle)
			limits_count(LIMIT_MAP_IDLE);
		if (c->gone || late || stuck || idle)
			drop(s, i - 1);
	}
	s->swept = now;
}

static size_t
prepare(struct map_server *s)
{
	bool resting = clock_mono_ms() < s->rest_until;

	s->fds[0] = (struct pollfd){ .fd = s->wake_fd, .events = POLLIN };
	s->fds[1] = (struct pollfd){ .fd = resting ? -1 : s->listen_fd,
		.events = POLLIN };
	for (size_t i = 0; i < s->n; i++)
		s->fds[i + 2] = (struct pollfd){ .fd = s->clients[i]->fd,
			.events = client_events(s->clients[i]) };
	return s->n + 2;
}

/* One round: waits, then sees to everybody. */
static void
serve_round(struct map_server *s)
{
	size_t n = prepare(s);
	bool any_gone = false;
	uint64_t woken;

	if (poll(s->fds, (nfds_t)n, SWEEP_MS) < 0)
		return;
	for (size_t i = 2; i < n; i++) {
		struct client *c = s->clients[i - 2];

		if (s->fds[i].revents != 0)
			client_event(s, c, s->fds[i].revents);
		any_gone = any_gone || c->gone;
	}
	if ((s->fds[0].revents & POLLIN) &&
	    read(s->wake_fd, &woken, sizeof(woken)) > 0)
		take_jobs(s);
	if (any_gone || clock_mono_ms() - s->swept >= SWEEP_MS)
		sweep(s);
	if (s->fds[1].revents & POLLIN)
		accept_all(s);
}

static void *
serve(void *arg)
{
	struct map_server *s = arg;

	while (!atomic_load(&s->stopping))
		serve_round(s);
	while (s->n > 0)
		drop(s, s->n - 1);
	return NULL;
}

static void
server_free(struct map_server *s)
{
	if (s->wake_fd >= 0)
		(void)close(s->wake_fd);
	arena_free(s->arena);
	free(s);
}

struct map_server *
map_server_start(const struct listener *l)
{
	struct map_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->listen_fd = l->fd;
	/* Who waited may be gone again: accept() must not block. */
	(void)fcntl(l->fd, F_SETFL, O_NONBLOCK);
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->arena = arena_new(MEMORY);
	socketmap_counters_load(&s->counters);
	s->connections = stats_counter("socketmap_connections_total", NULL,
	    SL(""), NULL, SL(""));
	s->broken = stats_counter("socketmap_broken_requests_total", NULL,
	    SL(""), NULL, SL(""));
	s->evicted = stats_counter("socketmap_evicted_total", NULL, SL(""),
	    NULL, SL(""));
	if (s->wake_fd >= 0 && s->arena != NULL)
		s->jobs = map_jobs_new(s->wake_fd, &s->counters);
	if (s->jobs != NULL && pthread_create(&s->thread, NULL, serve, s) == 0)
		return s;
	if (s->jobs != NULL)
		(void)!map_jobs_stop(s->jobs, 0);
	server_free(s);
	return NULL;
}

bool
map_server_stop(struct map_server *s)
{
	const uint64_t one = 1;

	if (s == NULL)
		return true;
	atomic_store(&s->stopping, true);
	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		log_text(LOG_LEVEL_WARN, "socketmap: cannot wake the server");
	(void)pthread_join(s->thread, NULL);
	if (!map_jobs_stop(s->jobs, PATIENCE_MS))
		return false;
	server_free(s);
	return true;
}
