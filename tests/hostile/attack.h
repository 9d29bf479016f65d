/* SPDX-License-Identifier: BSD-2-Clause
 *
 * attack: messages made to cost as much as they can, the keys and zone that go
 * with them, and one engine that judges them. worst.c measures what they
 * cost; test_cost.c holds, by counting and not by time, what they may.
 */
#ifndef CM_TESTS_HOSTILE_ATTACK_H
#define CM_TESTS_HOSTILE_ATTACK_H

#include "config/snapshot.h"
#include "lib/dkim_signer.h"
#include "scenario/stage.h"

struct attack_world {
	struct arena *arena;
	struct key *rsa, *big, *ed; /* of 2048 and 4096 bits, Ed25519 */
	struct scenario scenario;   /* its configuration and zone */
	struct scn_stage stage;
	struct snapshot *snapshot;
	char key_path[40];
};

struct attack_message {
	const char *mail_from, *helo;
	unsigned rcpts;
	bool relay;   /* it comes from 192.0.2.20 */
	bool own;     /* the client has logged in */
	size_t chunk; /* of the body */
	struct test_mail mail;
};

struct attack {
	const char *name;
	/* Fills a message that begins as the plain one without body. `a` is
	 * for the message alone. */
	void (*make)(struct attack_world *w, struct arena *a,
	    struct attack_message *m);
	/* Words that the log has to show in limits=; NULL: none. */
	const char *limits;
};

/* In attack_header.c, attack_checks.c, attack_sign.c. */
extern const struct attack attacks_header[], attacks_checks[], attacks_sign[];
extern const size_t attacks_header_count, attacks_checks_count,
    attacks_sign_count;

/* With more lines of configuration and zone. Ends the program when something is
 * missing. */
void attack_world_open(struct attack_world *w, const char *config,
    const char *zone);
void attack_world_close(struct attack_world *w);

/* The plain message: some fields as they are usual, one good signature, a body
 * that makes it `octets` long altogether. */
void attack_plain(struct attack_world *w, struct arena *a, size_t octets,
    struct attack_message *m);
/* The same without body and signature: where attacks begin. */
void attack_begin(struct arena *a, struct attack_message *m);
void attack_field(struct attack_message *m, const char *name,
    struct slice value);
/* `n` octets of a text repeated. */
struct slice attack_repeat(struct arena *a, const char *text, size_t n);
size_t attack_octets(const struct attack_message *m);

/* Leads the message through a session of its own and returns this, finished,
 * for those who look at its evaluation. *plan as engine_end() gave it. */
struct engine_session *attack_run(const struct attack_world *w,
    const struct attack_message *m, const struct plan **plan);

#endif
