/* SPDX-License-Identifier: BSD-2-Clause
 *
 * evaluation: what the parts of one evaluation come to together. Apart from
 * the table of checks: who reads facts must not need every check for it.
 */
#include "check/check.h"

struct limits
evaluation_limits(const struct evaluation *ev)
{
	struct limits all = ev->limits;

	limits_join(&all, ev->from.limits);
	limits_join(&all, ev->spf.limits);
	limits_join(&all, ev->spf_helo.limits);
	if (ev->dns != NULL) /* made by hand in tests of what reads facts */
		limits_join(&all, dns_message_limits(ev->dns));
	return all;
}
