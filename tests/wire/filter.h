/* SPDX-License-Identifier: BSD-2-Clause
 *
 * filter: a chopmarkd of this build, in a directory of its own below /tmp,
 * with a configuration and a zone of the test; it logs to a file there. The
 * program is $top_builddir/chopmarkd. One thread.
 */
#ifndef CM_TESTS_WIRE_FILTER_H
#define CM_TESTS_WIRE_FILTER_H

#include "base/base.h" /* first: it decides what the system declares */

#include <sys/types.h>

#include "base/buf.h"

struct filter {
	struct arena *arena;
	char dir[48];
	char socket[80]; /* path of the unix socket */
	char config[80];
	pid_t pid; /* 0: not running */
};

/* Texts of the files of a filter. `config`: further lines; socket, zone and
 * logging are set already. policy and replies may be NULL: the shipped ones.
 * `network`: no zone; `config` names the servers. `nobody`: run by root it
 * becomes nobody, who can read its files, instead of staying root. */
struct filter_texts {
	const char *config;
	bool network;
	bool nobody;
	const char *zone;
	const char *policy;
	const char *replies;
};

/* Makes the directory and writes the files. */
struct filter *filter_new(const struct filter_texts *t);
/* Writes the files anew, for a reload. */
void filter_write(struct filter *f, const struct filter_texts *t);
/* Stops it if need be and removes the directory. */
void filter_free(struct filter *f);

/* Runs `chopmarkd -f -c CONFIG` and waits until it serves; false (with its
 * log as notes) if it ended instead. */
bool filter_start(struct filter *f);
/* The same with further arguments, to the text that tells that it serves. */
bool filter_start_with(struct filter *f, const char *const *args, size_t n,
    const char *serves);
/* Runs it with these arguments and `-c CONFIG`, to its end; the exit code, or
 * 256 + signal. What it wrote is in filter_log(). */
int filter_run(struct filter *f, const char *const *args, size_t n);
void filter_signal(struct filter *f, int sig);
/* Waits for its end; as filter_run. */
int filter_wait(struct filter *f);
/* SIGTERM, then filter_wait. */
int filter_stop(struct filter *f);

/* How many descriptors it has open. */
unsigned filter_descriptors(const struct filter *f);
/* All that it has written. */
struct slice filter_log(struct filter *f);
/* Waits until the log holds `text` for the nth time. False: a minute passed,
 * or the filter ended. */
bool filter_await(struct filter *f, const char *text, unsigned nth);

#endif
