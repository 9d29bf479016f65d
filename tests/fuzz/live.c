/* SPDX-License-Identifier: BSD-2-Clause
 *
 * live: see live.h.
 */
#include "fuzz/live.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "daemon/reload.h"
#include "fuzz/settings.h"

#define HEARD_MAX ((size_t)16 << 20)
#define SILENCE_MS 60000

static char directory[] = "/tmp/chopmark-fuzz-XXXXXX";
static char path[64], secret[64];

static void
clean_up(void)
{
	(void)unlink(path);
	(void)unlink(secret);
	(void)rmdir(directory);
}

const char *
live_secret(struct slice text)
{
	int fd;

	(void)snprintf(secret, sizeof(secret), "%s/secret", directory);
	fd = open(secret, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FUZZ_DEMAND(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n &&
	    close(fd) == 0);
	return secret;
}

void
live_listen(struct listener *l)
{
	struct socket_spec spec = { .kind = SOCKET_UNIX, .path = path };
	struct listen_options o = { .socket = &spec,
		.mode = 0600,
		.owner = LISTEN_KEEP,
		.group = LISTEN_KEEP };
	char why[LISTEN_WHY];

	FUZZ_DEMAND(mkdtemp(directory) != NULL && atexit(clean_up) == 0);
	(void)snprintf(path, sizeof(path), "%s/s", directory);
	FUZZ_DEMAND(listen_open(&o, l, why) == 0);
}

void
live_configure(const char *config, const char *zone, const char *policy)
{
	struct arena *a = arena_new(FUZZ_ARENA);
	char zone_file[FUZZ_PATH], policy_file[FUZZ_PATH];
	struct snapshot *s;

	FUZZ_DEMAND(a != NULL);
	fuzz_keep_file(slice_c(zone), zone_file);
	fuzz_keep_file(slice_c(policy != NULL ? policy : ""), policy_file);
	s = fuzz_settings(a,
	    arena_printf(a,
		"%sTestDNSData %s\nPolicyFile %s\nRepliesFile " CM_SRCDIR
		"/conf/replies.conf\n",
		config, zone_file,
		policy != NULL ? policy_file : CM_SRCDIR "/conf/policy.conf"));
	reload_install(s);
	arena_free(a);
}

/* Takes what has come. False: that was the end. */
static bool
hear(int fd, struct buf *heard)
{
	char room[4096];
	ssize_t n = recv(fd, room, sizeof(room), MSG_DONTWAIT);

	if (n > 0)
		buf_add(heard, slice_of(room, (size_t)n));
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Says a piece. False: nobody listens any more. */
static bool
say(int fd, struct slice *text, size_t piece)
{
	size_t n = text->n < piece ? text->n : piece;
	ssize_t sent = send(fd, text->p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	*text = slice_from(*text, (size_t)sent);
	return true;
}

struct slice
live_talk(struct arena *a, const struct listener *l, struct slice text,
    size_t piece)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ended = false;
	struct buf heard;

	buf_init(&heard, a, HEARD_MAX);
	FUZZ_DEMAND(fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&l->address, l->address_len) ==
		0);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (text.n == 0 && !ended) {
			(void)shutdown(fd, SHUT_WR);
			ended = true;
		}
		if (!ended)
			p.events |= POLLOUT;
		FUZZ_DEMAND(poll(&p, 1, SILENCE_MS) > 0);
		if ((p.revents & POLLOUT) != 0 && !ended &&
		    !say(fd, &text, piece))
			text.n = 0;
		if ((p.revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    !hear(fd, &heard))
			break;
	}
	(void)close(fd);
	FUZZ_DEMAND(buf_ok(&heard));
	return buf_slice(&heard);
}
