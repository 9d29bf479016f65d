/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_no_threads: a real chopmarkd that may make no thread any more, with more
 * sessions that wait for the DNS than it has threads. Each is served, if late;
 * none is left lying, the log says what to do, and with threads to be had again
 * all is as before.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/tap.h"
#include "wire/setup.h"

#define SESSIONS 96
#define DELAY_MS 200
#define TOLD "no thread can be made, sessions wait for those there are"

/* Every session asks for names of its own, so that all wait. */
static void
ask(struct mta *m, unsigned number)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "<a@d%u.test>", number);
	mta_mail(m, text);
	mta_rcpt(m, "<b@local.test>");
	(void)snprintf(text, sizeof(text), " a@d%u.test", number);
	mta_header(m, SL("From"), slice_c(text));
	mta_eoh(m);
	mta_body(m, SL("x\r\n"));
	(void)mta_end_ask(m);
}

/* How many of the sessions were answered with a verdict. */
static unsigned
burst(const struct filter *f, unsigned first)
{
	static struct mta *m[SESSIONS];
	unsigned answered = 0;

	for (unsigned i = 0; i < SESSIONS; i++) {
		m[i] = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
		ask(m[i], first + i);
	}
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct mta_answer a = mta_end_wait(m[i]);

		answered += a.verdict == MTA_CONTINUE &&
		    slice_search(mta_headers(m[i]), SL("spf=none")) !=
			SLICE_NONE;
		mta_quit(m[i]);
		mta_close(m[i]);
	}
	return answered;
}

/* Sets the limit of the filter as the user it runs as: root may not change
 * another user's everywhere. */
static bool
set_limit(const struct filter *f, rlim_t n)
{
	struct rlimit lim;
	int status = 1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		const struct passwd *pw = getpwnam("nobody");

		if (geteuid() == 0 &&
		    (setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0))
			_exit(2);
		if (prlimit(f->pid, RLIMIT_NPROC, NULL, &lim) != 0)
			_exit(3);
		lim.rlim_cur = n < lim.rlim_max ? n : lim.rlim_max;
		_exit(prlimit(f->pid, RLIMIT_NPROC, &lim, NULL) != 0);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void
without_threads(struct filter *f)
{
	/* Below what there is: any further thread is refused, and nothing that
	 * the same user does elsewhere changes that. Root is not bound by it. */
	if (!ok(set_limit(f, 1), "threads are forbidden"))
		return;
	is_int(burst(f, 0), SESSIONS, "%d sessions that wait are served",
	    SESSIONS);
	ok(slice_search(filter_log(f), slice_c(TOLD)) != SLICE_NONE,
	    "the log tells it");
	ok(slice_search(filter_log(f), SL("raise TasksMax")) != SLICE_NONE,
	    "and what to do");
	is_int(burst(f, 1000), SESSIONS, "so are the next %d", SESSIONS);
	filter_signal(f, SIGHUP);
	/* a zone with $DELAY has a thread of its own */
	ok(filter_await(f, "is refused, the old one stays", 1),
	    "a reload that needs one is refused");
	ok(slice_search(filter_log(f), SL("cannot start a thread")) !=
		SLICE_NONE,
	    "and told why");
	is_int(burst(f, 1500), SESSIONS, "which hurts nobody");
	ok(set_limit(f, RLIM_INFINITY), "threads are allowed");
	is_int(burst(f, 2000), SESSIONS, "%d more are served as ever",
	    SESSIONS);
}

int
main(void)
{
	char zone[32];
	struct filter_texts t = { .zone = zone,
		.policy = "all: accept\n",
		.nobody = true };
	struct filter *f;

	(void)signal(SIGPIPE, SIG_IGN);
	if (geteuid() == 0 && getpwnam("nobody") == NULL) {
		skip("root is not bound by the limit, and there is no nobody",
		    "out of threads");
		return tap_done();
	}
	(void)snprintf(zone, sizeof(zone), "$DELAY %d\n", DELAY_MS);
	f = filter_new(&t);
	if (ok(filter_start(f), "chopmarkd serves")) {
		without_threads(f);
		is_int(filter_stop(f), 0, "and it ends in good order");
	}
	filter_free(f);
	return tap_done();
}
