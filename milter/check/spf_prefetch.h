/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_prefetch: asks for what an evaluation will need before it is needed, so
 * that its lookups run side by side: when a record arrives, all its include,
 * redirect, a, mx and exists targets are asked for at once, and the same is
 * done with the records and mail exchangers these bring. Names made by macros
 * are among them, for all that macros stand for is known; where it is the
 * client's name (%{p}, ptr), that is asked for. The explanation of a fail is,
 * too.
 *
 * `left` is how many lookup terms may still count (RFC 7208 section 4.6.4):
 * no more targets of a record are asked for, and the records below it get what
 * its own terms leave over. With 10 that bounds all lookups of a hostile tree
 * to well under a hundred records.
 *
 * In `values` domain is whose record it is; validated and what only
 * explanations know is not used. Borrowed for the call.
 */
#ifndef CM_CHECK_SPF_PREFETCH_H
#define CM_CHECK_SPF_PREFETCH_H

#include "check/spf_macro.h"
#include "check/spf_record.h"
#include "dns/dns_message.h"

/* Begins with the record of the domain, before there is a message. */
void spf_prefetch_early(struct resolver *r, const struct spf_values *v,
    unsigned left);

/* The same within a message. */
void spf_prefetch_domain(struct dns_message *m, const struct spf_values *v,
    unsigned left);

/* The targets of one record of the domain, for who walks from record to record
 * himself: what is known already is not looked into. */
void spf_prefetch_targets(struct dns_message *m, const struct spf_record *rec,
    const struct spf_values *v, unsigned left);

#endif
