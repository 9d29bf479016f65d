/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_zone: zone files, and what they answer to the names in them.
 */
#include "dns/dns_zone.h"

#include "fuzz/fuzz.h"

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
	}
}
