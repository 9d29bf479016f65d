/* SPDX-License-Identifier: BSD-2-Clause
 *
 * soak: what the parts of a soak share. The main thread leads, some threads
 * send mail, one looks addresses up; all count here.
 */
#ifndef CM_TESTS_SOAK_SOAK_H
#define CM_TESTS_SOAK_SOAK_H

#include "base/base.h" /* first: it decides what the system declares */

#include <pthread.h>

#include "base/clock.h"
#include "soak/watch.h"
#include "soak/world.h"
#include "wire/dialog.h"

#define SOAK_SENDERS 16
#define SOAK_NOTES 12
#define SOAK_NOTE 600

/* What came of messages that were sent to their end. */
enum soak_outcome {
	SOAK_ACCEPTED,
	SOAK_MARKED,
	SOAK_REJECTED,
	SOAK_DEFERRED,
	SOAK_OUTCOMES
};

struct soak {
	struct world world;
	struct filter *filter;
	struct watch *watch;
	char map[96]; /* path of SRSSocket */
	uint64_t total;
	double rate; /* messages a second at most */
	int64_t begun_ms;

	atomic_bool enough; /* the senders are through */
	/* Odd: the DNS is dead, or what was asked while it was may still be
	 * remembered. What began and ended at the same even number is judged
	 * strictly. */
	atomic_uint darkness;

	atomic_uint_fast64_t numbers; /* of messages that were begun */
	atomic_uint_fast64_t outcomes[SOAK_OUTCOMES];
	atomic_uint_fast64_t sessions, strict, lenient, wrong;
	atomic_uint_fast64_t aborted; /* at some step, in every manner */
	atomic_uint_fast64_t left;    /* of them, while the end was awaited */
	atomic_uint_fast64_t slow, hostile, garbage, returned;
	atomic_uint_fast64_t lookups, broken_lookups;

	pthread_mutex_t lock; /* of what follows */
	char notes[SOAK_NOTES][SOAK_NOTE];
	unsigned n_notes;
};

/* One who sends. */
struct sender {
	struct soak *s;
	pthread_t thread;
	uint32_t seed;
	struct arena *a; /* of the session */
	struct dialog d;
	uint64_t number;   /* of the message in hand */
	unsigned darkness; /* when the session began */
	int until_mischief;
	bool stopped, slowly;
};

static inline uint32_t
soak_random(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (uint32_t)(((uint64_t)(*seed >> 1) * below) >> 31);
}

/* Counts a wrong answer and keeps the first ones to be shown. */
void soak_wrong(struct soak *s, const char *fmt, ...) A_PRINTF(2, 3);

void soak_sleep(int64_t ms);

/* Senders, until s->total messages were begun. */
void sender_start(struct sender *c, struct soak *s, unsigned nth);
void sender_join(struct sender *c);
/* A number for the next message, when its turn has come. */
void sender_pace(struct sender *c);
/* Counts what came of a message that got its answer, whose line must be in the
 * log, and reads its decision from there. */
void sender_count(struct sender *c);
/* True if what is seen now must be exactly right. */
bool sender_is_strict(const struct sender *c);
/* An event of a scenario that was made up here. */
bool sender_say(struct sender *c, enum scn_kind kind, const char *text);
bool sender_connect(struct sender *c, const char *address, const char *name);

/* A message made of a seed, and a stream of nonsense. */
void hostile_message(struct sender *c);
void hostile_stream(struct sender *c);

/* The thread of the lookups; arg is struct soak. */
void *lookups_run(void *arg);

#endif
