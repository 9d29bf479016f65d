/* SPDX-License-Identifier: BSD-2-Clause
 *
 * listen: see listen.h.
 *
 * A unix socket is born with its final mode by the umask, is given away, and
 * only then listens: between bind() and listen() a connect() is refused, so
 * there is no moment at which the wrong one gets in.
 *
 * For just as long it looks stale to another one of us that starts at the same
 * time, and would be removed: so whoever looks and binds holds the directory by
 * flock().
 */
#include "daemon/listen.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"

#define DRAIN_ROUNDS 100
#define DRAIN_ROUND_NS 2000000L
#define HOLD_ROUNDS 250 /* five seconds, and on without: anyone may hold it */
#define HOLD_ROUND_NS 20000000L

static void
say(char why[LISTEN_WHY], const char *what, const char *text)
{
	(void)snprintf(why, LISTEN_WHY, "%s: %s", what, text);
}

/* Keeps others of us from the directory of the path; -1: cannot. */
static int
hold_directory(const char *path)
{
	const struct timespec pause = { .tv_nsec = HOLD_ROUND_NS };
	const char *slash = strrchr(path, '/');
	char dir[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1] = ".";
	int fd;

	if (slash != NULL)
		(void)snprintf(dir, sizeof(dir), "%.*s",
		    slash == path ? 1 : (int)(slash - path), path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && i < HOLD_ROUNDS; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
		(void)nanosleep(&pause, NULL);
	}
	return fd;
}

/* Removes what a dead process left at the path. */
static int
remove_stale(const struct sockaddr_un *un, char why[LISTEN_WHY])
{
	struct stat st;
	int fd, err;

	if (lstat(un->sun_path, &st) != 0) {
		if (errno == ENOENT)
			return 0;
		say(why, un->sun_path, strerror(errno));
		return ERR_IO;
	}
	if (!S_ISSOCK(st.st_mode)) {
		say(why, un->sun_path,
		    "exists and is not a socket; "
		    "it is left alone");
		return ERR_UNSAFE;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		say(why, un->sun_path, strerror(errno));
		return ERR_IO;
	}
	err = connect(fd, (const struct sockaddr *)un, sizeof(*un)) == 0 ?
	    0 :
	    errno;
	close(fd);
	if (err == ECONNREFUSED) {
		if (unlink(un->sun_path) == 0 || errno == ENOENT)
			return 0;
		say(why, un->sun_path, strerror(errno));
		return ERR_IO;
	}
	say(why, un->sun_path,
	    err == 0 || err == EAGAIN ? "another process listens there" :
					strerror(err));
	return ERR_UNSAFE;
}

static int
open_unix(const struct listen_options *o, struct listener *l,
    char why[LISTEN_WHY])
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n = strlen(o->socket->path);
	struct stat st;
	mode_t before;
	int err;

	if (n >= sizeof(un.sun_path)) {
		say(why, o->socket->path,
		    "the path of a socket is at most 107 bytes long");
		return ERR_IO;
	}
	memcpy(un.sun_path, o->socket->path, n + 1);
	err = remove_stale(&un, why);
	if (err != 0)
		return err;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	before = umask(~(mode_t)o->mode & 0777);
	err = l->fd < 0 || bind(l->fd, (struct sockaddr *)&un, sizeof(un)) != 0;
	(void)umask(before);
	if (err != 0) {
		say(why, un.sun_path, strerror(errno));
		return ERR_IO;
	}
	memcpy(l->path, un.sun_path, sizeof(l->path));
	memcpy(&l->address, &un, sizeof(un));
	l->address_len = sizeof(un);
	if (lstat(l->path, &st) == 0) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	if ((o->owner != LISTEN_KEEP || o->group != LISTEN_KEEP) &&
	    lchown(l->path, (uid_t)o->owner, (gid_t)o->group) != 0) {
		(void)snprintf(why, LISTEN_WHY,
		    "%s: cannot give it to user %d, group %d: %s", l->path,
		    (int)o->owner, (int)o->group, strerror(errno));
		return ERR_IO;
	}
	return 0;
}

/* What a client on this host connects to: not "any", but loopback. */
static void
note_address(struct listener *l)
{
	struct sockaddr_in *in = (void *)&l->address;
	struct sockaddr_in6 *in6 = (void *)&l->address;

	l->address_len = sizeof(l->address);
	if (getsockname(l->fd, (struct sockaddr *)&l->address,
		&l->address_len) != 0) {
		l->address_len = 0;
		return;
	}
	if (l->address.ss_family == AF_INET &&
	    in->sin_addr.s_addr == htonl(INADDR_ANY))
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (l->address.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		in6->sin6_addr = in6addr_loopback;
}

static int
open_inet(const struct socket_spec *s, struct listener *l, char why[LISTEN_WHY])
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_family = s->kind == SOCKET_INET6 ? AF_INET6 : AF_INET };
	const char *name = s->host != NULL ? s->host : "any address";
	struct addrinfo *found = NULL;
	const int on = 1;
	char port[8];
	int err;

	(void)snprintf(port, sizeof(port), "%u", (unsigned)s->port);
	err = getaddrinfo(s->host, port, &hints, &found);
	if (err != 0) {
		say(why, name, gai_strerror(err));
		return ERR_IO;
	}
	l->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	err = l->fd < 0 ||
	    setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(l->fd, found->ai_addr, found->ai_addrlen) != 0;
	freeaddrinfo(found);
	if (err != 0) {
		(void)snprintf(why, LISTEN_WHY, "port %s at %s: %s", port, name,
		    strerror(errno));
		return ERR_IO;
	}
	note_address(l);
	return 0;
}

static int
open_inherited(const struct socket_spec *s, struct listener *l,
    char why[LISTEN_WHY])
{
	socklen_t n = sizeof(int);
	int type = 0;

	l->fd = s->fd;
	if (getsockopt(l->fd, SOL_SOCKET, SO_TYPE, &type, &n) != 0 ||
	    type != SOCK_STREAM || fcntl(l->fd, F_SETFD, FD_CLOEXEC) != 0) {
		l->fd = -1;
		(void)snprintf(why, LISTEN_WHY,
		    "no stream socket was handed over as descriptor %d", s->fd);
		return ERR_IO;
	}
	l->inherited = true;
	note_address(l);
	return 0;
}

static int
open_any(const struct listen_options *o, struct listener *l,
    char why[LISTEN_WHY])
{
	switch (o->socket->kind) {
	case SOCKET_UNIX:
		return open_unix(o, l, why);
	case SOCKET_INET:
	case SOCKET_INET6:
		return open_inet(o->socket, l, why);
	case SOCKET_FD:
		return open_inherited(o->socket, l, why);
	}
	return ERR_BUG;
}

int
listen_open(const struct listen_options *o, struct listener *l,
    char why[LISTEN_WHY])
{
	int held = -1, err;

	*l = (struct listener){ .fd = -1 };
	if (o->socket->kind == SOCKET_UNIX)
		held = hold_directory(o->socket->path);
	err = open_any(o, l, why);
	if (err == 0 && listen(l->fd, SOMAXCONN) != 0) {
		say(why, "listen", strerror(errno));
		err = ERR_IO;
	}
	if (held >= 0)
		close(held);
	if (err != 0)
		listen_close(l);
	return err;
}

static void
unlink_own(struct listener *l)
{
	struct stat st;

	/* In a directory of root's this fails once we are not: then the next
	 * start finds a stale socket, which it removes. */
	if (l->path[0] != '\0' && lstat(l->path, &st) == 0 &&
	    st.st_dev == l->dev && st.st_ino == l->ino)
		(void)unlink(l->path);
	l->path[0] = '\0';
}

void
listen_drain(struct listener *l)
{
	struct timespec pause = { .tv_nsec = DRAIN_ROUND_NS };
	int deaf;

	unlink_own(l);
	for (int i = 0; i < DRAIN_ROUNDS && !l->inherited; i++) {
		struct pollfd p = { .fd = l->fd, .events = POLLIN };

		if (poll(&p, 1, 0) <= 0)
			break;
		(void)nanosleep(&pause, NULL);
	}
	/* An eventfd that is never written to never polls readable, and unlike
	 * another listening socket it is nothing that anyone could find and
	 * connect to. */
	deaf = eventfd(0, EFD_CLOEXEC);
	if (deaf < 0)
		return;
	(void)dup3(deaf, l->fd, O_CLOEXEC);
	close(deaf);
}

void
listen_close(struct listener *l)
{
	if (l->fd < 0)
		return;
	unlink_own(l);
	close(l->fd);
	l->fd = -1;
}
