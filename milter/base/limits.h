/* SPDX-License-Identifier: BSD-2-Clause
 *
 * limits: what a stranger may make us do, from the one list limits.def. Who
 * keeps to a limit notes when something went beyond it; a message's notes
 * become findings, a field of its log line, a rule variable and counters. What
 * belongs to no message is counted and logged at once.
 */
#ifndef CM_BASE_LIMITS_H
#define CM_BASE_LIMITS_H

#include "base/slice.h"

enum limit {
#define LIMITS_OF(title)
#define LIMIT(id, ...) LIMIT_##id,
#define LIMIT_OPTION(id, ...) LIMIT_##id,
#include "base/limits.def"
#undef LIMITS_OF
#undef LIMIT
#undef LIMIT_OPTION
	LIMIT_COUNT
};

/* MOST_SIGNATURES_READ and so on: those that no option sets. */
enum limit_most {
#define LIMITS_OF(title)
#define LIMIT(id, name, most, ...) MOST_##id = (most),
#define LIMIT_OPTION(id, ...)
#include "base/limits.def"
#undef LIMITS_OF
#undef LIMIT
#undef LIMIT_OPTION
};

struct limit_info {
	const char *name;
	const char *option; /* NULL: `most` of `unit` */
	unsigned most;
	const char *unit;
	const char *what, *beyond; /* mdoc */
};

/* The first one that concerns no message. */
#define LIMIT_OF_NO_MESSAGE LIMIT_SESSIONS

extern const struct limit_info limit_infos[LIMIT_COUNT];

const char *limit_word(enum limit l);

/* Which limits somebody went beyond. Belongs to a message or to a part of it:
 * no lock. */
struct limits {
	uint64_t met;
};

_Static_assert(LIMIT_COUNT <= 64, "one bit a limit");

static inline void
limits_meet(struct limits *l, enum limit which)
{
	l->met |= UINT64_C(1) << which;
}

static inline bool
limits_met(const struct limits *l, enum limit which)
{
	return (l->met >> which & 1) != 0;
}

static inline void
limits_join(struct limits *to, struct limits from)
{
	to->met |= from.met;
}

/* Counts limits_total{limit="NAME"}. Any thread; takes the lock of stats for a
 * moment. */
void limits_count(enum limit which);
/* The same for what concerns no message, with a line in the log for the first
 * of each second: "limit NAME: ...". */
void limits_tell(enum limit which, const char *fmt, ...) A_PRINTF(2, 3);
/* How often, since the process began. */
uint64_t limits_counted(enum limit which);

#endif
