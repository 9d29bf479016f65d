/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tap: the harness of unit tests: TAP on standard output, and text that is
 * starved of its NUL. A test program calls checks and ends with
 * `return tap_done();`. One thread.
 */
#ifndef CM_TESTS_LIB_TAP_H
#define CM_TESTS_LIB_TAP_H

#include "base/arena.h"

/* One test; returns cond. */
bool ok(bool cond, const char *fmt, ...) A_PRINTF(2, 3);
/* Compare and show both sides when they differ. */
bool is_int(int64_t got, int64_t want, const char *fmt, ...) A_PRINTF(3, 4);
bool is_text(struct slice got, const char *want, const char *fmt, ...)
    A_PRINTF(3, 4);
/* Marks the next test as one that cannot run here. */
void skip(const char *why, const char *name);
/* A comment line in the output. */
void note(const char *fmt, ...) A_PRINTF(1, 2);
/* Prints the plan; 0 if all passed and at least one ran. */
int tap_done(void);

/* A copy on the heap of exactly the text's length, without NUL, so that an
 * over-read by one byte shows under AddressSanitizer and valgrind. Freed by
 * tap_done(). */
struct slice t_slice(const char *text);
struct slice t_bytes(const char *p, size_t n);
/* An arena of 64 MB, freed by tap_done(). */
struct arena *t_arena(void);

#endif
