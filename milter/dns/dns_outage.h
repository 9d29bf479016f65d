/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_outage: tells in the log when no lookup leads to anything any more, and
 * when they do again. One name that nobody answers for is no outage; many in a
 * row, with no answer between them, are. No lock; from any thread.
 */
#ifndef CM_DNS_DNS_OUTAGE_H
#define CM_DNS_DNS_OUTAGE_H

#include "base/base.h"

/* All zero to begin with. */
struct dns_outage {
	atomic_uint in_a_row; /* lookups that failed since the last answer */
	atomic_bool told;
};

/* A name server has answered. */
void dns_outage_answer(struct dns_outage *o);
/* A lookup failed, or was given up. */
void dns_outage_failure(struct dns_outage *o);

#endif
