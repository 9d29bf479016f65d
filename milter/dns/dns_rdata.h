/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_rdata: the data of resource records as they come from the network
 * (RFC 1035 section 3.3, RFC 3596), names uncompressed, into answers. Bounded,
 * trusts no length. Used by dns_unbound; pure.
 */
#ifndef CM_DNS_DNS_RDATA_H
#define CM_DNS_DNS_RDATA_H

#include "dns/dns_name.h"

/* Reads one record's data. Text and name are put into the arena. 0,
 * ERR_SYNTAX for data that its type does not allow, ERR_NOMEM. */
int dns_rdata_read(struct arena *a, enum dns_type type, struct slice rdata,
    struct dns_record *out) A_MUST_USE;

#endif
