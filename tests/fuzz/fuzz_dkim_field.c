/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_dkim_field: the gate in front of libopendkim. The first line is a key
 * record, the rest the value of a DKIM-Signature field. A field that may be tried
 * has all that a verifier needs, within bounds.
 */
#include "check/dkim_field.h"

#include "check/dkim_record.h"
#include "dns/resolver.h"
#include "fuzz/fuzz.h"
#include "mail/domain.h"

static void
read_record(struct arena *a, struct slice text)
{
	struct dkim_record r;

	FUZZ_DEMAND(dkim_record_read(a, text, &r) == 0);
	FUZZ_DEMAND(!r.good || (r.is_key && r.key.n > 0));
	FUZZ_DEMAND(r.good || r.reason.n > 0);
}

/* The digest over headers leaves b= out: it must be where it is said to be. */
static void
demand_b(const struct dkim_field *f)
{
	FUZZ_DEMAND(fuzz_inside(f->b_text, f->raw) && f->b_text.n > 0);
	FUZZ_DEMAND(f->b_text.p[-1] == '=');
	FUZZ_DEMAND(f->b_text.p + f->b_text.n == f->raw.p + f->raw.n ||
	    f->b_text.p[f->b_text.n] == ';');
}

static void
demand_complete(const struct dkim_field *f)
{
	bool from = false;

	FUZZ_DEMAND(domain_is_carryable(f->domain) && f->selector.n > 0);
	FUZZ_DEMAND(f->names.n > 0 && f->names.n <= MOST_SIGNED_NAMES);
	for (size_t i = 0; i < f->names.n; i++)
		from = from || slice_ieq(f->names.at[i], SL("from"));
	FUZZ_DEMAND(from);
	FUZZ_DEMAND(f->signature.n > 0 && f->body_hash.n > 0);
	FUZZ_DEMAND(f->algorithm != DKIM_RSA_SHA1);
	FUZZ_DEMAND(slice_chr(f->identity, '@') != SLICE_NONE);
	demand_b(f);
}

/* The record, and one that is none, as the answer for this signature. */
static void
choose(struct arena *a, struct slice text, const struct dkim_field *f)
{
	struct dns_record rr[] = { { .text = SL("not a key") },
		{ .text = text } };
	struct dns_answer answer = { .status = DNS_OK,
		.type = DNS_TXT,
		.why = "",
		.n = ARRAY_LEN(rr),
		.rr = rr };
	struct dkim_record_vec keys = { 0 };
	struct slice reason = SL("");
	bool testing = false;

	FUZZ_DEMAND(
	    dkim_record_choose(a, &answer, f, &keys, &reason, &testing) == 0);
	FUZZ_DEMAND(keys.n <= DKIM_RECORD_TRIES);
	FUZZ_DEMAND(keys.n > 0 || reason.n > 0);
	for (size_t i = 0; i < keys.n; i++)
		FUZZ_DEMAND(keys.at[i].good && keys.at[i].key.n > 0);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	const struct header_field *field;
	struct slice record = fuzz_line(&in);
	struct header_list h;
	struct dkim_field f;

	read_record(a, record);
	header_list_init(&h, a);
	FUZZ_DEMAND(header_list_add(&h, SL("DKIM-Signature"), in, &field) == 0);
	FUZZ_DEMAND(dkim_field_read(a, field, 1700000000, 300, &f) == 0);
	FUZZ_DEMAND(f.verdict == VERDICT_PASS || f.reason.n > 0);
	FUZZ_DEMAND(f.b8.n <= 8);
	if (f.verdict != VERDICT_PASS)
		return;
	demand_complete(&f);
	choose(a, record, &f);
}
