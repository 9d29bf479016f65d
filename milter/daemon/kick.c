/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kick: see kick.h for the reason.
 */
#include "daemon/kick.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/stats.h"
#include "daemon/shortage.h"

#define BETWEEN_NS 1000000L /* between two kicks for a wait that began */
#define KICKS_PER_WAIT 4    /* of those */
#define NET_NS 8000000L     /* between two while a wait lasts */
/* When nobody could be reached, or nothing can come of it: without threads, or
 * descriptors, each kick is one more that waits. */
#define AFTER_FAILURE_NS 100000000L

static atomic_uint waiting;
static atomic_int owed; /* kicks for waits that began */
static atomic_bool stopped;
static int wake_fd = -1; /* set before the helper and any session start */
static struct sockaddr_storage address;
static socklen_t address_len;
static struct stat_counter *kicks;

/* False when the socket could not be reached at all. A full queue is as good
 * as a connection: the controller has something to look at. */
static bool
kick(void)
{
	int fd = socket(address.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = 0;

	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)&address, address_len) != 0)
		err = errno;
	close(fd);
	errno = err;
	return err == 0 || err == EAGAIN || err == EINPROGRESS;
}

static void
rest(bool reached)
{
	struct timespec pause = { .tv_nsec = AFTER_FAILURE_NS };

	if (shortage_lately(SHORTAGE_THREADS) ||
	    shortage_lately(SHORTAGE_DESCRIPTORS)) {
		atomic_store(&owed, 0);
	} else if (reached && atomic_load(&owed) > 0) {
		atomic_fetch_sub(&owed, 1);
		pause.tv_nsec = BETWEEN_NS;
	} else if (reached) {
		pause.tv_nsec = NET_NS;
	}
	(void)nanosleep(&pause, NULL);
}

static void *
helper(void *unused)
{
	bool told = false;

	(void)unused;
	(void)prctl(PR_SET_NAME, "kick");
	for (;;) {
		uint64_t n;

		if (read(wake_fd, &n, sizeof(n)) < 0 && errno != EINTR)
			return NULL;
		while (atomic_load(&waiting) > 0 && !atomic_load(&stopped)) {
			bool reached = kick();

			if (reached)
				stats_add(kicks, 1);
			else if (!told)
				log_text(LOG_LEVEL_WARN,
				    "cannot connect to my own socket: %s; "
				    "sessions may wait for one another",
				    strerror(errno));
			told = told || !reached;
			rest(reached);
		}
		atomic_store(&owed, 0);
	}
}

int
kick_start(const struct listener *l)
{
	pthread_t thread;

	if (l->address_len == 0)
		return ERR_IO;
	address = l->address;
	address_len = l->address_len;
	kicks = stats_counter("pool_kicks_total", NULL, SL(""), NULL, SL(""));
	wake_fd = eventfd(0, EFD_CLOEXEC);
	if (wake_fd < 0)
		return ERR_IO;
	if (pthread_create(&thread, NULL, helper, NULL) != 0)
		return ERR_IO;
	(void)pthread_detach(thread);
	return 0;
}

void
kick_begin(void)
{
	const uint64_t one = 1;

	atomic_fetch_add(&owed, KICKS_PER_WAIT);
	if (atomic_fetch_add(&waiting, 1) == 0 && wake_fd >= 0 &&
	    write(wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: the helper is awake anyway */
}

void
kick_end(void)
{
	atomic_fetch_sub(&waiting, 1);
}

void
kick_stop(void)
{
	atomic_store(&stopped, true);
}
