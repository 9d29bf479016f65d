/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_dmarc_record: DMARC records. Whatever stands in a tag, each policy is one
 * of three and each fallback holds.
 */
#include "check/dmarc_record.h"

#include "fuzz/fuzz.h"

void
fuzz_one(struct arena *a, struct slice in)
{
	struct dmarc_record r;
	int err = dmarc_record_read(a, in, &r);

	FUZZ_DEMAND(err == 0 || err == ERR_SYNTAX);
	(void)dmarc_uri_is_valid(in);
	if (err != 0)
		return;
	FUZZ_DEMAND(slice_istarts(slice_trim(in), SL("v")));
	FUZZ_DEMAND(slice_eq(r.text, in));
	FUZZ_DEMAND(r.p <= DMARC_POLICY_REJECT && r.sp <= DMARC_POLICY_REJECT &&
	    r.np <= DMARC_POLICY_REJECT);
	FUZZ_DEMAND(r.psd <= DMARC_PSD_NO && r.fo < 16);
	FUZZ_DEMAND(!r.reports || r.rua.n > 0);
	FUZZ_DEMAND(r.fo == 0 || r.ruf.n > 0);
	FUZZ_DEMAND(fuzz_inside(r.rua, in) && fuzz_inside(r.ruf, in));
}
