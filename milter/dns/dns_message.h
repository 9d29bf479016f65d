/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_message: what one message asks of the DNS. Every answer that it used
 * stays pinned until the message ends, so a TTL of 0 does not ask twice and
 * all checks see the same data. All waiting of a message happens in
 * dns_message_get(), bounded by the lookup timeout, by the message's budget
 * and by a soft deadline before end-of-message.
 *
 * Belongs to one message: one thread at a time, no lock. Freed by a hook of
 * the arena it was made in.
 */
#ifndef CM_DNS_MESSAGE_H
#define CM_DNS_MESSAGE_H

#include "base/limits.h"
#include "base/vec.h"
#include "dns/resolver.h"

struct dns_message;

/* Where the daemon hears that a callback waits: begin before the first wait
 * of a dns_message_get(), tick about every tick_ms (not over 0: a second)
 * while it lasts, end after it. Any may be NULL. Not called when nothing
 * waits. */
struct dns_wait {
	void (*begin)(void *ctx);
	void (*tick)(void *ctx);
	void (*end)(void *ctx);
	void *ctx;
	int64_t tick_ms;
};

/* NULL when out of memory. budget_ms: the time that the message may wait, all
 * lookups together. `wait` may be NULL; else it is copied. The message may
 * outlive the resolver, but ask nothing then. */
struct dns_message *dns_message_new(struct resolver *r, struct arena *a,
    int64_t budget_ms, const struct dns_wait *wait) A_MUST_USE;

/* Begins a lookup without waiting and without a trace. Its answer will be there
 * for dns_message_get() even with a TTL of 0. Nothing is asked for names that
 * DNS cannot carry, nor when the budget is spent. Lookups with something
 * behind them: dns/dns_asker.h. */
void dns_message_prefetch(struct dns_message *m, struct slice name,
    enum dns_type type);

/* The answer, waiting for it if need be. Borrowed: valid until the message
 * ends; the same question has the same answer as long. The name is taken with
 * or without a final dot, in any case; a name that DNS cannot carry (empty, a
 * label over 63, over 253, empty label) is answered NXDOMAIN without a query;
 * any other byte is allowed and stands for itself, a backslash too. What the
 * cache holds is given even when the budget is spent; anything else then is
 * TEMPFAIL, why "budget". A lookup that takes longer than DNSTimeout, counted
 * from when it was first asked for, is TEMPFAIL, why "timeout".
 * 0; ERR_TIMEOUT = the soft deadline passed and the lookup goes on (ask again
 * later); ERR_NOMEM. *out is NULL then. */
int dns_message_get(struct dns_message *m, struct slice name,
    enum dns_type type, const struct dns_answer **out) A_MUST_USE;

/* True if dns_message_get would give an answer without waiting. Begins
 * nothing. */
bool dns_message_ready(struct dns_message *m, struct slice name,
    enum dns_type type);

/* At most so many distinct questions, whoever answers them; what is asked
 * beyond is TEMPFAIL, why "limit". Without this there is no such limit. */
void dns_message_most(struct dns_message *m, size_t questions);

/* The limits that the message has met: its time, its questions. */
struct limits dns_message_limits(const struct dns_message *m);

/* Until when dns_message_get may wait before end-of-message
 * (EnvelopeDNSWait). DEADLINE_NEVER: no soft deadline (at EOM). */
void dns_message_soft_deadline(struct dns_message *m, struct deadline d);

/* For the trace: what dns_message_get() answered, in order, each question
 * once. */
size_t dns_message_count(const struct dns_message *m);
const struct dns_answer *dns_message_answer(const struct dns_message *m,
    size_t i);
/* Milliseconds spent waiting so far. */
int64_t dns_message_waited(const struct dns_message *m);

/* For the timeline; both in the message's arena. Times by clock_mono_us. */
struct dns_lookup {
	struct slice name;
	enum dns_type type;
	unsigned depth;   /* 1 + the lookups that had to come before it, */
	size_t after;     /* the last of which is this one, or SLICE_NONE */
	int64_t began_us; /* may be before the message */
	int64_t ended_us; /* -1: not yet */
};
VEC_DEFINE(dns_lookup_vec, struct dns_lookup);
/* What was looked up for this message and was not there already, in the order
 * of asking. 0 or ERR_NOMEM. */
int dns_message_lookups(const struct dns_message *m,
    struct dns_lookup_vec *out) A_MUST_USE;
/* A wait in dns_message_get(). */
struct dns_waited {
	struct slice name;
	enum dns_type type;
	int64_t from_us, to_us;
};
VEC_DEFINE(dns_waited_vec, struct dns_waited);
const struct dns_waited_vec *dns_message_waited_for(
    const struct dns_message *m);

#endif
