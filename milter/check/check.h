/* SPDX-License-Identifier: BSD-2-Clause
 *
 * check: the interface of everything that judges a message.
 *
 * The engine holds one const table, checks[], in run order. For every message
 * it makes an `evaluation` and leads each check through the steps of SMTP:
 *
 *   connect, helo   before there is a message: only to begin lookups early
 *   mail, rcpt      identities known: begin lookups, set up state
 *   header          one field arrived (already in message->headers)
 *   eoh             all fields are there: parse From, signatures; ask for keys
 *   body            a chunk of the body, CRLF line ends, any cut
 *   end             end of message: judge, add findings
 *
 * A step that a check does not need is NULL. A step returns 0 or a negative
 * ERR_*: that is a failure of ours (the message is tempfailed or passed as
 * OnInternalError says), never a verdict. What a check concludes goes into its
 * result struct in the evaluation (for rules) and into findings (for headers,
 * log, trace). Results that a rule asks for before `end` are made on demand by
 * evaluation_need().
 *
 * All memory is the message's arena; foreign handles register an arena hook.
 * All waiting goes through ev->dns. One message, one thread at a time; the
 * env is shared by all threads and immutable.
 */
#ifndef CM_CHECK_CHECK_H
#define CM_CHECK_CHECK_H

#include "base/limits.h"
#include "check/arc.h"
#include "check/body_hash.h"
#include "check/direction.h"
#include "check/dkim.h"
#include "check/dkim_sign.h"
#include "check/dmarc.h"
#include "check/finding.h"
#include "check/forward.h"
#include "check/iprev.h"
#include "check/spf.h"
#include "dns/dns_message.h"
#include "mail/from.h"
#include "mail/message.h"
#include "mail/psl.h"

/* Options of all checks; each struct belongs to the check that reads it. */
struct check_options {
	struct direction_options direction;
	struct iprev_options iprev;
	struct spf_options spf;
	struct dkim_options dkim;
	struct dkim_sign_options sign;
	struct arc_options arc;
	struct dmarc_options dmarc;
	int64_t envelope_wait_ms;  /* EnvelopeDNSWait */
	int64_t message_budget_ms; /* MessageDNSBudget */
	size_t message_lookups;    /* MessageDNSLookups */
};

/* What all messages share; immutable while a snapshot lives. */
struct check_env {
	const struct check_options *options;
	struct resolver *resolver;
	const struct psl *psl;
	struct dkim_library *dkim;           /* NULL: DKIM is off */
	struct dkim_keys *keys;              /* NULL: nothing is signed */
	const struct mta_config *mta;        /* NULL: nothing was read */
	const struct arc_sealer *arc_sealer; /* NULL: nothing is sealed */
};

struct evaluation {
	const struct check_env *env;
	struct message *message;
	struct arena *arena; /* the message's */
	struct dns_message *dns;
	struct findings findings;
	/* end-of-message: waiting is bounded by the budget alone */
	bool at_end;
	bool judged; /* false: our own users' mail, or verification is off: no
			check runs, every result stays `none` */

	enum direction direction; /* set before the step mail */
	/* address SPF is judged by: the client's, or what a relay
	 * recorded */
	struct ip judged_client;
	struct slice judged_helo; /* likewise */
	struct limits limits;     /* noted by checks, see evaluation_limits() */
	struct from_field from;   /* set before the step eoh of any check */
	struct body_hashes *bodies; /* digests of the body, shared */
	/* of header, hashed for signatures and seals so far */
	size_t signed_octets;

	struct iprev_result iprev;
	struct spf_result spf;      /* MAIL FROM identity */
	struct spf_result spf_helo; /* HELO identity */
	struct dkim_result dkim;
	struct arc_result arc;
	struct dmarc_result dmarc;
	struct forward_result forward; /* set before rules at the end */
	/* fields that rules asked for: name, and value without its folds */
	struct header_field_vec unfolded;
	struct dkim_sign_result signing;

	/* private state of each check, in the arena */
	struct dkim_state *dkim_state;
	struct arc_state *arc_state;
	struct dmarc_state *dmarc_state;
	struct spf_state *spf_state;
	struct dkim_sign_state *sign_state; /* NULL: it is not signed */
};

/* The limits that the message has met so far, wherever that was noted. */
struct limits evaluation_limits(const struct evaluation *ev);

struct check {
	const char *name;
	void (*connect)(const struct check_env *env, const struct session *s);
	void (*helo)(const struct check_env *env, const struct session *s);
	int (*mail)(struct evaluation *ev);
	int (*rcpt)(struct evaluation *ev, const struct recipient *r);
	int (*header)(struct evaluation *ev, const struct header_field *f);
	int (*eoh)(struct evaluation *ev);
	int (*body)(struct evaluation *ev, struct slice chunk);
	int (*end)(struct evaluation *ev);
};

/* In run order. */
extern const struct check checks[];
extern const size_t checks_count;

#endif
