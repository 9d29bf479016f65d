/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doomed: whether a message is sent on for its recipients, under which sender,
 * and whether the next hop would refuse it. SRS makes SPF pass for a domain of
 * ours, which proves nothing about the author: where the author's domain says
 * p=reject only a DKIM signature of his that is still good, or SPF of his that
 * passes from our addresses too, gets through (RFC 9989 section 5.3). Where the
 * DNS did not tell whether a signature is good the message is not doomed.
 */
#ifndef CM_FORWARD_DOOMED_H
#define CM_FORWARD_DOOMED_H

#include "forward/outbound.h"
#include "forward/srs_map.h"

struct evaluation;

/* What the judgement rests on; all of it outlives the messages. */
struct next_hop {
	const struct forward_options *options;
	const struct outbound *outbound;
	const struct srs_map *srs; /* NULL: no SRS */
};

/* A recipient is known: begins the lookups that doomed_judge() will need if
 * the message goes on for him, without waiting. 0 or ERR_NOMEM. */
int doomed_rcpt(const struct next_hop *n, struct evaluation *ev,
    const struct mailbox *rcpt) A_MUST_USE;
/* Fills ev->forward, after all checks have ended. May wait for the DNS, for
 * forwarded mail alone. 0, ERR_NOMEM, ERR_LIBRARY, ERR_TIMEOUT. */
int doomed_judge(const struct next_hop *n, struct evaluation *ev) A_MUST_USE;

#endif
