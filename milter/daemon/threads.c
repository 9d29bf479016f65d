/* SPDX-License-Identifier: BSD-2-Clause
 *
 * threads: see threads.h. A worker detaches itself each time it begins, which
 * a thread can do once: pthread_detach is stood in for, too.
 *
 * A session for which there is no thread: libmilter only logs that none could
 * be made, and has marked the session as being worked at, so it would be left
 * alone for ever. But its worker, before anything else, detaches itself, and if
 * that fails gives the session back for any worker to take. So the worker is
 * begun right here, and its pthread_detach fails.
 */
#include "daemon/threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/err.h"
#include "daemon/shortage.h"

/* Of every thread. The deepest of ours, libunbound's and libopendkim's take
 * less than 64 KB. */
#define STACK ((size_t)1 << 20)
#define IDLE_S 20  /* how long a worker without work stays */
#define RESERVE 16 /* so many stay for ever, and are there from the start */
/* How late a worker's wait may end. Between two packets libmilter waits for 1
 * ms before it gives a session back to the pool. The packet mostly comes first,
 * and with the usual 50 us the kernel sets, and takes back, an interrupt of its
 * own each time (on a virtual machine, two visits to the host); this late, the
 * next tick serves. */
#define SLACK_NS 4000000UL

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
static unsigned workers;    /* all that are kept, under lock */
static bool enabled;        /* set before threads start */
/* What libmilter starts with nothing to do: last of all its workers. */
static _Atomic(start_fn) pool_worker;
static atomic_bool pool_detaches; /* and that they begin by detaching */
static _Thread_local bool kept, refuse_detach;

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

/* Under the lock. False: none came, and there are enough without us. */
static bool
await_job(struct parked *p)
{
	struct timespec until;

	while (p->start == NULL) {
		if (workers <= RESERVE) {
			(void)pthread_cond_wait(&p->wake, &lock);
			continue;
		}
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += IDLE_S;
		if (pthread_cond_timedwait(&p->wake, &lock, &until) != 0 &&
		    p->start == NULL && workers > RESERVE)
			return false;
	}
	return true;
}

/* Waits for the next job; false: none came, and the worker is none any more. */
static bool
park(struct job *job)
{
	struct parked p = { .self = pthread_self() };
	bool good = pthread_cond_init(&p.wake, NULL) == 0;

	(void)pthread_mutex_lock(&lock);
	if (good) {
		p.next = idle;
		idle = &p;
		good = await_job(&p);
		if (!good)
			unlink_parked(&p);
		(void)pthread_cond_destroy(&p.wake);
	}
	workers -= !good;
	(void)pthread_mutex_unlock(&lock);
	*job = (struct job){ p.start, p.arg };
	return good;
}

static void *
work(void *arg)
{
	struct job job = *(struct job *)arg;

	free(arg);
	(void)prctl(PR_SET_TIMERSLACK, SLACK_NS, 0, 0, 0);
	kept = true;
	(void)real("pthread_detach").detach(pthread_self());
	if (job.start == NULL && !park(&job))
		return NULL;
	do {
		(void)job.start(job.arg);
	} while (park(&job));
	return NULL;
}

/* start == NULL: to wait for its first job. 0 or an errno. */
static int
make_worker(pthread_t *out, start_fn start, void *arg)
{
	struct job *job = malloc(sizeof(*job));
	int err;

	if (job == NULL)
		return EAGAIN;
	*job = (struct job){ start, arg };
	(void)pthread_mutex_lock(&lock);
	workers++;
	(void)pthread_mutex_unlock(&lock);
	err = real("pthread_create").create(out, NULL, work, job);
	if (err == 0)
		return 0;
	(void)pthread_mutex_lock(&lock);
	workers--;
	(void)pthread_mutex_unlock(&lock);
	free(job);
	return err;
}

int
threads_reserve(void)
{
	pthread_t thread;

	for (unsigned i = 0; i < RESERVE; i++)
		if (make_worker(&thread, NULL, NULL) != 0)
			return ERR_IO;
	return 0;
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

/* Begins the worker so that it gives its session back. False: this libmilter
 * is not made so; it shall see the error. */
static bool
leave_to_others(start_fn start, void *session)
{
	if (session == NULL || start != atomic_load(&pool_worker) ||
	    !atomic_load(&pool_detaches))
		return false;
	refuse_detach = true;
	(void)start(session);
	refuse_detach = false;
	return true;
}

int
create_stand_in(pthread_t *out, const pthread_attr_t *attr, start_fn start,
    void *arg)
{
	int err;

	if (attr != NULL || !is_worker(start))
		return real("pthread_create").create(out, attr, start, arg);
	if (arg == NULL)
		atomic_store(&pool_worker, start);
	if (hand_over(out, start, arg))
		return 0;
	err = make_worker(out, start, arg);
	if (err == 0)
		return 0;
	shortage_tell(SHORTAGE_THREADS, err);
	*out = pthread_self();
	return leave_to_others(start, arg) ? 0 : err;
}

int
detach_stand_in(pthread_t thread)
{
	if (!pthread_equal(thread, pthread_self()))
		return real("pthread_detach").detach(thread);
	if (refuse_detach)
		return EAGAIN;
	if (!kept)
		return real("pthread_detach").detach(thread);
	atomic_store(&pool_detaches, true);
	return 0;
}
