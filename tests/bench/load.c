/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/bench/load: plays the corpus to one milter, or to several in a row, as
 * Postfix 3.7 does, over many sessions at once from one thread (epoll).
 *
 *     load -i CORPUS [-s SIZE] [-k KIND] [-n MESSAGES] [-c SESSIONS]
 *          [-m MESSAGES-PER-SESSION] [-e CHECKS] [-o FIRST] [-H eom|helo]
 *          PATH [PATH]
 *
 * CHECKS are the letters d, s, m: which results (DKIM, SPF, DMARC) must stand
 * in Authentication-Results as the index says; g: a signature must be added. A
 * filter that does nothing cannot pass. -e "" asks only for acceptance.
 * -H eom holds every session until all bodies are sent, -H helo until all are
 * greeted: then "held" is printed and a line awaited from standard input.
 * Prints one line of JSON: messages, wrong verdicts, errors, seconds,
 * latencies.
 *
 * With two filters each command goes to one after the other, and the content
 * to the second with the fields that the first has inserted, as in Postfix.
 */
#include "bench/load.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_STEPS 32
#define OUT_MARK ((size_t)96 << 10)
#define SILENCE_MS 120000

static struct op program[MAX_STEPS];
static size_t n_program, loop_start;
static const char *paths[MAX_PEERS];
static size_t n_peers;
static const char *checks = "dsm";
static const char *hold;
static const char *corpus, *only_size, *only_kind;
static size_t first_message;
static unsigned wanted = 1000, n_sessions = 16, per_session = 1, started, held;
static unsigned finished, bad, errors, live;
static int poller;
static double *whole, *tail; /* milliseconds */
static char say_bad[512];
struct session *sessions;

/* ---- steps ---- */

static const uint32_t no_step[] = { 0, 1, 2, 4, 8, 0x200, 0x20, 0x40, 0x10, 0,
	0 };
static const uint32_t no_reply[] = { 0, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000,
	0x80, 0x40000, 0x80000, 0, 0 };

static void
fail(struct session *s, const char *why)
{
	if (say_bad[0] == '\0')
		(void)snprintf(say_bad, sizeof(say_bad), "%s", why);
	errors++;
	s->dead = true;
}

/* Writes what is there. False: wait until there is room. */
static bool
flush(struct session *s, struct peer *p)
{
	struct epoll_event e = { .data.ptr = s };

	while (s->out.at < s->out.n) {
		ssize_t n = send(p->fd, s->out.p + s->out.at,
		    s->out.n - s->out.at, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			if (!p->writing) {
				p->writing = true;
				e.events = EPOLLIN | EPOLLOUT;
				(void)epoll_ctl(poller, EPOLL_CTL_MOD, p->fd,
				    &e);
			}
			return false;
		}
		if (n < 0) {
			fail(s, "the filter hung up");
			return false;
		}
		s->out.at += (size_t)n;
	}
	s->out.at = s->out.n = 0;
	if (p->writing) {
		p->writing = false;
		e.events = EPOLLIN;
		(void)epoll_ctl(poller, EPOLL_CTL_MOD, p->fd, &e);
	}
	return true;
}

static void
choose(struct session *s)
{
	s->m = corpus_next();
	s->inserted.n = s->before = 0;
	s->refused = false;
	s->begun = now_ms();
}

static bool
has(const struct session *s, const char *what, const char *result)
{
	char want[64];
	size_t n = (size_t)snprintf(want, sizeof(want), "%s=%s", what, result);

	return s->inserted.n >= n &&
	    memmem(s->inserted.p, s->inserted.n, want, n) != NULL;
}

/* A signature of the sender's domain was added. */
static bool
has_signature(const struct session *s)
{
	static const char name[] = "DKIM-Signature";
	const char *at = strchr(s->m->from, '@');
	char want[96];
	size_t n = (size_t)snprintf(want, sizeof(want), "d=%s;",
	    at != NULL ? at + 1 : "");

	return memmem(s->inserted.p, s->inserted.n, name, sizeof(name)) !=
	    NULL &&
	    memmem(s->inserted.p, s->inserted.n, want, n) != NULL;
}

static void
say_wrong(struct session *s)
{
	octets_add(&s->inserted, "", 1);
	for (size_t i = 0; i + 1 < s->inserted.n; i++)
		if (s->inserted.p[i] == '\0')
			s->inserted.p[i] = ' ';
	(void)snprintf(say_bad, sizeof(say_bad), "%s (%s %s %s)%s%s: %s",
	    s->m->from, s->m->dkim, s->m->spf, s->m->dmarc,
	    s->refused ? " refused: " : "", s->refused ? s->reply : "",
	    s->inserted.p);
}

static void
judge(struct session *s)
{
	bool wrong = s->refused;

	if (strchr(checks, 'd') != NULL && !has(s, "dkim", s->m->dkim) &&
	    (strcmp(s->m->dkim, "fail") != 0 || has(s, "dkim", "pass")))
		wrong = true;
	if (strchr(checks, 's') != NULL && !has(s, "spf", s->m->spf))
		wrong = true;
	if (strchr(checks, 'm') != NULL && !has(s, "dmarc", s->m->dmarc))
		wrong = true;
	if (strchr(checks, 'g') != NULL && !has_signature(s))
		wrong = true;
	if (wrong && bad++ == 0)
		say_wrong(s);
	whole[finished] = now_ms() - s->begun;
	tail[finished] = now_ms() - s->content;
	finished++;
	s->done++;
}

/* Moves on in the program; false at the end of the session. */
static bool
advance(struct session *s)
{
	const char *client;

	s->waiting = false;
	s->field = s->body_at = 0;
	if (++s->pc < n_program)
		return true;
	judge(s);
	if (s->done >= per_session || started >= wanted)
		return false;
	started++;
	client = s->m->client;
	do
		choose(s);
	while (strcmp(s->m->client, client) != 0);
	s->pc = loop_start;
	return true;
}

static void
close_session(struct session *s)
{
	for (size_t i = 0; i < n_peers; i++) {
		if (!s->dead)
			(void)!write(s->peer[i].fd, "\0\0\0\1Q", 5);
		close(s->peer[i].fd);
		for (size_t k = 0; k < 7; k++)
			free(s->peer[i].macros[k]);
	}
	live--;
	s->open = false;
}

static void open_session(struct session *s);

/* Sends until a reply is due, or there is no room. */
static void
run(struct session *s)
{
	while (s->open && !s->waiting && !s->dead) {
		const struct op *op = &program[s->pc];
		struct peer *p = &s->peer[op->peer];
		bool complete, reply;

		if (op->step == HOLD) {
			if (flush(s, p) && ++held)
				s->waiting = true;
			return;
		}
		if ((p->steps & no_step[op->step]) != 0 ||
		    (op->step == BODY && s->m->body_n == 0)) {
			if (!advance(s))
				goto ended;
			continue;
		}
		if (op->step == HEADER && op->peer == 0 && s->field == 0)
			s->content = now_ms();
		send_macros(s, p, op->step);
		complete = send_step(s, p, op->step);
		reply = op->step == EOM || op->step == NEGOTIATE ||
		    (p->steps & no_reply[op->step]) == 0;
		if (reply)
			s->waiting = true;
		else if (complete)
			(void)advance(s);
		if ((s->waiting || s->out.n >= OUT_MARK) && !flush(s, p))
			return;
		/* Another filter's turn: this one is to have all. */
		if (!s->waiting && program[s->pc].peer != op->peer &&
		    !flush(s, p))
			return;
	}
	return;
ended:
	close_session(s);
	open_session(s);
}

/* ---- replies ---- */

static void
read_negotiation(struct session *s, struct peer *p, const char *d, size_t n)
{
	if (n < 12) {
		fail(s, "negotiation");
		return;
	}
	p->steps = get32(d + 8);
	for (d += 12, n -= 12; n > 4;) {
		uint32_t stage = get32(d);
		size_t len = strnlen(d + 4, n - 4);

		if (stage < 7 && len < n - 4) {
			free(p->macros[stage]);
			p->macros[stage] = strdup(d + 4);
			p->chosen[stage] = true;
		}
		len = len + 5 > n ? n : len + 5;
		d += len;
		n -= len;
	}
}

/* One packet of the filter; true if it was the answer. */
static bool
take(struct session *s, struct peer *p, char command, const char *d, size_t n)
{
	switch (command) {
	case 'O':
		read_negotiation(s, p, d, n);
		return true;
	case 'i':
		if (n > 4)
			octets_add(&s->inserted, d + 4, n - 4);
		return false;
	case 'h':
		octets_add(&s->inserted, d, n);
		return false;
	case 'm':
	case 'p':
	case '+':
	case '-':
	case 'q':
		return false;
	case 'c':
		return true;
	case 's':
		s->body_at = s->m->body_n;
		return true;
	case 'a':
		if (program[s->pc].step != EOM)
			fail(s, "accepted early");
		return true;
	default:
		if (program[s->pc].step != EOM)
			fail(s, "refused early");
		s->refused = true;
		(void)snprintf(s->reply, sizeof(s->reply), "%c %.*s", command,
		    (int)(n < 60 ? n : 60), d);
		return true;
	}
}

/* True while the session lives on. */
static bool
answered(struct session *s)
{
	enum step step = program[s->pc].step;

	if (step != NEGOTIATE && s->in.at < s->in.n) {
		fail(s, "an answer that nobody has asked for");
		return true;
	}
	if ((step == HEADER && s->field < s->m->n_fields) ||
	    (step == BODY && s->body_at < s->m->body_n)) {
		s->waiting = false;
		return true;
	}
	return advance(s);
}

static void
receive(struct session *s)
{
	struct peer *p = &s->peer[program[s->pc].peer];
	char room[8192];
	ssize_t n = recv(p->fd, room, sizeof(room), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		fail(s, "the filter closed the connection");
		return;
	}
	octets_add(&s->in, room, (size_t)n);
	while (s->in.n - s->in.at >= 5 && !s->dead) {
		const char *at = s->in.p + s->in.at;
		size_t len = get32(at);

		if (len == 0 || len > 1 << 20) {
			fail(s, "a packet of a wrong length");
			return;
		}
		if (s->in.n - s->in.at < len + 4)
			break;
		s->in.at += len + 4;
		if (take(s, p, at[4], at + 5, len - 1) && !answered(s)) {
			close_session(s);
			open_session(s);
			return;
		}
	}
	if (s->in.at == s->in.n)
		s->in.at = s->in.n = 0;
}

/* ---- sessions ---- */

static int
dial(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		die(path);
	return fd;
}

static void
open_session(struct session *s)
{
	if (started >= wanted)
		return;
	started++;
	live++;
	s->open = true;
	memset(s->peer, 0, sizeof(s->peer));
	s->out.n = s->out.at = s->in.n = s->in.at = 0;
	s->pc = s->field = s->body_at = 0;
	s->done = 0;
	s->waiting = s->dead = false;
	choose(s);
	for (size_t i = 0; i < n_peers; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = s };

		s->peer[i].fd = dial(paths[i]);
		if (epoll_ctl(poller, EPOLL_CTL_ADD, s->peer[i].fd, &e) != 0)
			die("epoll");
	}
	run(s);
}

static void
make_program(void)
{
	for (int step = NEGOTIATE; step <= DATA; step++) {
		if (step == MAIL) {
			if (hold != NULL && strcmp(hold, "helo") == 0)
				program[n_program++] = (struct op){ HOLD, 0 };
			loop_start = n_program;
		}
		for (size_t i = 0; i < n_peers; i++)
			program[n_program++] =
			    (struct op){ (enum step)step, (unsigned char)i };
	}
	for (size_t i = 0; i < n_peers; i++)
		for (int step = HEADER; step <= EOM; step++) {
			if (step == EOM && hold != NULL &&
			    strcmp(hold, "eom") == 0)
				program[n_program++] =
				    (struct op){ HOLD, (unsigned char)i };
			program[n_program++] =
			    (struct op){ (enum step)step, (unsigned char)i };
		}
}

/* All are there: tells so, and lets them go on when told to. */
static void
release(void)
{
	char line[16];

	held = 0;
	printf("held\n");
	(void)fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return;
	for (unsigned i = 0; i < n_sessions; i++) {
		struct session *s = &sessions[i];

		if (!s->open || program[s->pc].step != HOLD)
			continue;
		if (advance(s))
			run(s);
	}
}

static void
play(void)
{
	for (unsigned i = 0; i < n_sessions && started < wanted; i++)
		open_session(&sessions[i]);
	while (live > 0) {
		struct epoll_event e[256];
		int n = epoll_wait(poller, e, 256, SILENCE_MS);

		if (n == 0) {
			(void)snprintf(say_bad, sizeof(say_bad),
			    "no filter says anything any more");
			errors += live;
			return;
		}
		for (int i = 0; i < n; i++) {
			struct session *s = e[i].data.ptr;

			if (!s->open)
				continue;
			if ((e[i].events & EPOLLOUT) != 0 &&
			    !flush(s, &s->peer[program[s->pc].peer]) &&
			    !s->dead)
				continue;
			if ((e[i].events & (EPOLLIN | EPOLLHUP)) != 0)
				receive(s);
			if (!s->dead)
				run(s);
			if (s->open && s->dead) {
				close_session(s);
				s->dead = false;
				open_session(s);
			}
		}
		if (hold != NULL && held >= n_sessions)
			release();
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
print_latency(const char *name, double *v)
{
	if (finished == 0)
		return;
	qsort(v, finished, sizeof(*v), by_value);
	printf(", \"%s\": [%.2f, %.2f, %.2f, %.2f]", name, v[finished / 2],
	    v[(size_t)finished * 9 / 10], v[(size_t)finished * 99 / 100],
	    v[finished - 1]);
}

static void
print_text(const char *s)
{
	printf(", \"example\": \"");
	for (; *s != '\0'; s++)
		if (*s >= ' ' && *s != '"' && *s != '\\')
			(void)putchar(*s);
	printf("\"");
}

int
main(int argc, char **argv)
{
	struct rlimit files = { 8192, 8192 };
	double begun;
	int c;

	while ((c = getopt(argc, argv, "i:s:k:n:c:m:e:o:H:")) != -1) {
		switch (c) {
		case 'i':
			corpus = optarg;
			break;
		case 's':
			only_size = optarg;
			break;
		case 'k':
			only_kind = optarg;
			break;
		case 'n':
			wanted = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			n_sessions = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'm':
			per_session = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'e':
			checks = optarg;
			break;
		case 'o':
			first_message = (size_t)strtoul(optarg, NULL, 10);
			break;
		case 'H':
			hold = optarg;
			break;
		default:
			return 64;
		}
	}
	while (optind < argc && n_peers < MAX_PEERS)
		paths[n_peers++] = argv[optind++];
	if (corpus == NULL || n_peers == 0 || n_sessions == 0 || wanted == 0)
		return 64;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	corpus_read(corpus, only_size, only_kind);
	corpus_skip(first_message);
	make_program();
	sessions = calloc(n_sessions, sizeof(*sessions));
	whole = calloc(wanted, sizeof(*whole));
	tail = calloc(wanted, sizeof(*tail));
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (sessions == NULL || whole == NULL || tail == NULL || poller < 0)
		die("memory");
	begun = now_ms();
	play();
	printf("{\"messages\": %u, \"bad\": %u, \"errors\": %u, "
	       "\"seconds\": %.4f",
	    finished, bad, errors, (now_ms() - begun) / 1e3);
	print_latency("whole", whole);
	print_latency("tail", tail);
	if (say_bad[0] != '\0')
		print_text(say_bad);
	printf("}\n");
	return bad + errors > 0 ? 1 : 0;
}
