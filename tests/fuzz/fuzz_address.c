/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_address: envelope paths. Reading never fails, parts are parts of the
 * text, and a valid mailbox reads the same from its own text.
 */
#include "mail/address.h"

#include "fuzz/fuzz.h"

void
fuzz_one(struct arena *a, struct slice in)
{
	struct mailbox m, again;

	FUZZ_DEMAND(address_parse_path(a, in, &m) == 0);
	FUZZ_DEMAND(
	    fuzz_inside(m.local, m.text) && fuzz_inside(m.domain, m.text));
	FUZZ_DEMAND(m.local.n + m.domain.n <= m.text.n);
	FUZZ_DEMAND(address_local_unquoted(a, m.local).n <= m.local.n);
	FUZZ_DEMAND(address_eq(&m, &m, false) && address_eq(&m, &m, true));
	if (!address_is_valid(&m))
		return;
	FUZZ_DEMAND(!address_is_null(&m));
	FUZZ_DEMAND(address_parse_path(a, m.text, &again) == 0);
	FUZZ_DEMAND(address_is_valid(&again) && address_eq(&m, &again, false));
}
