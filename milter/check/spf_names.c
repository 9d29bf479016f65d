/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_names: what an evaluation asks of the DNS beside records: addresses,
 * mail exchangers and the client's validated names, within the limits of RFC
 * 7208 section 4.6.4. See spf_eval.h.
 */
#include "check/spf_eval.h"

#include "base/err.h"
#include "mail/domain.h"

static enum dns_type
address_type(const struct spf_eval *e)
{
	return e->values.client.family == 6 ? DNS_AAAA : DNS_A;
}

static bool
failed(const struct dns_answer *a)
{
	return a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS;
}

/* Section 4.6.4: over the time limit is temperror. Only waiting for the DNS
 * counts: nothing else here takes time. */
const struct dns_answer *
spf_ask(struct spf_eval *e, struct slice name, enum dns_type type)
{
	const struct dns_answer *answer = NULL;

	if (dns_message_waited(e->dns) - e->waited >=
	    e->query->options->time_limit_ms) {
		spf_stop(e, VERDICT_TEMPERROR,
		    "time limit of %" PRId64 " s reached",
		    e->query->options->time_limit_ms / 1000);
		return NULL;
	}
	e->err = dns_message_get(e->dns, name, type, &answer);
	if (e->err != 0)
		return NULL;
	if (failed(answer))
		e->failed = answer;
	return answer;
}

bool
spf_count_lookup(struct spf_eval *e)
{
	unsigned limit = e->query->options->max_lookups;

	if (++e->result->lookups <= limit)
		return true;
	limits_meet(&e->result->limits, LIMIT_SPF_LOOKUPS);
	spf_stop(e, VERDICT_PERMERROR, "%u DNS lookups, limit is %u",
	    e->result->lookups, limit);
	return false;
}

/* A name that DNS cannot carry causes no lookup at all. */
static bool
is_void(const struct dns_answer *a, struct slice name)
{
	return (a->status == DNS_NODATA || a->status == DNS_NXDOMAIN) &&
	    domain_is_carryable(name);
}

static bool
has_client(const struct spf_eval *e, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (ip_eq(&a->rr[i].ip, &e->values.client))
			return true;
	return false;
}

/* Section 5.5: the names of the client, the first ten. Errors are no match.
 * NULL: stopped. */
static const struct dns_answer *
client_names(struct spf_eval *e)
{
	char reverse[IP_REVERSE];
	struct slice name = slice_c(ip_reverse(&e->values.client, reverse));
	const struct dns_answer *a = spf_ask(e, name, DNS_PTR);

	if (a != NULL && is_void(a, name))
		e->term_void = true;
	if (a != NULL && a->n > MOST_SPF_NAMES)
		limits_meet(&e->result->limits, LIMIT_SPF_NAMES);
	return a;
}

/* How well a name suits %{p}: lower is better. */
static unsigned
name_rank(struct slice name, struct slice domain)
{
	return domain_eq(name, domain)  ? 0 :
	    domain_within(name, domain) ? 1 :
					  2;
}

bool
spf_validate_client(struct spf_eval *e)
{
	const struct dns_answer *names = client_names(e), *a;

	e->values.validated = slice_of(NULL, 0);
	if (names == NULL)
		return false;
	for (size_t i = 0; i < names->n && i < MOST_SPF_NAMES; i++)
		dns_message_prefetch(e->dns, names->rr[i].name,
		    address_type(e));
	for (unsigned rank = 0; rank < 3; rank++)
		for (size_t i = 0; i < names->n && i < MOST_SPF_NAMES; i++) {
			struct slice name = names->rr[i].name;

			if (name_rank(name, e->values.domain) != rank)
				continue;
			a = spf_ask(e, name, address_type(e));
			if (a == NULL)
				return false;
			if (has_client(e, a)) {
				e->values.validated = name;
				return true;
			}
		}
	return true;
}

/* The library asks for addresses of the target, of an MX or of a PTR name. */
static struct spf_lib_reply
reply_addresses(struct spf_eval *e, enum dns_type type, struct slice name)
{
	bool own = e->term->kind == SPF_A || e->term->kind == SPF_EXISTS;
	struct spf_lib_reply r = { .status = DNS_TEMPFAIL };
	const struct dns_answer *a = spf_ask(e, own ? e->target : name, type);

	if (a == NULL)
		return r;
	if (own && is_void(a, e->target))
		e->term_void = true;
	/* A mail host without an address of the client's family is no fault;
	 * one that does not exist is. */
	if (e->term->kind == SPF_MX && a->status == DNS_NXDOMAIN)
		e->term_void = true;
	if (failed(a) && !own && e->term->kind == SPF_PTR)
		r.status = DNS_NODATA; /* section 5.5: skipped */
	else
		r = (struct spf_lib_reply){ a->status, a->rr, a->n };
	return r;
}

static struct spf_lib_reply
reply_exchangers(struct spf_eval *e)
{
	struct spf_lib_reply r = { .status = DNS_TEMPFAIL };
	const struct dns_answer *a = spf_ask(e, e->target, DNS_MX);

	if (a == NULL)
		return r;
	if (is_void(a, e->target))
		e->term_void = true;
	if (a->n > MOST_SPF_NAMES) {
		limits_meet(&e->result->limits, LIMIT_SPF_NAMES);
		spf_stop(e, VERDICT_PERMERROR, "%zu MX hosts, limit is %d",
		    a->n, MOST_SPF_NAMES);
		return r;
	}
	for (size_t i = 0; i < a->n; i++)
		dns_message_prefetch(e->dns, a->rr[i].name, address_type(e));
	return (struct spf_lib_reply){ a->status, a->rr, a->n };
}

/* Only names within the target can decide, so only they are shown. */
static struct spf_lib_reply
reply_client_names(struct spf_eval *e)
{
	struct spf_lib_reply r = { .status = DNS_TEMPFAIL };
	const struct dns_answer *a = client_names(e);

	if (a == NULL)
		return r;
	r.status = DNS_NODATA;
	for (size_t i = 0; i < a->n && i < MOST_SPF_NAMES; i++)
		if (domain_within(a->rr[i].name, e->target)) {
			dns_message_prefetch(e->dns, a->rr[i].name,
			    address_type(e));
			e->ptr_names[r.n++] = a->rr[i];
		}
	if (r.n > 0) {
		r.status = DNS_OK;
		r.rr = e->ptr_names;
	}
	return r;
}

static struct spf_lib_reply
reply(void *ctx, enum dns_type type, struct slice name)
{
	struct spf_eval *e = ctx;

	if (!spf_stopped(e)) {
		if (type == DNS_MX)
			return reply_exchangers(e);
		if (type == DNS_PTR)
			return reply_client_names(e);
		if (type == DNS_A || type == DNS_AAAA)
			return reply_addresses(e, type, name);
	}
	return (struct spf_lib_reply){ .status = DNS_TEMPFAIL };
}

struct spf_lib *
spf_library(struct spf_eval *e)
{
	if (e->lib == NULL)
		e->lib = spf_lib_new(&e->values.client, reply, e);
	if (e->lib == NULL)
		e->err = ERR_NOMEM;
	return e->lib;
}

static void
stop_for_failure(struct spf_eval *e)
{
	const struct dns_answer *a = e->failed;

	if (a == NULL)
		spf_stop(e, VERDICT_TEMPERROR, "DNS lookup failed");
	else
		spf_stop(e, VERDICT_TEMPERROR,
		    "DNS lookup of %s of %.*s failed: %s",
		    dns_type_name(a->type),
		    SL_ARG(slice_sub(a->name, 0, SPF_TERM_SHOWN)), a->why);
}

int
spf_judge_names(struct spf_eval *e, const struct spf_term *t,
    struct slice target)
{
	struct spf_lib *lib = spf_library(e);
	enum spf_lib_match match;
	int err;

	if (lib == NULL)
		return -1;
	/* Section 4.8 leaves it open: such a name does not exist. */
	if (!domain_is_carryable(target) ||
	    slice_chr(target, '\0') != SLICE_NONE)
		return 0;
	e->term = t;
	e->target = target;
	err = spf_lib_names(lib, t, target, &match);
	/* What a reply stopped comes before what the library made of it. */
	if (spf_stopped(e))
		return -1;
	e->err = err;
	if (err != 0)
		return -1;
	if (match == SPF_LIB_DNS_ERROR) {
		stop_for_failure(e);
		return -1;
	}
	return match == SPF_LIB_YES;
}
