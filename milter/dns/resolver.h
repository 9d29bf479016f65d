/* SPDX-License-Identifier: BSD-2-Clause
 *
 * resolver: the one door to the DNS for all checks and threads. It owns the
 * backend (libunbound or a zone file), the shared cache of parsed answers and
 * the table of questions in flight, where equal questions are asked once.
 * Checks do not call it directly: they go through a dns_message, which pins
 * answers, counts and bounds waiting.
 *
 * Thread-safe throughout. Create it after fork() (it starts the DNS thread).
 */
#ifndef CM_DNS_RESOLVER_H
#define CM_DNS_RESOLVER_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/refs.h"

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28
};

/* What a question came to. NODATA and NXDOMAIN are both "no record" (RFC 8020,
 * RFC 2308); TEMPFAIL is a timeout or any other RCODE; BOGUS failed DNSSEC
 * validation and is temporary too. */
enum dns_status { DNS_OK, DNS_NODATA, DNS_NXDOMAIN, DNS_TEMPFAIL, DNS_BOGUS };

struct dns_record {
	/* TXT: strings joined with no separator, any bytes */
	struct slice text;
	struct slice name; /* PTR, MX, CNAME: presentation form, no final dot */
	struct ip ip;      /* A, AAAA */
	uint16_t preference; /* MX; records are sorted by it */
};

/* One immutable answer, shared. n > 0 exactly when status is DNS_OK. */
struct dns_answer {
	struct refs refs;
	enum dns_status status;
	enum dns_type type;
	bool secure;       /* DNSSEC validated */
	uint32_t ttl;      /* seconds, as received */
	int64_t asked_ms;  /* latency of the lookup that brought it */
	struct slice name; /* the question, lower case, no final dot */
	/* TEMPFAIL, BOGUS: "timeout", "SERVFAIL" ...; else "" */
	const char *why;
	size_t n;
	const struct dns_record *rr;
};

void dns_answer_get(const struct dns_answer *a);
void dns_answer_put(const struct dns_answer *a); /* NULL is harmless */

const char *dns_status_name(enum dns_status s); /* "ok" "nodata" ... */
const char *dns_type_name(enum dns_type t);     /* "TXT" ... */
bool dns_type_parse(struct slice s, enum dns_type *out);

struct resolver;

/* What is to be done when an answer arrives: a chase. Its function is called
 * in the DNS thread (a zone file without $DELAY: in the thread that asked), may
 * begin further lookups through the asker, and must not block. It is not
 * called for failures, for answers that were given up, nor when the message
 * for which it stands has ended. The answer is borrowed for the call. */
struct dns_asker;
struct dns_chase;
typedef void (*dns_chase_fn)(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c);

/* What a chase knows of its message: the head of a struct of its own, shared
 * by counting and, but for atomic counts, not changed once a chase has it. */
struct dns_hold;
struct dns_chaser {
	struct refs refs;
	struct dns_hold *hold; /* of the message; NULL: for nobody */
	void (*free)(struct dns_chaser *c);
};
void dns_chaser_put(struct dns_chaser *c); /* NULL is harmless */

struct dns_chase {
	dns_chase_fn fn;        /* NULL: none */
	struct dns_chaser *ctx; /* or NULL */
	unsigned left;          /* how many levels may follow */
};

struct resolver_options {
	/* "ip", "ip@port", "[ip6]@port". They are asked for every name, those
	 * of private addresses and reserved domains too. */
	const struct slice *nameservers;
	size_t n_nameservers;          /* 0: those of /etc/resolv.conf */
	const char *trust_anchor_file; /* NULL or "": no DNSSEC validation */
	const char *zone_file;         /* TestDNSData: no network at all */
	int64_t timeout_ms;            /* one lookup (DNSTimeout) */
	size_t cache_entries;          /* ceiling of the shared cache */
};

#define RESOLVER_WHY 512
/* NULL on failure; `why` then tells what an operator should know. Starts
 * threads, which take no signals. Options are not kept. */
struct resolver *resolver_new(const struct resolver_options *o,
    char why[RESOLVER_WHY]) A_MUST_USE;
/* Stops the DNS thread; questions in flight end as TEMPFAIL. No caller may be
 * inside. NULL is harmless. */
void resolver_free(struct resolver *r);

/* Submit and forget; nothing happens when the answer is cached or in flight.
 * Lookups with something behind them: dns/dns_asker.h. */
void resolver_prefetch(struct resolver *r, struct slice name,
    enum dns_type type);

#endif
