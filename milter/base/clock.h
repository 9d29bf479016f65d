/* SPDX-License-Identifier: BSD-2-Clause
 *
 * clock: what time it is, and until when. A *duration* is a plain number of
 * milliseconds; a *deadline* is a point on the monotonic clock: two types, so
 * that they cannot be mixed. Tests replace the clock (clock_fake). All
 * functions are thread-safe; clock_fake only before threads start.
 */
#ifndef CM_BASE_CLOCK_H
#define CM_BASE_CLOCK_H

#include "base/slice.h"

/* Seconds since 1970 UTC. */
int64_t clock_epoch(void);
/* Milliseconds since 1970 UTC. */
int64_t clock_epoch_ms(void);
/* Milliseconds and microseconds of a clock that never jumps. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
/* Microseconds of processor time that the calling thread has used. */
int64_t clock_cpu_us(void);
/* The same clock a few milliseconds behind, read without a system call on
 * every machine. */
int64_t clock_coarse_ms(void);

struct deadline {
	int64_t at; /* by clock_mono_ms; INT64_MAX = never */
};

#define DEADLINE_NEVER ((struct deadline){ INT64_MAX })

struct deadline deadline_in(int64_t ms);
/* Milliseconds left, 0 when passed. */
int64_t deadline_left(struct deadline d);
bool deadline_passed(struct deadline d);
/* The earlier of two. */
struct deadline deadline_min(struct deadline a, struct deadline b);
/* As an absolute CLOCK_MONOTONIC time for pthread_cond_timedwait on a
 * condition variable that was made with pthread_condattr_setclock(MONOTONIC). */
struct timespec deadline_timespec(struct deadline d);

/* Longest text of clock_format with its NUL. */
#define CLOCK_TEXT 40

/* RFC 5322 date-time in UTC ("Sat, 21 Nov 2026 23:00:19 +0000"). */
void clock_format_rfc5322(int64_t epoch, char out[CLOCK_TEXT]);
/* ISO 8601 in UTC ("2026-11-21T23:00:19Z"). */
void clock_format_iso(int64_t epoch, char out[CLOCK_TEXT]);
/* "YYYY-MM-DD" to the epoch second at which that day begins in UTC.
 * ERR_SYNTAX, or ERR_RANGE for a day that does not exist. */
int clock_parse_day(struct slice s, int64_t *out) A_MUST_USE;

/* Test door: from now on the wall clock stands at `epoch` (0 = real again);
 * the monotonic clock goes on. */
void clock_fake(int64_t epoch);

#endif
