/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_stand: what most DNS tests stand on: a test server, a resolver that asks
 * it, and a message. Anything that fails to be made aborts the test.
 */
#ifndef CM_TESTS_LIB_DNS_STAND_H
#define CM_TESTS_LIB_DNS_STAND_H

#include "dns/dns_message.h"
#include "lib/dns_server.h"

#define PATIENCE_MS 60000 /* nothing is meant to take that long */

struct stand {
	struct dns_server *server;
	struct resolver *resolver;
	struct arena *arena;
	struct dns_message *m;
};

/* A resolver that asks n servers. */
struct resolver *stand_resolver(const struct slice *servers, size_t n,
    int64_t timeout_ms);
struct stand stand_up(const char *zone, int64_t timeout_ms);
/* Ends the message and begins one with that budget. */
void stand_next(struct stand *s, int64_t budget_ms);
void stand_down(struct stand *s);

/* The answer to a question of the message at hand. */
const struct dns_answer *stand_get(struct stand *s, const char *name,
    enum dns_type type);
/* One test: the status of the answer, and that records come with ok alone. */
void stand_is(struct stand *s, const char *name, enum dns_type type,
    enum dns_status want);
unsigned stand_count(struct stand *s, const char *name, enum dns_type type);

#endif
