/* SPDX-License-Identifier: BSD-2-Clause
 *
 * negotiate: which edits and protocol steps we ask the MTA for: no more than
 * the configuration needs, no more than the MTA offers. Pure.
 */
#ifndef CM_DAEMON_NEGOTIATE_H
#define CM_DAEMON_NEGOTIATE_H

#include "engine/steps.h"

struct negotiated {
	unsigned long actions; /* SMFIF_* */
	unsigned long steps;   /* SMFIP_* */
};

/* `connect_replies`: a reply at CONNECT is possible (PeerList). */
struct negotiated negotiate(const struct steps *want, bool connect_replies,
    unsigned long offered_actions, unsigned long offered_steps);

/* True if an answer at the stage with this SMFIP_NR_* bit reaches the MTA. */
bool negotiated_reply(const struct negotiated *n, unsigned long nr_bit);

/* What the configuration needs and the MTA does not offer, for a log line;
 * NULL when nothing is missing. */
const char *negotiate_missing(const struct steps *want,
    unsigned long offered_actions);

#endif
