/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_published: what verifiers see of our keys. Records are read by the very
 * reader that judges those of others.
 */
#include "check/dkim_published.h"

#include "base/err.h"
#include "base/log.h"
#include "check/dkim_keys.h"
#include "check/dkim_record.h"
#include "dns/dns_message.h"

#define LOOK_MEMORY ((size_t)64 << 20)

static void
conclude(struct dkim_publication *out, enum dkim_published state,
    struct slice reason)
{
	out->state = state;
	out->reason = reason;
}

/* The same key, whichever of its forms the record has. */
static int
is_same(struct arena *a, const struct key *ours, const struct dkim_record *r,
    bool *same)
{
	struct key *theirs = key_public(r->kind, r->key);
	struct slice x, y;

	*same = false;
	if (theirs == NULL)
		return 0;
	x = key_public_bytes(a, ours);
	y = key_public_bytes(a, theirs);
	*same = x.n > 0 && r->kind == key_kind(ours) && slice_eq(x, y);
	key_free(theirs);
	return x.p == NULL || y.p == NULL ? ERR_NOMEM : 0;
}

/* One record. A good one ends the search. */
static int
judge_record(struct arena *a, const struct key *key,
    const struct dkim_record *r, struct dkim_publication *out)
{
	bool same;
	int err;

	if (!r->good) {
		conclude(out,
		    slice_eq(r->reason, SL("key is revoked")) ?
			DKIM_PUB_REVOKED :
			DKIM_PUB_BROKEN,
		    r->reason);
		return 0;
	}
	err = is_same(a, key, r, &same);
	if (err != 0)
		return err;
	if (!same) {
		conclude(out, DKIM_PUB_DIFFERENT,
		    SL("the record holds another key"));
		return 0;
	}
	conclude(out, DKIM_PUB_GOOD, SL(""));
	out->testing = r->testing;
	return 0;
}

static int
judge_records(struct arena *a, const struct key *key,
    const struct dns_answer *answer, struct dkim_publication *out)
{
	size_t keys = 0;

	for (size_t i = 0; i < answer->n; i++) {
		struct dkim_record r;
		int err = dkim_record_read(a, answer->rr[i].text, &r);

		if (err != 0)
			return err;
		keys += r.is_key;
		if (out->state == DKIM_PUB_GOOD || (!r.is_key && keys > 0))
			continue;
		err = judge_record(a, key, &r, out);
		if (err != 0)
			return err;
	}
	out->several = keys > 1;
	return 0;
}

int
dkim_published_judge(struct arena *a, const struct key *key,
    const struct dns_answer *answer, struct dkim_publication *out)
{
	*out = (struct dkim_publication){ .state = DKIM_PUB_UNKNOWN,
		.reason = SL("") };
	switch (answer->status) {
	case DNS_OK:
		return judge_records(a, key, answer, out);
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		conclude(out, DKIM_PUB_MISSING, SL("there is no such record"));
		return 0;
	case DNS_TEMPFAIL:
	case DNS_BOGUS:
		out->reason =
		    arena_printf(a, "the DNS does not answer: %s", answer->why);
		return out->reason.p != NULL ? 0 : ERR_NOMEM;
	}
	return ERR_BUG;
}

static void
tell(const struct dkim_signing_key *key, const struct dkim_publication *p,
    enum dkim_published before)
{
	if (p->state == before)
		return;
	if (p->state == DKIM_PUB_GOOD)
		log_text(LOG_LEVEL_INFO, "%.*s is published: %s signs",
		    SL_ARG(key->dns_name), key->file);
	else
		log_text(LOG_LEVEL_WARN,
		    "%.*s: %.*s: %s does not sign until the key is published",
		    SL_ARG(key->dns_name), SL_ARG(p->reason), key->file);
}

/* Takes over what the DNS says of one key. */
static void
look_at(struct dns_message *m, struct arena *a, struct dkim_signing_key *key)
{
	const struct dns_answer *answer;
	struct dkim_publication p;
	int before = atomic_load(&key->published);

	if (dns_message_get(m, key->dns_name, DNS_TXT, &answer) != 0 ||
	    dkim_published_judge(a, key->key, answer, &p) != 0)
		return;
	if (p.state == DKIM_PUB_UNKNOWN) {
		log_text(LOG_LEVEL_WARN, "%.*s: %.*s", SL_ARG(key->dns_name),
		    SL_ARG(p.reason));
		return;
	}
	atomic_store(&key->published, p.state);
	tell(key, &p, (enum dkim_published)before);
}

size_t
dkim_published_look(struct dkim_keys *k, struct resolver *r, int64_t wait_ms)
{
	struct arena *a = arena_new(LOOK_MEMORY);
	struct dns_message *m =
	    a != NULL ? dns_message_new(r, a, wait_ms, NULL) : NULL;
	struct dkim_signing_key *key;
	size_t waiting = 0;

	for (size_t i = 0; m != NULL && (key = dkim_keys_at(k, i)) != NULL; i++)
		dns_message_prefetch(m, key->dns_name, DNS_TXT);
	for (size_t i = 0; (key = dkim_keys_at(k, i)) != NULL; i++) {
		if (m != NULL)
			look_at(m, a, key);
		waiting += atomic_load(&key->published) != DKIM_PUB_GOOD;
	}
	arena_free(a);
	return waiting;
}

static bool
same_key(struct arena *a, const struct dkim_signing_key *x,
    const struct dkim_signing_key *y)
{
	struct slice p, q;

	if (!slice_eq(x->dns_name, y->dns_name))
		return false;
	p = key_public_bytes(a, x->key);
	q = key_public_bytes(a, y->key);
	return p.n > 0 && slice_eq(p, q);
}

void
dkim_published_inherit(struct dkim_keys *k, const struct dkim_keys *old)
{
	struct arena *a = arena_new(LOOK_MEMORY);
	const struct dkim_signing_key *from;
	struct dkim_signing_key *key;

	for (size_t i = 0; old != NULL && (key = dkim_keys_at(k, i)) != NULL;
	     i++)
		for (size_t n = 0; (from = dkim_keys_at(old, n)) != NULL; n++)
			if (a != NULL && same_key(a, key, from))
				atomic_store(&key->published,
				    atomic_load(&from->published));
	arena_free(a);
}
