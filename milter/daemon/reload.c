/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reload: see reload.h. A session holds a reference to the snapshot it began
 * with, so the swap of one pointer is all that a reload does to sessions.
 */
#include "daemon/reload.h"

#include <pthread.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/kick.h"
#include "daemon/notify.h"
#include "daemon/publish.h"
#include "daemon/session.h"

#define PROBLEM_MEMORY ((size_t)16 << 20)
#define DRAIN_STEP_NS 20000000L

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct snapshot *current; /* under lock */
static atomic_bool gave_up;      /* libmilter */

static void
our_signals(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGUSR1);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
}

void
reload_block(void)
{
	sigset_t set;

	our_signals(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

void
reload_install(struct snapshot *s)
{
	struct snapshot *before;

	(void)pthread_mutex_lock(&lock);
	before = current;
	current = s;
	(void)pthread_mutex_unlock(&lock);
	snapshot_put(before);
}

struct snapshot *
reload_current(void)
{
	struct snapshot *s;

	(void)pthread_mutex_lock(&lock);
	s = snapshot_get(current);
	(void)pthread_mutex_unlock(&lock);
	return s;
}

void
reload_log(const struct snapshot *s)
{
	const struct daemon_options *d = snapshot_daemon(s);
	bool why = engine_options(snapshot_engine(s))->log_why;
	struct log_options o = { .syslog = d->syslog,
		.facility = d->syslog_facility,
		.ident = d->syslog_ident,
		.level = why ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
		.format = d->log_format };

	log_open(&o);
}

void
reload_tell(const struct problems *p)
{
	for (size_t i = 0; i < p->all.n; i++) {
		const struct problem *one = &p->all.at[i];

		log_text(one->fatal ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
		    "%s:%u: %.*s", one->place.file, one->place.line,
		    SL_ARG(one->text));
	}
}

static void
reload(const struct config_source *src)
{
	struct arena *a = arena_new(PROBLEM_MEMORY);
	struct snapshot *before = reload_current();
	struct snapshot *next = NULL;
	struct problems p;

	notify_reloading();
	if (a != NULL) {
		problems_init(&p, a);
		next = snapshot_load(src, before, &p);
		reload_tell(&p);
	}
	if (next != NULL) {
		reload_log(next);
		publish_look(next, before);
		reload_install(next);
		log_text(LOG_LEVEL_INFO, "configuration read again");
	} else {
		log_text(LOG_LEVEL_ERROR,
		    "the new configuration is refused, the old one stays");
	}
	snapshot_put(before);
	arena_free(a);
	notify_ready(
	    next != NULL ? "Serving" : "Serving; last configuration refused");
}

/* One more signal of the two that end us, within a moment. */
static bool
told_again(void)
{
	struct timespec moment = { .tv_nsec = DRAIN_STEP_NS };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	return sigtimedwait(&set, NULL, &moment) > 0;
}

/* Waits for the last session to end; false if some were left. */
static bool
drain(struct listener *l)
{
	struct snapshot *s = reload_current();
	struct deadline end = deadline_in(snapshot_daemon(s)->drain_ms);
	unsigned quiet = 0;

	snapshot_put(s);

	notify_stopping("Waiting for open sessions");
	kick_stop();
	listen_drain(l);
	log_text(LOG_LEVEL_INFO, "stopping; %u sessions are open",
	    session_count());
	/* Twice none: a connection just accepted has not negotiated yet. */
	while (quiet < 2 && !deadline_passed(end)) {
		if (told_again())
			break;
		quiet = session_count() == 0 ? quiet + 1 : 0;
	}
	if (session_count() == 0)
		return true;
	log_text(LOG_LEVEL_WARN, "%u sessions are cut off", session_count());
	return false;
}

void
reload_serving_ended(void)
{
	atomic_store(&gave_up, true);
	(void)kill(getpid(), SIGTERM);
}

int
reload_loop(const struct config_source *src, struct listener *l, bool *clean)
{
	sigset_t set;

	our_signals(&set);
	for (;;) {
		int sig = sigwaitinfo(&set, NULL);

		if (sig == SIGHUP || sig == SIGUSR1)
			reload(src);
		if (sig != SIGTERM && sig != SIGINT)
			continue;
		if (!atomic_load(&gave_up)) {
			*clean = drain(l);
			return 0;
		}
		log_text(LOG_LEVEL_ERROR, "libmilter gave up");
		*clean = false;
		return EX_SOFTWARE;
	}
}
