/* SPDX-License-Identifier: BSD-2-Clause
 *
 * print: plain, aligned text on a terminal, with colour only there. What came
 * with a message is made harmless: no byte of it can steer the terminal.
 */
#ifndef CM_CLI_PRINT_H
#define CM_CLI_PRINT_H

#include "base/buf.h"

enum tint { TINT_NONE, TINT_GOOD, TINT_BAD, TINT_DOUBT };

struct print {
	struct buf *out;
	bool colour;
};

/* True if standard output is a terminal that wants colour (NO_COLOR,
 * TERM=dumb). */
bool print_wants_colour(void);

/* A heading, after an empty line unless it is the first. */
void print_heading(struct print *p, const char *title);
/* "  label     ", the label padded to `width` columns. */
void print_label(struct print *p, const char *label, size_t width);
/* The same in a colour. */
void print_word(struct print *p, const char *word, size_t width, enum tint t);
/* Any text: control and 8-bit bytes that are no UTF-8 as \xHH. */
void print_text(struct print *p, struct slice s);
void print_end(struct print *p);

#endif
