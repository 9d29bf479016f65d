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
 * in Authentication-Results as the index says; a filter that does nothing
 * cannot pass. -e "" checks only that the message is accepted.
 * -H eom holds every session until all bodies are sent, -H helo until all are
 * greeted: then "held" is printed and a line awaited from standard input.
 * Prints one line of JSON: messages, wrong verdicts, errors, seconds,
 * latencies.
 *
 * With two filters each command goes to one after the other, and the content
 * to the second with the fields that the first has inserted, as in Postfix.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_MESSAGES 1024
#define MAX_PEERS 2
#define MAX_STEPS 32
#define CHUNK 65535
#define OUT_MARK ((size_t)96 << 10)
#define SILENCE_MS 120000

enum step {
	NEGOTIATE,
	CONNECT,
	HELO,
	MAIL,
	RCPT,
	DATA,
	HEADER,
	EOH,
	BODY,
	EOM,
	HOLD
};

struct field {
	char *name, *value; /* value with LF folds, from behind the colon on */
	size_t name_n, value_n;
};

struct message {
	char client[40], helo[64], from[80];
	char dkim[12], spf[12], dmarc[12];
	struct field *fields;
	size_t n_fields, cap_fields;
	const char *body;
	size_t body_n;
};

/* Growing octets. */
struct octets {
	char *p;
	size_t n, cap, at;
};

struct peer {
	int fd;
	uint32_t steps;
	char *macros[7]; /* by stage; NULL: the MTA's default */
	bool chosen[7];
	bool writing; /* epoll waits for room */
};

struct session {
	struct peer peer[MAX_PEERS];
	size_t pc; /* place in the program */
	size_t field, body_at;
	unsigned done;
	struct message *m;
	struct octets out, in, inserted;
	bool waiting; /* for a reply */
	bool refused;
	bool dead;
	bool open;
	double begun, content;
};

struct op {
	enum step step;
	unsigned char peer;
};

static struct message messages[MAX_MESSAGES];
static size_t n_messages, next_message;
static struct op program[MAX_STEPS];
static size_t n_program, loop_start;
static const char *paths[MAX_PEERS];
static size_t n_peers;
static const char *checks = "dsm";
static const char *hold;
static const char *corpus, *only_size, *only_kind;
static unsigned wanted = 1000, n_sessions = 16, per_session = 1, started, held;
static unsigned finished, bad, errors, live;
static struct session *sessions;
static int poller;
static double *whole, *tail; /* milliseconds */
static char say_bad[512];

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
add(struct octets *o, const void *p, size_t n)
{
	if (o->cap - o->n < n) {
		o->cap = (o->n + n) * 2;
		o->p = realloc(o->p, o->cap);
		if (o->p == NULL)
			die("memory");
	}
	if (n > 0)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void
put32(char *p, uint32_t v)
{
	p[0] = (char)(unsigned char)(v >> 24);
	p[1] = (char)(unsigned char)(v >> 16);
	p[2] = (char)(unsigned char)(v >> 8);
	p[3] = (char)(unsigned char)v;
}

static uint32_t
get32(const char *p)
{
	const unsigned char *u = (const void *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
	    (uint32_t)u[2] << 8 | u[3];
}

/* ---- corpus ---- */

static void
read_fields(struct message *m, char *p, char *end)
{
	while (p + 1 < end && !(p[0] == '\r' && p[1] == '\n')) {
		char *colon = memchr(p, ':', (size_t)(end - p)), *w;
		struct field *f;

		if (m->n_fields == m->cap_fields) {
			m->cap_fields = m->cap_fields * 2 + 32;
			m->fields = realloc(m->fields,
			    m->cap_fields * sizeof(*m->fields));
		}
		if (colon == NULL || m->fields == NULL)
			die("a message without header");
		f = &m->fields[m->n_fields++];
		f->name = p;
		f->name_n = (size_t)(colon - p);
		*colon = '\0';
		f->value = w = p = colon + 1;
		while (p + 2 < end &&
		    !(p[0] == '\r' && p[1] == '\n' && p[2] != ' ' &&
			p[2] != '\t')) {
			if (*p != '\r')
				*w++ = *p;
			p++;
		}
		f->value_n = (size_t)(w - f->value);
		p += 2;
		*w = '\0';
	}
	m->body = p + 2;
	m->body_n = (size_t)(end - m->body);
}

static void
read_message(struct message *m, const char *name)
{
	char path[512];
	struct stat st;
	char *map;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", corpus, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		die(path);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		die(path);
	close(fd);
	read_fields(m, map, map + st.st_size);
}

static void
read_index(void)
{
	char path[512], line[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/index", corpus);
	f = fopen(path, "r");
	if (f == NULL)
		die(path);
	while (
	    n_messages < MAX_MESSAGES && fgets(line, sizeof(line), f) != NULL) {
		struct message *m = &messages[n_messages];
		char name[32], size[8], kind[8];

		if (sscanf(line, "%31s %7s %7s %39s %63s %79s %11s %11s %11s",
			name, size, kind, m->client, m->helo, m->from, m->dkim,
			m->spf, m->dmarc) != 9)
			die("index");
		if ((only_size != NULL && strcmp(size, only_size) != 0) ||
		    (only_kind != NULL && strcmp(kind, only_kind) != 0))
			continue;
		read_message(m, name);
		n_messages++;
	}
	(void)fclose(f);
	if (n_messages == 0)
		die("no such messages");
}

/* ---- what is sent ---- */

static void
packet(struct octets *o, char command, const void *p, size_t n)
{
	char head[5];

	put32(head, (uint32_t)n + 1);
	head[4] = command;
	add(o, head, sizeof(head));
	add(o, p, n);
}

/* Stage on the wire, and Postfix's own choice of macros for it. */
static const struct {
	int stage;
	char command;
	const char *macros;
} stages[] = {
	[NEGOTIATE] = { -1, 'O', "" },
	[CONNECT] = { 0, 'C', "j {daemon_name} {daemon_addr} v _" },
	[HELO] = { 1, 'H', "{tls_version} {cipher} {cipher_bits}" },
	[MAIL] = { 2, 'M', "i {mail_addr} {mail_host} {mail_mailer}" },
	[RCPT] = { 3, 'R', "i {rcpt_addr} {rcpt_host} {rcpt_mailer}" },
	[DATA] = { 4, 'T', "i" },
	[HEADER] = { 6, 'L', "i" },
	[EOH] = { 6, 'N', "i" },
	[BODY] = { -1, 'B', "" },
	[EOM] = { 5, 'E', "i" },
	[HOLD] = { -1, 0, "" },
};

static const char *
macro_value(const struct session *s, const char *name, enum step step)
{
	static char text[160];

	if (strcmp(name, "i") == 0) {
		if (step < DATA)
			return NULL;
		(void)snprintf(text, sizeof(text), "4F%08X%u",
		    (unsigned)(s - sessions), s->done);
		return text;
	}
	if (strcmp(name, "j") == 0)
		return "mx.local.test";
	if (strcmp(name, "v") == 0)
		return "Postfix 3.7.11";
	if (strcmp(name, "_") == 0) {
		(void)snprintf(text, sizeof(text), "%s [%s]", s->m->helo,
		    s->m->client);
		return text;
	}
	if (strcmp(name, "{daemon_name}") == 0)
		return "mx.local.test";
	if (strcmp(name, "{daemon_addr}") == 0)
		return "192.0.3.1";
	if (strcmp(name, "{mail_addr}") == 0)
		return s->m->from;
	if (strcmp(name, "{rcpt_addr}") == 0)
		return "user@local.test";
	if (strcmp(name, "{mail_host}") == 0 ||
	    strcmp(name, "{rcpt_host}") == 0)
		return "local.test";
	if (strcmp(name, "{mail_mailer}") == 0 ||
	    strcmp(name, "{rcpt_mailer}") == 0)
		return "smtp";
	return NULL;
}

static void
send_macros(struct session *s, const struct peer *p, enum step step)
{
	int stage = stages[step].stage;
	const char *list = stages[step].macros;
	static struct octets data;
	char names[512], *name, *save = NULL;

	if (stage < 0)
		return;
	if (p->chosen[stage])
		list = p->macros[stage];
	data.n = 0;
	add(&data, &stages[step].command, 1);
	(void)snprintf(names, sizeof(names), "%s", list);
	for (name = strtok_r(names, " ", &save); name != NULL;
	     name = strtok_r(NULL, " ", &save)) {
		const char *v = macro_value(s, name, step);

		if (v == NULL)
			continue;
		add(&data, name, strlen(name) + 1);
		add(&data, v, strlen(v) + 1);
	}
	if (data.n > 1)
		packet(&s->out, 'D', data.p, data.n);
}

static void
send_texts(struct session *s, char command, const char *a, const char *b)
{
	static struct octets data;

	data.n = 0;
	add(&data, a, strlen(a) + 1);
	if (b != NULL)
		add(&data, b, strlen(b) + 1);
	packet(&s->out, command, data.p, data.n);
}

static void
send_field(struct session *s, const struct peer *p, const struct field *f)
{
	static struct octets data;
	bool eat = (p->steps & 0x100000U) == 0 && f->value[0] == ' ';

	data.n = 0;
	add(&data, f->name, f->name_n + 1);
	add(&data, f->value + eat, f->value_n - eat + 1);
	packet(&s->out, 'L', data.p, data.n);
}

static void
send_connect(struct session *s)
{
	static struct octets data;

	data.n = 0;
	add(&data, s->m->helo, strlen(s->m->helo) + 1);
	add(&data, "4\x62\x11", 3); /* IPv4, some port */
	add(&data, s->m->client, strlen(s->m->client) + 1);
	packet(&s->out, 'C', data.p, data.n);
}

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
	s->m = &messages[next_message++ % n_messages];
	s->inserted.n = 0;
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

static void
say_wrong(struct session *s)
{
	add(&s->inserted, "", 1);
	for (size_t i = 0; i + 1 < s->inserted.n; i++)
		if (s->inserted.p[i] == '\0')
			s->inserted.p[i] = ' ';
	(void)snprintf(say_bad, sizeof(say_bad), "%s (%s %s %s): %s",
	    s->m->from, s->m->dkim, s->m->spf, s->m->dmarc, s->inserted.p);
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
send_negotiation(struct session *s)
{
	char data[12];

	put32(data, 6);
	put32(data + 4, 0x1ff);
	put32(data + 8, 0x1fffff);
	packet(&s->out, 'O', data, sizeof(data));
}

/* Sends all or a part of the step; true when it is complete. */
static bool
send_step(struct session *s, struct peer *p, enum step step)
{
	static const struct field cut = { 0 };
	const struct field *f = &cut;
	size_t n;

	switch (step) {
	case NEGOTIATE:
		send_negotiation(s);
		break;
	case CONNECT:
		send_connect(s);
		break;
	case HELO:
		send_texts(s, 'H', s->m->helo, NULL);
		break;
	case MAIL: {
		char path[96];

		(void)snprintf(path, sizeof(path), "<%s>", s->m->from);
		send_texts(s, 'M', path, "BODY=8BITMIME");
		break;
	}
	case RCPT:
		send_texts(s, 'R', "<user@local.test>", NULL);
		break;
	case HEADER:
		f = &s->m->fields[s->field++];
		send_field(s, p, f);
		return s->field >= s->m->n_fields;
	case BODY:
		n = s->m->body_n - s->body_at;
		if (n > CHUNK)
			n = CHUNK;
		packet(&s->out, 'B', s->m->body + s->body_at, n);
		s->body_at += n;
		return s->body_at >= s->m->body_n;
	case DATA:
	case EOH:
	case EOM:
		packet(&s->out, stages[step].command, "", 0);
		break;
	case HOLD:
		break;
	}
	return true;
}

/* The fields that the first filter inserted, as the second sees them. */
static void
send_inserted(struct session *s, const struct peer *p)
{
	char *at = s->inserted.p, *end = at + s->inserted.n;

	while (at < end) {
		struct field f = { .name = at, .name_n = strlen(at) };

		f.value = at + f.name_n + 1;
		f.value_n = strlen(f.value);
		send_macros(s, p, HEADER);
		send_field(s, p, &f);
		at = f.value + f.value_n + 1;
	}
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
		if (op->step == HEADER && op->peer > 0 && s->field == 0 &&
		    s->inserted.n > 0)
			send_inserted(s, p);
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
			add(&s->inserted, d + 4, n - 4);
		return false;
	case 'h':
		add(&s->inserted, d, n);
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
		return true;
	}
}

/* True while the session lives on. */
static bool
answered(struct session *s)
{
	enum step step = program[s->pc].step;

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
	add(&s->in, room, (size_t)n);
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
			next_message = (size_t)strtoul(optarg, NULL, 10);
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
	read_index();
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
