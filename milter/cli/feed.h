/* SPDX-License-Identifier: BSD-2-Clause
 *
 * feed: a stored message as the MTA would hand it over: header fields with
 * their folds, then the body in blocks with CRLF line ends. Memory does not
 * grow with the body.
 */
#ifndef CM_CLI_FEED_H
#define CM_CLI_FEED_H

#include "engine/engine.h"

struct feed;

/* NULL when out of memory. */
struct feed *feed_new(struct engine_session *s) A_MUST_USE;
void feed_free(struct feed *f);

/* Bytes of the file, cut anywhere; lines end in LF or CRLF. A first line that
 * begins with "From " (mbox) is left out. A line that is no header field ends
 * the header section, as in an MTA. */
void feed_add(struct feed *f, struct slice bytes);
/* The end of the file. 0, or ERR_LIMIT: a header field over 16 MB, or over
 * what memory there is. */
int feed_end(struct feed *f) A_MUST_USE;

#endif
