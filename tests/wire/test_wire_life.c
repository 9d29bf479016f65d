/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The life of chopmarkd: arguments and exit codes, reload under open
 * sessions, the background, and many sessions that wait for the DNS at the
 * same time.
 */
#include "lib/tap.h"
#include "wire/setup.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAITING 64

static bool
logged(struct filter *f, const char *text)
{
	return slice_search(filter_log(f), slice_c(text)) != SLICE_NONE;
}

static void
exit_codes(void)
{
	static const char *const check[] = { "-n" };
	static const char *const version[] = { "-V" };
	static const char *const wrong[] = { "-x" };
	static const char *const extra[] = { "-n", "more" };
	static const char *const nobody[] = { "-f", "-u", "no-such-user" };
	static const char *const nowhere[] = { "-f", "-p",
		"unix:/nonexistent/dir/sock" };
	struct filter_texts bad = setup_texts;
	struct filter *f = filter_new(&setup_texts);

	is_int(filter_run(f, check, 1), 0, "-n: a good configuration");
	ok(logged(f, "good"), "is called good");
	is_int(filter_run(f, version, 1), 0, "-V");
	ok(logged(f, "chopmarkd " PACKAGE_VERSION), "tells the version");
	is_int(filter_run(f, wrong, 1), 64, "an unknown switch");
	is_int(filter_run(f, extra, 2), 64, "an argument too many");
	is_int(filter_run(f, nobody, 3), 67, "a user that does not exist");
	bad.config = "SocketGroup no-such-group\n";
	filter_write(f, &bad);
	is_int(filter_run(f, check, 1), 67,
	    "-n: a group that does not exist, too");
	ok(logged(f, "chopmark.conf:1: error: SocketGroup: there is no group"),
	    "is told with file and line");
	filter_write(f, &setup_texts);
	is_int(filter_run(f, nowhere, 3), 69, "a socket that cannot be made");

	bad.config = "Nameserver 192.0.2.1\nSocketMode 9\n";
	filter_write(f, &bad);
	is_int(filter_run(f, check, 1), 78, "-n: a bad configuration");
	ok(logged(f, "chopmark.conf:1: error:") &&
		logged(f, "chopmark.conf:2: error:"),
	    "every error is told with file and line");
	ok(logged(f, "Nameservers"), "and a suggestion");
	is_int(filter_run(f, NULL, 0), 78, "to serve, too");
	bad.config = NULL;
	bad.policy = "x: reject with probe if mailform is \"\"\n";
	filter_write(f, &bad);
	is_int(filter_run(f, check, 1), 78, "-n: a bad policy");
	ok(logged(f, "policy.conf:1: error:") && logged(f, "mailfrom"),
	    "is told with file, line and suggestion");
	filter_free(f);
}

static void
reloads(int sig)
{
	static const struct filter_texts next = {
		.policy = "other: reject with other if mailfrom.domain is "
			  "\"good.test\"\n",
		.replies = "reply other 550 5.7.2 DT:FROM\n  {tag} new\n"
	};
	static const struct filter_texts broken = { .policy = "other: refuse\n",
		.replies = "" };
	struct filter *f = filter_new(&setup_texts);
	struct mta *old, *new;

	ok(filter_start(f), "chopmarkd serves");
	old = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	mta_mail(old, "<a@good.test>");
	mta_rcpt(old, "<b@local.test>");
	filter_write(f, &next);
	filter_signal(f, sig);
	ok(filter_await(f, "configuration read again", 1), "a reload");
	mta_header(old, SL("From"), SL(" a@good.test"));
	mta_eoh(old);
	setup_passes(mta_end(old), "a message in hand keeps the old rules");
	setup_passes(setup_message(old, "a@good.test", "x"),
	    "so do the next ones of its session");
	new = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	is_text(mta_reply(new, setup_message(new, "a@good.test", "x")),
	    "550 5.7.2 DT:FROM new", "a new session has the new ones");
	mta_close(new);

	filter_write(f, &broken);
	filter_signal(f, sig);
	ok(filter_await(f, "is refused, the old one stays", 1),
	    "a bad configuration is refused");
	ok(logged(f, "policy.conf:1: "), "with file and line in the log");
	new = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	is_text(mta_reply(new, setup_message(new, "a@good.test", "x")),
	    "550 5.7.2 DT:FROM new", "and the one before stays in use");
	mta_close(new);
	setup_passes(setup_message(old, "a@good.test", "x"),
	    "the oldest session goes on");
	mta_close(old);
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
}

static void
many_reloads(void)
{
	struct filter *f = filter_new(&setup_texts);
	struct mta *m;

	ok(filter_start(f), "chopmarkd serves");
	m = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);
	for (unsigned i = 1; i <= 20; i++) {
		filter_signal(f, i % 2 != 0 ? SIGHUP : SIGUSR1);
		if (!filter_await(f, "configuration read again", i) ||
		    setup_message(m, "a@good.test", "x").verdict !=
			MTA_CONTINUE) {
			ok(false, "reload %u", i);
			break;
		}
	}
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "20 reloads under one session");
	mta_close(m);
	is_int(filter_stop(f), 0, "SIGTERM still ends it");
	filter_free(f);
}

static void
second_instance(void)
{
	static const char *const serve[] = { "-f" };
	struct filter *f = filter_new(&setup_texts);
	struct mta *m;
	pid_t first;

	ok(filter_start(f), "chopmarkd serves");
	first = f->pid;
	is_int(filter_run(f, serve, 1), 69,
	    "a second one does not take the socket");
	f->pid = first;
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "the first goes on serving");
	mta_close(m);
	filter_signal(f, SIGKILL);
	is_int(filter_wait(f), 256 + SIGKILL, "it is killed");
	is_int(access(f->socket, F_OK), 0, "and leaves its socket");
	ok(filter_start(f), "which the next one replaces");
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
}

static pid_t
pid_in(const char *path)
{
	FILE *in = fopen(path, "r");
	long pid = 0;

	if (in == NULL || fscanf(in, "%ld", &pid) != 1)
		pid = 0;
	if (in != NULL)
		(void)fclose(in);
	return (pid_t)pid;
}

static void
background(void)
{
	struct filter_texts t = setup_texts;
	struct filter *f = filter_new(&t);
	const char *args[] = { "-P", NULL };
	char path[96];
	struct mta *m;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/pid", f->dir);
	args[1] = path;
	is_int(filter_run(f, args, 2), 0,
	    "to the background: the command ends when it serves");
	pid = pid_in(path);
	ok(pid > 1, "the pid file names the daemon");
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	setup_passes(setup_message(m, "a@good.test", "x"), "it serves");
	mta_close(m);
	if (pid > 1)
		(void)kill(pid, SIGTERM);
	for (int i = 0; i < 6000 && access(path, F_OK) == 0; i++)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 },
		    NULL);
	ok(access(path, F_OK) != 0, "the pid file goes when it ends");
	t.policy = "x: refuse\n";
	filter_write(f, &t);
	is_int(filter_run(f, args, 2), 78,
	    "an error after the fork is the command's exit code");
	ok(logged(f, "policy.conf:1: error:"), "and seen where it was started");
	ok(access(path, F_OK) != 0, "no pid file is left");
	filter_free(f);
}

static void
peers(void)
{
	struct filter_texts t = setup_texts;
	struct filter *f;
	struct mta *m;

	t.config = "PeerList 192.0.2.0/28\n";
	f = filter_new(&t);
	ok(filter_start(f), "chopmarkd serves");
	m = mta_open(f->socket, MTA_POSTFIX);
	if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL))
		abort();
	is_int(mta_connect(m, "x", "192.0.2.9", 1).verdict, MTA_ACCEPT,
	    "a client in PeerList is passed on");
	mta_close(m);
	m = mta_open(f->socket, MTA_POSTFIX);
	if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL))
		abort();
	is_int(mta_connect(m, "x", "192.0.2.99", 1).verdict, MTA_CONTINUE,
	    "another one is not");
	mta_close(m);
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
}

/* A connection over TCP, or NULL. */
static struct mta *
dial(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) != 0) {
		close(fd);
		return NULL;
	}
	return mta_open_fd(fd, MTA_SENDMAIL);
}

/* One test: the connection becomes a session and a message passes. */
static void
is_served(struct mta *m, const char *what)
{
	if (ok(m != NULL && mta_negotiate(m, MTA_OFFER_FULL), "%s", what))
		setup_passes(setup_message(m, "a@good.test", "x"),
		    "and a message passes");
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t n = sizeof(in);

	if (getsockname(fd, (struct sockaddr *)&in, &n) != 0)
		abort();
	return ntohs(in.sin_port);
}

static int
tcp_socket(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0)
		abort();
	return fd;
}

/* A socket that was handed over stays open, and who connects to it while we
 * end waits for our successor. */
static void
handed_over(void)
{
	const char *args[] = { "-f", "-p", NULL };
	struct filter *f = filter_new(&setup_texts);
	int fd = tcp_socket();
	char socket_text[32];
	struct mta *m, *late;

	(void)snprintf(socket_text, sizeof(socket_text), "fd:%d", fd);
	args[2] = socket_text;
	ok(filter_start_with(f, args, 3, "serves fd:"),
	    "it serves a socket that was handed over");
	m = dial(port_of(fd));
	is_served(m, "a session comes in");
	filter_signal(f, SIGTERM);
	ok(filter_await(f, "stopping; 1 sessions are open", 1), "SIGTERM");
	/* the queue is left alone as soon as libmilter polls anew */
	mta_close(dial(port_of(fd)));
	late = dial(port_of(fd));
	mta_close(m);
	is_int(filter_wait(f), 0, "the filter ends");
	ok(filter_start_with(f, args, 3, "serves fd:"),
	    "a successor serves the same socket");
	is_served(late, "who came in between is served by it");
	mta_close(late);
	is_int(filter_stop(f), 0, "it ends");
	close(fd);
	filter_free(f);
}

static void
a_port(void)
{
	const char *args[] = { "-f", "-p", NULL };
	struct filter *f = filter_new(&setup_texts);
	char socket_text[48];
	uint16_t port;
	struct mta *m;
	int fd = tcp_socket();

	port = port_of(fd);
	close(fd);
	(void)snprintf(socket_text, sizeof(socket_text), "inet:%u@127.0.0.1",
	    (unsigned)port);
	args[2] = socket_text;
	ok(filter_start_with(f, args, 3, "serves inet:"),
	    "it serves a port of loopback");
	m = dial(port);
	is_served(m, "a session comes in");
	mta_close(m);
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
}

static void
tells_the_service_manager(void)
{
	static const char *const in_order[] = { "READY=1", "RELOADING=1",
		"READY=1", "STOPPING=1" };
	struct filter *f = filter_new(&setup_texts);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char got[256];

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s/notify", f->dir);
	if (bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0 ||
	    setenv("NOTIFY_SOCKET", un.sun_path, 1) != 0)
		abort();
	/* no -f: being told to notify is enough to stay */
	ok(filter_start_with(f, NULL, 0, "serves unix:"), "it serves");
	(void)unsetenv("NOTIFY_SOCKET");
	for (size_t i = 0; i < ARRAY_LEN(in_order); i++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n =
		    poll(&p, 1, 60000) == 1 ? recv(fd, got, sizeof(got), 0) : 0;

		ok(n > 0 &&
			slice_starts(slice_of(got, (size_t)n),
			    slice_c(in_order[i])),
		    "%s", in_order[i]);
		if (i == 0)
			filter_signal(f, SIGHUP);
		if (i == 2)
			filter_signal(f, SIGTERM);
	}
	is_int(filter_wait(f), 0, "it ends");
	close(fd);
	(void)unlink(un.sun_path);
	filter_free(f);
}

/* All messages are sent to their end before any answer is read. Without the
 * kick some sessions are served only after others, one DNS wait later each
 * time; all must finish either way, so this counts and does not time. */
static void
many_wait_at_once(void)
{
	struct filter_texts t = setup_quiet_texts;
	struct mta *m[WAITING];
	unsigned asked = 0, answered = 0;
	struct filter *f;

	t.zone = "$DELAY 300\n"
		 "good.test TXT \"v=spf1 include:_spf.good.test -all\"\n"
		 "_spf.good.test TXT \"v=spf1 ip4:192.0.2.9 -all\"\n";
	f = filter_new(&t);
	ok(filter_start(f), "chopmarkd serves, its DNS is slow");
	for (size_t i = 0; i < WAITING; i++) {
		m[i] = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
		mta_mail(m[i], "<a@good.test>");
		mta_rcpt(m[i], "<b@local.test>");
		mta_header(m[i], SL("From"), SL(" a@good.test"));
		mta_eoh(m[i]);
		asked += mta_end_ask(m[i]);
	}
	for (size_t i = 0; i < WAITING; i++) {
		if (mta_end_wait(m[i]).verdict == MTA_CONTINUE &&
		    slice_search(mta_headers(m[i]), SL("spf=pass")) !=
			SLICE_NONE)
			answered++;
		mta_close(m[i]);
	}
	is_int(asked, WAITING, "%d sessions at the end of message", WAITING);
	is_int(answered, WAITING, "all are judged");
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
}

int
main(void)
{
	exit_codes();
	reloads(SIGHUP);
	reloads(SIGUSR1);
	many_reloads();
	second_instance();
	background();
	peers();
	a_port();
	handed_over();
#ifdef HAVE_SYSTEMD
	tells_the_service_manager();
#else
	skip("built without libsystemd", "telling the service manager");
#endif
	many_wait_at_once();
	return tap_done();
}
