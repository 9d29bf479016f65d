/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doomed: which messages go on, and what the next hop will make of them.
 */
#include "forward/doomed.h"

#include "base/err.h"
#include "lib/evaluation.h"
#include "lib/srs_stand.h"
#include "lib/tap.h"

static struct resolver *resolver;

static const char zone[] =
    "example.org    TXT \"v=spf1 ip4:192.0.2.9 -all\"\n"
    "wide.example   TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
    "soft.example   TXT \"v=spf1 ~all\"\n"
    "dead.example   SERVFAIL\n";

/* One message and what is known of the way on. */
struct world {
	struct arena *arena;
	struct t_evaluation t;
	struct forward_options options;
	struct next_hop hop;
};

/* From a@example.org to out@far.example, by a host with SRS. */
static void
begin(struct world *w, bool srs)
{
	*w = (struct world){ .arena = arena_new((size_t)1 << 22) };
	t_evaluation_init(&w->t, w->arena);
	w->t.ev.dns = dns_message_new(resolver, w->arena, 2000, NULL);
	w->t.message.rcpts.n = 0;
	(void)t_rcpt(&w->t, "<out@far.example>");
	w->options = srs_stand_options();
	w->options.local_domains = srs_stand_set("local.test");
	w->options.outbound = srs_stand_set("192.0.2.25");
	w->options.forwarded = srs_stand_set("fwd@local.test");
	w->hop.options = &w->options;
	w->hop.outbound = srs_stand_outbound(&w->options);
	if (srs)
		w->hop.srs = srs_map_load(w->arena, &w->options,
		    w->hop.outbound, &srs_stand_problems);
	if (w->hop.outbound == NULL || (srs && w->hop.srs == NULL))
		note("%.*s", SL_ARG(t_problems(&srs_stand_problems)));
}

static const struct forward_result *
judge(struct world *w)
{
	int err = doomed_judge(&w->hop, &w->t.ev);

	if (err != 0)
		note("%s", err_text(err));
	return &w->t.ev.forward;
}

static void
end(struct world *w)
{
	arena_free(w->arena);
}

static void
goes(const char *const *rcpts, bool forwarded, bool leaves, const char *name)
{
	struct world w;
	const struct forward_result *f;

	begin(&w, true);
	w.t.message.rcpts.n = 0;
	for (; *rcpts != NULL; rcpts++) {
		bool refused = (*rcpts)[0] == '!';
		struct recipient *r = t_rcpt(&w.t, *rcpts + refused);

		r->refused = refused;
	}
	f = judge(&w);
	ok(f->done && f->forwarded == forwarded && f->leaves == leaves,
	    "%s: forwarded %d, leaves %d", name, f->forwarded, f->leaves);
	end(&w);
}

#define TO(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_who_goes(void)
{
	struct world w;

	goes(TO("a@far.example"), true, true, "another domain");
	goes(TO("a@local.test"), false, false, "our domain");
	goes(TO("a@LOCAL.test."), false, false, "in any spelling");
	goes(TO("a@sub.local.test"), true, true, "below it is not it");
	goes(TO("a@local.test", "a@far.example"), true, false, "one of each");
	goes(TO("fwd@local.test"), true, true, "one that is listed");
	goes(TO("fwd@local.test", "a@local.test"), true, false,
	    "beside one that stays");
	goes(TO("!a@far.example", "a@local.test"), false, false,
	    "who was refused does not count");
	goes(TO("!a@local.test", "a@far.example"), true, true, "neither way");
	goes(TO("SRS0=x=y=z=u@fwd.example.net"), false, false,
	    "SRSDomain is ours");
	goes(TO("postmaster"), false, false, "no domain is ours");
	begin(&w, true);
	w.t.ev.direction = DIRECTION_ORIGINATING;
	ok(!judge(&w)->forwarded && w.t.ev.forward.leaves,
	    "our users' mail is no forward, but leaves");
	end(&w);
	begin(&w, false);
	w.options.local_domains = NULL;
	ok(!judge(&w)->forwarded, "without LocalDomains nothing is known");
	end(&w);
}

static void
is_fate(struct world *w, enum forward_fate want, const char *name)
{
	struct fact_context c = t_context(&w->t, STAGE_EOM);
	struct fact_value v = { 0 };
	const struct forward_result *f = judge(w);

	is_int(f->fate, want, "%s", name);
	if (fact_get(fact_find(SL("forward.doomed")), &c, SL(""), &v) != 0)
		note("no fact");
	ok(v.yes == (want != FORWARD_FINE), "forward.doomed says so");
	v = (struct fact_value){ 0 };
	if (fact_get(fact_find(SL("forward.reason")), &c, SL(""), &v) != 0)
		note("no fact");
	ok((v.text.n > 0) == (want != FORWARD_FINE), "forward.reason: %.*s",
	    SL_ARG(v.text));
	end(w);
}

static void
test_dmarc(void)
{
	struct world w;

	begin(&w, true);
	t_dmarc(&w.t, VERDICT_PASS, DMARC_POLICY_REJECT);
	w.t.ev.dmarc.spf_aligned = true;
	is_fate(&w, FORWARD_DOOMED_DMARC, "p=reject, and SPF alone passed");

	begin(&w, true);
	t_dmarc(&w.t, VERDICT_PASS, DMARC_POLICY_REJECT);
	w.t.ev.dmarc.dkim_aligned = true;
	is_fate(&w, FORWARD_FINE, "p=reject, and an aligned signature");

	begin(&w, true);
	t_dmarc(&w.t, VERDICT_FAIL, DMARC_POLICY_REJECT);
	t_dkim(&w.t, "list.example", VERDICT_PASS);
	is_fate(&w, FORWARD_DOOMED_DMARC,
	    "p=reject, somebody else's signature");

	begin(&w, true);
	t_dmarc(&w.t, VERDICT_PASS, DMARC_POLICY_REJECT);
	w.t.ev.dmarc.spf_aligned = true;
	t_dkim(&w.t, "example.org", VERDICT_TEMPERROR);
	is_fate(&w, FORWARD_FINE,
	    "p=reject, and a signature whose key cannot be had");

	begin(&w, true);
	t_dmarc(&w.t, VERDICT_PASS, DMARC_POLICY_REJECT);
	w.t.ev.dmarc.testing = true;
	is_fate(&w, FORWARD_FINE, "p=reject, but t=y");

	begin(&w, true);
	t_dmarc(&w.t, VERDICT_FAIL, DMARC_POLICY_QUARANTINE);
	is_fate(&w, FORWARD_FINE, "p=quarantine is not refused");

	begin(&w, false);
	t_mailfrom(&w.t, "<a@wide.example>");
	t_dmarc(&w.t, VERDICT_PASS, DMARC_POLICY_REJECT);
	w.t.ev.dmarc.spf_aligned = true;
	is_fate(&w, FORWARD_FINE, "p=reject, SPF passes from here too");

	begin(&w, true);
	t_mailfrom(&w.t, "<a@wide.example>");
	t_dmarc(&w.t, VERDICT_PASS, DMARC_POLICY_REJECT);
	w.t.ev.dmarc.spf_aligned = true;
	is_fate(&w, FORWARD_DOOMED_DMARC, "not if SRS rewrites it");

	begin(&w, true);
	w.t.message.rcpts.n = 0;
	(void)t_rcpt(&w.t, "<a@local.test>");
	t_dmarc(&w.t, VERDICT_PASS, DMARC_POLICY_REJECT);
	is_fate(&w, FORWARD_FINE, "what stays here cannot be doomed");
}

static void
test_spf(void)
{
	struct world w;

	begin(&w, false);
	is_fate(&w, FORWARD_DOOMED_SPF, "no SRS, and SPF fails from here");
	begin(&w, true);
	is_fate(&w, FORWARD_FINE, "SRS saves it");
	begin(&w, false);
	t_dkim(&w.t, "example.org", VERDICT_PASS);
	is_fate(&w, FORWARD_FINE, "a signature holds");
	begin(&w, false);
	t_mailfrom(&w.t, "<a@wide.example>");
	is_fate(&w, FORWARD_FINE, "SPF passes from here");
	begin(&w, false);
	t_mailfrom(&w.t, "<a@soft.example>");
	is_fate(&w, FORWARD_FINE, "softfail is no reason to refuse");
	begin(&w, false);
	t_mailfrom(&w.t, "<a@dead.example>");
	is_fate(&w, FORWARD_FINE, "what cannot be found out is no reason");
	begin(&w, false);
	t_mailfrom(&w.t, "<>");
	is_fate(&w, FORWARD_FINE, "the null sender is about us");
	begin(&w, false);
	t_mailfrom(&w.t, "<me@local.test>");
	is_fate(&w, FORWARD_FINE, "so is our own");
	begin(&w, false);
	w.t.ev.judged = false;
	is_fate(&w, FORWARD_FINE, "mail that is not judged");
	begin(&w, true);
	w.options.excluded_domains = srs_stand_set("example.org");
	w.hop.srs = srs_map_load(w.arena, &w.options, w.hop.outbound,
	    &srs_stand_problems);
	is_fate(&w, FORWARD_DOOMED_SPF, "SRS leaves an excluded sender alone");
}

int
main(void)
{
	srs_stand_begin(zone);
	resolver = srs_stand_resolver();
	if (ok(resolver != NULL, "a zone")) {
		test_who_goes();
		test_dmarc();
		test_spf();
	}
	resolver_free(resolver);
	srs_stand_end();
	return tap_done();
}
