/* SPDX-License-Identifier: BSD-2-Clause
 *
 * publish: see publish.h.
 */
#include "daemon/publish.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/err.h"
#include "daemon/reload.h"

#define LOOK_MS 5000 /* the DNS may take as long in all */
#define SOON_MS 60000
#define LATER_MS 3600000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed; /* by the monotonic clock */
static pthread_t thread;
static bool running, stopped, missing, looked; /* under lock */

/* True if keys are still missing. */
static bool
look(const struct snapshot *s)
{
	const struct engine *e = snapshot_engine(s);
	struct dkim_keys *keys = engine_keys(e);

	return keys != NULL && dkim_keys_options(keys)->require_published &&
	    dkim_published_look(keys, engine_resolver(e), LOOK_MS) > 0;
}

void
publish_look(const struct snapshot *s, const struct snapshot *before)
{
	struct dkim_keys *keys = engine_keys(snapshot_engine(s));
	bool any;

	if (keys != NULL && before != NULL)
		dkim_published_inherit(keys,
		    engine_keys(snapshot_engine(before)));
	any = look(s);
	(void)pthread_mutex_lock(&lock);
	missing = any;
	looked = true;
	if (running)
		(void)pthread_cond_signal(&changed);
	(void)pthread_mutex_unlock(&lock);
}

/* Sleeps until the next look is due; false: it is time to end. Called with
 * the lock held. */
static bool
await(void)
{
	struct deadline due = deadline_in(missing ? SOON_MS : LATER_MS);
	struct timespec until = deadline_timespec(due);

	while (!stopped && !deadline_passed(due)) {
		(void)pthread_cond_timedwait(&changed, &lock, &until);
		if (!looked)
			continue;
		/* somebody else has looked: count from now */
		looked = false;
		due = deadline_in(missing ? SOON_MS : LATER_MS);
		until = deadline_timespec(due);
	}
	return !stopped;
}

static void *
watch(void *unused)
{
	(void)unused;
	(void)pthread_mutex_lock(&lock);
	while (await()) {
		struct snapshot *s;
		bool any;

		(void)pthread_mutex_unlock(&lock);
		s = reload_current();
		any = look(s);
		snapshot_put(s);
		(void)pthread_mutex_lock(&lock);
		missing = any;
	}
	(void)pthread_mutex_unlock(&lock);
	return NULL;
}

int
publish_start(void)
{
	pthread_condattr_t attr;
	int err = 0;

	if (pthread_condattr_init(&attr) != 0)
		return ERR_IO;
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_lock(&lock);
	if (pthread_cond_init(&changed, &attr) != 0 ||
	    pthread_create(&thread, NULL, watch, NULL) != 0)
		err = ERR_IO;
	running = err == 0;
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_condattr_destroy(&attr);
	return err;
}

void
publish_stop(void)
{
	bool join;

	(void)pthread_mutex_lock(&lock);
	join = running;
	running = false;
	stopped = true;
	if (join)
		(void)pthread_cond_signal(&changed);
	(void)pthread_mutex_unlock(&lock);
	if (join)
		(void)pthread_join(thread, NULL);
}
