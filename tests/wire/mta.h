/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta: an MTA as a milter sees it. It speaks the protocol (version 6 and
 * below) in the manner of Postfix or of Sendmail: what is offered, which
 * macros come when, how reply texts are treated, how header edits count. It
 * keeps a header list and an envelope and applies the edits of the filter to
 * them, so that a test compares what would be delivered.
 *
 *     m = mta_open("/path/of/socket", MTA_POSTFIX);
 *     mta_macro(m, "j", "mx.local.test");
 *     mta_negotiate(m, MTA_OFFER_FULL);
 *     mta_connect(m, "mail.example.net", "192.0.2.9", 25001);
 *     mta_helo(m, "mail.example.net");
 *     a = mta_message(m, "<a@example.org>", rcpts, 1, text);
 *     ... mta_headers(m), mta_reply(m, a) ...
 *     mta_quit(m); mta_close(m);
 *
 * or step by step, with whatever order or omission a test wants. Nothing here
 * uses libmilter or the daemon. One thread per mta; several may be open.
 */
#ifndef CM_TESTS_WIRE_MTA_H
#define CM_TESTS_WIRE_MTA_H

#include "base/buf.h"
#include "base/vec.h"
#include "wire/packet.h"

enum mta_kind { MTA_POSTFIX, MTA_SENDMAIL };

/* Edits a filter may ask for, SMFIF_*. */
#define MTA_ADDHDRS 0x01U
#define MTA_CHGHDRS 0x10U
#define MTA_QUARANTINE 0x20U
#define MTA_SETSYMLIST 0x100U
/* Protocol steps, SMFIP_*. */
#define MTA_NOCONNECT 0x1U
#define MTA_NOHELO 0x2U
#define MTA_NOMAIL 0x4U
#define MTA_NORCPT 0x8U
#define MTA_NOBODY 0x10U
#define MTA_NOHDRS 0x20U
#define MTA_NOEOH 0x40U
#define MTA_NR_HDR 0x80U
#define MTA_NOUNKNOWN 0x100U
#define MTA_NODATA 0x200U
#define MTA_SKIP 0x400U
#define MTA_RCPT_REJ 0x800U
#define MTA_NR_CONN 0x1000U
#define MTA_NR_HELO 0x2000U
#define MTA_NR_MAIL 0x4000U
#define MTA_NR_RCPT 0x8000U
#define MTA_NR_DATA 0x10000U
#define MTA_NR_UNKN 0x20000U
#define MTA_NR_EOH 0x40000U
#define MTA_NR_BODY 0x80000U
#define MTA_LEADSPC 0x100000U

struct mta_offer {
	uint32_t version, actions, steps;
};
/* What Postfix 3.7 and Sendmail 8.17 offer. */
#define MTA_OFFER_FULL ((struct mta_offer){ 6, 0x1ff, 0x1fffff })
/* No "no reply", no leading space, no SKIP, no list of macros. */
#define MTA_OFFER_OLD ((struct mta_offer){ 2, 0x3f, 0x7f })

/* Stages at which macros are sent, by their number on the wire. */
enum mta_stage {
	MTA_AT_CONNECT,
	MTA_AT_HELO,
	MTA_AT_MAIL,
	MTA_AT_RCPT,
	MTA_AT_DATA,
	MTA_AT_EOM,
	MTA_AT_EOH,
	MTA_STAGES
};

/* What a step came to. */
enum mta_verdict {
	MTA_LOST =
	    -1, /* the filter closed the connection or broke the protocol */
	MTA_QUIET = 0, /* no reply was due (not sent, or "no reply") */
	MTA_CONTINUE = 'c',
	MTA_ACCEPT = 'a',
	MTA_REJECT = 'r',   /* without a text */
	MTA_TEMPFAIL = 't', /* without a text */
	MTA_DISCARD = 'd',
	MTA_SKIPPED = 's',
	MTA_REPLY = 'y' /* with code and text */
};

struct mta_answer {
	enum mta_verdict verdict;
	char stage;       /* command byte of the step that was answered */
	struct slice raw; /* MTA_REPLY: code and text as the filter sent them */
};

struct mta_header {
	struct slice name;
	struct slice value; /* all after the colon, folds LF + white space */
	bool own;           /* the MTA's Received, which no filter is shown */
	bool gone;          /* deleted, but still counted (Sendmail) */
};
VEC_DEFINE(mta_header_vec, struct mta_header);

struct mta_macro_value {
	struct slice name, value;
};
VEC_DEFINE(mta_macro_vec, struct mta_macro_value);

struct mta {
	struct arena *arena;
	int fd;
	enum mta_kind kind;
	struct mta_offer offer;
	uint32_t version, actions, steps; /* negotiated */
	bool listed[MTA_STAGES];          /* the filter chose the macros */
	struct slice wanted[MTA_STAGES];  /* ... these */
	const char *error;                /* why MTA_LOST, for notes */

	struct mta_macro_vec macros;
	unsigned macros_sent; /* packets with macros so far */
	unsigned replies;     /* packets read so far */

	/* of the message in hand or just ended */
	bool body_skipped;
	struct mta_header_vec headers;
	struct slice from;
	struct slice_vec rcpts;
	struct slice_vec edits; /* as they came, "insert 0 Name: value" ... */
	struct slice hold;      /* reason, p == NULL: not held */
	unsigned progress;
};

/* NULL when nobody listens there. `path`: a unix socket. */
struct mta *mta_open(const char *path, enum mta_kind kind);
/* The same on a connected stream, which it then owns. */
struct mta *mta_open_fd(int fd, enum mta_kind kind);
void mta_close(struct mta *m); /* NULL is harmless; no QUIT is sent */

/* Sets a macro ("i", "{auth_type}"); "" forgets it. Postfix does not tell `i`
 * before DATA, so it is held back until then. */
void mta_macro(struct mta *m, const char *name, const char *value);

/* false: the filter went away or asked for what was not offered. */
bool mta_negotiate(struct mta *m, struct mta_offer offer);

/* address: "192.0.2.1", "2001:db8::1", "/path" or NULL for unknown. */
struct mta_answer mta_connect(struct mta *m, const char *name,
    const char *address, unsigned port);
struct mta_answer mta_helo(struct mta *m, const char *name);
/* The first argument and ESMTP arguments, separated by SP. */
struct mta_answer mta_mail(struct mta *m, const char *args);
struct mta_answer mta_rcpt(struct mta *m, const char *args);
struct mta_answer mta_data(struct mta *m);
/* value: all after the colon. */
struct mta_answer mta_header(struct mta *m, struct slice name,
    struct slice value);
struct mta_answer mta_eoh(struct mta *m);
/* One packet; the caller keeps to the 65535 octets that MTAs send. */
struct mta_answer mta_body(struct mta *m, struct slice chunk);
/* End of message: the answer after all edits, which are applied. */
struct mta_answer mta_end(struct mta *m);
/* The two halves of mta_end, for sessions that shall wait at the same time. */
bool mta_end_ask(struct mta *m);
struct mta_answer mta_end_wait(struct mta *m);
void mta_abort(struct mta *m);
void mta_quit(struct mta *m);
/* Sendmail: the session ends, the connection serves another one. */
void mta_quit_keep(struct mta *m);

/* A whole message: MAIL, RCPT, DATA, the fields and body of `text` (lines
 * with LF or CRLF; the body is sent with CRLF), end of message. Stops at the
 * first answer that ends it; a refused recipient does not, unless all are. */
struct mta_answer mta_message(struct mta *m, const char *mail,
    const char *const *rcpts, size_t n_rcpts, struct slice text);

/* The SMTP reply that the client is told, lines joined by LF:
 * "550 5.7.1 text" (a generic one where the filter gave no text). What each MTA does to the
 * text of the filter is done: doubled % halved, and a reply that it would not
 * believe is replaced. "" when the answer is not a refusal. */
struct slice mta_reply(struct mta *m, struct mta_answer a);

/* The header as it would be delivered, "Name:value\n" each, top first. */
struct slice mta_headers(struct mta *m);
/* nth field (from 1) of that name as delivered, or p == NULL. */
struct slice mta_field(struct mta *m, const char *name, unsigned nth);
/* All edits, "\n" behind each. */
struct slice mta_edits(struct mta *m);

#endif
