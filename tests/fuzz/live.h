/* SPDX-License-Identifier: BSD-2-Clause
 *
 * live: for targets that stand in front of a server of ours in this process: a
 * socket it listens on, and a client that says the input and hears the answers.
 * One thread.
 */
#ifndef CM_TESTS_FUZZ_LIVE_H
#define CM_TESTS_FUZZ_LIVE_H

#include "daemon/listen.h"
#include "fuzz/fuzz.h"

/* Opens a socket of its own, which goes away when the process ends. */
void live_listen(struct listener *l);
/* A file beside it that nobody else may read; its path. */
const char *live_secret(struct slice text);
/* Reads a configuration, "Name value" lines, and takes it into use. `zone` is
 * the text of TestDNSData, `policy` of the policy file (NULL: the shipped one). */
void live_configure(const char *config, const char *zone, const char *policy);

/* Connects, says all of it in pieces of at most `piece` octets, ends its side
 * and hears everything up to the end of the other one; that must come. */
struct slice live_talk(struct arena *a, const struct listener *l,
    struct slice text, size_t piece);

#endif
