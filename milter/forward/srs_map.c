/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs_map: see srs_map.h.
 */
#include "forward/srs_map.h"

#include "base/clock.h"
#include "base/err.h"
#include "mail/domain.h"
#include "mail/sets.h"
#include "srs/secrets.h"

#define DAY 86400

struct srs_map {
	struct forward_options options;
	const struct outbound *outbound;
};

static const char *const words[] = {
	[SRS_MAP_REWRITTEN] = "rewritten",
	[SRS_MAP_NULL] = "null-sender",
	[SRS_MAP_OWN] = "own-domain",
	[SRS_MAP_EXCLUDED] = "excluded",
	[SRS_MAP_PASSES] = "not-needed",
	[SRS_MAP_TOO_LONG] = "too-long",
	[SRS_MAP_UNFIT] = "unfit",
	[SRS_MAP_FOREIGN] = "foreign",
	[SRS_MAP_MALFORMED] = "malformed",
	[SRS_MAP_FORGED] = "forged",
	[SRS_MAP_EXPIRED] = "expired",
};

const char *
srs_outcome_word(enum srs_outcome o)
{
	return words[o];
}

bool
srs_outcome_refuses(enum srs_outcome o)
{
	return o == SRS_MAP_MALFORMED || o == SRS_MAP_FORGED ||
	    o == SRS_MAP_EXPIRED;
}

void
srs_long_counters_load(struct srs_long_counters *c, const char *by)
{
	static const char family[] = "srs_long_senders_total";

	c->rewritten = stats_counter(family, "by", slice_c(by), "result",
	    slice_c(words[SRS_MAP_REWRITTEN]));
	c->kept = stats_counter(family, "by", slice_c(by), "result",
	    slice_c(words[SRS_MAP_TOO_LONG]));
}

void
srs_count_long(const struct srs_long_counters *c, bool is_long, bool rewritten)
{
	if (is_long)
		stats_add(rewritten ? c->rewritten : c->kept, 1);
}

struct srs_map *
srs_map_load(struct arena *a, const struct forward_options *o,
    const struct outbound *outbound, struct problems *p)
{
	struct srs_map *m = arena_zalloc(a, sizeof(*m));
	struct place at = { "configuration", 0 };
	int err = ERR_NOMEM;

	if (m != NULL) {
		m->options = *o;
		m->outbound = outbound;
		m->options.srs.separator = (char)o->separator;
		m->options.srs.max_age = (unsigned)(o->max_age_s / DAY);
		m->options.srs.allow_long = o->long_senders == SRS_LONG_REWRITE;
		err = secrets_load(a, o->secret_file, o->secret_uid, at, p,
		    &m->options.srs.secrets);
	}
	if (err == ERR_NOMEM)
		problems_error(p, at, "%s", err_text(err));
	return err == 0 ? m : NULL;
}

struct slice
srs_map_domain(const struct srs_map *m)
{
	return m->options.srs.domain;
}

bool
srs_map_is_ours(const struct srs_map *m, struct slice domain)
{
	return domain_eq(domain, m->options.srs.domain) ||
	    set_has_domain(m->options.local_domains, domain);
}

/* ---- senders ---- */

/* What is known without asking anybody: true if the sender stays. */
static bool
stays(const struct srs_map *m, const struct mailbox *sender,
    enum srs_outcome *why)
{
	const struct forward_options *o = &m->options;

	if (address_is_null(sender))
		*why = SRS_MAP_NULL;
	else if (sender->domain.n == 0 || sender->local.n == 0)
		*why = SRS_MAP_UNFIT;
	else if (srs_map_is_ours(m, sender->domain))
		*why = SRS_MAP_OWN;
	else if (set_has_domain(o->excluded_domains, sender->domain))
		*why = SRS_MAP_EXCLUDED;
	else
		return false;
	return true;
}

bool
srs_map_asks(const struct srs_map *m, const struct mailbox *sender)
{
	enum srs_outcome why;

	return m->options.when == SRS_NEEDED && !stays(m, sender, &why);
}

static enum srs_outcome
outcome_of_forward(enum srs_status s)
{
	switch (s) {
	case SRS_OK:
		return SRS_MAP_REWRITTEN;
	case SRS_TOO_LONG:
		return SRS_MAP_TOO_LONG;
	case SRS_FOREIGN:
	case SRS_MALFORMED:
	case SRS_FORGED:
	case SRS_EXPIRED:
		break;
	}
	return SRS_MAP_UNFIT;
}

int
srs_map_sender(const struct srs_map *m, struct arena *a,
    const struct mailbox *sender, struct dns_message *dns,
    struct srs_answer *out)
{
	enum srs_status status;
	enum outbound_spf spf = OUTBOUND_UNSURE;
	int err = 0;

	*out = (struct srs_answer){ 0 };
	if (stays(m, sender, &out->outcome))
		return 0;
	if (m->options.when == SRS_NEEDED && dns != NULL)
		err = outbound_spf(m->outbound, a, sender, dns, &spf);
	if (err != 0)
		return err;
	if (spf == OUTBOUND_PASSES) {
		out->outcome = SRS_MAP_PASSES;
		return 0;
	}
	err = srs_forward(a, &m->options.srs, sender, clock_epoch(),
	    &out->address, &status);
	out->outcome = outcome_of_forward(status);
	out->is_long = status == SRS_TOO_LONG ||
	    out->address.n > SRS_LOCAL_MAX + 1 + m->options.srs.domain.n;
	return err;
}

/* ---- recipients ---- */

static enum srs_outcome
outcome_of_reverse(enum srs_status s)
{
	switch (s) {
	case SRS_OK:
		return SRS_MAP_REWRITTEN;
	case SRS_FORGED:
		return SRS_MAP_FORGED;
	case SRS_EXPIRED:
		return SRS_MAP_EXPIRED;
	case SRS_MALFORMED:
		return SRS_MAP_MALFORMED;
	case SRS_FOREIGN:
	case SRS_TOO_LONG:
		break;
	}
	return SRS_MAP_FOREIGN;
}

int
srs_map_rcpt(const struct srs_map *m, struct arena *a,
    const struct mailbox *rcpt, struct srs_answer *out)
{
	enum srs_status status;
	int err;

	*out = (struct srs_answer){ .outcome = SRS_MAP_FOREIGN };
	if (!srs_is_tagged(rcpt->local) || !srs_map_is_ours(m, rcpt->domain))
		return 0;
	err = srs_reverse(a, &m->options.srs, rcpt, clock_epoch(),
	    &out->address, &status);
	out->outcome = outcome_of_reverse(status);
	return err;
}
