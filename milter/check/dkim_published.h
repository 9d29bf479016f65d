/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_published: whether the DNS serves the public half of a key that we sign
 * with: for `chopmark key check`, and for KeyRequirePublished, which looks off
 * the mail path.
 */
#ifndef CM_CHECK_DKIM_PUBLISHED_H
#define CM_CHECK_DKIM_PUBLISHED_H

#include "base/arena.h"
#include "dns/resolver.h"

struct dkim_keys;
struct key;

enum dkim_published {
	DKIM_PUB_UNKNOWN,  /* not asked yet, or the DNS could not say */
	DKIM_PUB_GOOD,     /* verifiers find this very key */
	DKIM_PUB_MISSING,  /* no key record at that name */
	DKIM_PUB_REVOKED,  /* p= is empty */
	DKIM_PUB_BROKEN,   /* there is a record that no verifier can use */
	DKIM_PUB_DIFFERENT /* another key */
};

struct dkim_publication {
	enum dkim_published state;
	struct slice reason; /* what is wrong; "" if nothing is */
	bool testing;        /* t=y */
	bool several;        /* more than one key record at the name */
};

/* Compares a key with the answer to a TXT question for its name. 0 or
 * ERR_NOMEM. */
int dkim_published_judge(struct arena *a, const struct key *key,
    const struct dns_answer *answer, struct dkim_publication *out) A_MUST_USE;

/* Takes over what is known of keys that an older set (may be NULL) has under
 * the same name. */
void dkim_published_inherit(struct dkim_keys *k, const struct dkim_keys *old);

/* Asks the DNS for all keys at once, waiting at most wait_ms, and notes the
 * state of each; a change is logged. A temporary failure leaves a state as it
 * is. The number of keys that verifiers do not find. Never on the mail path. */
size_t dkim_published_look(struct dkim_keys *k, struct resolver *r,
    int64_t wait_ms);

#endif
