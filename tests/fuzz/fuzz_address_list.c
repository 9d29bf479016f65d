/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_address_list: a field with addresses, written as Sendmail writes it. What
 * comes out is one field, stays what it is when it is written again, and names
 * the same mailboxes.
 */
#include "mail/address_list.h"

#include "fuzz/fuzz.h"
#include "mail/from_parts.h"

static bool
as_it_is(void *ctx, struct slice *local, struct slice *domain)
{
	(void)ctx;
	FUZZ_DEMAND(local->n > 0);
	return domain->n > 0;
}

static void
demand_one_field(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		FUZZ_DEMAND(s.p[i] != '\r' && s.p[i] != '\0');
		FUZZ_DEMAND(
		    s.p[i] != '\n' || (i + 1 < s.n && s.p[i + 1] == ' '));
	}
}

/* Only where both can be read by the grammar. */
static void
demand_same_mailboxes(struct arena *a, struct slice in, struct slice out)
{
	struct from_strict x, y;
	int err = 0;

	in = header_unfold(a, in); /* a literal may hold a fold */
	if (!from_strict_read(a, in, &x, &err) || err != 0)
		return;
	out = header_unfold(a, out); /* of LF alone */
	FUZZ_DEMAND(from_strict_read(a, out, &y, &err) && err == 0);
	FUZZ_DEMAND(x.mailboxes.n == y.mailboxes.n && x.groups == y.groups);
	for (size_t i = 0; i < x.mailboxes.n; i++)
		FUZZ_DEMAND(
		    slice_eq(x.mailboxes.at[i].text, y.mailboxes.at[i].text));
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct slice out, again;
	int err = address_list_write(a, SL("To"), in, as_it_is, NULL, &out);

	FUZZ_DEMAND_ERR(err);
	if (err != 0)
		return;
	demand_one_field(out);
	demand_same_mailboxes(a, in, out);
	err = address_list_write(a, SL("To"), out, as_it_is, NULL, &again);
	FUZZ_DEMAND(err == 0 && slice_eq(out, again));
}
