/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doomed: see doomed.h.
 */
#include "forward/doomed.h"

#include "base/err.h"
#include "check/check.h"
#include "mail/domain.h"
#include "mail/sets.h"

/* Ours: mail to it ends here, unless it is listed as one that goes on. */
static bool
is_ours(const struct next_hop *n, struct slice domain)
{
	if (n->srs != NULL)
		return srs_map_is_ours(n->srs, domain);
	return set_has_domain(n->options->local_domains, domain);
}

static bool
goes_on(const struct next_hop *n, const struct mailbox *rcpt)
{
	if (set_has_address(n->options->forwarded, rcpt))
		return true;
	return set_count(n->options->local_domains) > 0 && rcpt->domain.n > 0 &&
	    !is_ours(n, rcpt->domain);
}

static void
judge_recipients(const struct next_hop *n, struct evaluation *ev)
{
	const struct recipient_vec *all = &ev->message->rcpts;
	struct forward_result *f = &ev->forward;
	size_t here = 0, there = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (all->at[i].refused)
			continue;
		if (goes_on(n, &all->at[i].path))
			there++;
		else
			here++;
	}
	f->forwarded = there > 0 && ev->direction != DIRECTION_ORIGINATING;
	f->leaves = there > 0 && here == 0;
}

/* What becomes of the sender. */
static int
judge_sender(const struct next_hop *n, struct evaluation *ev)
{
	struct forward_result *f = &ev->forward;
	struct srs_answer answer;
	int err;

	f->srs = "";
	if (n->srs == NULL)
		return 0;
	err = srs_map_sender(n->srs, ev->arena, &ev->message->mail_from,
	    ev->dns, &answer);
	if (err != 0)
		return err;
	f->srs = srs_outcome_word(answer.outcome);
	f->sender = answer.address;
	f->is_long = answer.is_long;
	return 0;
}

/* What the author's domain asks others to do with mail that fails. */
static bool
asks_to_reject(const struct dmarc_result *d)
{
	return d->done && d->published == DMARC_POLICY_REJECT && !d->testing;
}

/* A sender that stays ours or empty is asked about us, not about its domain. */
static bool
spf_matters(const struct next_hop *n, const struct evaluation *ev)
{
	const struct mailbox *from = &ev->message->mail_from;

	return ev->forward.sender.n == 0 && from->domain.n > 0 &&
	    !is_ours(n, from->domain);
}

/* A signature that the next hop may find good: its key could not be had here.
 * Not knowing is no reason to refuse for good. */
static bool
may_hold(const struct evaluation *ev)
{
	const struct dkim_signature_vec *all = &ev->dkim.signatures;

	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].verdict == VERDICT_TEMPERROR)
			return true;
	return false;
}

static int
judge_fate(const struct next_hop *n, struct evaluation *ev)
{
	struct forward_result *f = &ev->forward;
	enum outbound_spf spf = OUTBOUND_UNSURE;
	int err = 0;

	if (ev->dmarc.dkim_aligned || may_hold(ev))
		return 0;
	if (spf_matters(n, ev))
		err = outbound_spf(n->outbound, ev->arena,
		    &ev->message->mail_from, ev->dns, &spf);
	if (err != 0)
		return err;
	if (asks_to_reject(&ev->dmarc) &&
	    !(spf == OUTBOUND_PASSES && ev->dmarc.spf_aligned))
		f->fate = FORWARD_DOOMED_DMARC;
	else if (spf == OUTBOUND_FAILS && ev->dkim.verdict != VERDICT_PASS)
		f->fate = FORWARD_DOOMED_SPF;
	return 0;
}

/* Whether the sender's SPF will be asked from our own addresses. */
static bool
will_ask(const struct next_hop *n, const struct evaluation *ev)
{
	const struct mailbox *from = &ev->message->mail_from;

	if (from->domain.n == 0 || is_ours(n, from->domain))
		return false;
	return n->srs != NULL ? n->options->when == SRS_NEEDED : ev->judged;
}

int
doomed_rcpt(const struct next_hop *n, struct evaluation *ev,
    const struct mailbox *rcpt)
{
	if (ev->forward.begun || !goes_on(n, rcpt) || !will_ask(n, ev))
		return 0;
	ev->forward.begun = true;
	return outbound_begin(n->outbound, ev->arena, &ev->message->mail_from,
	    ev->dns);
}

int
doomed_judge(const struct next_hop *n, struct evaluation *ev)
{
	int err;

	ev->forward = (struct forward_result){ .done = true, .srs = "" };
	judge_recipients(n, ev);
	if (!ev->forward.forwarded && !ev->forward.leaves)
		return 0;
	err = judge_sender(n, ev);
	if (err == 0 && ev->forward.forwarded && ev->judged)
		err = judge_fate(n, ev);
	return err;
}
