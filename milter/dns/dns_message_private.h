/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_message_private: the view of a message, for dns_asker as well.
 */
#ifndef CM_DNS_DNS_MESSAGE_PRIVATE_H
#define CM_DNS_DNS_MESSAGE_PRIVATE_H

#include "dns/dns_hold.h"
#include "dns/dns_message.h"

struct dns_pin {
	uint64_t hash;
	const struct dns_answer *answer;
	bool counted; /* among the questions of the message */
	bool used;    /* dns_message_get() gave it */
};
VEC_DEFINE(dns_pin_vec, struct dns_pin);
VEC_DEFINE(dns_used_vec, const struct dns_answer *);

struct dns_message {
	struct resolver *resolver;
	struct arena *arena;
	int64_t budget_ms; /* what is left of it */
	int64_t waited_ms;
	struct deadline soft;
	struct dns_wait wait;
	struct dns_pin_vec pins;
	struct dns_used_vec used; /* of them, in the order of use */
	struct dns_hold *hold;    /* what was begun; NULL: nothing */
	size_t asked, most;       /* distinct questions, before there was one */
	struct limits limits;
	struct dns_behind behind; /* of what it waited for, the deepest */
	struct dns_waited_vec waits;
};

/* What was begun for the message; NULL when out of memory. Borrowed. */
struct dns_hold *dns_message_hold(struct dns_message *m);

/* An answer that is there without waiting, with a reference for the caller;
 * pinned, but not in the trace. NULL: none is. */
const struct dns_answer *dns_message_look(struct dns_message *m,
    const struct dns_key *k, uint64_t hash);

#endif
