/* SPDX-License-Identifier: BSD-2-Clause
 *
 * config_lib: a directory of small configuration files for the tests of the
 * config room.
 */
#ifndef CM_TESTS_UNIT_CONFIG_LIB_H
#define CM_TESTS_UNIT_CONFIG_LIB_H

#include "config/parse.h"
#include "lib/tap.h"

/* Makes the directory; every file in it goes with config_lib_end(). */
void config_lib_begin(void);
void config_lib_end(void);
/* The path of a file in it, valid until the end. */
const char *config_lib_path(const char *name);
void config_lib_write(const char *name, const char *text);

/* What reading came to; all in one arena of the test. */
struct reading {
	int err;
	struct config config;
	struct problems problems;
	/* problems as "NAME:LINE: error: TEXT" lines, directory names cut */
	struct slice said;
};
/* Reads a text as chopmark.conf in the directory; `settings` are settings
 * of the command line, ended by NULL, or NULL. */
struct reading *config_lib_read(const char *text, const char *const *settings);
/* Reads each text and compares what was said; it is refused if an error is. */
struct config_case {
	const char *text, *said;
};
void config_lib_cases(const struct config_case *cases, size_t n);
/* The texts that were given for an option, joined by '|'. */
struct slice config_lib_given(const struct reading *r, enum option_id id);

#endif
