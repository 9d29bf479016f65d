/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_received: the topmost Received field of a relay's mail.
 */
#include "mail/received.h"

#include "fuzz/fuzz.h"

void
fuzz_one(struct arena *a, struct slice in)
{
	struct received r;
	int err = received_parse(a, in, &r);

	FUZZ_DEMAND(err == 0 || err == ERR_SYNTAX);
	if (err != 0) {
		FUZZ_DEMAND(r.from.n == 0 && r.helo.n == 0 && r.ip.family == 0);
		return;
	}
	FUZZ_DEMAND(in.n <= MOST_RECEIVED_OCTETS && r.from.n > 0);
	FUZZ_DEMAND(r.ip.family == 4 || r.ip.family == 6);
}
