/* SPDX-License-Identifier: BSD-2-Clause
 *
 * threads: see threads.h. A worker detaches itself each time it begins, which
 * a thread can do once: pthread_detach is stood in for, too.
 */
#include "daemon/threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

/* Of every thread. The deepest of ours, libunbound's and libopendkim's take
 * less than 64 KB. */
#define STACK ((size_t)1 << 20)
#define IDLE_S 20 /* how long a worker without work stays */

typedef void *(*start_fn)(void *);
typedef int (*create_fn)(pthread_t *, const pthread_attr_t *, start_fn, void *);
typedef int (*detach_fn)(pthread_t);

union symbol {
	void *object;
	create_fn create;
	detach_fn detach;
	start_fn start;
};

#define STANDS_FOR(name) __asm__(name) __attribute__((visibility("default")))
int create_stand_in(pthread_t *out, const pthread_attr_t *attr, start_fn start,
    void *arg) STANDS_FOR("pthread_create");
int detach_stand_in(pthread_t thread) STANDS_FOR("pthread_detach");

/* A worker between two jobs. */
struct parked {
	struct parked *next;
	pthread_cond_t wake;
	pthread_t self;
	start_fn start; /* NULL: nothing to do yet */
	void *arg;
};

struct job {
	start_fn start;
	void *arg;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct parked *idle; /* the last one that came stands first */
static bool enabled;        /* set before threads start */
static _Thread_local bool kept, detached;

static union symbol
real(const char *name)
{
	union symbol s = { .object = dlsym(RTLD_NEXT, name) };

	if (s.object == NULL)
		abort(); /* no C library: nothing can go on */
	return s;
}

void
threads_prepare(void)
{
	pthread_attr_t attr;

	enabled = true;
	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, STACK) == 0)
		(void)pthread_setattr_default_np(&attr);
	(void)pthread_attr_destroy(&attr);
}

static void
unlink_parked(const struct parked *p)
{
	struct parked **at = &idle;

	while (*at != NULL && *at != p)
		at = &(*at)->next;
	if (*at != NULL)
		*at = p->next;
}

/* Waits for the next job; false: none came. */
static bool
park(struct job *job)
{
	struct parked p = { .self = pthread_self() };
	struct timespec until;
	int err = 0;

	if (pthread_cond_init(&p.wake, NULL) != 0)
		return false;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += IDLE_S;
	(void)pthread_mutex_lock(&lock);
	p.next = idle;
	idle = &p;
	while (p.start == NULL && err == 0)
		err = pthread_cond_timedwait(&p.wake, &lock, &until);
	if (p.start == NULL)
		unlink_parked(&p);
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_cond_destroy(&p.wake);
	*job = (struct job){ p.start, p.arg };
	return p.start != NULL;
}

static void *
work(void *arg)
{
	struct job job = *(struct job *)arg;

	free(arg);
	kept = true;
	do {
		(void)job.start(job.arg);
	} while (detached && park(&job));
	return NULL;
}

/* False: nobody is idle. */
static bool
hand_over(pthread_t *out, start_fn start, void *arg)
{
	struct parked *p;

	(void)pthread_mutex_lock(&lock);
	p = idle;
	if (p != NULL) {
		idle = p->next;
		*out = p->self;
		p->arg = arg;
		p->start = start;
		(void)pthread_cond_signal(&p->wake);
	}
	(void)pthread_mutex_unlock(&lock);
	return p != NULL;
}

/* Is it a function of libmilter's? It has one that is started often. */
static bool
is_worker(start_fn start)
{
	static _Atomic(start_fn) known;
	union symbol s = { .start = start };
	Dl_info info;

	if (!enabled)
		return false;
	if (start == atomic_load(&known))
		return true;
	if (dladdr(s.object, &info) == 0 || info.dli_fname == NULL ||
	    strstr(info.dli_fname, "libmilter") == NULL)
		return false;
	atomic_store(&known, start);
	return true;
}

int
create_stand_in(pthread_t *out, const pthread_attr_t *attr, start_fn start,
    void *arg)
{
	struct job *job;
	int err;

	if (attr != NULL || !is_worker(start))
		return real("pthread_create").create(out, attr, start, arg);
	if (hand_over(out, start, arg))
		return 0;
	job = malloc(sizeof(*job));
	if (job == NULL)
		return EAGAIN;
	*job = (struct job){ start, arg };
	err = real("pthread_create").create(out, NULL, work, job);
	if (err != 0)
		free(job);
	return err;
}

int
detach_stand_in(pthread_t thread)
{
	int err = 0;

	if (!kept || !pthread_equal(thread, pthread_self()))
		return real("pthread_detach").detach(thread);
	if (!detached)
		err = real("pthread_detach").detach(thread);
	detached = err == 0;
	return err;
}
