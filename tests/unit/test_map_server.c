/* SPDX-License-Identifier: BSD-2-Clause
 *
 * map_server: who keeps a connection and does not use it. The server's clock is
 * put forward; answers, garbage and many clients at once are seen to by
 * tests/wire/test_socketmap.py.
 */
#include "daemon/map_server.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "daemon/reload.h"
#include "unit/config_lib.h"

#define CONFIG                                                  \
	"Hostname mx.test\nPolicyFile \"\"\nRepliesFile \"\"\n" \
	"TestDNSData zone\nSRSDomain fwd.example.net\n"         \
	"SRSSecretFile secret\nLocalDomains local.test\n"

#define PATIENCE_MS 60000 /* for what must happen */
#define SECOND 1000

/* The linker leads calls of clock_mono_ms() here. */
int64_t __real_clock_mono_ms(void);
int64_t __wrap_clock_mono_ms(void);

static _Atomic int64_t ahead;

int64_t
__wrap_clock_mono_ms(void)
{
	return __real_clock_mono_ms() + atomic_load(&ahead);
}

static void
wait_seconds(int64_t s)
{
	atomic_fetch_add(&ahead, s * SECOND);
}

static struct listener listener;

static void
begin(void)
{
	struct config_source src = { .path = config_lib_path("chopmark.conf") };
	const struct socket_spec spec = { .kind = SOCKET_UNIX,
		.path = unconst(config_lib_path("srs.sock")) };
	const struct listen_options o = { .socket = &spec,
		.mode = 0600,
		.owner = LISTEN_KEEP,
		.group = LISTEN_KEEP };
	struct problems problems;
	struct snapshot *s;
	char why[LISTEN_WHY];

	config_lib_write("zone", "");
	config_lib_write("secret", "first secret of ours\n");
	config_lib_write("chopmark.conf", CONFIG);
	problems_init(&problems, t_arena());
	s = snapshot_load(&src, NULL, &problems);
	if (s == NULL || listen_open(&o, &listener, why) != 0)
		abort();
	reload_install(s);
}

static int
dial(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&listener.address,
		listener.address_len) != 0)
		abort();
	return fd;
}

static void
say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		note("cannot write");
}

/* The server's word is awaited: there is something to read. */
static bool
hears(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1;
}

/* Asked for an address of our own, which stays. */
static bool
is_served(int fd)
{
	char reply[64];
	ssize_t n;

	say(fd, "23:forward user@local.test,");
	if (!hears(fd, PATIENCE_MS))
		return false;
	n = read(fd, reply, sizeof(reply));
	return n == 12 && memcmp(reply, "9:NOTFOUND ,", 12) == 0;
}

static bool
is_closed(int fd)
{
	char c;

	return hears(fd, PATIENCE_MS) && read(fd, &c, 1) <= 0;
}

static void
test_half_a_request(void)
{
	int half = dial(), other = dial();

	ok(is_served(half) && is_served(other), "both are served");
	say(half, "23:forward us");
	ok(is_served(other), "half a request holds nobody up");
	wait_seconds(MOST_MAP_HALF - 5);
	ok(is_served(other), "nor does it a while later");
	say(half, "er@local.test,");
	ok(hears(half, PATIENCE_MS), "and is answered with its rest");
	(void)close(half);
	half = dial();
	say(half, "23:");
	ok(is_served(other), "half a request again");
	wait_seconds(MOST_MAP_HALF + 1);
	ok(is_closed(half), "is not waited for any longer");
	is_int((int64_t)limits_counted(LIMIT_MAP_HALF), 1, "which is counted");
	ok(is_served(other), "who is merely silent is waited for");
	(void)close(half);
	(void)close(other);
}

static void
test_takes_no_reply(void)
{
	static const char request[] = "23:forward user@local.test,";
	int deaf = dial(), other = dial(), none = 0;
	struct pollfd p = { .fd = deaf, .events = POLLOUT };
	uint64_t before = limits_counted(LIMIT_MAP_HALF);

	/* until neither side's buffers take more */
	while (none < 20) {
		if (poll(&p, 1, 100) == 1) {
			none = 0;
			say(deaf, request);
		} else
			none++;
	}
	wait_seconds(MOST_MAP_HALF + 1);
	ok(is_served(other), "others are served");
	p = (struct pollfd){ .fd = deaf };
	ok(poll(&p, 1, PATIENCE_MS) == 1 && (p.revents & POLLHUP) != 0,
	    "who takes no replies is left");
	is_int((int64_t)(limits_counted(LIMIT_MAP_HALF) - before), 1,
	    "which is counted");
	(void)close(deaf);
	(void)close(other);
}

static void
test_silence(void)
{
	int silent = dial(), other = dial();

	ok(is_served(silent) && is_served(other), "both are served");
	wait_seconds(MOST_MAP_IDLE - 60);
	ok(is_served(other), "one asks again");
	wait_seconds(120);
	ok(is_closed(silent), "the other has been silent for too long");
	is_int((int64_t)limits_counted(LIMIT_MAP_IDLE), 1, "which is counted");
	ok(is_served(other), "who asks now and then stays");
	(void)close(silent);
	(void)close(other);
}

static void
test_ceiling(void)
{
	static int fds[MOST_MAP_CLIENTS];
	struct rlimit most;
	int one_more;

	if (getrlimit(RLIMIT_NOFILE, &most) != 0)
		abort();
	most.rlim_cur = most.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &most);
	if (most.rlim_max < 2 * MOST_MAP_CLIENTS + 64) {
		skip("too few descriptors", "as many connections as may be");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = dial();
	ok(is_served(fds[ARRAY_LEN(fds) - 1]), "the last of %zu connections",
	    ARRAY_LEN(fds));
	wait_seconds(1);
	ok(is_served(fds[0]), "the first asks again");
	one_more = dial();
	ok(is_served(one_more), "there is room for one more");
	ok(is_served(fds[0]), "who asked lately stays");
	is_int((int64_t)limits_counted(LIMIT_MAP_CLIENTS), 1,
	    "another one went");
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		(void)close(fds[i]);
	(void)close(one_more);
}

int
main(void)
{
	struct map_server *s;

	config_lib_begin();
	begin();
	s = map_server_start(&listener);
	if (ok(s != NULL, "it serves")) {
		test_half_a_request();
		test_takes_no_reply();
		test_silence();
		test_ceiling();
		ok(map_server_stop(s), "it ends");
	}
	listen_close(&listener);
	reload_install(NULL);
	config_lib_end();
	return tap_done();
}
