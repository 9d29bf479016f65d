/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_backend: what stands behind the resolver, the network (dns_unbound) or a
 * zone file (dns_zone_backend).
 *
 *     resolver_ask -> submit(flight) ... -> resolver_landed(flight, answer)
 *
 * A backend gets every question once, with a reference to its flight, and
 * must hand both to resolver_landed() exactly once, from whatever thread,
 * submit() included. It sets no deadline: who waits gives up by himself, the
 * answer that comes too late still serves the cache.
 */
#ifndef CM_DNS_DNS_BACKEND_H
#define CM_DNS_DNS_BACKEND_H

#include "dns/dns_cache.h"

struct dns_backend {
	/* Must not block. */
	void (*submit)(struct dns_backend *b, struct dns_flight *f);
	/* Stops its thread, lands what is still in the air as TEMPFAIL
	 * "shutdown", frees itself. No submit() may run or follow. */
	void (*free)(struct dns_backend *b);
};

/* Takes both references; answer NULL = out of memory. Wakes who waits, counts,
 * and then runs the chases of the flight in this thread. */
void resolver_landed(struct resolver *r, struct dns_flight *f,
    struct dns_answer *answer);

/* Makers; NULL and the reason in `why` on failure. */
struct dns_backend *dns_unbound_new(struct resolver *r,
    const struct resolver_options *o, char why[RESOLVER_WHY]) A_MUST_USE;
struct dns_backend *dns_zone_backend_new(struct resolver *r, const char *path,
    char why[RESOLVER_WHY]) A_MUST_USE;

#endif
