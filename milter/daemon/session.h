/* SPDX-License-Identifier: BSD-2-Clause
 *
 * session: what one connection of the MTA owns, from negotiation to close: a
 * reference to the configuration it began with, and the engine's session.
 * libmilter calls one session from one thread at a time, though not always
 * from the same: no lock here, and nothing kept by thread.
 */
#ifndef CM_DAEMON_SESSION_H
#define CM_DAEMON_SESSION_H

#include "base/base.h" /* first: it decides what the system declares */

#include <libmilter/mfapi.h>

#include "config/snapshot.h"
#include "daemon/negotiate.h"

struct daemon_session {
	SMFICTX *ctx;
	int connection; /* see mta_io_connection */
	struct snapshot *snapshot;
	struct engine_session *engine;
	struct negotiated negotiated;
	bool unsure;     /* begun without a negotiation that we saw */
	bool at_end;     /* inside end-of-message: progress may be told */
	bool body_done;  /* the engine needs no more of this body */
	bool unanswered; /* refused where no reply is possible */
	bool excess;     /* one more than MaximumSessions */
	/* counted for MaximumSessionsPerClient if it has a family */
	struct ip client;
	struct buf value; /* a header value as it was, see session_value */
};

/* A session with the configuration now in use; libmilter's private pointer
 * then holds it. NULL when out of memory. */
struct daemon_session *session_new(SMFICTX *ctx) A_MUST_USE;
/* Whether it may need an answer at CONNECT: one that is too many. */
bool session_may_be_refused(struct daemon_session *s);
/* At CONNECT: false if it is one too many, which the log then tells. */
bool session_admit(struct daemon_session *s, const struct ip *client);
/* What was negotiated for it. */
void session_negotiated(struct daemon_session *s, struct negotiated n);
/* It began without a negotiation: after QUIT_NC a connection goes on with the
 * one it had, which ended with the session before. It is taken to be the last
 * one of any session, except that no reply is relied on. */
void session_unsure(struct daemon_session *s);
/* That of the context, or NULL. */
struct daemon_session *session_of(SMFICTX *ctx);
/* Ends the session of the context, with a message in it or without. Harmless
 * when there is none (a connection that never negotiated: every kick). */
void session_end(SMFICTX *ctx);

/* What to return from a callback that has nothing to say. */
sfsistat session_quiet(const struct daemon_session *s, unsigned long nr_bit);

/* All that stood behind the colon: without "leading space" the MTA took one
 * space away. Valid until the next call. */
struct slice session_value(struct daemon_session *s, const char *value);

/* Sessions alive, of all threads. */
unsigned session_count(void);

#endif
