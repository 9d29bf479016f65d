/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_from: the author field. Each line of the input is a From field. Whatever
 * it holds, an author or an error is told.
 */
#include "mail/from.h"

#include "fuzz/fuzz.h"
#include "mail/domain.h"
#include "mail/encoded.h"

void
fuzz_one(struct arena *a, struct slice in)
{
	struct header_list h;
	struct from_field from;
	size_t fields = 0;

	header_list_init(&h, a);
	while (in.n > 0 && fields < 8) {
		struct slice value = fuzz_line(&in);

		FUZZ_DEMAND(header_list_add(&h, SL("From"), value, NULL) == 0);
		FUZZ_DEMAND(encoded_decode(a, value).n <= value.n);
		fields++;
	}
	FUZZ_DEMAND(from_parse(a, &h, &from) == 0);
	FUZZ_DEMAND((fields == 0) == (from.error == FROM_NONE));
	FUZZ_DEMAND(fields < 2 || from.error != FROM_OK);
	FUZZ_DEMAND(from.authors.n <= MOST_AUTHORS);
	FUZZ_DEMAND(from.error != FROM_OK || from.authors.n == 1);
	FUZZ_DEMAND(from.error != FROM_OK || from.authors.at[0].domain.n > 0);
	for (size_t i = 0; i < from.authors.n; i++) {
		struct slice d = from.authors.at[i].domain;

		FUZZ_DEMAND(d.n == 0 || domain_is_carryable(d));
		FUZZ_DEMAND(d.n == 0 || slice_eq(domain_to_ascii(a, d), d));
	}
}
