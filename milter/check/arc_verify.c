/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_verify: the signatures of a chain (RFC 8617 section 5.2, steps 4 to 6).
 * All keys have been asked for by the time they are needed, so that a long
 * chain waits once.
 */
#include "base/err.h"
#include "check/arc_chain.h"
#include "check/check.h"
#include "check/dkim_headers.h"
#include "check/dkim_judge.h"
#include "check/dkim_record.h"

#define RSA_BITS_FLOOR 1024 /* RFC 8301 section 3.2 */

/* What is being verified, and what it came to. */
struct trial {
	struct evaluation *ev;
	const struct dkim_field *sig;
	struct slice_vec raws; /* the fields it covers */
	bool good;
	bool unreachable; /* there was no answer about the key */
	struct slice fault;
};

static int
fail(struct trial *t, struct slice fault)
{
	t->good = false;
	t->fault = fault;
	return fault.p != NULL ? 0 : ERR_NOMEM;
}

/* *out is NULL when there is no answer with records; the fault is then set. An
 * unreachable key makes the chain fail, as everything does; rules are told. */
static int
fetch_key(struct trial *t, const struct dns_answer **out)
{
	struct slice name = dkim_key_name(t->ev->arena, t->sig);
	const struct dns_answer *got = NULL;
	int err;

	*out = NULL;
	if (name.p == NULL)
		return ERR_NOMEM;
	err = dns_message_get(t->ev->dns, name, DNS_TXT, &got);
	t->unreachable = err == ERR_TIMEOUT;
	if (err == ERR_TIMEOUT)
		return fail(t, SL("key lookup timed out"));
	if (err != 0)
		return err;
	switch (got->status) {
	case DNS_OK:
		*out = got;
		if (got->n > MOST_KEY_RECORDS)
			limits_meet(&t->ev->limits, LIMIT_KEY_RECORDS);
		break;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		return fail(t, SL("key not found"));
	case DNS_TEMPFAIL:
	case DNS_BOGUS:
		t->unreachable = true;
		return fail(t,
		    arena_printf(t->ev->arena, "key lookup failed: %s",
			got->why));
	}
	return 0;
}

static int
try_key(struct trial *t, const struct dkim_record *record,
    const uint8_t digest[SHA256_BYTES])
{
	unsigned least = t->ev->env->options->dkim.minimum_key_bits;
	unsigned bits = key_public_bits(record->kind, record->key);
	struct key *key;

	if (least < RSA_BITS_FLOOR)
		least = RSA_BITS_FLOOR;
	if (bits == 0)
		return fail(t, SL("key cannot be decoded"));
	if (record->kind == KEY_RSA && bits < least)
		return fail(t,
		    arena_printf(t->ev->arena,
			"RSA key of %u bits, at least %u are asked for", bits,
			least));
	key = key_public(record->kind, record->key);
	if (key == NULL) /* its numbers were read before */
		return ERR_NOMEM;
	t->good = sig_verify(key, digest, t->sig->signature);
	t->fault = t->good ? SL("") : SL("signature did not verify");
	key_free(key);
	return 0;
}

/* The header side of one signature. */
static int
verify_header(struct trial *t)
{
	const struct dns_answer *answer;
	struct dkim_record_vec records;
	uint8_t digest[SHA256_BYTES];
	struct slice reason;
	bool testing;
	int err = fetch_key(t, &answer);

	if (err != 0 || answer == NULL)
		return err;
	err = dkim_record_choose(t->ev->arena, answer, t->sig, &records,
	    &reason, &testing);
	if (err != 0)
		return err;
	if (records.n == 0)
		return fail(t, reason);
	if (!dkim_headers_afford(t->ev, &t->raws))
		return fail(t, SL("too much header is signed"));
	err = dkim_headers_digest(t->sig, &t->raws, digest);
	for (size_t i = 0; i < records.n && err == 0 && !t->good; i++)
		err = try_key(t, &records.at[i], digest);
	return err;
}

/* What the signature says of the body, and what it leaves out: the same rules
 * as for DKIM. */
static int
verify_rest(struct trial *t, const struct dkim_headers *h, int body)
{
	const struct dkim_field *f = t->sig;
	const char *surplus;
	uint64_t total;

	if (body < 0)
		return fail(t, SL("too many different l="));
	if (memcmp(body_hash_get(t->ev->bodies, body, &total), f->body_hash.p,
		BODY_HASH_BYTES) != 0)
		return fail(t, SL("body hash did not verify"));
	if (f->limited && f->limit != total)
		return fail(t, SL("l= is not the length of the body"));
	surplus = dkim_headers_surplus(h, &f->names);
	if (surplus != NULL)
		return fail(t,
		    arena_printf(t->ev->arena, "unsigned second %s field",
			surplus));
	return 0;
}

static int
verify_message(struct trial *t, const struct arc_set *s,
    const struct dkim_headers *h)
{
	const struct arc_field *m = s->part[ARC_MESSAGE];
	int err;

	if (m->fault.n > 0)
		return fail(t, m->fault);
	t->sig = &m->sig;
	err = dkim_headers_select(t->ev->arena, h, t->sig, &t->raws);
	if (err == 0)
		err = verify_header(t);
	if (err == 0 && t->good)
		err = verify_rest(t, h, s->body);
	return err;
}

static int
verify_seal(struct trial *t, const struct arc_chain *c, unsigned instance)
{
	int err;

	t->sig = &c->sets[instance - 1].part[ARC_SEAL]->sig;
	err = arc_chain_covered(c, t->ev->arena, instance, &t->raws);
	return err == 0 ? verify_header(t) : err;
}

/* Makes the chain fail if the trial did. */
static int
conclude(struct arc_chain *c, const struct trial *t, enum arc_kind kind,
    unsigned instance)
{
	if (t->good)
		return 0;
	c->verdict = VERDICT_FAIL;
	c->unreachable = t->unreachable;
	c->reason = arena_printf(t->ev->arena, "%s i=%u: %.*s",
	    arc_kind_name(kind), instance, SL_ARG(t->fault));
	return c->reason.p != NULL ? 0 : ERR_NOMEM;
}

static int
ask_for(struct evaluation *ev, const struct arc_field *f)
{
	struct slice name;

	if (f->fault.n > 0)
		return 0;
	name = dkim_key_name(ev->arena, &f->sig);
	if (name.p == NULL)
		return ERR_NOMEM;
	dns_message_prefetch(ev->dns, name, DNS_TXT);
	return 0;
}

/* The keys that were too many to ask for while headers came in. */
static int
ask(struct arc_chain *c, struct evaluation *ev)
{
	int err = 0;

	for (unsigned i = c->n; i > 0 && err == 0; i--) {
		err = ask_for(ev, c->sets[i - 1].part[ARC_SEAL]);
		if (err == 0)
			err = ask_for(ev, c->sets[i - 1].part[ARC_MESSAGE]);
	}
	return err;
}

/* Step 5: the older message signatures, down to the first that fails. Of a long
 * chain not all of them: nothing is decided by it. */
static int
find_oldest(struct arc_chain *c, struct evaluation *ev,
    const struct dkim_headers *h)
{
	for (unsigned i = c->n - 1; i > 0; i--) {
		struct trial t = { .ev = ev };
		int err;

		if (c->n - i > MOST_ARC_OLDER) {
			limits_meet(&ev->limits, LIMIT_ARC_OLDER);
			return 0;
		}
		err = verify_message(&t, &c->sets[i - 1], h);
		if (err != 0)
			return err;
		if (!t.good) {
			c->oldest_pass = i + 1;
			c->oldest_known = true;
			return 0;
		}
	}
	c->oldest_pass = 0;
	c->oldest_known = true;
	return 0;
}

/* Step 6: every seal. */
static int
verify_seals(struct arc_chain *c, struct evaluation *ev)
{
	int err = ask(c, ev);

	for (unsigned i = c->n; err == 0 && c->verdict == VERDICT_PASS && i > 0;
	     i--) {
		struct trial t = { .ev = ev };

		err = verify_seal(&t, c, i);
		if (err == 0)
			err = conclude(c, &t, ARC_SEAL, i);
	}
	return err;
}

/* Step 4. */
static int
verify_newest(const struct arc_chain *c, struct trial *t,
    struct dkim_headers *h)
{
	struct evaluation *ev = t->ev;
	int err = dkim_headers_index(ev->arena, &ev->message->headers, h);

	return err == 0 ? verify_message(t, &c->sets[c->n - 1], h) : err;
}

int
arc_chain_verify(struct arc_chain *c, struct evaluation *ev)
{
	struct trial t = { .ev = ev };
	struct dkim_headers h;
	int err;

	if (c->verdict != VERDICT_PASS)
		return 0;
	err = verify_newest(c, &t, &h);
	if (err == 0)
		err = conclude(c, &t, ARC_MESSAGE, c->n);
	if (err == 0 && c->verdict == VERDICT_PASS)
		err = verify_seals(c, ev);
	if (err == 0 && c->verdict == VERDICT_PASS)
		err = find_oldest(c, ev, &h);
	return err;
}

int
arc_chain_verify_seals(struct arc_chain *c, struct evaluation *ev,
    bool *message_holds)
{
	struct trial t = { .ev = ev };
	struct dkim_headers h;
	int err;

	*message_holds = false;
	if (c->verdict != VERDICT_PASS)
		return 0;
	err = verify_newest(c, &t, &h);
	*message_holds = t.good;
	return err == 0 ? verify_seals(c, ev) : err;
}
