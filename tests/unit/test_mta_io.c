/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_io: nothing is lost, doubled or hidden by the buffers, edits come before
 * the reply they belong to, and nobody else's descriptor is touched.
 */
#include "daemon/mta_io.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/tap.h"

struct pair {
	int near, far; /* near: accepted */
};

static int listener;
static struct sockaddr_un address = { .sun_family = AF_UNIX };

static void
listen_somewhere(void)
{
	char dir[] = "/tmp/chopmark-ahead-XXXXXX";

	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", dir);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 8) != 0)
		abort();
}

static void
clean_up(void)
{
	(void)unlink(address.sun_path);
	*strrchr(address.sun_path, '/') = '\0';
	(void)rmdir(address.sun_path);
	(void)close(listener);
}

static struct pair
connected(void)
{
	struct pair p;

	p.far = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(p.far, (struct sockaddr *)&address, sizeof(address)) != 0)
		abort();
	p.near = accept(listener, NULL, NULL);
	if (p.near < 0)
		abort();
	return p;
}

static void
disconnect(struct pair p)
{
	(void)close(p.near);
	(void)close(p.far);
}

static void
say(struct pair p, const char *text)
{
	if (write(p.far, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
}

/* Octets that the kernel still holds. */
static ssize_t
in_kernel(struct pair p)
{
	char room[64];

	return recv(p.near, room, sizeof(room), MSG_PEEK | MSG_DONTWAIT);
}

static int
readable(int fd, int timeout)
{
	struct pollfd f = { .fd = fd, .events = POLLIN | POLLPRI };
	int n = poll(&f, 1, timeout);

	return n == 1 ? f.revents : n;
}

static void
test_pieces(void)
{
	struct pair p = connected();
	char room[16] = "";

	say(p, "abcdefgh");
	is_int(readable(p.near, 0), POLLIN, "what has come can be read");
	is_int(in_kernel(p), -1, "and is in the buffer already");
	is_int(read(p.near, room, 3), 3, "a piece is what was asked for");
	ok(memcmp(room, "abc", 3) == 0, "its first octets");
	is_int(readable(p.near, -1), POLLIN, "the rest still can be read");
	is_int(read(p.near, room, sizeof(room)), 5, "the rest, not more");
	ok(memcmp(room, "defgh", 5) == 0, "in order");
	is_int(readable(p.near, 0), 0, "nothing is left");
	say(p, "ij");
	is_int(read(p.near, room, 1), 1, "without asking first");
	is_int(read(p.near, room + 1, sizeof(room) - 1), 1, "and its end");
	ok(memcmp(room, "ij", 2) == 0, "come in order, too");
	disconnect(p);
}

static void
test_many(void)
{
	struct pair p = connected(), q = connected();
	char room[4];
	struct pollfd f[2] = { { .fd = p.near, .events = POLLIN },
		{ .fd = q.near, .events = POLLIN } };

	is_int(poll(f, 2, 0), 0, "two silent sessions");
	say(p, "abcd");
	is_int(read(p.near, room, 2), 2, "one has said more than was read");
	is_int(poll(f, 2, -1), 1, "which one is told among others");
	ok(f[0].revents == POLLIN && f[1].revents == 0, "and only that one");
	say(q, "e");
	is_int(read(p.near, room, 4), 2, "its buffer is emptied");
	is_int(poll(f, 2, -1), 1, "then the kernel is asked");
	ok(f[0].revents == 0 && f[1].revents == POLLIN, "about all");
	disconnect(p);
	disconnect(q);
}

static void
test_large(void)
{
	enum { MUCH = 100000 };
	struct pair p = connected();
	char *out = t_arena() != NULL ? arena_alloc(t_arena(), MUCH) : NULL;
	char *in = arena_alloc(t_arena(), MUCH);
	size_t got = 0;

	if (out == NULL || in == NULL)
		abort();
	for (size_t i = 0; i < MUCH; i++)
		out[i] = (char)(i * 7 % 251);
	if (write(p.far, out, MUCH) != MUCH)
		abort();
	is_int(read(p.near, in, 5), 5, "a head");
	for (got = 5; got < MUCH;) {
		ssize_t n = read(p.near, in + got, MUCH - got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	ok(got == MUCH && memcmp(in, out, MUCH) == 0,
	    "and a body larger than the buffer are whole");
	disconnect(p);
}

static void
test_end(void)
{
	struct pair p = connected(), q;
	char room[8];

	say(p, "bye");
	(void)close(p.far);
	is_int(read(p.near, room, 1), 1, "text before the end");
	is_int(readable(p.near, -1), POLLIN, "is readable after the end");
	is_int(read(p.near, room, 8), 2, "and read");
	ok((readable(p.near, 0) & (POLLIN | POLLHUP)) != 0, "the end is told");
	is_int(read(p.near, room, 8), 0, "and read as the end");
	(void)close(p.near);
	p = connected();
	say(p, "old");
	is_int(read(p.near, room, 1), 1, "a session closed in the middle");
	disconnect(p);
	q = connected();
	is_int(readable(q.near, 0), 0, "leaves nothing to the next one");
	disconnect(q);
}

/* A packet in two pieces, as libmilter writes one. */
static ssize_t
tell(struct pair p, char command, const char *data, size_t n)
{
	uint32_t len = htonl((uint32_t)n + 1);
	char head[5];
	struct iovec iov[2] = { { head, 5 }, { unconst(data), n } };

	memcpy(head, &len, 4);
	head[4] = command;
	return writev(p.near, iov, 2);
}

static ssize_t
arrived(struct pair p, char *room, size_t n)
{
	return recv(p.far, room, n, MSG_DONTWAIT);
}

static void
test_edits(void)
{
	struct pair p = connected();
	struct pollfd f = { .fd = p.near, .events = POLLOUT };
	static char big[60000];
	char room[64];

	is_int(poll(&f, 1, 0), 1, "there is room to write");
	is_int(tell(p, 'i', "one", 3), 8, "an edit is taken");
	is_int(tell(p, 'm', "two", 3), 8, "and another one");
	is_int(arrived(p, room, sizeof(room)), -1, "but not sent yet");
	is_int(tell(p, 'c', "", 0), 5, "a reply");
	is_int(arrived(p, room, sizeof(room)), 21, "brings them along");
	ok(memcmp(room, "\0\0\0\4ione\0\0\0\4mtwo\0\0\0\1c", 21) == 0,
	    "in order");
	is_int(tell(p, 'p', "", 0), 5, "progress goes out");
	is_int(arrived(p, room, sizeof(room)), 5, "at once");
	is_int(tell(p, 'i', "a", 1), 6, "behind a small edit");
	is_int(tell(p, 'i', big, sizeof(big)), 5 + (int)sizeof(big),
	    "a very large one");
	is_int(arrived(p, room, 12), 12, "is not held back");
	ok(memcmp(room, "\0\0\0\2ia", 6) == 0 && room[10] == 'i',
	    "and does not overtake it");
	(void)tell(p, 'i', "lost", 4);
	disconnect(p);
	p = connected();
	(void)tell(p, 'c', "", 0);
	is_int(arrived(p, room, sizeof(room)), 5,
	    "nothing of a closed session reaches the next one");
	disconnect(p);
}

/* Where the size of the room can be seen, the C library's headers may put
 * another function in the place of read(). */
__attribute__((noinline)) static ssize_t
read_into(int fd, char *p, size_t n)
{
	return read(fd, p, n);
}

/* Reads a packet as libmilter does: its head, then its data. */
static bool
take(struct pair p, char command)
{
	char head[5], data[300];
	uint32_t len;

	if (read_into(p.near, head, 5) != 5)
		return false;
	memcpy(&len, head, 4);
	len = ntohl(len) - 1;
	return head[4] == command &&
	    (len == 0 || read_into(p.near, data, len) == (ssize_t)len);
}

/* A packet from the MTA. */
static void
send_data(struct pair p, char command, const char *data, size_t n)
{
	uint32_t len = htonl((uint32_t)n + 1);
	char head[5];

	memcpy(head, &len, 4);
	head[4] = command;
	if (write(p.far, head, 5) != 5 || write(p.far, data, n) != (ssize_t)n)
		abort();
}

static void
send_packet(struct pair p, char command, size_t n)
{
	static const char zeros[300];

	send_data(p, command, zeros, n);
}

/* What a taker got, and how much it wants. */
struct taken {
	char text[1024];
	size_t n, wanted;
};

static bool
taker(void *ctx, struct slice piece)
{
	struct taken *t = ctx;

	if (piece.n > sizeof(t->text) - t->n)
		abort();
	memcpy(t->text + t->n, piece.p, piece.n);
	t->n += piece.n;
	return t->n < t->wanted;
}

/* True if exactly one "continue" has gone out. */
static bool
continued(struct pair p)
{
	char room[64];

	return arrived(p, room, sizeof(room)) == 5 &&
	    memcmp(room, "\0\0\0\1c", 5) == 0;
}

static bool
silent(struct pair p)
{
	char room[64];

	return arrived(p, room, sizeof(room)) == -1;
}

static struct pair
with_taker(struct taken *t)
{
	struct pair p = connected();

	*t = (struct taken){ .wanted = SIZE_MAX };
	send_packet(p, 'L', 10);
	ok(take(p, 'L') && !mta_io_answered(), "a header field");
	mta_io_take_bodies(taker, t);
	send_packet(p, 'N', 0);
	ok(take(p, 'N') && silent(p) && t->n == 0,
	    "nothing but a body is answered, or taken");
	return p;
}

static void
test_chunks(void)
{
	struct taken t;
	struct pair p = with_taker(&t);

	send_packet(p, 'B', 300);
	is_int(readable(p.near, 0), POLLIN, "a chunk of a body");
	ok(continued(p) && t.n == 299, "is taken before it is read");
	ok(take(p, 'B') && mta_io_answered(), "and answered");
	is_int(tell(p, 'c', "", 0), 5, "libmilter's own answer");
	ok(silent(p), "is not sent again");
	send_packet(p, 'B', 300);
	send_packet(p, 'B', 200);
	ok(take(p, 'B') && continued(p), "of two chunks the first one");
	(void)tell(p, 'c', "", 0);
	ok(silent(p) && t.n == 598, "comes alone");
	ok(take(p, 'B') && continued(p) && t.n == 797, "then the other one");
	send_packet(p, 'E', 0);
	ok(take(p, 'E') && !mta_io_answered(),
	    "if its answer was none to libmilter,");
	(void)tell(p, 'a', "", 0);
	ok(!silent(p), "the answer to another packet is not taken for it");
	mta_io_take_bodies(NULL, NULL);
	send_packet(p, 'B', 300);
	ok(take(p, 'B') && !mta_io_answered() && silent(p) && t.n == 797,
	    "unasked, no chunk is answered or taken");
	disconnect(p);
}

static void
test_pieces_of_chunks(void)
{
	struct taken t;
	struct pair p = with_taker(&t);
	char room[8];

	if (write(p.far, "\0\0\0\7Bab", 7) != 7)
		abort();
	is_int(readable(p.near, 0), 0, "half a chunk is nothing to libmilter");
	ok(continued(p) && t.n == 2, "but taken, and answered");
	say(p, "cde");
	is_int(readable(p.near, 0), POLLIN, "what is left of it");
	is_int(read_into(p.near, room, 5), 5, "has a head");
	ok(memcmp(room, "\0\0\0\2B", 5) == 0, "of its own");
	is_int(readable(p.near, 0), 0, "before it has come");
	say(p, "f");
	ok(read_into(p.near, room, 1) == 1 && room[0] == 'f',
	    "and is the last octet");
	ok(t.n == 5 && memcmp(t.text, "abcde", 5) == 0, "behind all others");
	ok(silent(p) && mta_io_answered(), "which was answered once");
	(void)tell(p, 'c', "", 0);
	if (write(p.far, "\0\0", 2) != 2)
		abort();
	is_int(readable(p.near, 0), POLLIN, "half a head is libmilter's");
	is_int(read_into(p.near, room, 5), 2, "as it is");
	if (write(p.far, "\0\3Bgh", 5) != 5)
		abort();
	is_int(read_into(p.near, room, 3), 3, "and so is the rest");
	ok(read_into(p.near, room, 2) == 2 && memcmp(room, "gh", 2) == 0 &&
		t.n == 5,
	    "and the chunk");
	ok(continued(p) && mta_io_answered(), "answered all the same");
	disconnect(p);
}

static void
test_odd_chunks(void)
{
	struct taken t;
	struct pair p = with_taker(&t);
	char room[8];

	send_packet(p, 'B', 1);
	ok(take(p, 'B') && continued(p) && t.n == 0,
	    "a chunk of one octet has no other");
	(void)tell(p, 'c', "", 0);
	send_packet(p, 'B', 0);
	ok(take(p, 'B') && continued(p) && t.n == 0, "an empty one has none");
	(void)tell(p, 'c', "", 0);
	t.wanted = 100;
	send_packet(p, 'B', 300);
	ok(take(p, 'B') && continued(p), "one that is the last one wanted");
	(void)tell(p, 'c', "", 0);
	send_packet(p, 'B', 300);
	ok(take(p, 'B') && silent(p) && t.n == 299,
	    "leaves the next one to libmilter, unanswered");
	t.wanted = SIZE_MAX;
	mta_io_take_bodies(taker, &t);
	if (write(p.far, "\1\0\0\0Babc", 8) != 8)
		abort();
	is_int(read_into(p.near, room, 5), 5, "one of an impossible length");
	ok(memcmp(room, "\1\0\0\0B", 5) == 0 && t.n == 299,
	    "is left to libmilter to refuse");
	(void)close(p.far);
	(void)close(p.near);
	p = with_taker(&t);
	if (write(p.far, "\0\0\0\7Bab", 7) != 7)
		abort();
	(void)close(p.far);
	is_int(read_into(p.near, room, 5), 0, "the end within a chunk is told");
	(void)close(p.near);
}

/* A connection may end without ever being read, like those of the kick. */
static void
test_another_end(void)
{
	struct taken t;
	struct pair p = with_taker(&t), q = connected();

	if (write(p.far, "\0\0\0\7Bab", 7) != 7)
		abort();
	is_int(readable(p.near, 0), 0, "half a chunk of one session");
	(void)close(q.far);
	ok(readable(q.near, 0) != 0, "another one ends without a word");
	mta_io_session_ends(q.near);
	(void)close(q.near);
	say(p, "cdef");
	is_int(readable(p.near, 0), POLLIN, "the rest of the chunk");
	ok(t.n == 5 && memcmp(t.text, "abcde", 5) == 0,
	    "comes to whom the first half came");
	disconnect(p);
}

enum { FLOOD = 4 << 20 };

static void *
drain(void *arg)
{
	struct pair *p = arg;
	static char room[65536];
	intptr_t all = 0;

	while (all < FLOOD + 5) {
		ssize_t n = recv(p->far, room, sizeof(room), 0);

		if (n <= 0)
			break;
		all += n;
	}
	return (void *)all;
}

static void
test_full(void)
{
	struct pair p = connected();
	static char flood[FLOOD];
	pthread_t reader;
	void *all = NULL;

	if (pthread_create(&reader, NULL, drain, &p) != 0)
		abort();
	is_int(tell(p, 'b', flood, FLOOD), FLOOD + 5,
	    "more than the kernel has room for is written");
	(void)pthread_join(reader, &all);
	is_int((intptr_t)all, FLOOD + 5, "and arrives");
	disconnect(p);
	p = connected();
	(void)close(p.far);
	is_int(tell(p, 'c', "", 0), -1, "to nobody nothing is written");
	(void)close(p.near);
}

static void
test_others(void)
{
	struct pair p;
	int pipes[2];
	char room[4];

	if (pipe(pipes) != 0)
		abort();
	is_int(write(pipes[1], "xyz", 3), 3, "a pipe");
	is_int(readable(pipes[0], 0), POLLIN, "is asked as ever");
	is_int(read(pipes[0], room, 1), 1, "read as ever");
	is_int(read(pipes[0], room, 4), 2, "and not ahead");
	is_int(close(pipes[0]), 0, "and closed");
	is_int(close(pipes[1]), 0, "at both ends");
	mta_io_listen(-1);
	p = connected();
	say(p, "abc");
	is_int(read(p.near, room, 1), 1, "a connection to another socket");
	is_int(in_kernel(p), 2, "is not read ahead");
	disconnect(p);
	errno = 0;
	ok(read(-1, room, 1) == -1 && errno == EBADF && close(-1) == -1,
	    "no descriptor is no descriptor");
}

static void
test_macros(void)
{
	struct pair p = connected();

	send_data(p, 'D', "Ma\0b\0", 5);
	ok(take(p, 'D'), "a macro and its value");
	send_data(p, 'D', "M", 1);
	ok(take(p, 'D'), "no macros");
	send_data(p, 'M', "<>\0", 3);
	ok(take(p, 'M'), "any number of texts in another packet");
	send_data(p, 'D', "Ma\0b\0c\0", 7);
	ok(!take(p, 'D'), "a macro without a value is the end");
	disconnect(p);
}

static void
test_clients(void)
{
	struct taken t;
	struct pair p = with_taker(&t);

	send_data(p, 'K', "", 0);
	ok(take(p, 'K'), "another client follows in the middle of a message");
	mta_io_session_ends(mta_io_connection());
	send_packet(p, 'B', 300);
	ok(take(p, 'B') && silent(p) && t.n == 0,
	    "a session that has ended gets no body");
	disconnect(p);
	p = connected();
	send_data(p, 'K', "", 0);
	ok(take(p, 'K'), "another client follows");
	mta_io_session_ends(mta_io_connection());
	send_data(p, 'C', "x", 1);
	ok(take(p, 'C'), "where the session has ended it may come");
	send_data(p, 'K', "", 0);
	ok(take(p, 'K'), "and another one");
	send_data(p, 'C', "x", 1);
	ok(!take(p, 'C'), "where it goes on that is the end");
	disconnect(p);
	p = connected();
	send_data(p, 'C', "x", 1);
	ok(take(p, 'C'), "the next connection knows nothing of it");
	disconnect(p);
}

int
main(void)
{
	listen_somewhere();
	mta_io_listen(listener);
	test_pieces();
	test_many();
	test_large();
	test_end();
	test_edits();
	test_full();
	test_chunks();
	test_pieces_of_chunks();
	test_odd_chunks();
	test_another_end();
	test_macros();
	test_clients();
	test_others();
	clean_up();
	return tap_done();
}
