/* SPDX-License-Identifier: BSD-2-Clause
 *
 * message: what the MTA told us, and nothing that we concluded from it.
 * A session lives from connect to close, a message from MAIL to end-of-message
 * or abort. Filled by the engine, read by everyone. One thread at a time.
 * Every text may hold any byte; absent values are empty slices. The texts of a
 * session stay put while a message is under way.
 */
#ifndef CM_MAIL_MESSAGE_H
#define CM_MAIL_MESSAGE_H

#include "base/ip.h"
#include "mail/address.h"
#include "mail/header.h"

#define MESSAGE_ID_LEN 16

struct session {
	char id[MESSAGE_ID_LEN + 1]; /* ours, from connect on */
	struct slice hostname;       /* our host name: option, else macro j */
	struct slice mta_host;       /* {j}: the MTA's own name */
	/* reverse name as the MTA verified it, or "" / "[ip]" */
	struct slice client_name;
	struct ip client; /* IPv4-mapped undone; family 0 = local submission */
	uint16_t client_port;     /* 0 = unknown */
	struct slice helo;        /* the last one (STARTTLS brings a second) */
	struct slice daemon_name; /* {daemon_name} */
	struct slice mta;         /* {v}: name and version of the MTA */
	struct slice tls_version; /* "" = plain text */
	struct slice tls_cipher;
	struct slice tls_verify; /* {verify} (Sendmail) */
	unsigned messages;       /* begun so far */
};

struct recipient {
	struct mailbox path;
	bool refused; /* by us, at RCPT */
};
VEC_DEFINE(recipient_vec, struct recipient);

struct message {
	struct session *session;
	struct arena *arena;
	/* ours; the first of a session has the session's */
	char id[MESSAGE_ID_LEN + 1];
	struct slice queue_id; /* the MTA's, as soon as it tells */
	struct slice auth_type, auth_authen, auth_author;
	struct mailbox mail_from; /* reverse-path */
	bool smtputf8, body8bit;  /* MAIL parameters */
	struct recipient_vec rcpts;
	struct header_list headers;
	uint64_t header_bytes, body_bytes;
	int64_t begun_ms; /* clock_mono_ms at MAIL */
	int64_t epoch;    /* wall clock at MAIL, seconds */
};

#endif
