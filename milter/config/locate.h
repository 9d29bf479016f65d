/* SPDX-License-Identifier: BSD-2-Clause
 *
 * locate: the parts below know no configuration file: what is wrong with a
 * value they report at the option's name, and a file that cannot be read at
 * its own path. Here such problems get the line that set the value. One thread.
 */
#ifndef CM_CONFIG_LOCATE_H
#define CM_CONFIG_LOCATE_H

#include "config/options.h"

/* Gives problems from index `from` on, as far as they name no line, the place
 * `at` and puts what stood there in front of the text. */
void locate_at(struct problems *p, size_t from, struct place at);
/* The same for all problems that an option of `c` is the cause of. */
void locate_problems(const struct config *c, struct problems *p);

#endif
