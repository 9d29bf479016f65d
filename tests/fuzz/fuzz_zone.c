/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_zone: zone files, and what they answer to the names in them.
 */
#include "dns/dns_zone.h"

#include "dns/dns_answer.h"
#include "fuzz/fuzz.h"

/* CNAMEs followed, in a circle too. */
static void
answer(const struct dns_zone *zone, const struct zone_record *r)
{
	static const enum dns_type types[] = { DNS_A, DNS_MX, DNS_TXT };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct dns_answer *got;
		struct dns_key key;

		if (!dns_key_init(&key, r->name, types[i]))
			return;
		got = dns_zone_answer(zone, &key);
		FUZZ_DEMAND(got != NULL);
		FUZZ_DEMAND((got->status == DNS_OK) == (got->n > 0));
		dns_answer_put(got);
	}
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct dns_zone zone;
	struct problems p;
	int err;

	problems_init(&p, a);
	err = dns_zone_parse(a, "input", in, NULL, &zone, &p);
	FUZZ_DEMAND_ERR(err);
	FUZZ_DEMAND((err != 0) == (p.errors > 0));
	if (err != 0)
		return;
	for (size_t i = 0; i < zone.all.n && i < 50; i++) {
		const struct zone_record *r = &zone.all.at[i];
		struct zone_match found;

		dns_zone_find(&zone, r->name, r->type != 0 ? r->type : DNS_TXT,
		    &found);
		FUZZ_DEMAND(found.kind != ZONE_RECORD ||
		    found.status != DNS_NXDOMAIN || r->kind == ZONE_NXDOMAIN);
		FUZZ_DEMAND((found.n > 0) ==
		    (found.kind == ZONE_RECORD && found.status == DNS_OK));
		answer(&zone, r);
	}
}
