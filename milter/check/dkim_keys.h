/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_keys: for whom we sign, with which keys, and which fields. Key files
 * are read and parsed once, when the configuration is loaded; what a signature
 * field begins with is written then, too. Immutable and shared by all threads
 * afterwards, but for the state of each key in the DNS, which is atomic.
 *
 * Two ways to say it, which add up:
 *   Domain, Selector, KeyFile   every Selector with its KeyFile signs for
 *                               every Domain (and, with SubDomains, below)
 *   SigningTable, KeyTable      "pattern name" and "name domain:selector:path";
 *                               all keys of all patterns that match the author,
 *                               or "list-id:ID", which matches a mailing list
 */
#ifndef CM_CHECK_DKIM_KEYS_H
#define CM_CHECK_DKIM_KEYS_H

#include "base/lines.h"
#include "check/dkim_published.h"
#include "crypt/key.h"
#include "mail/canon.h"
#include "mail/from.h"

struct set;

/* Canonicalization, "header/body". */
enum dkim_canon_pair {
	DKIM_RELAXED_RELAXED,
	DKIM_RELAXED_SIMPLE,
	DKIM_SIMPLE_RELAXED,
	DKIM_SIMPLE_SIMPLE
};

struct dkim_sign_options {
	const struct set *domains;       /* Domain */
	struct slice_vec selectors;      /* Selector, in pairs with */
	struct slice_vec key_files;      /* KeyFile: absolute paths */
	const struct set *key_table;     /* KeyTable */
	const struct set *signing_table; /* SigningTable */
	bool subdomains;                 /* SubDomains */
	enum dkim_canon_pair canon;      /* Canonicalization */
	/* SignHeaders and OversignHeaders; none: the usual */
	struct slice_vec sign_headers;
	struct slice_vec oversign_headers;
	int64_t ttl_s;              /* SignatureTTL; 0: no x= */
	bool require_safe_keys;     /* RequireSafeKeys */
	bool require_published;     /* KeyRequirePublished */
	bool add_missing;           /* AddMissingHeaders */
	bool normalize_addresses;   /* NormalizeAddresses */
	struct slice_vec mta_files; /* MTAConfig: absolute paths */
	bool mta_files_needed;      /* named by the operator */
	/* the user we run as or will run as, (unsigned)-1: nobody special */
	unsigned user;
};

/* True if keys are named at all: without any we sign nothing. */
bool dkim_sign_configured(const struct dkim_sign_options *o);

/* One key under one name. */
struct dkim_signing_key {
	struct slice domain;   /* d=, A-labels, lower case */
	struct slice selector; /* s= */
	const char *file;      /* where the key was read from */
	const struct key *key;
	struct slice dns_name; /* selector._domainkey.domain */
	struct slice head;     /* " v=1; a=...; c=...; d=...; s=...;" folded */
	size_t head_column;    /* of its end */
	atomic_int published;  /* enum dkim_published, as last seen */
};
VEC_DEFINE(dkim_signing_keys, struct dkim_signing_key *);

/* A field that is signed if the message has it; oversigned: its absence, or
 * that there is no further one, is signed, too. */
struct dkim_sign_name {
	struct slice name;
	bool oversign;
};
VEC_DEFINE(dkim_sign_names, struct dkim_sign_name);

struct dkim_keys;

/* Reads everything. `least_bits`: smaller RSA keys are refused. NULL after
 * reporting to p. `o` and its sets must outlive the keys. */
struct dkim_keys *dkim_keys_load(const struct dkim_sign_options *o,
    unsigned least_bits, struct problems *p) A_MUST_USE;
void dkim_keys_free(struct dkim_keys *k); /* NULL is harmless */

/* Every key, in the order of the configuration; NULL past the last. */
struct dkim_signing_key *dkim_keys_at(const struct dkim_keys *k, size_t i);
const struct dkim_sign_names *dkim_keys_names(const struct dkim_keys *k);
const struct dkim_sign_options *dkim_keys_options(const struct dkim_keys *k);

/* The keys that sign for this author, each once. 0 or ERR_NOMEM. */
int dkim_keys_choose(const struct dkim_keys *k, struct arena *a,
    const struct author *author, struct dkim_signing_keys *out) A_MUST_USE;

/* Adds the keys of a mailing list, which sign what it sends on for others.
 * `list_id`: the identifier of RFC 2919 without its brackets. */
int dkim_keys_choose_list(const struct dkim_keys *k, struct arena *a,
    struct slice list_id, struct dkim_signing_keys *out) A_MUST_USE;

/* True the first time it is asked for a kind of trouble and a sender, so that
 * a warning is given once. Thread-safe; the memory is bounded, so in a crowd of
 * senders a warning may come again. */
bool dkim_keys_first_time(struct dkim_keys *k, unsigned kind,
    struct slice sender);

#endif
