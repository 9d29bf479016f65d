/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_asker: begins lookups that others follow: "ask for the SPF record, and
 * when it arrives for what it names". It stands for a message in the message's
 * own thread, for a message in the DNS thread, where it is handed to a chase,
 * or for nobody yet. It never waits.
 *
 *     a = dns_asker_look(k, name, type)               is it known?
 *     if (a == NULL)
 *             a = dns_asker_begin(k, name, type, &c)  then ask
 *     if (a != NULL) ... dns_answer_put(a)            follow it yourself
 *
 * What is known is not chased: whoever looks follows it himself. One thread;
 * borrowed for a call.
 */
#ifndef CM_DNS_DNS_ASKER_H
#define CM_DNS_DNS_ASKER_H

#include "dns/dns_hold.h"
#include "dns/dns_message.h"

struct dns_asker {
	struct resolver *resolver;
	struct dns_message *message; /* in its own thread, or NULL */
	struct dns_hold *hold;       /* in the DNS thread, or NULL */
	struct dns_behind behind;    /* what led here */
};

void dns_asker_of_message(struct dns_asker *k, struct dns_message *m);
void dns_asker_of_nobody(struct dns_asker *k, struct resolver *r);
/* For the resolver: on behalf of a chase, whose answer came. False: the
 * message has ended. */
bool dns_asker_of_chase(struct dns_asker *k, struct resolver *r,
    const struct dns_answer *came, const struct dns_chase *c);

/* An answer that is there without waiting, with a reference for the caller;
 * else NULL. It stays there for the message. */
const struct dns_answer *dns_asker_look(struct dns_asker *k, struct slice name,
    enum dns_type type);
/* Begins the lookup; the chase (NULL: none) runs when the answer comes. If it
 * came within the call it is returned, with a reference, and not chased. */
const struct dns_answer *dns_asker_begin(struct dns_asker *k, struct slice name,
    enum dns_type type, const struct dns_chase *c);

/* dns_asker_look and, if need be, dns_asker_begin without a chase. */
void dns_asker_prefetch(struct dns_asker *k, struct slice name,
    enum dns_type type);
/* What is begun from now on depends on this answer. */
void dns_asker_behind(struct dns_asker *k, const struct dns_answer *a);

/* The head of a struct for chases of this asker's message; `free` frees the
 * struct and is called with the last reference. One reference is the
 * caller's. */
void dns_chaser_init(struct dns_chaser *c, struct dns_asker *k,
    void (*free)(struct dns_chaser *c));

#endif
