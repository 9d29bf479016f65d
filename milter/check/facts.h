/* SPDX-License-Identifier: BSD-2-Clause
 *
 * facts: all that is known of a message, by name: the variables of rules,
 * replies and, later, the journal. One table says for each name its type,
 * from which stage on it can be known, which words it can take and how to get
 * it. Getting a fact may run a check that was not needed before (and wait for
 * DNS inside the evaluation's limits).
 */
#ifndef CM_CHECK_FACTS_H
#define CM_CHECK_FACTS_H

#include "base/vec.h"
#include "check/check.h"

/* Where in the SMTP dialogue we are, or a rule stands. */
enum stage { STAGE_MAIL, STAGE_RCPT, STAGE_EOM };
const char *stage_word(enum stage s); /* "mail" "rcpt" "eom" */

enum fact_type {
	FACT_WORD,    /* one of a fixed set of words */
	FACT_TEXT,    /* any text; mailboxes and domains too */
	FACT_ADDRESS, /* an IP address */
	FACT_LIST, /* several texts: goes with `in` (any of them, or every one) */
	FACT_BOOL,
	FACT_NUMBER
};

struct fact_value {
	enum fact_type type;
	struct slice text;     /* WORD, TEXT; ADDRESS and NUMBER as printed */
	struct ip ip;          /* ADDRESS */
	struct slice_vec list; /* LIST */
	bool yes;              /* BOOL */
	uint64_t number;       /* NUMBER */
};

/* Context of one lookup: `rcpt` is the recipient at RCPT, else NULL. */
struct fact_context {
	struct evaluation *ev;
	enum stage stage;
	const struct recipient *rcpt;
};

struct fact {
	const char *name;
	enum fact_type type;
	enum stage from;     /* first stage at which it can be known */
	enum stage until;    /* last stage (rcpt is known at RCPT only) */
	bool takes_argument; /* header("X") */
	bool waits;          /* before end-of-message: for the DNS */
	bool every;          /* LIST: `in` asks for all of them, not for any */
	/* WORD: NULL-terminated list of what it can be */
	const char *const *words;
	const char *help; /* one line for policy.conf(5) */
	/* 0; ERR_TIMEOUT: cannot be told at this stage after all (undecided);
	 * ERR_NOMEM. `arg` is the argument or empty. */
	int (*get)(const struct fact_context *c, struct slice arg,
	    struct fact_value *out);
};

extern const struct fact facts[];
extern const size_t facts_count;

/* NULL if there is no such name. */
const struct fact *fact_find(struct slice name);
/* Offers every name to a nearest-spelling search. */
struct names_nearest;
void facts_nearest(struct names_nearest *near);
/* True if the fact can be known at this stage, DNS permitting. */
bool fact_known_at(const struct fact *f, enum stage s);
/* fact->get after a check of the stage: ERR_TIMEOUT when it cannot be known yet. */
int fact_get(const struct fact *f, const struct fact_context *c,
    struct slice arg, struct fact_value *out) A_MUST_USE;
/* Any value as text for replies and logs: lists joined by ",", bools "yes" /
 * "no". Empty with p == NULL when out of memory. */
struct slice fact_text(struct arena *a, const struct fact_value *v);

#endif
