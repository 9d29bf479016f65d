/* SPDX-License-Identifier: BSD-2-Clause
 *
 * map_jobs: see map_jobs.h. Two lists under one lock; each thread holds the
 * configuration that is in use while it works.
 */
#include "daemon/map_jobs.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "daemon/reload.h"
#include "dns/dns_message.h"

#define THREADS 16
#define MEMORY ((size_t)16 << 20)

struct map_jobs {
	pthread_mutex_t lock;
	pthread_cond_t change; /* a new job, an ended thread, or the end */
	const struct socketmap_counters *counters;
	int wake_fd;
	/* under the lock */
	struct map_job *first, *last, *done;
	unsigned waiting, threads, idle;
	bool stopping;
};

struct map_jobs *
map_jobs_new(int wake_fd, const struct socketmap_counters *counters)
{
	struct map_jobs *j = calloc(1, sizeof(*j));
	pthread_condattr_t attr;

	if (j == NULL)
		return NULL;
	j->wake_fd = wake_fd;
	j->counters = counters;
	(void)pthread_mutex_init(&j->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&j->change, &attr);
	(void)pthread_condattr_destroy(&attr);
	return j;
}

void
map_job_free(struct map_job *job)
{
	if (job == NULL)
		return;
	buf_fini(&job->request);
	buf_fini(&job->reply);
	free(job);
}

/* How long a lookup may wait for the DNS: who asks is a process of the MTA that
 * others wait for, Postfix's queue manager among them. */
static int64_t
budget(const struct check_options *o)
{
	return o->envelope_wait_ms < o->message_budget_ms ?
	    o->envelope_wait_ms :
	    o->message_budget_ms;
}

static void
do_job(struct map_jobs *j, struct arena *a, struct map_job *job)
{
	struct snapshot *s = reload_current();
	const struct engine *e = snapshot_engine(s);
	struct dns_message *dns = NULL;
	struct socketmap_request r;

	if (a != NULL)
		dns = dns_message_new(engine_resolver(e), a,
		    budget(&engine_options(e)->check), NULL);
	if (dns != NULL &&
	    socketmap_read(buf_slice(&job->request), &r) == SOCKETMAP_TAKEN)
		socketmap_answer(engine_srs(e), a, &r, dns, j->counters,
		    &job->reply);
	else
		socketmap_reply(&job->reply, "TEMP", SL("out of memory"));
	if (a != NULL)
		arena_reset(a); /* before the resolver may go */
	snapshot_put(s);
}

/* The next job, waiting for it; NULL at the end. Under the lock. */
static struct map_job *
next_job(struct map_jobs *j)
{
	struct map_job *job;

	while (j->first == NULL && !j->stopping) {
		j->idle++;
		(void)pthread_cond_wait(&j->change, &j->lock);
		j->idle--;
	}
	if (j->stopping)
		return NULL;
	job = j->first;
	j->first = job->next;
	if (j->first == NULL)
		j->last = NULL;
	j->waiting--;
	return job;
}

static void *
work(void *arg)
{
	struct map_jobs *j = arg;
	struct arena *a = arena_new(MEMORY);
	const uint64_t one = 1;
	struct map_job *job;

	(void)pthread_mutex_lock(&j->lock);
	while ((job = next_job(j)) != NULL) {
		(void)pthread_mutex_unlock(&j->lock);
		do_job(j, a, job);
		(void)pthread_mutex_lock(&j->lock);
		job->next = j->done;
		j->done = job;
		/* A full counter has woken the other side already. */
		if (write(j->wake_fd, &one, sizeof(one)) < 0)
			continue;
	}
	(void)pthread_mutex_unlock(&j->lock);
	arena_free(a);
	(void)pthread_mutex_lock(&j->lock);
	j->threads--;
	(void)pthread_cond_broadcast(&j->change);
	(void)pthread_mutex_unlock(&j->lock);
	return NULL;
}

/* One more thread if all are busy. Under the lock. false: there is none. */
static bool
have_thread(struct map_jobs *j)
{
	pthread_t thread;

	if (j->waiting < j->idle || j->threads == THREADS)
		return true;
	if (pthread_create(&thread, NULL, work, j) != 0)
		return j->threads > 0;
	(void)pthread_detach(thread);
	j->threads++;
	return true;
}

int
map_jobs_add(struct map_jobs *j, uint64_t client, struct slice request)
{
	struct map_job *job = calloc(1, sizeof(*job));
	int err = 0;

	if (job == NULL)
		return ERR_NOMEM;
	job->client = client;
	buf_init(&job->request, NULL, request.n);
	buf_init(&job->reply, NULL, 2 * SOCKETMAP_REPLY);
	buf_add(&job->request, request);
	(void)pthread_mutex_lock(&j->lock);
	if (!buf_ok(&job->request) || !have_thread(j))
		err = ERR_NOMEM;
	else if (j->waiting == MOST_MAP_JOBS)
		err = ERR_LIMIT;
	if (err == 0) {
		if (j->last != NULL)
			j->last->next = job;
		else
			j->first = job;
		j->last = job;
		j->waiting++;
		(void)pthread_cond_signal(&j->change);
	}
	(void)pthread_mutex_unlock(&j->lock);
	if (err == ERR_LIMIT)
		limits_tell(LIMIT_MAP_JOBS,
		    "senders are rewritten without asking the DNS");
	if (err != 0)
		map_job_free(job);
	return err;
}

struct map_job *
map_jobs_take(struct map_jobs *j)
{
	struct map_job *job;

	(void)pthread_mutex_lock(&j->lock);
	job = j->done;
	if (job != NULL)
		j->done = job->next;
	(void)pthread_mutex_unlock(&j->lock);
	return job;
}

static void
free_list(struct map_job *job)
{
	while (job != NULL) {
		struct map_job *next = job->next;

		map_job_free(job);
		job = next;
	}
}

bool
map_jobs_stop(struct map_jobs *j, int64_t patience_ms)
{
	struct timespec until = deadline_timespec(deadline_in(patience_ms));
	bool ended;

	(void)pthread_mutex_lock(&j->lock);
	j->stopping = true;
	(void)pthread_cond_broadcast(&j->change);
	while (j->threads > 0 &&
	    pthread_cond_timedwait(&j->change, &j->lock, &until) == 0)
		continue;
	ended = j->threads == 0;
	(void)pthread_mutex_unlock(&j->lock);
	if (!ended)
		return false;
	free_list(j->first);
	free_list(j->done);
	(void)pthread_cond_destroy(&j->change);
	(void)pthread_mutex_destroy(&j->lock);
	free(j);
	return true;
}
