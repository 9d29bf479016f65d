/* SPDX-License-Identifier: BSD-2-Clause
 *
 * evaluation: a message and what the checks found of it, made by hand: what
 * policy tests start from. It begins as an inbound message from
 * 192.0.2.9 (mail.example.net) for a@example.org, author a@example.org, to
 * b@local.test, of which every check that ran says `none`. Results are set
 * right in t->ev; SPF and HELO count as judged.
 */
#ifndef CM_TESTS_LIB_EVALUATION_H
#define CM_TESTS_LIB_EVALUATION_H

#include "check/facts.h"
#include "policy/rules.h"

struct t_evaluation {
	struct session session;
	struct message message;
	struct check_options options;
	struct check_env env;
	struct evaluation ev;
};

#define T_EPOCH 1800000000 /* 2027-01-15T08:00:00Z; the clock stands there */

void t_evaluation_init(struct t_evaluation *t, struct arena *a);
void t_mailfrom(struct t_evaluation *t, const char *path);
/* Adds a recipient and returns it. */
struct recipient *t_rcpt(struct t_evaluation *t, const char *path);
/* Adds a field; value without its leading space. */
void t_header(struct t_evaluation *t, const char *name, const char *value);
/* The authors, one at a time after the first call, which forgets the old. */
void t_author(struct t_evaluation *t, const char *mailbox, bool another);
/* Adds a signature; the best verdict becomes the result. */
void t_dkim(struct t_evaluation *t, const char *domain, enum verdict v);
void t_spf(struct t_evaluation *t, enum verdict v, const char *domain);
void t_dmarc(struct t_evaluation *t, enum verdict v, enum dmarc_policy p);

/* Context at end-of-message, and at an earlier stage. */
struct fact_context t_context(struct t_evaluation *t, enum stage s);

/* Loads rules / replies from a text through a real file. The problems go to *p,
 * which is begun anew. */
struct rules *t_rules(const char *text, const struct rules_options *o,
    const struct replies *r, struct problems *p);
struct replies *t_replies(const char *text, const struct reply_options *o,
    struct problems *p);
/* The shipped replies. */
const struct replies *t_shipped_replies(void);
/* All problems, a line each: "LINE: error|warning: text". */
struct slice t_problems(const struct problems *p);

#endif
