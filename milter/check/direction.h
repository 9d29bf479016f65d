/* SPDX-License-Identifier: BSD-2-Clause
 *
 * direction: whose mail this is: our users' (signed, not judged), a relay's
 * (judged for labels) or a stranger's (judged).
 */
#ifndef CM_CHECK_DIRECTION_H
#define CM_CHECK_DIRECTION_H

#include "base/slice.h"

struct evaluation;
struct session;
struct set;

enum direction { DIRECTION_INBOUND, DIRECTION_RELAYED, DIRECTION_ORIGINATING };

struct direction_options {
	const struct set *internal_hosts; /* InternalHosts */
	const struct set *relay_hosts;    /* RelayHosts */
	const struct set *reinject_hosts; /* ReinjectHosts */
	const struct set *mta_names;      /* MTA: {daemon_name} values */
	bool sign, verify;                /* Mode */
};

const char *direction_word(enum direction d);
/* Mail that a program of this host handed over without SMTP. */
bool direction_is_local(const struct session *s);
/* Sets ev->direction, ev->judged_client and ev->judged_helo at MAIL, by
 * authentication, client, daemon name and local submission. */
void direction_judge(struct evaluation *ev);
/* At end of headers, for relayed mail: the address the relay recorded in its
 * topmost Received, where that parses. 0 or ERR_NOMEM. */
int direction_eoh(struct evaluation *ev);

#endif
