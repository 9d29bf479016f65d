/* SPDX-License-Identifier: BSD-2-Clause
 *
 * engine_private: what the files of this room share. The engine is loaded in
 * engine.c and led through a message in walk.c; session.c keeps what outlives a
 * message, labels.c writes the headers, outcome.c the log line and the counters,
 * timeline.c the times; unjudged.c answers where we failed.
 */
#ifndef CM_ENGINE_ENGINE_PRIVATE_H
#define CM_ENGINE_ENGINE_PRIVATE_H

#include "base/stats.h"
#include "engine/engine.h"

struct engine_counters {
	struct stat_counter *verdict[METHOD_COUNT][VERDICT_COUNT];
	struct stat_counter *action[ACTION_DISCARD + 1];
	struct stat_counter *marked, *held, *errors, *aborted;
	/* by enum key_kind, and by reason */
	struct stat_counter *signatures[2];
	struct stat_counter *not_signed[DKIM_UNSIGNED_COUNT];
	struct srs_long_counters long_senders;
	struct stat_histogram *wait;
};

struct engine {
	struct arena *arena; /* everything loaded below */
	struct engine_options options;
	struct check_env env;
	struct resolver *resolver;
	struct psl *psl;
	struct dkim_library *dkim;
	struct dkim_keys *keys;
	struct mta_config *mta;
	struct arc_sealer *arc_sealer;
	struct replies *replies;
	struct rules *rules;
	bool counts_size; /* a rule names `size`: the whole body is wanted */
	struct outbound *outbound;
	struct srs_map *srs; /* NULL: no SRS */
	/* option, or the machine's; the macro j is preferred to the
	 * latter */
	struct slice hostname;
	struct engine_counters counters;
};

/* Values the MTA tells that outlive a message; each in its own buffer, so
 * that a client that repeats HELO for hours costs nothing. */
enum session_text {
	TEXT_HOSTNAME,
	TEXT_DAEMON_NAME,
	TEXT_MTA,
	TEXT_TLS_VERSION,
	TEXT_TLS_CIPHER,
	TEXT_TLS_VERIFY,
	TEXT_CLIENT_NAME,
	TEXT_HELO,
	TEXT_AUTH_TYPE,
	TEXT_AUTH_AUTHEN,
	TEXT_AUTH_AUTHOR,
	TEXT_QUEUE_ID,
	TEXT_COUNT
};

struct engine_session {
	const struct engine *engine;
	struct dns_wait wait;
	struct buf texts[TEXT_COUNT];
	unsigned lost; /* bit n: there was no memory for texts[n] */
	struct session session;
	struct slice auth[3];    /* type, authen, author: taken over at MAIL */
	struct slice queue_id;   /* told before MAIL: taken over there */
	struct arena *arena;     /* the message's, reset for each */
	struct message *message; /* NULL between messages */
	struct evaluation *evaluation;
	struct plan plan;
	/* one for all waiting before end of message */
	struct deadline envelope;
	bool finished; /* engine_end was called for this message */
	bool refused;  /* at MAIL: the MTA drops the message */
	bool accepted; /* an early accept ended judgement */
	struct slice accepted_rule;
	bool headers_done; /* engine_eoh ran */
	int failed;        /* ERR_* of ours, 0 = none */
	const char *failed_in;
	struct timeline *timeline; /* NULL: nobody wants it */
	bool text_cut; /* a text of the session was longer than is kept */
	size_t unseen_results; /* Authentication-Results after the failure */
	/* memory for the answer when there is no memory */
	struct slice spare_line;
	char spare_text[128];
};

/* Notes a failure of ours, or a limit (ERR_LIMIT), once a message; `where` is
 * static. */
void walk_fail(struct engine_session *s, int err, const char *where);
/* Keeps a text of the session, or of the message that is under way. */
struct slice walk_keep_text(struct engine_session *s, enum session_text which,
    struct slice v);
void walk_keep_message_text(struct engine_session *s, struct slice *where,
    struct slice v);

/* Edits that our labels need, before those of the rules: forged fields out, own fields in.
 * 0, ERR_NOMEM, or ERR_LIMIT: more forged fields than we take out. */
int labels_apply(const struct engine *e, struct evaluation *ev,
    struct plan *plan) A_MUST_USE;
/* Just the removal, for a message that was not judged to its end: `unseen`
 * fields behind those in the evaluation go unread. 0, ERR_NOMEM, or
 * ERR_LIMIT if there are too many. */
int labels_remove_forged(const struct engine *e, struct evaluation *ev,
    size_t unseen, struct plan *plan) A_MUST_USE;
/* Whether a field of this name may claim to be ours. */
bool labels_is_ours(struct slice field_name);

/* Plans for a message that we failed to judge (s->failed), with no memory but
 * the session's own. */
void unjudged_conclude(struct engine_session *s);

/* True if the message carries results under our own name that speak of its
 * author: it came from outside and was judged, and nobody has made it his own
 * since, as a mailing list does that writes its own address into From. */
bool labels_judged_author(const struct engine *e, const struct evaluation *ev);
/* The newest results under our own name that one of ReinjectHosts brings, or
 * empty. */
struct slice labels_returned(const struct engine *e,
    const struct evaluation *ev);

/* The DKIM-Signature fields of our own users' mail on top of all other edits,
 * which are made before; missing fields are added if we are to. 0 or ERR_*. */
int sign_apply(const struct engine *e, struct evaluation *ev,
    struct plan *plan) A_MUST_USE;

/* Forwarding: whether a recipient claims to be an SRS address of ours and is
 * none: then s->plan refuses it. 0, ERR_NOMEM, ERR_LIBRARY. */
int forwarding_rcpt(struct engine_session *s, struct recipient *r) A_MUST_USE;
/* What becomes of a message that goes on: before the rules. 0 or an error. */
int forwarding_judge(const struct engine *e, struct evaluation *ev) A_MUST_USE;
/* Edits of the envelope of accepted mail. 0 or an error. */
int forwarding_apply(const struct engine *e, struct evaluation *ev,
    struct plan *plan) A_MUST_USE;

/* One log line, LogWhy lines and counters for a message that ended. */
void outcome_log(const struct engine *e, const struct evaluation *ev,
    const struct plan *plan);
/* The same for a message that ended before end-of-message: refused at MAIL
 * or RCPT. `stage` tells where. */
void outcome_log_early(const struct engine *e, const struct evaluation *ev,
    const struct plan *plan, enum stage stage, const struct recipient *rcpt);
/* Findings and counters of the limits that the message met: before the log
 * line, when all is decided. */
void outcome_limits(struct evaluation *ev);
/* LogTiming: one line for a message that came to its end. */
void outcome_log_timing(const struct evaluation *ev, const struct timeline *t);
int outcome_load(struct engine_counters *c) A_MUST_USE;

#endif
