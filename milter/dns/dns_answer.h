/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_answer: making answers. An answer is one block of memory: head, records
 * and all text, copied together, immutable once it is published and freed with
 * its last reference. Used by the backends and by dns_message.
 */
#ifndef CM_DNS_DNS_ANSWER_H
#define CM_DNS_DNS_ANSWER_H

#include "dns/resolver.h"

#define DNS_MAX_RECORDS ((size_t)8192) /* more than fit into 64 KB */

/* What to make; everything is borrowed and copied. */
struct dns_answer_spec {
	enum dns_status status;
	enum dns_type type;
	struct slice name;
	struct slice why; /* unprintable bytes become '?', cut at 200 */
	uint32_t ttl;
	bool secure;
	const struct dns_record *rr;
	size_t n;
};

/* With one reference, the caller's; records of MX sorted. An OK without
 * records is made NODATA, records of other states are dropped. NULL when out
 * of memory or over DNS_MAX_RECORDS. */
struct dns_answer *dns_answer_new(
    const struct dns_answer_spec *spec) A_MUST_USE;
/* A TEMPFAIL for a question, to be kept for `ttl` seconds. NULL when out of
 * memory. */
#define DNS_FAILURE_TTL ((uint32_t)10) /* RFC 9520 section 3.2: 1 s to 5 min */
struct dns_answer *dns_answer_failed(struct slice name, enum dns_type type,
    const char *why, uint32_t ttl) A_MUST_USE;
/* Bytes that it takes. */
size_t dns_answer_size(const struct dns_answer *a) A_PURE;

#endif
