/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_zone_backend: a zone file in place of the network. Without $DELAY it
 * answers inside submit(), in the asker's thread; with it a thread of its own
 * lands every question that long after it came.
 */
#include <pthread.h>
#include <signal.h>

#include "base/err.h"
#include "dns/dns_answer.h"
#include "dns/dns_backend.h"
#include "dns/dns_zone.h"

#define ZONE_MEMORY ((size_t)256 << 20)

struct zone_backend {
	struct dns_backend backend;
	struct resolver *resolver;
	struct arena *arena;
	struct dns_zone zone;
	bool has_thread;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	/* All questions wait the same time, so they land as they came. */
	struct dns_flight *first, *last;
	bool stop;
};

static void
land(struct zone_backend *z, struct dns_flight *f)
{
	resolver_landed(z->resolver, f,
	    dns_zone_answer(&z->zone, dns_flight_key(f)));
}

static void
land_shutdown(struct zone_backend *z, struct dns_flight *f)
{
	const struct dns_key *k = dns_flight_key(f);

	resolver_landed(z->resolver, f,
	    dns_answer_failed(dns_key_name(k), k->type, "shutdown", 0));
}

/* Takes the first question off the list if it is due, else waits. */
static struct dns_flight *
next_due(struct zone_backend *z)
{
	struct dns_flight *f = z->first;
	struct deadline due;
	struct timespec ts;

	if (f == NULL) {
		(void)pthread_cond_wait(&z->news, &z->lock);
		return NULL;
	}
	due.at = dns_flight_link(f)->due_ms;
	if (!deadline_passed(due)) {
		ts = deadline_timespec(due);
		(void)pthread_cond_timedwait(&z->news, &z->lock, &ts);
		return NULL;
	}
	z->first = dns_flight_link(f)->next;
	if (z->first == NULL)
		z->last = NULL;
	return f;
}

static void *
zone_thread(void *arg)
{
	struct zone_backend *z = arg;

	(void)pthread_mutex_lock(&z->lock);
	while (!z->stop) {
		struct dns_flight *f = next_due(z);

		if (f == NULL)
			continue;
		(void)pthread_mutex_unlock(&z->lock);
		land(z, f);
		(void)pthread_mutex_lock(&z->lock);
	}
	(void)pthread_mutex_unlock(&z->lock);
	return NULL;
}

static void
zone_submit(struct dns_backend *b, struct dns_flight *f)
{
	struct zone_backend *z = (struct zone_backend *)b;
	struct dns_flight_link *link = dns_flight_link(f);

	if (!z->has_thread) {
		land(z, f);
		return;
	}
	link->next = NULL;
	(void)pthread_mutex_lock(&z->lock);
	link->due_ms = deadline_in(z->zone.delay_ms).at;
	if (z->last != NULL)
		dns_flight_link(z->last)->next = f;
	else
		z->first = f;
	z->last = f;
	(void)pthread_cond_signal(&z->news);
	(void)pthread_mutex_unlock(&z->lock);
}

static void
zone_free(struct dns_backend *b)
{
	struct zone_backend *z = (struct zone_backend *)b;

	if (z->has_thread) {
		(void)pthread_mutex_lock(&z->lock);
		z->stop = true;
		(void)pthread_cond_signal(&z->news);
		(void)pthread_mutex_unlock(&z->lock);
		(void)pthread_join(z->thread, NULL);
		while (z->first != NULL) {
			struct dns_flight *f = z->first;

			z->first = dns_flight_link(f)->next;
			land_shutdown(z, f);
		}
		(void)pthread_cond_destroy(&z->news);
		(void)pthread_mutex_destroy(&z->lock);
	}
	arena_free(z->arena);
	free(z);
}

/* All that is wrong with the file, as far as it fits. */
static void
tell(const struct problems *p, char why[RESOLVER_WHY])
{
	size_t n = 0;

	for (size_t i = 0; i < p->all.n && n < RESOLVER_WHY; i++) {
		const struct problem *one = &p->all.at[i];
		int more = snprintf(why + n, RESOLVER_WHY - n, "%s%s:%u: %.*s",
		    i > 0 ? "; " : "", one->place.file, one->place.line,
		    SL_ARG(one->text));

		n += more > 0 ? (size_t)more : 0;
	}
}

static int
start_thread(struct zone_backend *z)
{
	pthread_condattr_t attr;
	sigset_t all, before;
	int err = ERR_NOMEM;

	if (pthread_condattr_init(&attr) != 0)
		return ERR_NOMEM;
	if (pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_mutex_init(&z->lock, NULL) != 0)
		goto out;
	if (pthread_cond_init(&z->news, &attr) != 0) {
		(void)pthread_mutex_destroy(&z->lock);
		goto out;
	}
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	z->has_thread = pthread_create(&z->thread, NULL, zone_thread, z) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (z->has_thread) {
		err = 0;
	} else {
		(void)pthread_cond_destroy(&z->news);
		(void)pthread_mutex_destroy(&z->lock);
	}
out:
	(void)pthread_condattr_destroy(&attr);
	return err;
}

struct dns_backend *
dns_zone_backend_new(struct resolver *r, const char *path,
    char why[RESOLVER_WHY])
{
	struct zone_backend *z = calloc(1, sizeof(*z));
	struct problems problems;
	int err;

	(void)snprintf(why, RESOLVER_WHY, "out of memory");
	if (z == NULL)
		return NULL;
	z->backend.submit = zone_submit;
	z->backend.free = zone_free;
	z->resolver = r;
	z->arena = arena_new(ZONE_MEMORY);
	if (z->arena == NULL)
		goto failed;
	problems_init(&problems, z->arena);
	err = dns_zone_read(z->arena, path, NULL, &z->zone, &problems);
	if (err != 0) {
		tell(&problems, why);
		goto failed;
	}
	if (z->zone.delay_ms > 0 && start_thread(z) != 0) {
		(void)snprintf(why, RESOLVER_WHY, "cannot start a thread");
		goto failed;
	}
	why[0] = '\0';
	return &z->backend;
failed:
	arena_free(z->arena);
	free(z);
	return NULL;
}
