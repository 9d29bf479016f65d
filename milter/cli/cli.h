/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cli: what the commands of chopmark(1) share: exit codes, the table of
 * commands, and loading a configuration. One thread.
 */
#ifndef CM_CLI_CLI_H
#define CM_CLI_CLI_H

#include "config/snapshot.h"

/* Exit codes; from EXIT_USAGE on those of <sysexits.h>. */
enum cli_exit {
	CLI_OK = 0,      /* done; check: the message would be accepted */
	CLI_REJECT = 1,  /* check: it would be rejected; srs: not rewritten */
	CLI_DISCARD = 2, /* check: it would be thrown away */
	CLI_USAGE = 64,
	CLI_NOINPUT = 66,  /* a file cannot be read */
	CLI_SOFTWARE = 70, /* out of memory, an error of ours */
	CLI_IO = 74,       /* the output could not be written */
	CLI_TEMPFAIL = 75, /* check: it would be deferred */
	CLI_CONFIG = 78    /* the configuration has errors */
};

struct command {
	const char *name;
	const char *synopsis; /* behind the name */
	const char *help;     /* one line */
	const char *options;  /* for help NAME: one line an option */
	int (*run)(int argc, char **argv);
};

int cmd_check(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_key(int argc, char **argv);
int cmd_srs(int argc, char **argv);

/* Says what is wrong with the command line; CLI_USAGE. */
int cli_usage(const char *command, const char *fmt, ...) A_PRINTF(2, 3);

/* Where settings come from: --config and -o of every command. */
struct cli_source {
	const char *path; /* NULL: the installed one, if there is one */
	struct config_override overrides[64];
	size_t n;
};
/* Takes one -o. False if it is no setting, or one too many. */
bool cli_source_set(struct cli_source *s, const char *text);
/* The same as the room below wants it. */
struct config_source cli_source_config(const struct cli_source *s);

/* Prints all problems to standard error; the number of errors. */
unsigned cli_print_problems(const struct problems *p);

#endif
