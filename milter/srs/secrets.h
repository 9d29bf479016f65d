/* SPDX-License-Identifier: BSD-2-Clause
 *
 * secrets: the file of secrets that SRS addresses are made with, one a line,
 * the form that postsrsd uses too. The first signs, all of them verify: a new
 * one goes on top, an old one is taken out when its last addresses have
 * expired. Read at load, immutable afterwards.
 */
#ifndef CM_SRS_SECRETS_H
#define CM_SRS_SECRETS_H

#include "base/lines.h"
#include "base/vec.h"

#define SECRETS_MAX 16            /* lines that count */
#define SECRETS_SHORT 16          /* octets; a shorter one is warned of */
#define SECRETS_MADE ((size_t)43) /* characters of one that we make */

/* Reads the file, whose owner and mode are checked as base/file.h tells;
 * `uid`: the user the daemon will run as, or (unsigned)-1. Empty lines and
 * those that begin with '#' do not count; nothing else is taken off a line but
 * its end. Texts live in the arena. 0, ERR_CONFIG (reported) or ERR_NOMEM. */
int secrets_load(struct arena *a, const char *path, unsigned uid,
    struct place at, struct problems *p, struct slice_vec *out) A_MUST_USE;

/* A new one: 256 random bits in characters that need no quoting anywhere.
 * Empty with p NULL on failure. */
struct slice secrets_make(struct arena *a) A_MUST_USE;

#endif
