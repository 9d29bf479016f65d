/* SPDX-License-Identifier: BSD-2-Clause
 *
 * load.h: what the files of the load generator share: the corpus in memory,
 * sessions, and the packets of a step. One process, one thread.
 */
#ifndef CM_TESTS_BENCH_LOAD_H
#define CM_TESTS_BENCH_LOAD_H

#include "base/base.h"

#define MAX_PEERS 2

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
	size_t before; /* how much of `inserted` the next filter has seen */
	unsigned done;
	struct message *m;
	struct octets out, in, inserted;
	bool waiting; /* for a reply */
	bool refused;
	char reply[64]; /* by which it was refused */
	bool dead;
	bool open;
	double begun, content;
};

struct op {
	enum step step;
	unsigned char peer;
};

extern struct session *sessions;

A_NORETURN void die(const char *what);
double now_ms(void);
void octets_add(struct octets *o, const void *p, size_t n);
void put32(char *p, uint32_t v);
uint32_t get32(const char *p);

/* Reads DIR/index; only messages of that size and kind, NULL: all. */
void corpus_read(const char *dir, const char *size, const char *kind);
/* The next message, in the order of the index, over and over. */
struct message *corpus_next(void);
/* Begins with the nth. */
void corpus_skip(size_t n);

/* Sends all or a part of the step; true when it is complete. */
bool send_step(struct session *s, struct peer *p, enum step step);
void send_macros(struct session *s, const struct peer *p, enum step step);

#endif
