/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_srs: any address rewritten and taken back, any recipient looked at, and
 * requests of the table protocol.
 */
#include "forward/socketmap.h"
#include "mail/domain.h"
#include "srs/srs.h"

#include "fuzz/fuzz.h"

#define NOW ((int64_t)20000 * 86400)

static struct slice secret = SLICE_INIT("first secret of ours");

static struct srs_options
options_for(struct slice *in)
{
	static const char separators[] = "=+-";
	struct srs_options o = { .domain = SL("fwd.example.net"),
		.secrets = { .at = &secret, .n = 1, .cap = 1 },
		.max_age = 21 };

	o.separator = separators[fuzz_number(in, 3)];
	o.hash_length = 4 + (unsigned)fuzz_number(in, 24);
	o.hash_min = 4;
	o.allow_long = fuzz_number(in, 2) == 1;
	return o;
}

static void
demand_address(struct arena *a, struct slice text, struct mailbox *out)
{
	FUZZ_DEMAND(address_parse_path(a, text, out) == 0);
	FUZZ_DEMAND(slice_eq(out->text, text));
	FUZZ_DEMAND(out->domain.n > 0 && out->local.n > 0);
	for (size_t i = 0; i < text.n; i++)
		FUZZ_DEMAND(
		    (unsigned char)text.p[i] >= ' ' && text.p[i] != 0x7f);
}

/* What was made is ours, and leads back to the same mailbox. */
static void
demand_way_back(struct arena *a, const struct srs_options *o,
    const struct mailbox *sender, struct slice made)
{
	struct slice back, was = address_local_unquoted(a, sender->local);
	struct mailbox there, here;
	enum srs_status status;

	demand_address(a, made, &there);
	FUZZ_DEMAND(slice_eq(there.domain, o->domain));
	FUZZ_DEMAND(made.n <= SRS_PATH_MAX && srs_is_tagged(there.local));
	FUZZ_DEMAND(srs_reverse(a, o, &there, NOW, &back, &status) == 0);
	FUZZ_DEMAND(status == SRS_OK);
	demand_address(a, back, &here);
	if (!srs_is_tagged(was)) {
		FUZZ_DEMAND(
		    slice_eq(address_local_unquoted(a, here.local), was));
		FUZZ_DEMAND(domain_eq(here.domain,
				domain_to_ascii(a, sender->domain)) ||
		    domain_eq(here.domain, sender->domain));
	}
	FUZZ_DEMAND(srs_reverse(a, o, &there, NOW + (int64_t)22 * 86400, &back,
			&status) == 0);
	FUZZ_DEMAND(status == SRS_EXPIRED || status == SRS_OK);
}

static void
try_requests(struct slice in)
{
	struct socketmap_request r;

	while (socketmap_read(in, &r) == SOCKETMAP_TAKEN) {
		FUZZ_DEMAND(r.used > 0 && r.used <= in.n);
		FUZZ_DEMAND(fuzz_inside(r.name, in) && fuzz_inside(r.key, in));
		FUZZ_DEMAND(r.name.n + r.key.n < r.used);
		in = slice_from(in, r.used);
	}
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct slice whole = in, out;
	struct srs_options o = options_for(&in);
	enum srs_status status;
	struct mailbox m;

	try_requests(whole);
	FUZZ_DEMAND(address_parse_path(a, in, &m) == 0);
	FUZZ_DEMAND(srs_forward(a, &o, &m, NOW, &out, &status) == 0);
	FUZZ_DEMAND((status == SRS_OK) == (out.n > 0));
	if (status == SRS_OK)
		demand_way_back(a, &o, &m, out);
	FUZZ_DEMAND(srs_reverse(a, &o, &m, NOW, &out, &status) == 0);
	FUZZ_DEMAND((status == SRS_OK) == (out.n > 0));
	FUZZ_DEMAND((status == SRS_FOREIGN) == !srs_is_tagged(m.local));
	if (status == SRS_OK)
		demand_address(a, out, &m);
}
