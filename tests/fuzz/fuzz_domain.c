/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_domain: names. A-labels are stable, parents and suffixes are parts, and
 * the organisational domain is one of them.
 */
#include "mail/domain.h"

#include "fuzz/fuzz.h"
#include "mail/psl.h"

static const struct psl *
suffixes(void)
{
	static struct psl *list;

	if (list == NULL)
		list = psl_load(NULL);
	return list;
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct slice d = domain_to_ascii(a, in), org;
	unsigned labels = domain_labels(in);

	FUZZ_DEMAND(fuzz_inside(domain_parent(in), in));
	FUZZ_DEMAND(domain_eq(in, in));
	FUZZ_DEMAND(in.n == 0 || slice_eq(domain_suffix(in, labels), in));
	FUZZ_DEMAND(domain_suffix(in, labels / 2).n <= in.n);
	if (d.p == NULL || d.n == 0)
		return;
	FUZZ_DEMAND(domain_is_carryable(d));
	FUZZ_DEMAND(slice_eq(domain_to_ascii(a, d), d));
	FUZZ_DEMAND(domain_within(d, d));
	FUZZ_DEMAND(domain_labels(d) < 2 || domain_within(d, domain_parent(d)));
	FUZZ_DEMAND(suffixes() != NULL);
	org = psl_org_domain(suffixes(), d);
	FUZZ_DEMAND(fuzz_inside(org, d));
	FUZZ_DEMAND(org.n == 0 || domain_within(d, org));
}
