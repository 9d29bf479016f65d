/* SPDX-License-Identifier: BSD-2-Clause
 *
 * lookups: asks the SRS maps of the filter all the while: a sender is
 * rewritten, what came of it is taken back, what was tampered with is not,
 * and a client that talks nonsense loses its connection and nothing else.
 */
#include "soak/soak.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"

#define PAUSE_MS 20
#define PER_CONNECTION 50
#define REPLY_MAX 1024

static int
dial(const struct soak *s)
{
	struct timeval patience = { .tv_sec = 60 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", s->map);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		sizeof(patience)) == 0 &&
	    connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* A whole netstring off the stream; "" if none came. */
static struct slice
read_reply(int fd, char room[REPLY_MAX])
{
	size_t n = 0;

	while (n < REPLY_MAX) {
		struct slice got;
		size_t colon;
		uint64_t want;
		ssize_t more = read(fd, room + n, REPLY_MAX - n);

		if (more <= 0)
			break;
		n += (size_t)more;
		got = slice_of(room, n);
		colon = slice_chr(got, ':');
		if (colon == SLICE_NONE)
			continue;
		if (num_parse(slice_sub(got, 0, colon), REPLY_MAX, &want) != 0)
			break;
		if (n == colon + want + 2)
			return slice_sub(got, colon + 1, want);
	}
	return SL("");
}

/* "NAME KEY", in two pieces now and then. */
static struct slice
ask(int fd, const char *table, struct slice key, uint32_t *seed,
    char room[REPLY_MAX])
{
	char request[512];
	size_t n, cut;

	n = (size_t)snprintf(request, sizeof(request), "%zu:%s %.*s,",
	    strlen(table) + 1 + key.n, table, SL_ARG(key));
	cut = soak_random(seed, 4) == 0 ? soak_random(seed, (uint32_t)n) : 0;
	if (!packet_write_raw(fd, slice_of(request, cut)) ||
	    !packet_write_raw(fd, slice_of(request + cut, n - cut)))
		return SL("");
	return read_reply(fd, room);
}

/* There, back, and back with one letter changed. */
static void
round_trip(struct soak *s, int fd, uint32_t *seed)
{
	char room[REPLY_MAX], sender[64], there[REPLY_MAX];
	struct slice got;
	size_t at;

	(void)snprintf(sender, sizeof(sender), "u%u@d%u.example",
	    soak_random(seed, 1000000), soak_random(seed, 1000));
	got = ask(fd, "forward", slice_c(sender), seed, room);
	if (!slice_starts(got, SL("OK SRS0=")) || got.n >= sizeof(there) ||
	    !slice_ends(got, SL("@srs.local.test"))) {
		soak_wrong(s, "forward %s: %.*s", sender, SL_ARG(got));
		return;
	}
	(void)snprintf(there, sizeof(there), "%.*s",
	    SL_ARG(slice_from(got, 3)));
	got = ask(fd, "reverse", slice_c(there), seed, room);
	if (!slice_starts(got, SL("OK ")) ||
	    !slice_eq(slice_from(got, 3), slice_c(sender)))
		soak_wrong(s, "reverse %s: %.*s", there, SL_ARG(got));
	at = slice_search(slice_c(there), SL("=u")) + 1;
	there[at] = 'v'; /* another user: the hash is wrong */
	got = ask(fd, "reverse", slice_c(there), seed, room);
	if (!slice_starts(got, SL("NOTFOUND")))
		soak_wrong(s, "forged %s: %.*s", there, SL_ARG(got));
	atomic_fetch_add(&s->lookups, 3);
}

/* Something that is no request: no answer, and the end of the connection; or
 * half of one, and then this client goes. */
static void
break_off(struct soak *s, int fd, uint32_t *seed)
{
	static const struct slice nonsense[] = {
		SLICE_INIT("99999999999:forward x,"),
		SLICE_INIT("GET / HTTP/1.0\r\n\r\n"),
		SLICE_INIT("-1:,"),
		SLICE_INIT("9:forward a;"),
		SLICE_INIT("\xff\xff\xff\xff"),
		SLICE_INIT("00000000000009:forward a,"),
	};
	size_t i = soak_random(seed, ARRAY_LEN(nonsense) + 2);
	char room[REPLY_MAX];

	atomic_fetch_add(&s->broken_lookups, 1);
	if (i >= ARRAY_LEN(nonsense)) {
		(void)packet_write_raw(fd,
		    slice_sub(SL("20:forward half@a.exam"), 0, 4 + i));
		return;
	}
	if (packet_write_raw(fd, nonsense[i]) && read_reply(fd, room).n > 0)
		soak_wrong(s, "nonsense %zu was answered", i);
}

void *
lookups_run(void *arg)
{
	struct soak *s = arg;
	uint32_t seed = 1;

	while (!atomic_load(&s->enough)) {
		int fd = dial(s);

		if (fd < 0) {
			soak_wrong(s, "nobody listens on %s", s->map);
			return NULL;
		}
		for (unsigned i = 0;
		     i < PER_CONNECTION && !atomic_load(&s->enough); i++) {
			round_trip(s, fd, &seed);
			soak_sleep(PAUSE_MS);
		}
		break_off(s, fd, &seed);
		(void)close(fd);
	}
	return NULL;
}
