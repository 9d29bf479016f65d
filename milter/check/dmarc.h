/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc: RFC 9989: discovery, alignment and the policy that applies; the door
 * to libopendmarc.
 */
#ifndef CM_CHECK_DMARC_H
#define CM_CHECK_DMARC_H

#include "check/verdict.h"

struct evaluation;
struct check_env;
struct session;

enum dmarc_discovery { DMARC_TREE_WALK, DMARC_PSL };
enum dmarc_policy {
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT
};

struct dmarc_options {
	enum dmarc_discovery discovery; /* DMARCDiscovery */
};

struct dmarc_result {
	bool done;
	enum verdict verdict; /* none pass fail temperror permerror */
	/* the From domain judged (the worst of several) */
	struct slice author_domain;
	struct slice policy_domain; /* where the record stood */
	/* the author's; empty if nobody needed to know */
	struct slice org_domain;
	struct slice record;         /* text as published */
	enum dmarc_policy published; /* p, sp or np: the one that applies */
	/* published, lowered by t=y; none unless verdict is fail */
	enum dmarc_policy disposition;
	bool testing;      /* t=y */
	bool spf_aligned;  /* an aligned SPF pass */
	bool dkim_aligned; /* an aligned DKIM pass */
	struct slice reason;
};

/* Author domains that are judged. A message with more fails, as quarantine at
 * least: no honest mail has them. */

const char *dmarc_policy_word(enum dmarc_policy p);

/* Prefetch of _dmarc for a domain as soon as it is known. */
void dmarc_helo(const struct check_env *env, const struct session *s);
int dmarc_mail(struct evaluation *ev);
int dmarc_eoh(struct evaluation *ev);
/* After spf_end and dkim_verify_end. */
int dmarc_end(struct evaluation *ev);

#endif
