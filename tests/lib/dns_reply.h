/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_reply: the packets of the test DNS server: reads a question, writes the
 * answer or the fault that the zone has for it. Pure.
 */
#ifndef CM_TESTS_LIB_DNS_REPLY_H
#define CM_TESTS_LIB_DNS_REPLY_H

#include "dns/dns_zone.h"

#define DNS_PACKET ((size_t)65535)

/* The names of the server's own faults, for dns_zone_parse. */
extern const char *const dns_reply_faults[];

struct dns_query {
	uint16_t id;
	struct slice question; /* its bytes: name, type, class */
	struct dns_key key;
	size_t size; /* what the asker takes */
	bool edns;
	bool tcp;
};

/* False for what is no question. */
bool dns_query_read(struct slice packet, bool tcp, struct dns_query *out);

/* Writes the reply; its length, or 0 for none. */
size_t dns_reply_write(const struct dns_zone *z, const struct dns_query *q,
    uint8_t out[DNS_PACKET]);

#endif
