/* SPDX-License-Identifier: BSD-2-Clause
 *
 * facts_check: the facts that checks found. SPF and iprev are judged on
 * demand, so that a rule before end-of-message can ask for them; a check that
 * did not run is `none`.
 */
#include "base/err.h"
#include "check/facts_private.h"
#include "mail/domain.h"

static int
word(struct fact_value *out, const char *text)
{
	out->text = slice_c(text);
	return 0;
}

/* A relay's client is only known from its Received field. */
static bool
client_known(const struct evaluation *ev)
{
	return ev->at_end || ev->direction != DIRECTION_RELAYED;
}

FACT_GETTER(iprev)
{
	struct evaluation *ev = c->ev;
	int err = 0;

	(void)arg;
	if (ev->judged)
		err = client_known(ev) ? iprev_judge(ev) : ERR_TIMEOUT;
	return err != 0 ? err : word(out, verdict_word(ev->iprev.verdict));
}

static int
need_spf(struct evaluation *ev)
{
	if (!ev->judged || ev->spf.done)
		return 0;
	return client_known(ev) ? spf_judge_mailfrom(ev) : ERR_TIMEOUT;
}

FACT_GETTER(spf)
{
	int err = need_spf(c->ev);

	(void)arg;
	return err != 0 ? err : word(out, verdict_word(c->ev->spf.verdict));
}

FACT_GETTER(spf_helo)
{
	struct evaluation *ev = c->ev;
	int err = 0;

	(void)arg;
	if (ev->judged && !ev->spf_helo.done)
		err = client_known(ev) ? spf_judge_helo(ev) : ERR_TIMEOUT;
	return err != 0 ? err : word(out, verdict_word(ev->spf_helo.verdict));
}

FACT_GETTER(spf_domain)
{
	int err = need_spf(c->ev);

	(void)arg;
	out->text = c->ev->spf.domain;
	return err;
}

FACT_GETTER(spf_record)
{
	int err = need_spf(c->ev);

	(void)arg;
	out->text = c->ev->spf.record;
	return err;
}

FACT_GETTER(spf_mechanism)
{
	int err = need_spf(c->ev);

	(void)arg;
	out->text = c->ev->spf.mechanism;
	return err;
}

FACT_GETTER(spf_null)
{
	int err = need_spf(c->ev);

	(void)arg;
	out->yes = c->ev->spf.null;
	return err;
}

FACT_GETTER(dkim)
{
	(void)arg;
	return word(out, verdict_word(c->ev->dkim.verdict));
}

static bool
list_has(const struct slice_vec *list, struct slice s)
{
	for (size_t i = 0; i < list->n; i++)
		if (slice_ieq(list->at[i], s))
			return true;
	return false;
}

FACT_GETTER(dkim_domains)
{
	const struct dkim_signature_vec *all = &c->ev->dkim.signatures;

	(void)arg;
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].verdict == VERDICT_PASS &&
		    !list_has(&out->list, all->at[i].domain) &&
		    slice_vec_add(&out->list, c->ev->arena,
			all->at[i].domain) != 0)
			return ERR_NOMEM;
	return 0;
}

/* The registrable domain, or the name itself where there is none. */
static struct slice
organisation(const struct evaluation *ev, struct slice domain)
{
	struct slice org = { NULL, 0 };

	if (ev->env->psl != NULL)
		org = psl_org_domain(ev->env->psl, domain);
	return org.n > 0 ? org : domain;
}

static bool
same_organisation(const struct evaluation *ev, struct slice a, struct slice b)
{
	return a.n > 0 && b.n > 0 &&
	    domain_eq(organisation(ev, a), organisation(ev, b));
}

/* A signature that passed stands for `author`: the same domain or, if
 * `relaxed`, the same organisation. */
static bool
signed_for(const struct evaluation *ev, struct slice author, bool relaxed)
{
	const struct dkim_signature_vec *all = &ev->dkim.signatures;

	for (size_t i = 0; i < all->n; i++) {
		struct slice d = all->at[i].domain;

		if (all->at[i].verdict != VERDICT_PASS || author.n == 0)
			continue;
		if (domain_eq(d, author) ||
		    (relaxed && same_organisation(ev, d, author)))
			return true;
	}
	return false;
}

/* Where DMARC read a record it knows. Where none exists alignment is relaxed;
 * where the record could not be had only the very domain is sure to align.
 * Every author's domain must then be signed for. */
FACT_GETTER(dkim_aligned)
{
	const struct evaluation *ev = c->ev;
	const struct author_vec *authors = &ev->from.authors;
	enum verdict dmarc = ev->dmarc.verdict;

	(void)arg;
	out->yes = ev->dmarc.dkim_aligned;
	if (out->yes || authors->n == 0 || ev->from.more ||
	    (dmarc != VERDICT_NONE && dmarc != VERDICT_TEMPERROR))
		return 0;
	out->yes = true;
	for (size_t i = 0; i < authors->n && out->yes; i++)
		out->yes = signed_for(ev, authors->at[i].domain,
		    dmarc == VERDICT_NONE);
	return 0;
}

FACT_GETTER(dmarc)
{
	(void)arg;
	return word(out, verdict_word(c->ev->dmarc.verdict));
}

FACT_GETTER(dmarc_policy)
{
	(void)arg;
	return word(out, dmarc_policy_word(c->ev->dmarc.published));
}

FACT_GETTER(dmarc_disposition)
{
	(void)arg;
	return word(out, dmarc_policy_word(c->ev->dmarc.disposition));
}

FACT_GETTER(dmarc_domain)
{
	(void)arg;
	out->text = c->ev->dmarc.policy_domain;
	return 0;
}

FACT_GETTER(arc)
{
	(void)arg;
	return word(out, verdict_word(c->ev->arc.verdict));
}

FACT_GETTER(arc_sealer)
{
	(void)arg;
	out->text = c->ev->arc.sealer;
	return 0;
}

FACT_GETTER(arc_trusted)
{
	(void)arg;
	out->yes = c->ev->arc.trusted;
	return 0;
}

FACT_GETTER(arc_saw_pass)
{
	(void)arg;
	out->yes = c->ev->arc.saw_pass;
	return 0;
}

FACT_GETTER(arc_unsure)
{
	(void)arg;
	out->yes = c->ev->arc.unsure;
	return 0;
}

FACT_GETTER(forward)
{
	(void)arg;
	out->yes = c->ev->forward.forwarded;
	return 0;
}

FACT_GETTER(forward_doomed)
{
	(void)arg;
	out->yes = c->ev->forward.fate != FORWARD_FINE;
	return 0;
}

FACT_GETTER(forward_reason)
{
	const struct evaluation *ev = c->ev;

	(void)arg;
	switch (ev->forward.fate) {
	case FORWARD_FINE:
		return 0;
	case FORWARD_DOOMED_DMARC:
		out->text = arena_printf(ev->arena,
		    "the DMARC policy of %.*s is reject, and no DKIM "
		    "signature of that domain holds",
		    SL_ARG(ev->dmarc.author_domain));
		break;
	case FORWARD_DOOMED_SPF:
		out->text = arena_printf(ev->arena,
		    "SPF of %.*s does not let this host send its mail on, and "
		    "no DKIM signature holds",
		    SL_ARG(ev->message->mail_from.domain));
		break;
	}
	return out->text.p != NULL ? 0 : ERR_NOMEM;
}

static bool
foreign(const struct evaluation *ev, struct slice domain)
{
	const struct author_vec *authors = &ev->from.authors;

	if (domain.n == 0)
		return false;
	for (size_t i = 0; i < authors->n; i++)
		if (same_organisation(ev, domain, authors->at[i].domain))
			return false;
	return true;
}

/* Somebody other than the author stands behind the message with a proof. */
static bool
third_party(const struct evaluation *ev)
{
	const struct dkim_signature_vec *all = &ev->dkim.signatures;

	if (ev->from.authors.n == 0)
		return false;
	if (ev->spf.verdict == VERDICT_PASS && foreign(ev, ev->spf.domain))
		return true;
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].verdict == VERDICT_PASS &&
		    foreign(ev, all->at[i].domain))
			return true;
	return false;
}

/* Fields that another path than author to us leaves behind. List-Unsubscribe
 * is not among them: senders in bulk write it themselves. A chain that was
 * found broken proves nothing. */
static bool
another_path(const struct evaluation *ev)
{
	const struct header_field_vec *all = &ev->message->headers.fields;

	for (size_t i = 0; i < all->n; i++) {
		struct slice name = all->at[i].name;

		if (slice_ieq(name, SL("List-Id")) ||
		    slice_istarts(name, SL("Resent-")) ||
		    (slice_ieq(name, SL("ARC-Seal")) &&
			ev->arc.verdict != VERDICT_FAIL))
			return true;
	}
	return false;
}

FACT_GETTER(limits)
{
	struct limits all = evaluation_limits(c->ev);

	(void)arg;
	for (unsigned l = 0; l < LIMIT_COUNT; l++)
		if (limits_met(&all, (enum limit)l) &&
		    slice_vec_add(&out->list, c->ev->arena,
			slice_c(limit_word((enum limit)l))) != 0)
			return ERR_NOMEM;
	return 0;
}

FACT_GETTER(indirect)
{
	int err = need_spf(c->ev);

	(void)arg;
	out->yes = err == 0 && another_path(c->ev) && third_party(c->ev);
	return err;
}
