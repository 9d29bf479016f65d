/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_zone: names and records from a text file, in place of the network
 * (TestDNSData, `chopmark check --zone`, tests). A line is
 *
 *     NAME [TTL] [IN] TYPE DATA
 *
 * with names written in full (a final dot is optional) and TYPE one of
 * A, AAAA, MX (preference and host), PTR, CNAME (host) and TXT (one or more
 * "quoted strings", joined with nothing between; \" \\ and \DDD inside).
 * Parentheses make several lines one, so that the form of zone files is taken
 * in which `chopmark key new` prints a record.
 * Instead of a type and its data may stand what happens to the name, for all
 * types or for one:
 *
 *     NAME TIMEOUT [TYPE]     no answer
 *     NAME SERVFAIL [TYPE]    the servers fail
 *     NAME BOGUS [TYPE]       DNSSEC validation fails
 *     NAME [TTL] NXDOMAIN     no such name, whatever else is below it
 *
 * and `$DELAY ms` lets every answer of the file take that time. '#' begins a
 * comment as the first character of a line only. A name without records of its
 * own that others end in exists (NODATA, RFC 8020); any other is NXDOMAIN.
 * There are no wildcards. Immutable once read; memory is the arena's.
 */
#ifndef CM_DNS_DNS_ZONE_H
#define CM_DNS_DNS_ZONE_H

#include "base/lines.h"
#include "dns/dns_name.h"

#define DNS_ZONE_TTL ((uint32_t)300)         /* where a line states none */
#define DNS_ZONE_NEGATIVE_TTL ((uint32_t)60) /* of NODATA and NXDOMAIN */

/* What a line says of a name. Faults that only the test server knows come
 * after ZONE_EXTRA, in the order of its list. */
enum zone_kind {
	ZONE_RECORD,
	ZONE_TIMEOUT,
	ZONE_SERVFAIL,
	ZONE_BOGUS,
	ZONE_NXDOMAIN,
	ZONE_EXTRA
};

struct zone_record {
	struct slice name;  /* plain, lower case */
	unsigned kind;      /* enum zone_kind, or ZONE_EXTRA + i */
	enum dns_type type; /* 0 with a fault: all types */
	uint32_t ttl;
	struct dns_record rr;
	size_t order; /* of its line */
};
VEC_DEFINE(zone_record_vec, struct zone_record);

struct dns_zone {
	struct zone_record_vec all; /* sorted by name from its end, then type */
	int64_t delay_ms;
};

/* Reads a file / a text. `extra` names further faults, NULL-terminated, or is
 * NULL. Problems go to `p`. 0, ERR_CONFIG, ERR_NOMEM. */
int dns_zone_read(struct arena *a, const char *path, const char *const *extra,
    struct dns_zone *out, struct problems *p) A_MUST_USE;
int dns_zone_parse(struct arena *a, const char *name, struct slice text,
    const char *const *extra, struct dns_zone *out,
    struct problems *p) A_MUST_USE;

/* What a zone says to one question, CNAMEs not followed. */
struct zone_match {
	enum dns_status status; /* OK, NODATA or NXDOMAIN; a fault: see kind */
	unsigned kind;          /* ZONE_RECORD, or the fault that applies */
	bool alias;             /* OK: rr holds the CNAME instead */
	const struct zone_record *rr; /* OK: the records, beside each other */
	size_t n;
	uint32_t ttl;
};
void dns_zone_find(const struct dns_zone *z, struct slice name,
    enum dns_type type, struct zone_match *out);

/* The answer with CNAMEs followed, at most eight, as a resolver gives it;
 * NULL when out of memory. */
struct dns_answer *dns_zone_answer(const struct dns_zone *z,
    const struct dns_key *k) A_MUST_USE;

#endif
