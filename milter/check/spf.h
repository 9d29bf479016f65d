/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf: check_host() of RFC 7208 for the HELO and MAIL FROM identities, behind
 * our own grammar; the door to libspf2.
 */
#ifndef CM_CHECK_SPF_H
#define CM_CHECK_SPF_H

#include "base/ip.h"
#include "check/verdict.h"

struct evaluation;
struct check_env;
struct session;

struct spf_options {
	unsigned max_lookups;  /* 10, RFC 7208 section 4.6.4 */
	unsigned max_voids;    /* 2 */
	int64_t time_limit_ms; /* whole check_host, at least 20 s by the RFC */
};

struct spf_result {
	bool done; /* false: not evaluated, verdict is none */
	enum verdict verdict;
	struct slice domain; /* whose policy was asked; A-labels, lower case */
	struct slice identity; /* "user@domain" or the HELO name, as judged */
	bool from_helo; /* null sender: MAIL FROM identity is postmaster@HELO */
	struct slice record; /* the top record's text, or empty */
	struct slice
	    mechanism; /* the term that decided, as written ("-all"), with
				   "include:x " or "redirect=x " before it for terms of
				   another record; "default" if none matched */
	bool
	    null; /* record says nobody sends: only "-all" besides the version */
	struct slice explanation; /* exp= expanded, printable ASCII, or empty */
	struct slice explainer;   /* domain the explanation belongs to */
	struct slice
	    reason; /* for humans: "no SPF record", "11 DNS lookups, limit is 10" */
	unsigned lookups; /* terms that counted */
	unsigned voids;
};

/* Steps of the check table. */
void spf_helo(const struct check_env *env, const struct session *s);
int spf_mail(struct evaluation *ev);
int spf_end(struct evaluation *ev);

/* Evaluates (once) the MAIL FROM / HELO identity into ev->spf / ev->spf_helo.
 * 0; ERR_TIMEOUT: not decided before the soft deadline, ask again at
 * end-of-message (result stays !done); ERR_NOMEM. */
int spf_judge_mailfrom(struct evaluation *ev)
    __attribute__((warn_unused_result));
int spf_judge_helo(struct evaluation *ev) __attribute__((warn_unused_result));

/* check_host() by itself, for other callers (`chopmark spf`, SRSWhen needed).
 * `sender` is "local@domain" (local may be empty: postmaster), domain the one to start at. */
struct spf_query {
	struct ip client;
	struct slice helo;
	struct slice local;
	struct slice sender_domain;
	struct slice domain;
	struct slice receiver; /* our host name, for %{r} */
	const struct spf_options *options;
	bool want_explanation;
	struct slice
	    client_name; /* for nothing but logs; %{p} is validated by DNS */
};
struct dns_message;
struct arena;
int spf_check_host(struct arena *a, struct dns_message *dns,
    const struct spf_query *q, struct spf_result *out)
    __attribute__((warn_unused_result));

#endif
