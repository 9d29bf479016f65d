/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_spf: check_host() from end to end: our reader, macros and limits, with
 * libspf2 behind them. The input is client, HELO and sender, a line each, and
 * the lines of a zone. Whatever stands in the records there is a verdict within
 * the limits, the same when it is asked for again, and an explanation can be
 * shown.
 */
#include "check/spf.h"

#include "base/log.h"
#include "dns/dns_message.h"
#include "fuzz/zone.h"

static const struct spf_options options = { 10, 2, 20000 };

/* The library has nothing to complain of. */
static void
no_complaint(void *ctx, enum log_level level, struct slice line)
{
	(void)ctx;
	(void)level;
	FUZZ_DEMAND(slice_search(line, SL("libspf2")) == SLICE_NONE);
}

static struct spf_query
query(struct slice *in)
{
	struct spf_query q = { .options = &options,
		.receiver = SL("mx.example.org"),
		.client_name = SL("unknown"),
		.want_explanation = true };
	struct slice client = fuzz_line(in), sender;
	size_t at;

	if (!ip_parse(client, &q.client))
		FUZZ_DEMAND(ip_parse(SL("192.0.2.1"), &q.client));
	q.helo = fuzz_line(in);
	sender = fuzz_line(in);
	at = slice_rchr(sender, '@');
	q.local = slice_sub(sender, 0, at);
	q.sender_domain = q.domain =
	    at == SLICE_NONE ? q.helo : slice_from(sender, at + 1);
	return q;
}

static void
demand_result(const struct spf_result *r)
{
	FUZZ_DEMAND(r->done);
	FUZZ_DEMAND(r->verdict == VERDICT_NONE ||
	    r->verdict == VERDICT_NEUTRAL || r->verdict == VERDICT_PASS ||
	    r->verdict == VERDICT_FAIL || r->verdict == VERDICT_SOFTFAIL ||
	    r->verdict == VERDICT_TEMPERROR || r->verdict == VERDICT_PERMERROR);
	FUZZ_DEMAND(r->lookups <= options.max_lookups + 1);
	FUZZ_DEMAND(r->voids <= options.max_voids + 1);
	FUZZ_DEMAND(r->explanation.n == 0 || r->verdict == VERDICT_FAIL);
	for (size_t i = 0; i < r->explanation.n; i++)
		FUZZ_DEMAND(
		    r->explanation.p[i] >= ' ' && r->explanation.p[i] < 0x7f);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct spf_query q = query(&in);
	struct resolver *resolver = zone_resolver(a, in);
	struct spf_result first, again;
	struct dns_message *m = dns_message_new(resolver, a, 20000, NULL);

	log_set_sink(no_complaint, NULL);
	FUZZ_DEMAND(m != NULL);
	FUZZ_DEMAND(spf_begin_host(a, m, &q) == 0);
	FUZZ_DEMAND(spf_check_host(a, m, &q, &first) == 0);
	demand_result(&first);
	FUZZ_DEMAND(spf_check_host(a, m, &q, &again) == 0);
	FUZZ_DEMAND(first.verdict == again.verdict);
	FUZZ_DEMAND(slice_eq(first.mechanism, again.mechanism));
	resolver_free(resolver);
}
