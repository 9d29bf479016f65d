/* SPDX-License-Identifier: BSD-2-Clause
 *
 * iprev: forward-confirmed reverse DNS of the client (RFC 8601 section 2.7.3).
 * Runs only when a rule or an option asks for it.
 */
#ifndef CM_CHECK_IPREV_H
#define CM_CHECK_IPREV_H

#include "check/verdict.h"

struct evaluation;
struct check_env;
struct session;

struct iprev_options {
	bool enabled; /* a rule names iprev */
};

struct iprev_result {
	bool done;
	enum verdict verdict; /* pass fail temperror permerror */
	struct slice name;    /* the confirmed name */
};

void iprev_connect(const struct check_env *env, const struct session *s);
int iprev_mail(struct evaluation *ev);
int iprev_eoh(struct evaluation *ev);
int iprev_end(struct evaluation *ev);
/* Once; 0, ERR_TIMEOUT (soft deadline), ERR_NOMEM. */
int iprev_judge(struct evaluation *ev) __attribute__((warn_unused_result));

#endif
