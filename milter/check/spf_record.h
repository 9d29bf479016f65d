/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_record: the grammar of RFC 7208 section 12, read strictly. A record is
 * judged as a whole first (section 4.6: a syntax error anywhere is permerror)
 * and then read term by term straight from its text, so that no record,
 * however long, needs memory. Pure, any thread; slices borrow from the text.
 */
#ifndef CM_CHECK_SPF_RECORD_H
#define CM_CHECK_SPF_RECORD_H

#include "base/ip.h"
#include "base/limits.h"
#include "check/verdict.h"
#include "dns/resolver.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_UNKNOWN /* a modifier that nobody knows: ignored */
};

struct spf_term {
	enum spf_kind kind;
	/* pass fail softfail neutral; pass for modifiers */
	enum verdict qualifier;
	struct slice text;    /* as written, qualifier included */
	struct slice spec;    /* domain-spec; "" if there is none */
	uint32_t macros;      /* spf_macro_check's set for spec */
	struct ip ip;         /* ip4, ip6 */
	uint8_t bits4, bits6; /* prefix lengths; 32 and 128 if not given */
};

struct spf_record {
	struct slice text;
	bool has_all; /* "all" stands somewhere: redirect is ignored */
	bool nobody;  /* its one mechanism is "-all" */
	/* mechanisms that count (section 4.6.4) and are not behind "all" */
	unsigned counting;
	struct spf_term redirect; /* text.n == 0: none */
	struct spf_term exp;      /* text.n == 0: none */
};

/* What is wrong with a record, for humans. */
struct spf_flaw {
	const char *why;   /* static text */
	struct slice term; /* the term at fault; may hold any byte */
	bool too_long;     /* its name is: MOST_SPF_SPEC */
};

/* The records of a TXT answer that are SPF records of version 1 (section
 * 4.5): how many (2 stands for more), and the first one. */
unsigned spf_record_select(const struct dns_answer *txt, struct slice *out);

/* Reads a selected record. false: a syntax error, told in *flaw. */
bool spf_record_read(struct slice text, struct spf_record *out,
    struct spf_flaw *flaw) A_MUST_USE;

/* The next mechanism of a record that spf_record_read accepted, modifiers
 * left out; *at is 0 to begin with. false: there are no more. */
bool spf_record_next(const struct spf_record *r, size_t *at,
    struct spf_term *out);

/* include, a, mx, ptr, exists and redirect: what section 4.6.4 counts. */
bool spf_term_counts(const struct spf_term *t) A_PURE;

#endif
