/* SPDX-License-Identifier: BSD-2-Clause
 *
 * outbound: what SPF will say at the next hop to mail that leaves here under
 * its sender as it is: asked of our own SPF for each of OutboundAddresses, as
 * which of them a message takes is not known. Immutable after load.
 */
#ifndef CM_FORWARD_OUTBOUND_H
#define CM_FORWARD_OUTBOUND_H

#include "base/lines.h"
#include "check/spf.h"
#include "mail/address.h"

struct set;
struct dns_message;
struct outbound;

/* NULL after reporting to p. `hostname` is what we say in HELO. */
struct outbound *outbound_load(struct arena *a, const struct set *addresses,
    const struct spf_options *spf, struct slice hostname,
    struct problems *p) A_MUST_USE;

enum outbound_spf {
	OUTBOUND_PASSES, /* from every address */
	OUTBOUND_FAILS,  /* from one of them: fail */
	OUTBOUND_UNSURE  /* anything else, or no address is known */
};
/* Begins the lookups of outbound_spf(), without waiting. 0 or ERR_NOMEM. */
int outbound_begin(const struct outbound *o, struct arena *a,
    const struct mailbox *sender, struct dns_message *dns) A_MUST_USE;
/* Waits for the DNS. 0, ERR_NOMEM, ERR_TIMEOUT (the soft deadline of dns). */
int outbound_spf(const struct outbound *o, struct arena *a,
    const struct mailbox *sender, struct dns_message *dns,
    enum outbound_spf *out) A_MUST_USE;

#endif
