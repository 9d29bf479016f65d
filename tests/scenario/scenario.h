/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scenario: one file that tells a whole SMTP session and what is expected of
 * it. The same file runs in-process, over the milter protocol and behind a
 * real MTA. tests/scenario/README has the grammar.
 */
#ifndef CM_TESTS_SCENARIO_SCENARIO_H
#define CM_TESTS_SCENARIO_SCENARIO_H

#include "base/buf.h"
#include "base/ip.h"
#include "base/lines.h"
#include "base/vec.h"

enum scn_kind {
	SCN_CONNECT,  /* ip, name */
	SCN_MACRO,    /* name, text */
	SCN_HELO,     /* text */
	SCN_STARTTLS, /* the client says HELO again after it */
	SCN_MAIL,     /* text = path, args */
	SCN_RCPT,     /* text = path, args */
	SCN_MESSAGE,  /* text = whole message, CRLF line ends */
	SCN_RSET,
	SCN_RELOAD, /* the configuration is loaded again */
	SCN_EXPECT
};

enum scn_expect {
	EXPECT_REPLY,   /* name = code, args[0] = enhanced, text = regex */
	EXPECT_FINDING, /* name = method, args = verdict and k=v */
	EXPECT_NO_FINDING,
	EXPECT_RULE,      /* name */
	EXPECT_ACTION,    /* name */
	EXPECT_TEST,      /* name = rule that would have decided */
	EXPECT_HEADER,    /* name, text = regex over the unfolded value */
	EXPECT_NO_HEADER, /* name, text = regex or "" */
	EXPECT_COUNT      /* name, args[0] = how many fields */
};

/* A signature, or an ARC set, to be put on the next message before it is sent. */
struct scn_sign {
	struct slice domain, selector, algorithm, canon, tags;
	bool no_key; /* its key is not published */
	bool arc;
	struct slice cv, results; /* ARC: "" = as it should be */
	bool broken;              /* the message changes behind it */
};
VEC_DEFINE(scn_sign_vec, struct scn_sign);

struct scn_event {
	enum scn_kind kind;
	enum scn_expect expect;
	struct place place;
	struct ip ip;
	struct slice name;
	struct slice text;
	struct slice_vec args;
	struct scn_sign_vec sign; /* MESSAGE: innermost first */
};
VEC_DEFINE(scn_event_vec, struct scn_event);

struct scenario {
	const char *file;
	struct buf config, zone, policy, replies;
	/* runs: process wire postfix sendmail; empty: all */
	struct slice_vec only;
	struct scn_event_vec events;
};

/* Reads and checks a file; keys of `sign` lines are made and put into the
 * zone, messages are signed. 0 or ERR_CONFIG (reported to p). */
int scenario_read(struct arena *a, const char *path, struct scenario *out,
    struct problems *p) A_MUST_USE;
/* Whether the scenario is meant for this way of running it. */
bool scenario_is_for(const struct scenario *s, const char *how);
/* POSIX extended regex over text (which may hold any byte but NUL). */
bool scenario_match(struct slice regex, struct slice text);

#endif
