/* SPDX-License-Identifier: BSD-2-Clause
 *
 * forward: what is known of a message that this host sends on for its
 * recipients. Filled at end-of-message by the room forward/; without
 * LocalDomains and ForwardedRecipients no message is a forward.
 */
#ifndef CM_CHECK_FORWARD_H
#define CM_CHECK_FORWARD_H

#include "base/slice.h"

/* What the next hop will make of it. */
enum forward_fate {
	FORWARD_FINE,         /* nothing tells that it would be refused */
	FORWARD_DOOMED_DMARC, /* p=reject and no proof survives */
	FORWARD_DOOMED_SPF    /* the sender stays, and SPF fails from here */
};

struct forward_result {
	bool begun; /* lookups for it were begun at RCPT */
	bool done;
	/* a recipient's mail goes on to another host, and did not begin with
	 * our own users */
	bool forwarded;
	bool leaves; /* every recipient's does, whoever sent it */
	enum forward_fate fate;
	/* what becomes of the sender; "" if there is no SRS */
	const char *srs;
	struct slice sender; /* the rewritten one, or empty */
	bool is_long;        /* and more than SMTP promises room for */
};

#endif
