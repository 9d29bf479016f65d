/* SPDX-License-Identifier: BSD-2-Clause
 *
 * timeline: when the steps of one message began, and how long each of them and
 * everyone who works in it took, by the clock and of the processor. Kept where
 * it is asked for alone (LogTiming, chopmark check --timing): elsewhere the
 * session has none, and a step costs a comparison with NULL.
 *
 * The DNS keeps its own times (dns_message_lookups, dns_message_waited_for);
 * both are by clock_mono_us. Belongs to a session: one thread at a time.
 */
#ifndef CM_ENGINE_TIMELINE_H
#define CM_ENGINE_TIMELINE_H

#include "dns/dns_message.h"

enum timeline_step {
	TIMELINE_CONNECT,
	TIMELINE_HELO,
	TIMELINE_MAIL,
	TIMELINE_RCPT,
	TIMELINE_HEADER,
	TIMELINE_EOH,
	TIMELINE_BODY,
	TIMELINE_END,
	TIMELINE_STEPS
};

/* What one did in one step, all its calls together. */
struct timeline_part {
	const char *name;       /* static; NULL: the step as a whole */
	unsigned times;         /* 0: never */
	int64_t from_us, to_us; /* begin of the first call, end of the last */
	int64_t wall_us, cpu_us;
};

#define TIMELINE_PARTS ((size_t)16)
#define TIMELINE_CHAIN ((size_t)64) /* lookups of a chain that are shown */

struct timeline {
	int64_t began_us; /* of the session, or of a later message */
	/* The first of each step is the step as a whole. */
	struct timeline_part parts[TIMELINE_STEPS][TIMELINE_PARTS];
};

const char *timeline_step_word(enum timeline_step s); /* "mail" ... */

/* NULL when out of memory. */
struct timeline *timeline_new(void) A_MUST_USE;
void timeline_free(struct timeline *t); /* NULL is harmless */
/* A message begins: what came before the first one stays. */
void timeline_next(struct timeline *t, bool first);

/* A call that is being timed; on the caller's stack. */
struct timeline_mark {
	struct timeline_part *part; /* NULL: it is not */
	int64_t wall_us, cpu_us;
};
struct timeline_mark timeline_start(struct timeline *t, enum timeline_step s,
    const char *name);
void timeline_stop(const struct timeline_mark *m);

static inline struct timeline_mark
timeline_begin(struct timeline *t, enum timeline_step s, const char *name)
{
	if (t == NULL)
		return (struct timeline_mark){ .part = NULL };
	return timeline_start(t, s, name);
}

static inline void
timeline_end(const struct timeline_mark *m)
{
	if (m->part != NULL)
		timeline_stop(m);
}

/* How long the message waited for the DNS within a part; who waits in it is
 * told by the times. */
int64_t timeline_waited_us(const struct timeline_part *p,
    const struct dns_waited_vec *waits);
/* Who waited for a lookup, one wait after the other; *at begins at 0. The part
 * is the innermost in which the wait lies, "" if that is the step itself.
 * False: nobody, or nobody else. */
struct timeline_waiter {
	const char *step, *part;
	int64_t took_us;
};
bool timeline_next_waiter(const struct timeline *t,
    const struct dns_waited_vec *waits, const struct dns_lookup *l, size_t *at,
    struct timeline_waiter *out);
/* The lookups of the longest chain of which each had to wait for the one
 * before: the indices, last first, at most `most`; how many it has. */
size_t timeline_longest_chain(const struct dns_lookup_vec *all, size_t *out,
    size_t most);

#endif
