/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_judge: no answer of the DNS is asked for that cannot change the
 * verdict: an organisational domain is an end of the name that it belongs to,
 * so a name that does not lie within the author's cannot share it.
 */
#include "check/dmarc_judge.h"

#include "base/err.h"
#include "mail/domain.h"

#define REASON_MAX ((size_t)400)

/* What SPF or one DKIM signature says. */
struct identifier {
	struct slice domain;
	bool dkim;
	bool passed; /* else: temporarily not known */
};

enum aligned { ALIGNED_NO, ALIGNED_YES, ALIGNED_UNKNOWN };

struct judge {
	struct evaluation *ev;
	struct dmarc_finder *f;
	struct slice author;
	struct dmarc_result *out;
	const struct dmarc_entry *policy;
	bool own; /* the policy stands at the author domain itself */
	struct identifier ids[MOST_DMARC_IDENTIFIERS];
	size_t n;
	bool unknown; /* something that may be aligned cannot be told */
};

static void
add_identifier(struct judge *j, struct slice domain, bool dkim,
    enum verdict verdict)
{
	struct slice ascii;

	if (verdict != VERDICT_PASS && verdict != VERDICT_TEMPERROR)
		return;
	if (domain.n == 0)
		return;
	if (j->n == MOST_DMARC_IDENTIFIERS) {
		limits_meet(&j->ev->limits, LIMIT_DMARC_IDENTIFIERS);
		return;
	}
	ascii = domain_to_ascii(j->ev->arena, domain);
	if (ascii.n == 0)
		return;
	j->ids[j->n++] =
	    (struct identifier){ ascii, dkim, verdict == VERDICT_PASS };
}

/* Section 4.4: MAIL FROM as SPF judged it (never HELO by itself), and d=. */
static void
collect(struct judge *j)
{
	const struct dkim_signature_vec *sigs = &j->ev->dkim.signatures;

	if (j->ev->spf.done)
		add_identifier(j, j->ev->spf.domain, false, j->ev->spf.verdict);
	for (size_t i = 0; i < sigs->n; i++)
		add_identifier(j, sigs->at[i].domain, true,
		    sigs->at[i].verdict);
}

static void
conclude(struct judge *j, enum verdict v, const char *reason)
{
	j->out->verdict = v;
	j->out->reason = slice_c(reason);
}

/* Section 4.10.1. Sets j->policy, or a verdict other than FAIL. */
static int
find_policy(struct judge *j)
{
	const struct dmarc_entry *own;
	const struct dmarc_walk *walk;
	int err = dmarc_find_entry(j->f, j->author, &own);

	if (err != 0)
		return err;
	if (own->found) {
		j->policy = own;
		j->own = true;
		return 0;
	}
	err = dmarc_find_walk(j->f, j->author, &walk);
	if (err != 0)
		return err;
	j->policy = walk->policy;
	if (own->failed || walk->policy_failed)
		conclude(j, VERDICT_TEMPERROR, "DMARC record: DNS failed");
	else if (walk->policy == NULL)
		conclude(j, VERDICT_NONE, "no DMARC record");
	return 0;
}

static int
align(struct judge *j, const struct identifier *id, enum aligned *out)
{
	const struct dmarc_record *r = &j->policy->record;
	const struct dmarc_walk *author, *other;
	int err;

	*out = domain_eq(id->domain, j->author) ? ALIGNED_YES : ALIGNED_NO;
	if (*out == ALIGNED_YES || (id->dkim ? r->strict_dkim : r->strict_spf))
		return 0;
	/* Without a common last label there is no common organisation. */
	if (!slice_eq(domain_suffix(id->domain, 1),
		domain_suffix(j->author, 1)))
		return 0;
	err = dmarc_find_walk(j->f, j->author, &author);
	if (err != 0)
		return err;
	if (author->failed) {
		*out = ALIGNED_UNKNOWN;
		return 0;
	}
	if (!domain_within(id->domain, author->org))
		return 0;
	err = dmarc_find_walk(j->f, id->domain, &other);
	if (err != 0)
		return err;
	if (other->failed)
		*out = ALIGNED_UNKNOWN;
	else if (domain_eq(other->org, author->org))
		*out = ALIGNED_YES;
	return 0;
}

static int
align_all(struct judge *j)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct identifier *id = &j->ids[i];
		enum aligned aligned;
		int err = align(j, id, &aligned);

		if (err != 0)
			return err;
		if (aligned == ALIGNED_YES && id->passed && id->dkim)
			j->out->dkim_aligned = true;
		else if (aligned == ALIGNED_YES && id->passed)
			j->out->spf_aligned = true;
		else if (aligned != ALIGNED_NO)
			j->unknown = true;
	}
	return 0;
}

/* p for the author domain's own record, else sp, or np if the author domain
 * does not exist: NXDOMAIN, nothing less (section 3.2.13). */
static int
choose_policy(struct judge *j)
{
	const struct dmarc_record *r = &j->policy->record;
	const struct dns_answer *answer;
	int err;

	if (r->bad.n > 0) {
		j->out->published = DMARC_POLICY_NONE;
		return 0;
	}
	j->out->published = j->own ? r->p : r->sp;
	if (j->own || r->np == r->sp || j->f->psl != NULL)
		return 0;
	err = dns_message_get(j->ev->dns, j->author, DNS_TXT, &answer);
	if (err != 0)
		return err;
	if (answer->status == DNS_NXDOMAIN)
		j->out->published = r->np;
	else if (answer->status == DNS_TEMPFAIL || answer->status == DNS_BOGUS)
		j->unknown = true;
	return 0;
}

static enum dmarc_policy
lower(enum dmarc_policy p, bool testing)
{
	if (!testing)
		return p;
	return p == DMARC_POLICY_REJECT ? DMARC_POLICY_QUARANTINE :
					  DMARC_POLICY_NONE;
}

static int
explain_failure(struct judge *j)
{
	struct buf b;
	bool any = false;

	buf_init(&b, j->ev->arena, REASON_MAX + (size_t)2 * DOMAIN_MAX);
	for (size_t i = 0; i < j->n && b.n < REASON_MAX; i++) {
		const struct identifier *id = &j->ids[i];

		if (!id->passed)
			continue;
		buf_printf(&b, "%s%s passed for %.*s", any ? ", " : "",
		    id->dkim ? "DKIM" : "SPF", SL_ARG(id->domain));
		any = true;
	}
	if (any)
		buf_printf(&b, ": not aligned with %.*s", SL_ARG(j->author));
	else
		buf_adds(&b, "neither SPF nor DKIM passed");
	if (!buf_ok(&b))
		return ERR_NOMEM;
	j->out->reason = buf_slice(&b);
	return 0;
}

/* With a policy at hand: alignment and verdict. */
static int
judge_policy(struct judge *j)
{
	const struct dmarc_record *r = &j->policy->record;
	int err;

	if (r->cut)
		limits_meet(&j->ev->limits, LIMIT_TAGS);
	j->out->policy_domain = j->policy->domain;
	j->out->record = r->text;
	j->out->testing = r->testing;
	if (r->bad.n > 0 && !r->reports) {
		j->out->reason = arena_printf(j->ev->arena,
		    "%.*s= of the DMARC record is no policy, and it has no "
		    "valid rua=",
		    SL_ARG(r->bad));
		j->out->verdict = VERDICT_PERMERROR;
		return j->out->reason.p == NULL ? ERR_NOMEM : 0;
	}
	err = align_all(j);
	if (err == 0)
		err = choose_policy(j);
	if (err != 0)
		return err;
	if (j->out->spf_aligned || j->out->dkim_aligned) {
		j->out->verdict = VERDICT_PASS;
		return 0;
	}
	if (j->unknown) {
		conclude(j, VERDICT_TEMPERROR,
		    "what may be aligned could not be checked: DNS failed");
		return 0;
	}
	j->out->verdict = VERDICT_FAIL;
	j->out->disposition = lower(j->out->published, r->testing);
	return explain_failure(j);
}

int
dmarc_judge(struct evaluation *ev, struct dmarc_finder *f, struct slice author,
    struct dmarc_result *out)
{
	struct judge j = { .ev = ev, .f = f, .author = author, .out = out };
	const struct dmarc_walk *walk;
	int err;

	*out = (struct dmarc_result){ .verdict = VERDICT_FAIL,
		.author_domain = author };
	err = find_policy(&j);
	if (err == 0 && out->verdict == VERDICT_FAIL) {
		collect(&j);
		err = judge_policy(&j);
	}
	if (err == 0 && dmarc_is_ready(f, author)) {
		err = dmarc_find_walk(f, author, &walk);
		if (err == 0 && !walk->failed)
			out->org_domain = walk->org;
	}
	return err;
}
