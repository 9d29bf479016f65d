/* SPDX-License-Identifier: BSD-2-Clause
 *
 * resolver_private: what dns_message needs of the resolver.
 */
#ifndef CM_DNS_RESOLVER_PRIVATE_H
#define CM_DNS_RESOLVER_PRIVATE_H

#include "base/stats.h"
#include "dns/dns_cache.h"

/* What is counted; the counters live as long as the process. */
enum resolver_event {
	RESOLVER_HIT,     /* a message found its answer in the cache */
	RESOLVER_WAITED,  /* it had to wait for it */
	RESOLVER_TIMEOUT, /* it gave a lookup up at DNSTimeout */
	RESOLVER_BUDGET,  /* it had no time left to ask */
	RESOLVER_LATE,    /* an answer came after it was given up */
	RESOLVER_EVENTS
};

struct dns_cache *resolver_cache(struct resolver *r);
void resolver_count(struct resolver *r, enum resolver_event e);

/* Either *answer (cached, with a reference) or *flight (submitted, with a
 * reference) is set. 0 or ERR_NOMEM. */
int resolver_ask(struct resolver *r, const struct dns_key *k,
    const struct dns_answer **answer, struct dns_flight **flight) A_MUST_USE;

#endif
