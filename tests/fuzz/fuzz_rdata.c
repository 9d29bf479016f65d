/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_rdata: record data from the network. The first byte chooses the type.
 */
#include "dns/dns_rdata.h"

#include "fuzz/fuzz.h"

void
fuzz_one(struct arena *a, struct slice in)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_CNAME,
		DNS_MX, DNS_PTR, DNS_TXT };
	enum dns_type type = types[fuzz_number(&in, ARRAY_LEN(types))];
	struct dns_record rr;
	int err = dns_rdata_read(a, type, in, &rr);

	FUZZ_DEMAND_ERR(err);
	if (err != 0)
		return;
	FUZZ_DEMAND(rr.text.n <= in.n);
	FUZZ_DEMAND(rr.name.n <= 4 * in.n);
	FUZZ_DEMAND((type == DNS_A) == (rr.ip.family == 4));
	FUZZ_DEMAND((type == DNS_AAAA) == (rr.ip.family == 6));
}
