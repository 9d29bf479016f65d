/* SPDX-License-Identifier: BSD-2-Clause
 *
 * client_names: asks for the names of a client (PTR) and, when they arrive, for
 * the addresses of these names, so that confirming them (RFC 8601 section
 * 2.7.3, RFC 7208 section 5.5) waits for nothing any more.
 */
#ifndef CM_CHECK_CLIENT_NAMES_H
#define CM_CHECK_CLIENT_NAMES_H

#include "base/ip.h"
#include "dns/dns_asker.h"

/* Nothing is begun for a client without an address, or without memory. */
void client_names_begin(struct dns_asker *k, const struct ip *client);

#endif
