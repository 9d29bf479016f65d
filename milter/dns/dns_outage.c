/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_outage: see dns_outage.h.
 */
#include "dns/dns_outage.h"

#include "base/log.h"

#define IN_A_ROW 20

void
dns_outage_answer(struct dns_outage *o)
{
	/* Nearly always: nothing to write, so the line stays shared. */
	if (atomic_load_explicit(&o->in_a_row, memory_order_relaxed) == 0)
		return;
	atomic_store(&o->in_a_row, 0);
	if (atomic_exchange(&o->told, false))
		log_text(LOG_LEVEL_INFO, "the name servers answer again");
}

void
dns_outage_failure(struct dns_outage *o)
{
	if (atomic_fetch_add(&o->in_a_row, 1) + 1 < IN_A_ROW ||
	    atomic_exchange(&o->told, true))
		return;
	log_text(LOG_LEVEL_ERROR,
	    "%d lookups in a row came to nothing, mail that needs them is "
	    "deferred: check the name servers (Nameservers, or "
	    "/etc/resolv.conf) and the way to them",
	    IN_A_ROW);
}
