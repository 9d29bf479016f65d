/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_dmarc: DMARC from end to end: From, the walk up the tree, the record,
 * alignment, and libopendmarc, which must name the same policy. The input is a
 * From field, what SPF passed for, what DKIM passed for (domains, separated by
 * commas), a line each, and the lines of a zone.
 */
#include "check/dmarc.h"

#include "base/log.h"
#include "check/check.h"
#include "dns/dns_message.h"
#include "fuzz/zone.h"
#include "mail/domain.h"

static void
no_bug(void *ctx, enum log_level level, struct slice line)
{
	(void)ctx;
	(void)level;
	FUZZ_DEMAND(slice_search(line, SL("libopendmarc")) == SLICE_NONE);
}

/* Identifiers as SPF and DKIM leave them. */
static bool
take_domain(struct arena *a, struct slice text, struct slice *out)
{
	*out = arena_lower(a, domain_to_ascii(a, slice_trim(text)));
	return out->n > 0;
}

static void
set_identifiers(struct evaluation *ev, struct slice spf, struct slice dkim)
{
	struct slice one;

	ev->spf.done = ev->dkim.done = true;
	ev->spf.verdict = VERDICT_NONE;
	if (take_domain(ev->arena, spf, &ev->spf.domain))
		ev->spf.verdict = VERDICT_PASS;
	while (slice_cut(&dkim, ',', &one)) {
		struct dkim_signature *sig;
		struct slice domain;

		if (!take_domain(ev->arena, one, &domain))
			continue;
		sig = dkim_signature_vec_push(&ev->dkim.signatures, ev->arena);
		FUZZ_DEMAND(sig != NULL);
		sig->verdict = ev->dkim.verdict = VERDICT_PASS;
		sig->domain = domain;
		sig->tried = true;
	}
}

static void
demand_result(const struct evaluation *ev)
{
	const struct dmarc_result *r = &ev->dmarc;

	FUZZ_DEMAND(r->done);
	FUZZ_DEMAND(r->verdict == VERDICT_NONE || r->verdict == VERDICT_PASS ||
	    r->verdict == VERDICT_FAIL || r->verdict == VERDICT_TEMPERROR ||
	    r->verdict == VERDICT_PERMERROR);
	if (r->verdict == VERDICT_PASS)
		FUZZ_DEMAND(r->spf_aligned || r->dkim_aligned);
	if (r->verdict != VERDICT_FAIL)
		FUZZ_DEMAND(r->disposition == DMARC_POLICY_NONE);
	/* No author, no pass. */
	if (ev->from.authors.n == 0)
		FUZZ_DEMAND(r->verdict != VERDICT_PASS);
	if (ev->spf.verdict != VERDICT_PASS)
		FUZZ_DEMAND(!r->spf_aligned);
	if (ev->dkim.signatures.n == 0)
		FUZZ_DEMAND(!r->dkim_aligned);
}

static void
judge(struct arena *a, const struct check_env *env, struct slice from,
    struct slice spf, struct slice dkim)
{
	struct message m = { .arena = a };
	struct evaluation ev = { .env = env,
		.message = &m,
		.arena = a,
		.judged = true,
		.at_end = true };

	ev.findings.arena = a;
	ev.dns = dns_message_new(env->resolver, a, 10000, NULL);
	FUZZ_DEMAND(ev.dns != NULL);
	FUZZ_DEMAND(
	    address_parse_path(a, SL("<b@example.com>"), &m.mail_from) == 0);
	header_list_init(&m.headers, a);
	FUZZ_DEMAND(header_list_add(&m.headers, SL("From"), from, NULL) == 0);
	FUZZ_DEMAND(from_parse(a, &m.headers, &ev.from) == 0);
	FUZZ_DEMAND(dmarc_mail(&ev) == 0);
	set_identifiers(&ev, spf, dkim);
	FUZZ_DEMAND(dmarc_eoh(&ev) == 0 && dmarc_end(&ev) == 0);
	demand_result(&ev);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	static struct psl *psl;
	struct check_options options = { 0 };
	struct check_env env = { .options = &options };
	struct slice from = fuzz_line(&in), spf = fuzz_line(&in),
		     dkim = fuzz_line(&in);

	if (psl == NULL)
		psl = psl_load(NULL);
	FUZZ_DEMAND(psl != NULL);
	log_set_sink(no_bug, NULL);
	env.psl = psl;
	env.resolver = zone_resolver(a, in);
	options.dmarc.discovery = DMARC_TREE_WALK;
	judge(a, &env, from, spf, dkim);
	options.dmarc.discovery = DMARC_PSL;
	judge(a, &env, from, spf, dkim);
	resolver_free(env.resolver);
}
