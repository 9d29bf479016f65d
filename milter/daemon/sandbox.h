/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sandbox: what the process gives up for good before it starts threads and
 * reads what strangers write. Two fences of the kernel, each where it is
 * there: Landlock (files: nothing is written, made or executed, only named
 * directories lose a file; no TCP port is bound) and a filter of system calls
 * (libseccomp). Both hold for every thread begun later. Process-wide, called
 * once at start by the main thread.
 */
#ifndef CM_DAEMON_SANDBOX_H
#define CM_DAEMON_SANDBOX_H

#include "config/options.h"

#define SANDBOX_TEXT 256
#define SANDBOX_PATHS 4

struct sandbox_needs {
	/* Our socket and pid files: they may be removed, nothing beside
	 * them changes. NULL ones are skipped. */
	const char *removed[SANDBOX_PATHS];
};

/* Puts up what `mode` asks for and tells in `text` what stands now, for the
 * log. 0, or ERR_UNSAFE when something is required and cannot be had; `text`
 * then says what and how to do without. */
int sandbox_enter(enum sandbox_mode mode, const struct sandbox_needs *needs,
    char text[SANDBOX_TEXT]) A_MUST_USE;

/* The fences. 0 and a word on what stands in `text`, or ERR_NOTFOUND and
 * why it does not. */
int sandbox_landlock(const struct sandbox_needs *needs,
    char text[SANDBOX_TEXT]) A_MUST_USE;
int sandbox_seccomp(char text[SANDBOX_TEXT]) A_MUST_USE;

#endif
