/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Our socket: mode, what stands in its way, and the end of it.
 */
#include "daemon/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/tap.h"

/* The linker leads calls of bind() and listen() here: what is at the path at
 * these two moments is what anyone can see of a socket being made. */
int __real_bind(int fd, const struct sockaddr *sa, socklen_t n);
int __real_listen(int fd, int backlog);
int __wrap_bind(int fd, const struct sockaddr *sa, socklen_t n);
int __wrap_listen(int fd, int backlog);

static struct {
	unsigned mode, uid, gid;
	int connect; /* errno of who tried */
} bound, listening;

static char dir[] = "/tmp/chopmark-listen-XXXXXX";
static char path[64];

static int
open_unix(struct listener *l, unsigned mode, char why[LISTEN_WHY])
{
	struct socket_spec spec = { .kind = SOCKET_UNIX, .path = path };
	struct listen_options o = { .socket = &spec,
		.mode = mode,
		.owner = LISTEN_KEEP,
		.group = LISTEN_KEEP };

	why[0] = '\0';
	return listen_open(&o, l, why);
}

/* 0 or errno. */
static int
dial(const struct listener *l, int *fd)
{
	*fd = socket(l->address.ss_family, SOCK_STREAM, 0);
	if (connect(*fd, (const struct sockaddr *)&l->address,
		l->address_len) == 0)
		return 0;
	return errno;
}

static int
try_connect(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), err = 0;

	memcpy(un.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0)
		err = errno;
	close(fd);
	return err;
}

int
__wrap_bind(int fd, const struct sockaddr *sa, socklen_t n)
{
	struct stat st = { 0 };
	int err = __real_bind(fd, sa, n);

	if (err == 0 && sa->sa_family == AF_UNIX && lstat(path, &st) == 0) {
		bound.mode = st.st_mode & 0777;
		bound.connect = try_connect();
	}
	return err;
}

int
__wrap_listen(int fd, int backlog)
{
	struct stat st = { 0 };

	if (lstat(path, &st) == 0) {
		listening.mode = st.st_mode & 0777;
		listening.uid = st.st_uid;
		listening.gid = st.st_gid;
		listening.connect = try_connect();
	}
	return __real_listen(fd, backlog);
}

/* At no moment does anyone get in who may not. */
static void
no_window(void)
{
	struct socket_spec spec = { .kind = SOCKET_UNIX, .path = path };
	struct listen_options o = { .socket = &spec,
		.mode = 0620,
		.owner = LISTEN_KEEP,
		.group = LISTEN_KEEP };
	bool root = geteuid() == 0;
	char why[LISTEN_WHY];
	struct listener l;

	if (root) {
		o.owner = 65534;
		o.group = 12345;
	}
	(void)umask(0);
	is_int(listen_open(&o, &l, why), 0, "opens under an open umask");
	(void)umask(022);
	is_int(bound.mode, 0620, "the socket is born with its mode");
	is_int(bound.connect, ECONNREFUSED, "and nobody can connect then");
	is_int(listening.mode, 0620, "before it listens it has that mode");
	is_int(listening.connect, ECONNREFUSED, "nobody could connect so far");
	if (root)
		ok(listening.uid == 65534 && listening.gid == 12345,
		    "and its owner and group");
	else
		skip("needs root", "giving the socket away");
	listen_close(&l);
}

/* Binds, tells, waits a moment, listens: as another one of us that starts. */
static A_NORETURN void
be_another(int tell)
{
	const struct timespec moment = { .tv_nsec = 300000000 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int held = open(dir, O_RDONLY | O_DIRECTORY);

	memcpy(un.sun_path, path, strlen(path) + 1);
	if (flock(held, LOCK_EX) != 0 ||
	    __real_bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0 ||
	    write(tell, "", 1) != 1)
		_exit(1);
	(void)nanosleep(&moment, NULL);
	if (__real_listen(fd, 1) != 0)
		_exit(1);
	close(held);
	(void)pause();
	_exit(0);
}

static void
two_at_once(void)
{
	char why[LISTEN_WHY], byte;
	struct listener l;
	int told[2];
	pid_t pid;

	if (pipe(told) != 0)
		abort();
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		be_another(told[1]);
	if (pid < 0 || read(told[0], &byte, 1) != 1)
		abort();
	is_int(open_unix(&l, 0600, why), ERR_UNSAFE,
	    "another one that is just starting keeps its socket");
	is_int(try_connect(), 0, "and serves it");
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	is_int(open_unix(&l, 0600, why), 0, "once it is dead it is replaced");
	listen_close(&l);
	close(told[0]);
	close(told[1]);
}

static void
mode_and_reach(void)
{
	static const unsigned modes[] = { 0660, 0600, 0666 };
	char why[LISTEN_WHY];
	struct listener l;
	struct stat st;
	int fd;

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		is_int(open_unix(&l, modes[i], why), 0, "opens: %s", why);
		ok(lstat(path, &st) == 0 && (st.st_mode & 0777) == modes[i],
		    "the socket has mode %o", modes[i]);
		is_int(dial(&l, &fd), 0, "somebody can connect");
		close(fd);
		listen_close(&l);
		ok(lstat(path, &st) != 0, "it is gone when closed");
	}
	is_int((int64_t)umask(022), 022, "the umask is what it was");
}

static void
what_stands_in_the_way(void)
{
	char why[LISTEN_WHY];
	struct listener l, other;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	is_int(open_unix(&l, 0600, why), 0, "one listens");
	is_int(open_unix(&other, 0600, why), ERR_UNSAFE,
	    "another may not take its place");
	ok(slice_search(slice_c(why), SL("another process")) != SLICE_NONE,
	    "and is told why");
	is_int(dial(&l, &fd), 0, "the first still answers");
	close(fd);
	listen_close(&l);

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(un.sun_path, path, strlen(path) + 1);
	if (bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0)
		abort();
	close(fd);
	is_int(open_unix(&l, 0600, why), 0, "a stale socket is replaced: %s",
	    why);
	listen_close(&l);

	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	is_int(open_unix(&l, 0600, why), ERR_UNSAFE, "a file is left alone");
	is_int(access(path, F_OK), 0, "and still there");
	unlink(path);
	if (symlink("/nowhere", path) != 0)
		abort();
	is_int(open_unix(&l, 0600, why), ERR_UNSAFE, "so is a symbolic link");
	unlink(path);
}

static void
only_our_own_is_unlinked(void)
{
	char why[LISTEN_WHY];
	struct listener l;

	is_int(open_unix(&l, 0600, why), 0, "opens");
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	listen_close(&l);
	is_int(access(path, F_OK), 0, "what a successor put there stays");
	unlink(path);
}

static void
draining(void)
{
	char why[LISTEN_WHY];
	struct listener l;
	struct pollfd p;
	int fd, was;

	is_int(open_unix(&l, 0600, why), 0, "opens");
	was = l.fd;
	listen_drain(&l);
	is_int(dial(&l, &fd), ENOENT, "nobody finds it any more");
	close(fd);
	is_int(l.fd, was, "the descriptor libmilter polls stays open");
	p = (struct pollfd){ .fd = l.fd, .events = POLLIN };
	is_int(poll(&p, 1, 0), 0, "and is never ready");
	listen_close(&l);
}

static void
inet_and_inherited(void)
{
	struct socket_spec spec = { .kind = SOCKET_FD };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct listen_options o = { .socket = &spec,
		.owner = LISTEN_KEEP,
		.group = LISTEN_KEEP };
	char why[LISTEN_WHY];
	struct listener l;
	int fd, client;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0)
		abort();
	spec.fd = fd;
	is_int(listen_open(&o, &l, why), 0, "a descriptor handed over serves");
	is_int(dial(&l, &client), 0,
	    "bound to every address it is reached by loopback");
	close(client);
	memcpy(&in, &l.address, sizeof(in));
	spec = (struct socket_spec){ .kind = SOCKET_INET,
		.host = "127.0.0.1",
		.port = ntohs(in.sin_port) };
	listen_close(&l);
	is_int(listen_open(&o, &l, why), 0, "a port on loopback opens: %s",
	    why);
	is_int(dial(&l, &client), 0, "and answers");
	close(client);
	listen_close(&l);
	spec = (struct socket_spec){ .kind = SOCKET_FD, .fd = 999 };
	is_int(listen_open(&o, &l, why), ERR_IO,
	    "a descriptor that is not there is refused");
}

int
main(void)
{
	(void)umask(022);
	if (mkdtemp(dir) == NULL)
		return 99;
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	no_window();
	two_at_once();
	mode_and_reach();
	what_stands_in_the_way();
	only_our_own_is_unlinked();
	draining();
	inet_and_inherited();
	rmdir(dir);
	return tap_done();
}
