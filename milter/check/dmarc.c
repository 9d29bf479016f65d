/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc: the steps of the check, what several author domains come to, and the
 * findings.
 */
#include "check/dmarc.h"

#include "base/err.h"
#include "base/log.h"
#include "check/dmarc_judge.h"
#include "check/dmarc_lib.h"
#include "mail/domain.h"

struct dmarc_state {
	struct dmarc_finder finder;
	struct slice authors[MOST_AUTHOR_DOMAINS]; /* distinct domains */
	size_t n_authors;
	bool more; /* author domains than are judged */
};

static struct dmarc_state *
state_of(struct evaluation *ev)
{
	struct dmarc_state *st = ev->dmarc_state;

	if (st != NULL)
		return st;
	st = arena_zalloc(ev->arena, sizeof(*st));
	if (st == NULL)
		return NULL;
	st->finder.a = ev->arena;
	st->finder.dns = ev->dns;
	if (ev->env->options->dmarc.discovery == DMARC_PSL)
		st->finder.psl = ev->env->psl;
	ev->dmarc_state = st;
	return st;
}

void
dmarc_helo(const struct check_env *env, const struct session *s)
{
	char name[DOMAIN_MAX + sizeof("_dmarc.")];
	int n;

	/* Matters only if the sender turns out to be null. A U-label can wait
	 * until then. */
	if (!domain_is_hostname(s->helo) || !domain_is_fqdn(s->helo))
		return;
	n = snprintf(name, sizeof(name), "_dmarc.%.*s", SL_ARG(s->helo));
	if (n > 0 && (size_t)n < sizeof(name))
		resolver_prefetch(env->resolver, slice_of(name, (size_t)n),
		    DNS_TXT);
}

int
dmarc_mail(struct evaluation *ev)
{
	const struct mailbox *sender = &ev->message->mail_from;
	struct dmarc_state *st = state_of(ev);
	struct slice d;

	if (st == NULL)
		return ERR_NOMEM;
	d = domain_to_ascii(ev->arena,
	    address_is_null(sender) ? ev->judged_helo : sender->domain);
	if (domain_is_fqdn(d))
		dmarc_prefetch(&st->finder, d);
	return 0;
}

static void
collect_authors(struct evaluation *ev, struct dmarc_state *st)
{
	const struct author_vec *v = &ev->from.authors;

	st->more = ev->from.more;
	for (size_t i = 0; i < v->n; i++) {
		struct slice d = v->at[i].domain;
		size_t j = 0;

		while (j < st->n_authors && !slice_eq(st->authors[j], d))
			j++;
		if (d.n == 0 || j < st->n_authors)
			continue;
		if (st->n_authors < MOST_AUTHOR_DOMAINS) {
			st->authors[st->n_authors++] = d;
			continue;
		}
		st->more = true;
		limits_meet(&ev->limits, LIMIT_AUTHOR_DOMAINS);
	}
}

/* Signers may share an organisational domain with an author only if they
 * share its end; two labels are a good guess of how much. */
static bool
may_share(const struct dmarc_state *st, struct slice d)
{
	for (size_t i = 0; i < st->n_authors; i++)
		if (domain_within(d, domain_suffix(st->authors[i], 2)))
			return true;
	return false;
}

int
dmarc_eoh(struct evaluation *ev)
{
	struct dmarc_state *st = state_of(ev);
	struct slice signers[DMARC_WALK_MAX];
	size_t n = dkim_verify_signers(ev, signers, ARRAY_LEN(signers));

	if (st == NULL)
		return ERR_NOMEM;
	/* Only now it is known what a relay was told in HELO. */
	if (ev->direction == DIRECTION_RELAYED && dmarc_mail(ev) != 0)
		return ERR_NOMEM;
	st->n_authors = 0;
	collect_authors(ev, st);
	for (size_t i = 0; i < st->n_authors; i++) {
		dmarc_prefetch(&st->finder, st->authors[i]);
		/* Whether it exists, for np=; SPF often asks the same. */
		dns_message_prefetch(ev->dns, st->authors[i], DNS_TXT);
	}
	for (size_t i = 0; i < n; i++)
		if (may_share(st, signers[i]))
			dmarc_prefetch(&st->finder, signers[i]);
	return 0;
}

/* Of several author domains the worst counts: the strictest policy that
 * failed, then what could not be told, then what failed without a policy. */
static unsigned
badness(const struct dmarc_result *r)
{
	switch (r->verdict) {
	case VERDICT_FAIL:
		if (r->disposition == DMARC_POLICY_NONE)
			return 4 + (r->published != DMARC_POLICY_NONE);
		return r->disposition == DMARC_POLICY_REJECT ? 8 : 7;
	case VERDICT_TEMPERROR:
		return 6;
	case VERDICT_PERMERROR:
		return 3;
	case VERDICT_NONE:
		return 2;
	case VERDICT_PASS:
	case VERDICT_SOFTFAIL:
	case VERDICT_NEUTRAL:
	case VERDICT_POLICY:
	case VERDICT_COUNT:
		break;
	}
	return 1;
}

static const char *
aligned_word(const struct dmarc_result *r)
{
	if (r->spf_aligned && r->dkim_aligned)
		return "spf,dkim";
	return r->spf_aligned ? "spf" : r->dkim_aligned ? "dkim" : "no";
}

static int
add_finding(struct evaluation *ev, const struct dmarc_result *r, bool hidden)
{
	struct findings *all = &ev->findings;
	struct finding *f =
	    findings_add(all, METHOD_DMARC, r->verdict, r->reason);
	bool judged = r->verdict == VERDICT_PASS || r->verdict == VERDICT_FAIL;
	struct slice none = { NULL, 0 };
	const struct finding_prop props[] = {
		{ "header", "from", r->author_domain },
		{ "policy", "dmarc",
		    judged ? slice_c(dmarc_policy_word(r->published)) : none },
		{ NULL, "aligned", judged ? slice_c(aligned_word(r)) : none },
		{ NULL, "disposition",
		    r->verdict == VERDICT_FAIL ?
			slice_c(dmarc_policy_word(r->disposition)) :
			none },
		{ NULL, "policy-domain", r->policy_domain },
		{ NULL, "org-domain", r->org_domain },
		{ NULL, "record", r->record },
		{ NULL, "discovery",
		    ev->dmarc_state->finder.psl != NULL ? SL("psl") :
							  SL("treewalk") },
	};

	if (f == NULL)
		return ERR_NOMEM;
	f->hidden = hidden;
	for (size_t i = 0; i < ARRAY_LEN(props); i++)
		if (props[i].value.n > 0 &&
		    finding_prop(all, f, props[i].ptype, props[i].name,
			props[i].value) != 0)
			return ERR_NOMEM;
	return 0;
}

/* The library must come to the same end from the same facts. */
static int
cross_check(struct evaluation *ev, const struct dmarc_result *r)
{
	const char *ours = dmarc_policy_word(r->published), *theirs;
	struct dmarc_lib_facts facts = { r->author_domain, ours, r->spf_aligned,
		r->dkim_aligned };
	int err;

	if (r->verdict != VERDICT_PASS && r->verdict != VERDICT_FAIL)
		return 0;
	/* It refuses identifiers that are no host names. */
	if (!domain_is_hostname(r->author_domain))
		return 0;
	err = dmarc_lib_ask(ev->arena, &facts, &theirs);
	if (err != 0)
		return err;
	if (r->verdict == VERDICT_PASS)
		ours = "pass";
	if (strcmp(ours, theirs) != 0)
		log_text(LOG_LEVEL_WARN,
		    "id=%s: bug: DMARC of %.*s is %s, libopendmarc says %s",
		    ev->message->id, SL_ARG(r->author_domain), ours, theirs);
	return 0;
}

/* An author domain that cannot be looked at: nothing that could be checked
 * makes such a message good. */
static struct dmarc_result
not_judged(const struct dmarc_state *st, const char *reason)
{
	return (struct dmarc_result){
		.verdict = VERDICT_FAIL,
		.author_domain =
		    st->n_authors > 0 ? st->authors[0] : slice_of(NULL, 0),
		.published = DMARC_POLICY_QUARANTINE,
		.disposition = DMARC_POLICY_QUARANTINE,
		.reason = slice_c(reason),
	};
}

static int
judge_authors(struct evaluation *ev, struct dmarc_state *st,
    struct dmarc_result results[MOST_AUTHOR_DOMAINS + 1], size_t *n)
{
	for (size_t i = 0; i < st->n_authors; i++) {
		struct dmarc_result *r = &results[(*n)++];
		int err = dmarc_judge(ev, &st->finder, st->authors[i], r);

		if (err == 0)
			err = cross_check(ev, r);
		if (err != 0)
			return err;
	}
	if (st->more)
		results[(*n)++] =
		    not_judged(st, "more author domains than are judged");
	else if (ev->from.unreadable)
		results[(*n)++] =
		    not_judged(st, "an author domain cannot be read");
	if (*n == 0)
		results[(*n)++] = (struct dmarc_result){
			.verdict = VERDICT_NONE,
			.reason = SL("no author domain"),
		};
	return 0;
}

int
dmarc_end(struct evaluation *ev)
{
	struct dmarc_result results[MOST_AUTHOR_DOMAINS + 1];
	struct dmarc_state *st = state_of(ev);
	size_t n = 0, worst = 0;
	int err;

	if (st == NULL)
		return ERR_NOMEM;
	if (!ev->judged)
		return 0;
	err = judge_authors(ev, st, results, &n);
	if (err != 0)
		return err;
	for (size_t i = 1; i < n; i++)
		if (badness(&results[i]) > badness(&results[worst]))
			worst = i;
	for (size_t i = 0; i < n; i++) {
		err = add_finding(ev, &results[i], i != worst);
		if (err != 0)
			return err;
	}
	ev->dmarc = results[worst];
	ev->dmarc.done = true;
	return 0;
}
