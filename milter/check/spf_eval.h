/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_eval: one check_host() under way; private to the files of SPF. The
 * driver (spf_eval.c) walks the records with a stack of its own; spf_names.c
 * asks the DNS for it and counts; spf_explain.c is called once a fail stands.
 *
 * A walk that cannot go on sets `err` (a failure of ours or a soft deadline:
 * the caller starts anew later, from pinned answers) or a final verdict with
 * its reason: both make spf_stopped() true.
 */
#ifndef CM_CHECK_SPF_EVAL_H
#define CM_CHECK_SPF_EVAL_H

#include "check/spf.h"
#include "check/spf_lib.h"
#include "check/spf_macro.h"
#include "dns/dns_message.h"

#define SPF_DEPTH 16       /* records open at once: include inside include */
#define SPF_TERM_SHOWN 200 /* octets of a term in texts for humans */

/* How a record was reached: the texts of the include and redirect terms, the
 * innermost first. In the arena. */
struct spf_path {
	const struct spf_path *outer;
	struct slice text;
};

/* A record under evaluation; an include opens one on top of it. */
struct spf_frame {
	struct spf_record record;
	size_t at; /* where the next mechanism is read */
	struct slice domain;
	const struct spf_path *path;
	struct spf_term include; /* of the frame below, which opened this one */
};

struct spf_eval {
	struct arena *arena;
	struct dns_message *dns;
	const struct spf_query *query;
	struct spf_result *result;
	struct spf_values values; /* domain and validated change as we go */
	struct spf_lib *lib;      /* opened when first needed */
	int64_t waited;           /* of dns when this evaluation began */
	struct spf_frame frames[SPF_DEPTH];
	unsigned depth; /* frames in use */

	const struct spf_term *term;     /* the one being judged */
	struct slice target;             /* its expanded name */
	const struct dns_answer *failed; /* the last lookup that failed */
	bool term_void;                  /* it caused a void lookup */
	bool counted_p;                  /* %{p} has cost its lookup */
	bool local_high;                 /* the local-part is not ASCII */
	struct dns_record ptr_names[MOST_SPF_NAMES]; /* shown to the library */

	int err;
	bool decided; /* result->verdict stands */
};

static inline bool
spf_stopped(const struct spf_eval *e)
{
	return e->err != 0 || e->decided;
}

/* Ends the evaluation with an error verdict. `reason` is copied; out of
 * memory sets err instead. */
void spf_stop(struct spf_eval *e, enum verdict v, const char *fmt, ...)
    A_PRINTF(3, 4);

/* A name whose policy can be asked for (section 4.3): several labels, and
 * neither an address nor a literal. */
bool spf_is_domain(struct slice d);

/* Asks the DNS within the time limit. NULL: spf_stopped(). */
const struct dns_answer *spf_ask(struct spf_eval *e, struct slice name,
    enum dns_type type);

/* Counts one term, or the PTR lookup of %{p}, against the limit (section
 * 4.6.4). false: over it, stopped. */
bool spf_count_lookup(struct spf_eval *e);

/* Fills values.validated, as %{p} wants it (section 7.3): a validated name of
 * the client that equals values.domain, else one below it, else any, else
 * none. false: stopped. */
bool spf_validate_client(struct spf_eval *e);

/* Judges an a, mx, ptr or exists mechanism for its expanded target. 1 = it
 * matches, 0 = it does not, -1 = stopped. */
int spf_judge_names(struct spf_eval *e, const struct spf_term *t,
    struct slice target);

/* The library, opened. NULL: stopped. */
struct spf_lib *spf_library(struct spf_eval *e);

/* Fetches and expands the explanation of the record at the bottom of the
 * stack into result->explanation, if it has one that can be shown (section
 * 6.2). Never changes the verdict; may set err. */
void spf_explain(struct spf_eval *e);

#endif
