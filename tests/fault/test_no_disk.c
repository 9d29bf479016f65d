/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_no_disk: a real chopmarkd whose disk is full. All that it writes are a
 * pid file, a socket and its log: without room for the first two it does not
 * start and says why; without room for the log mail goes on, and so do reloads.
 * The disk is a small one of our own in a mount namespace.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tap.h"
#include "wire/setup.h"

static const struct filter_texts next = {
	.policy = "other: reject with other if mailfrom.domain is "
		  "\"good.test\"\n",
	.replies = "reply other 550 5.7.2 DT:FROM\n  {tag} new\n"
};

static bool
small_disk(const char *dir)
{
	return mount("tmpfs", dir, "tmpfs", 0, "size=256k,nr_inodes=64") == 0;
}

/* Writes until nothing fits any more. */
static bool
fill(const char *dir)
{
	static const char zeros[4096];
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/filler", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (fd >= 0 && write(fd, zeros, sizeof(zeros)) > 0)
		;
	if (fd < 0 || errno != ENOSPC)
		return false;
	close(fd);
	return true;
}

static void
make_room(const char *dir)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/filler", dir);
	(void)unlink(path);
}

static void
no_pid_file(void)
{
	const char *args[] = { "-f", "-P", NULL };
	struct filter *f = filter_new(&setup_texts);
	char dir[80], path[96];

	(void)snprintf(dir, sizeof(dir), "%s/full", f->dir);
	(void)snprintf(path, sizeof(path), "%s/pid", dir);
	args[2] = path;
	if (mkdir(dir, 0755) != 0 || !small_disk(dir) || !fill(dir))
		abort();
	is_int(filter_run(f, args, 3), 73, "no room for the pid file");
	ok(slice_search(filter_log(f), SL("/full/pid: No space left")) !=
		SLICE_NONE,
	    "it is named, with the reason");
	ok(access(f->socket, F_OK) != 0, "and no socket is left");
	(void)umount(dir);
	(void)rmdir(dir);
	filter_free(f);
}

/* How much has been logged. */
static size_t
logged(struct filter *f)
{
	return filter_log(f).n;
}

static void
no_log(void)
{
	struct filter *f = filter_new(&setup_texts);
	unsigned judged = 0;
	struct mta *m, *after;
	char log[96];
	size_t before;
	int fd;

	if (!small_disk(f->dir))
		abort();
	(void)snprintf(log, sizeof(log), "%s/log", f->dir);
	fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	close(fd);
	filter_write(f, &setup_texts);
	if (!ok(filter_start(f), "chopmarkd serves from a small disk"))
		return;
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	filter_write(f, &next); /* the reload to come */
	if (!ok(fill(f->dir), "which is full now"))
		return;
	for (int i = 0; i < 100; i++)
		judged += setup_message(m, "a@good.test", "x").verdict ==
		    MTA_CONTINUE;
	is_int(judged, 100, "100 messages, whose lines fit no more, pass");
	before = logged(f);
	setup_message(m, "a@good.test", "x");
	ok(logged(f) == before, "nothing could be logged indeed");
	filter_signal(f, SIGHUP);
	for (int i = 0; i < 500; i++) {
		after = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
		if (slice_starts(mta_reply(after,
				     setup_message(after, "a@good.test", "x")),
			SL("550 5.7.2")))
			break;
		mta_close(after);
		after = NULL;
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 },
		    NULL);
	}
	ok(after != NULL, "a reload is done all the same");
	make_room(f->dir);
	setup_message(m, "a@good.test", "x");
	ok(logged(f) > before, "with room again lines come again");
	mta_close(after);
	mta_close(m);
	is_int(filter_stop(f), 0, "it ends");
	(void)umount2(f->dir, MNT_DETACH);
	filter_free(f);
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		skip("needs root, and a mount namespace", "full disk");
		return tap_done();
	}
	no_pid_file();
	no_log();
	return tap_done();
}
