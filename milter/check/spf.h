/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf: check_host() of RFC 7208 for the HELO and MAIL FROM identities, behind
 * our own grammar and limits. libspf2 judges single mechanisms (spf_lib).
 */
#ifndef CM_CHECK_SPF_H
#define CM_CHECK_SPF_H

#include "base/ip.h"
#include "base/limits.h"
#include "check/verdict.h"

struct evaluation;
struct check_env;
struct session;

struct spf_options {
	unsigned max_lookups;  /* 10, RFC 7208 section 4.6.4 */
	unsigned max_voids;    /* 2 */
	int64_t time_limit_ms; /* whole check_host, at least 20 s by the RFC */
};

/* Texts live in the arena or in answers that the dns_message pins, so as long
 * as both. Those of a remote may hold any byte, explanation excepted. */
struct spf_result {
	bool done; /* false: not evaluated, verdict is none */
	enum verdict verdict;
	/* whose policy was asked; A-labels, lower case */
	struct slice domain;
	/* "user@domain" or the HELO name, as judged */
	struct slice identity;
	bool from_helo; /* null sender: MAIL FROM identity is postmaster@HELO */
	struct slice record; /* the top record's text, or empty */
	/* The term that decided, as written ("-all"), with "include:x " or
	 * "redirect=x " before it for terms of another record; "default" if
	 * none matched; for an error the term that caused it, if one did. Of
	 * each term at most 200 octets. */
	struct slice mechanism;
	/* The record says that nobody sends: its one mechanism is "-all". */
	bool null;
	struct slice explanation; /* exp= expanded, printable ASCII, or empty */
	struct slice explainer;   /* domain the explanation belongs to */
	/* for humans: "no SPF record", "11 DNS lookups, limit is 10" */
	struct slice reason;
	struct limits limits;
	size_t octets;    /* of the records that were read */
	unsigned lookups; /* terms that counted */
	unsigned voids;   /* of them those whose lookups brought nothing */
};

/* Steps of the check table. */
void spf_helo(const struct check_env *env, const struct session *s);
int spf_mail(struct evaluation *ev);
int spf_eoh(struct evaluation *ev);
int spf_end(struct evaluation *ev);

/* Evaluates (once) the MAIL FROM / HELO identity into ev->spf / ev->spf_helo.
 * 0; ERR_TIMEOUT: not decided before the soft deadline, ask again at
 * end-of-message (result stays !done); ERR_NOMEM. */
int spf_judge_mailfrom(struct evaluation *ev)
    __attribute__((warn_unused_result));
int spf_judge_helo(struct evaluation *ev) __attribute__((warn_unused_result));

/* check_host() by itself, for other callers (`chopmark spf`, SRSWhen needed).
 * The sender is local@sender_domain (local may be empty: postmaster); `domain`
 * is the one to start at, in any spelling. */
struct spf_query {
	struct ip client;
	struct slice helo;
	struct slice local;
	struct slice sender_domain;
	struct slice domain;
	struct slice receiver; /* our host name, for %{r} */
	const struct spf_options *options;
	bool want_explanation;
	/* for nothing but logs; %{p} is validated by DNS */
	struct slice client_name;
};
struct dns_message;
struct arena;
/* 0 and a result that is done; ERR_TIMEOUT (soft deadline), ERR_NOMEM: then
 * *out is empty and the caller may ask again. */
int spf_check_host(struct arena *a, struct dns_message *dns,
    const struct spf_query *q, struct spf_result *out)
    __attribute__((warn_unused_result));
/* Begins the lookups that spf_check_host() will need, without waiting. 0 or
 * ERR_NOMEM. */
int spf_begin_host(struct arena *a, struct dns_message *dns,
    const struct spf_query *q) __attribute__((warn_unused_result));

#endif
