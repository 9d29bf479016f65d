/* SPDX-License-Identifier: BSD-2-Clause
 *
 * lines: a text file as numbered logical lines, the ground under the
 * configuration, policy, reply, table and zone readers. It knows nothing of
 * their meaning: it takes off line ends (LF or CRLF), cuts a comment ('#' outside double
 * quotes, at the start or after white space), joins continuation lines if asked,
 * and remembers where each came from. One reader per thread.
 */
#ifndef CM_BASE_LINES_H
#define CM_BASE_LINES_H

#include "base/vec.h"

/* Where something stood. `file` lives as long as the arena it was made in. */
struct place {
	const char *file;
	unsigned line; /* from 1; 0 = the file as a whole */
};

/* Everything that is wrong with a configuration, collected so that all of it
 * can be told at once. */
struct problem {
	/* its file name lives in the arena of the collector */
	struct place place;
	bool fatal; /* an error; false = a warning */
	struct slice text;
};
VEC_DEFINE(problem_vec, struct problem);

struct problems {
	struct arena *arena;
	struct problem_vec all;
	unsigned errors;
	/* private: problems over the limit, and their line */
	unsigned left_out;
	char *more;
};

void problems_init(struct problems *p, struct arena *a);
/* Adds one error / warning. Control bytes and 8-bit bytes that came from the file are
 * shown as \xHH. At most 100 are kept, then one that says how many were left out;
 * `errors` counts all. */
void problems_error(struct problems *p, struct place at, const char *fmt, ...)
    A_PRINTF(3, 4);
void problems_warn(struct problems *p, struct place at, const char *fmt, ...)
    A_PRINTF(3, 4);
/* "FILE:LINE: error: TEXT" or "FILE: warning: TEXT" behind what is in out. */
struct buf;
void problem_print(const struct problem *one, struct buf *out);
/* "did you mean 'X'?" behind an unknown word: text to append, "" if none. */
const char *problems_hint(struct problems *p, struct slice nearest);

struct line {
	struct place place; /* of its first physical line */
	bool indented;      /* began with SP or TAB (only without LINES_JOIN) */
	struct slice text;  /* trimmed, comment gone, never empty */
};
VEC_DEFINE(line_vec, struct line);

enum lines_flags {
	LINES_JOIN = 1, /* a line that begins with white space continues the
			      one before (joined by one SP) */
	LINES_KEEP_HASH = 2, /* '#' only begins a comment as first non-blank */
};

#define LINES_MAX_FILE ((size_t)8 << 20) /* bytes of one file */
#define LINES_MAX_LINE ((size_t)65536)   /* bytes of one logical line */

/* Reads a file / a text. Lines borrow from the arena (or from `text`).
 * Problems (unreadable, too large, NUL byte, unclosed quote in a line with quotes)
 * go to `p`; returns 0, or ERR_CONFIG when there was any error. */
int lines_read(struct arena *a, const char *path, unsigned flags,
    struct line_vec *out, struct problems *p) A_MUST_USE;
int lines_parse(struct arena *a, const char *name, struct slice text,
    unsigned flags, struct line_vec *out, struct problems *p) A_MUST_USE;

/* Takes the next word off *rest: text up to white space, or a "quoted" text in
 * which \" and \\ stand for themselves (unquoted into the arena). *quoted
 * tells which. 1 = a word, 0 = nothing left, ERR_SYNTAX = unclosed quote,
 * ERR_NOMEM. */
int lines_word(struct arena *a, struct slice *rest, struct slice *word,
    bool *quoted) A_MUST_USE;

#endif
