/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_judge: RFC 6376 section 6.1 from the key on. The header is verified by
 * libopendkim; where that cannot carry a text (dkim_lib.h) or refuses one that
 * our reader took (an odd From, a key over 5,500 bits), by our own digest over
 * the same fields: the same rules, another pair of hands.
 */
#include "check/dkim_judge.h"

#include "base/err.h"
#include "check/check.h"
#include "check/dkim_lib.h"

#define RSA_BITS_FLOOR 1024 /* RFC 8301 section 3.2 */
/* Of signed header that is shown to the library, which takes several times as
 * long for it as we do. */
#define LIBRARY_OCTETS ((size_t)65536)

struct slice
dkim_key_name(struct arena *a, const struct dkim_field *f)
{
	return arena_printf(a, "%.*s._domainkey.%.*s", SL_ARG(f->selector),
	    SL_ARG(f->domain));
}

static void
conclude(struct dkim_case *c, enum verdict v, struct slice reason)
{
	c->verdict = v;
	c->reason = reason;
}

/* Asks for the key. *answer is NULL when that already settled the case. */
static int
fetch_key(struct evaluation *ev, struct dkim_case *c,
    const struct dns_answer **answer)
{
	struct slice name = dkim_key_name(ev->arena, &c->field);
	const struct dns_answer *got = NULL;
	int err;

	*answer = NULL;
	if (name.p == NULL)
		return ERR_NOMEM;
	err = dns_message_get(ev->dns, name, DNS_TXT, &got);
	if (err == ERR_TIMEOUT) {
		c->dns = "timeout";
		conclude(c, VERDICT_TEMPERROR, SL("key lookup timed out"));
		return 0;
	}
	if (err != 0)
		return err;
	c->dns = dns_status_name(got->status);
	switch (got->status) {
	case DNS_OK:
		*answer = got;
		if (got->n > MOST_KEY_RECORDS)
			limits_meet(&ev->limits, LIMIT_KEY_RECORDS);
		break;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		conclude(c, VERDICT_PERMERROR, SL("key not found"));
		break;
	case DNS_TEMPFAIL:
	case DNS_BOGUS:
		conclude(c, VERDICT_TEMPERROR,
		    arena_printf(ev->arena, "key lookup failed: %s", got->why));
		break;
	}
	return 0;
}

/* The fields that a signature covers, and our digest over them, made when first
 * needed and once however many keys are tried. */
struct covered {
	struct slice_vec raws;
	bool digested;
	uint8_t digest[SHA256_BYTES];
};

/* Our own verification, the same as the library's on the texts it can take. */
static int
verify_own(const struct dkim_case *c, struct covered *h,
    const struct dkim_record *record, bool *good)
{
	struct key *key;
	int err;

	if (!h->digested) {
		err = dkim_headers_digest(&c->field, &h->raws, h->digest);
		if (err != 0)
			return err;
		h->digested = true;
	}
	key = key_public(record->kind, record->key);
	if (key == NULL) /* its numbers were read before */
		return ERR_NOMEM;
	err = sig_judge(key, h->digest, c->field.signature, good);
	key_free(key);
	return err;
}

/* What the library cannot take we verify; what it finds bad as well, for it
 * does not tell a bad signature from one that it had no memory to verify. */
static int
verify_header(struct evaluation *ev, struct dkim_case *c, struct covered *h,
    const struct dkim_record *record, bool *good)
{
	enum dkim_lib_answer answer = DKIM_LIB_REFUSED;
	int err = 0;

	if (dkim_headers_octets(&h->raws) <= LIBRARY_OCTETS &&
	    dkim_lib_can_carry(&c->field, &h->raws))
		err = dkim_lib_judge(ev->env->dkim, ev->arena, &c->field,
		    &h->raws, record, &answer);
	if (err != 0)
		return err;
	*good = answer == DKIM_LIB_GOOD;
	c->own = answer == DKIM_LIB_REFUSED;
	return *good ? 0 : verify_own(c, h, record, good);
}

/* Tries one key. Leaves PASS, FAIL (header), PERMERROR or POLICY. */
static int
try_key(struct evaluation *ev, struct dkim_case *c, struct covered *h,
    const struct dkim_record *record)
{
	unsigned least = ev->env->options->dkim.minimum_key_bits;
	bool good = false;
	int err;

	if (least < RSA_BITS_FLOOR)
		least = RSA_BITS_FLOOR;
	c->testing = record->testing;
	c->key_bits = key_public_bits(record->kind, record->key);
	if (c->key_bits == 0) {
		conclude(c, VERDICT_PERMERROR, SL("key cannot be decoded"));
		return 0;
	}
	if (record->kind == KEY_RSA && c->key_bits < least) {
		conclude(c, VERDICT_POLICY,
		    arena_printf(ev->arena,
			"RSA key of %u bits, at least %u are asked for",
			c->key_bits, least));
		return 0;
	}
	err = verify_header(ev, c, h, record, &good);
	if (err != 0)
		return err;
	if (good)
		conclude(c, VERDICT_PASS, SL(""));
	else
		conclude(c, VERDICT_FAIL, SL("signature did not verify"));
	return 0;
}

/* The first key that verifies; else what the first one came to. */
static int
try_keys(struct evaluation *ev, const struct dkim_headers *h,
    struct dkim_case *c, const struct dkim_record_vec *records)
{
	struct dkim_case first = { 0 };
	struct covered covered = { .digested = false };
	int err = dkim_headers_select(ev->arena, h, &c->field, &covered.raws);

	if (err == 0 && !dkim_headers_afford(ev, &covered.raws)) {
		conclude(c, VERDICT_POLICY, SL("too much header is signed"));
		return 0;
	}
	for (size_t i = 0; err == 0 && i < records->n; i++) {
		err = try_key(ev, c, &covered, &records->at[i]);
		if (err == 0 && c->verdict == VERDICT_PASS)
			return 0;
		if (i == 0)
			first = *c;
	}
	*c = first;
	return err;
}

/* The body, independent of the header. */
static void
judge_body(struct evaluation *ev, struct dkim_case *c, uint64_t *total)
{
	const uint8_t *digest = body_hash_get(ev->bodies, c->body, total);
	bool header_good = c->verdict == VERDICT_PASS;

	if (!header_good && c->verdict != VERDICT_FAIL)
		return;
	if (c->field.limited && c->field.limit > *total)
		conclude(c, VERDICT_FAIL, SL("body is shorter than l="));
	else if (memcmp(digest, c->field.body_hash.p, BODY_HASH_BYTES) != 0)
		conclude(c, VERDICT_FAIL,
		    header_good ? SL("body hash did not verify") :
				  SL("signature and body hash did not verify"));
}

/* A good signature that leaves too much uncovered (RFC 6376 sections 8.2 and
 * 8.15) is refused by policy. */
static void
apply_policy(struct evaluation *ev, const struct dkim_headers *h,
    struct dkim_case *c, uint64_t total)
{
	const char *surplus;

	if (c->verdict != VERDICT_PASS)
		return;
	if (c->field.limited && c->field.limit < total) {
		conclude(c, VERDICT_POLICY,
		    arena_printf(ev->arena,
			"l= leaves %" PRIu64 " octets of the body unsigned",
			total - c->field.limit));
		return;
	}
	surplus = dkim_headers_surplus(h, &c->field.names);
	if (surplus != NULL)
		conclude(c, VERDICT_POLICY,
		    arena_printf(ev->arena, "unsigned second %s field",
			surplus));
}

/* RFC 6376 section 3.6.1: a signature in testing mode must not make things
 * worse than none. */
static void
apply_testing(struct evaluation *ev, struct dkim_case *c)
{
	if (!c->testing)
		return;
	if (c->verdict == VERDICT_FAIL)
		c->verdict = VERDICT_NEUTRAL;
	c->reason = arena_printf(ev->arena, "%.*s%stesting key",
	    SL_ARG(c->reason), c->reason.n > 0 ? ", " : "");
}

int
dkim_judge(struct evaluation *ev, const struct dkim_headers *h,
    struct dkim_case *c)
{
	const struct dns_answer *answer;
	struct dkim_record_vec records;
	struct slice reason;
	uint64_t total = 0;
	int err = fetch_key(ev, c, &answer);

	if (err != 0 || answer == NULL)
		return err;
	err = dkim_record_choose(ev->arena, answer, &c->field, &records,
	    &reason, &c->testing);
	if (err != 0)
		return err;
	if (records.n == 0)
		conclude(c, VERDICT_PERMERROR, reason);
	else
		err = try_keys(ev, h, c, &records);
	if (err != 0)
		return err;
	judge_body(ev, c, &total);
	apply_policy(ev, h, c, total);
	apply_testing(ev, c);
	return arena_failed(ev->arena) ? ERR_NOMEM : 0;
}
