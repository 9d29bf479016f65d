/* SPDX-License-Identifier: BSD-2-Clause
 *
 * resolver_private: what dns_message needs of the resolver.
 */
#ifndef CM_DNS_RESOLVER_PRIVATE_H
#define CM_DNS_RESOLVER_PRIVATE_H

#include "dns/dns_cache.h"

struct dns_cache *resolver_cache(struct resolver *r);

/* Either *answer (cached, with a reference) or *flight (submitted, with a
 * reference) is set. 0 or ERR_NOMEM. */
int resolver_ask(struct resolver *r, const struct dns_key *k,
    struct dns_chase chase, const struct dns_answer **answer,
    struct dns_flight **flight) A_MUST_USE;

#endif
