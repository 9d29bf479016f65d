/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_zone_private: what dns_zone.c and dns_zone_read.c share.
 */
#ifndef CM_DNS_DNS_ZONE_PRIVATE_H
#define CM_DNS_DNS_ZONE_PRIVATE_H

#include "dns/dns_zone.h"

/* The order of a zone: names from their ends, the dot lowest. */
int zone_compare_names(struct slice a, struct slice b) A_PURE;

#endif
