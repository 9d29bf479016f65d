/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz: what the fuzz targets share. Each target is one function over any bytes
 * that calls a parser and then demands what must hold of its result. With
 * --enable-fuzz it is linked with libFuzzer; otherwise with replay.c, which runs
 * its seeds and variations of them, so that `make check` keeps it alive.
 * One thread.
 */
#ifndef CM_TESTS_FUZZ_FUZZ_H
#define CM_TESTS_FUZZ_FUZZ_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

/* The target. `in` is exactly as long as its memory, so that a sanitizer sees
 * the first byte too far. `a` is empty, of FUZZ_ARENA bytes. */
void fuzz_one(struct arena *a, struct slice in);

/* A target that waits says here how many times fewer variations of a seed are
 * replayed; otherwise 1. */
unsigned fuzz_slowness(void);

#define FUZZ_PATH 64
#define FUZZ_ARENA ((size_t)64 << 20)

/* Runs fuzz_one with a fresh arena and exact memory. */
void fuzz_run(struct slice in);

/* Ends the program with file and line when `cond` does not hold. */
#define FUZZ_DEMAND(cond)                                     \
	do {                                                  \
		if (!(cond))                                  \
			fuzz_fail(__FILE__, __LINE__, #cond); \
	} while (0)
A_NORETURN void fuzz_fail(const char *file, int line, const char *what);

/* A parser's answer must be 0 or one of its documented errors. */
#define FUZZ_DEMAND_ERR(err)                                                   \
	FUZZ_DEMAND((err) == 0 || (err) == ERR_SYNTAX || (err) == ERR_LIMIT || \
	    (err) == ERR_CONFIG || (err) == ERR_RANGE)

/* True if `part` lies inside `whole`, or is empty. */
bool fuzz_inside(struct slice part, struct slice whole);
/* Takes one byte / the part up to the next line end off the input. */
uint8_t fuzz_byte(struct slice *in);
struct slice fuzz_line(struct slice *in);
/* A small number from the input. */
size_t fuzz_number(struct slice *in, size_t below);
/* The path of a file in memory that holds this text until the next call. */
const char *fuzz_file(struct slice text);
/* Another one, which stays. For what a target sets up once. */
void fuzz_keep_file(struct slice text, char path[FUZZ_PATH]);

#endif
