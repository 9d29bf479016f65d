/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_prefetch: asks for what an evaluation will need before it is needed, so
 * that its lookups run side by side: when a record arrives, all its include,
 * redirect, a, mx and exists targets that hold no macro are asked for at once,
 * and the same is done with the records and mail exchangers these bring.
 *
 * `left` is how many lookup terms may still count (RFC 7208 section 4.6.4):
 * no more targets of a record are asked for, and the records below it get what
 * its own terms leave over. With 10 that bounds all lookups of a hostile tree
 * to well under a hundred records.
 */
#ifndef CM_CHECK_SPF_PREFETCH_H
#define CM_CHECK_SPF_PREFETCH_H

#include "check/spf_record.h"
#include "dns/dns_message.h"

/* Begins with the record of `domain`, before there is a message. */
void spf_prefetch_early(struct resolver *r, struct slice domain, bool v6,
    unsigned left);

/* The same within a message. What is in the cache already does not arrive any
 * more, so records found there are followed at once. */
void spf_prefetch_domain(struct dns_message *m, struct slice domain, bool v6,
    unsigned left);

/* The targets of one record of `domain`. */
void spf_prefetch_targets(struct dns_message *m, const struct spf_record *rec,
    struct slice domain, bool v6, unsigned left);

#endif
