/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs_map: who is rewritten and who is not, with and without a question to
 * SPF, and which recipients are refused.
 */
#include "forward/srs_map.h"

#include "base/clock.h"
#include "base/err.h"
#include "dns/dns_message.h"
#include "lib/srs_stand.h"
#include "lib/tap.h"

#define NOW ((int64_t)20000 * 86400)

static struct forward_options
plain(void)
{
	struct forward_options o = srs_stand_options();

	o.local_domains = srs_stand_set("{local.test, .local.test}");
	o.excluded_domains = srs_stand_set("{.partner.example, x.example}");
	return o;
}

static void
sender(const struct srs_map *m, const char *path, struct dns_message *dns,
    enum srs_outcome want, const char *name)
{
	struct srs_answer got;
	struct mailbox from;

	if (address_parse_path(t_arena(), t_slice(path), &from) != 0 ||
	    srs_map_sender(m, t_arena(), &from, dns, &got) != 0)
		note("out of memory");
	is_text(slice_c(srs_outcome_word(got.outcome)), srs_outcome_word(want),
	    "%s: %s", name, path);
	ok((got.address.n > 0) == (want == SRS_MAP_REWRITTEN),
	    "and only then there is an address");
}

static void
test_senders(void)
{
	struct forward_options o = plain();
	struct srs_map *m = srs_stand_map(&o);

	sender(m, "<user@example.org>", NULL, SRS_MAP_REWRITTEN,
	    "a foreign sender");
	sender(m, "<>", NULL, SRS_MAP_NULL, "the null sender");
	sender(m, "user@local.test", NULL, SRS_MAP_OWN, "our domain");
	sender(m, "user@A.Local.Test", NULL, SRS_MAP_OWN, "and below");
	sender(m, "user@notlocal.test", NULL, SRS_MAP_REWRITTEN,
	    "a name that ends alike");
	sender(m, "SRS0=zNjU=RA=example.org=user@FWD.example.net", NULL,
	    SRS_MAP_OWN, "an address of ours");
	sender(m, "SRS0=zNjU=RA=example.org=user@other.example", NULL,
	    SRS_MAP_REWRITTEN, "another forwarder's");
	sender(m, "user@a.partner.example", NULL, SRS_MAP_EXCLUDED, "excluded");
	sender(m, "user@sub.x.example", NULL, SRS_MAP_REWRITTEN,
	    "not below a name without a dot");
	sender(m, "user", NULL, SRS_MAP_UNFIT, "no domain");
	sender(m, "@example.org", NULL, SRS_MAP_UNFIT, "no local-part");
	sender(m, "user@bad=host", NULL, SRS_MAP_UNFIT, "no host");
	o.long_senders = SRS_LONG_KEEP;
	sender(srs_stand_map(&o),
	    "0123456789012345678901234567890123456789@example.org", NULL,
	    SRS_MAP_TOO_LONG, "over 64 octets, to be kept");
	o.long_senders = SRS_LONG_REWRITE;
	sender(srs_stand_map(&o),
	    "0123456789012345678901234567890123456789@example.org", NULL,
	    SRS_MAP_REWRITTEN, "over 64 octets, to be rewritten");
}

static const char zone[] =
    "ours.example    TXT \"v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all\"\n"
    "half.example    TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "not.example     TXT \"v=spf1 -all\"\n"
    "soft.example    TXT \"v=spf1 ~all\"\n"
    "broken.example  TXT \"v=spf1 foo:bar -all\"\n"
    "dead.example    SERVFAIL\n";

static void
test_needed(void)
{
	struct forward_options o = plain();
	struct resolver *r = srs_stand_resolver();
	struct arena *a = arena_new(1 << 20);
	struct dns_message *dns;
	struct srs_map *m;

	o.when = SRS_NEEDED;
	o.outbound = srs_stand_set("{192.0.2.1, 2001:db8::1}");
	m = srs_stand_map(&o);
	if (!ok(r != NULL && a != NULL && m != NULL, "a zone"))
		return;
	dns = dns_message_new(r, a, 2000, NULL);
	sender(m, "user@ours.example", dns, SRS_MAP_PASSES,
	    "SPF passes from all our addresses");
	sender(m, "user@half.example", dns, SRS_MAP_REWRITTEN,
	    "from one of them only");
	sender(m, "user@not.example", dns, SRS_MAP_REWRITTEN, "from none");
	sender(m, "user@soft.example", dns, SRS_MAP_REWRITTEN, "softfail");
	sender(m, "user@none.example", dns, SRS_MAP_REWRITTEN, "no record");
	sender(m, "user@broken.example", dns, SRS_MAP_REWRITTEN, "permerror");
	sender(m, "user@dead.example", dns, SRS_MAP_REWRITTEN,
	    "what cannot be found out");
	sender(m, "user@ours.example", NULL, SRS_MAP_REWRITTEN,
	    "without a question all are");
	sender(m, "user@local.test", dns, SRS_MAP_OWN, "our own need none");
	arena_free(a);
	resolver_free(r);
}

static void
test_asks(void)
{
	struct forward_options o = plain();
	struct mailbox from;

	if (address_parse_path(t_arena(), SL("user@example.org"), &from) != 0)
		note("out of memory");
	ok(!srs_map_asks(srs_stand_map(&o), &from), "always: nothing to ask");
	o.when = SRS_NEEDED;
	o.outbound = srs_stand_set("{192.0.2.1, 2001:db8::1}");
	ok(srs_map_asks(srs_stand_map(&o), &from), "needed: the sender's SPF");
	if (address_parse_path(t_arena(), SL("user@local.test"), &from) != 0)
		note("out of memory");
	ok(!srs_map_asks(srs_stand_map(&o), &from), "nothing for our own");
	o.outbound = srs_stand_set("{192.0.2.0/24, 2001:db8::1}");
	ok(srs_stand_map(&o) == NULL && srs_stand_problems.errors == 1,
	    "a network is no address to send from");
}

static void
rcpt(const struct srs_map *m, const char *path, enum srs_outcome want,
    bool refused, const char *name)
{
	struct srs_answer got;
	struct mailbox to;

	if (address_parse_path(t_arena(), t_slice(path), &to) != 0 ||
	    srs_map_rcpt(m, t_arena(), &to, &got) != 0)
		note("out of memory");
	is_text(slice_c(srs_outcome_word(got.outcome)), srs_outcome_word(want),
	    "%s: %s", name, path);
	ok(srs_outcome_refuses(got.outcome) == refused, "%s",
	    refused ? "refused" : "not refused");
	ok((got.address.n > 0) == (want == SRS_MAP_REWRITTEN),
	    "and an address only if it is good");
}

static void
test_rcpts(void)
{
	struct forward_options o = plain();
	struct srs_map *m = srs_stand_map(&o);

	rcpt(m, "<SRS0=zNjU=RA=example.org=user@fwd.example.net>",
	    SRS_MAP_REWRITTEN, false, "ours");
	rcpt(m, "srs0=znju=ra=example.org=user@LOCAL.test", SRS_MAP_REWRITTEN,
	    false, "at one of our other domains");
	rcpt(m, "SRS0=zNjU=RA=example.org=user@other.example", SRS_MAP_FOREIGN,
	    false, "another host's is not ours to judge");
	rcpt(m, "user@fwd.example.net", SRS_MAP_FOREIGN, false, "no SRS");
	rcpt(m, "SRS0=zNjV=RA=example.org=user@fwd.example.net", SRS_MAP_FORGED,
	    true, "forged");
	rcpt(m, "SRS0=zNjU=RA=example.org@fwd.example.net", SRS_MAP_MALFORMED,
	    true, "a field is missing");
	clock_fake(NOW + (int64_t)22 * 86400);
	rcpt(m, "SRS0=zNjU=RA=example.org=user@fwd.example.net",
	    SRS_MAP_EXPIRED, true, "expired");
	clock_fake(NOW);
}

static void
test_load(void)
{
	struct forward_options o = plain();
	struct srs_map *m = srs_stand_map(&o);

	ok(m != NULL && srs_stand_problems.all.n == 0, "good options load");
	ok(srs_map_is_ours(m, SL("fwd.example.net.")) &&
		srs_map_is_ours(m, SL("x.local.test")) &&
		!srs_map_is_ours(m, SL("x.fwd.example.net")),
	    "which domains are ours");
	o.secret_file = "srs-map-test-none";
	ok(srs_stand_map(&o) == NULL && srs_stand_problems.errors == 1,
	    "no secret, no map");
}

int
main(void)
{
	srs_stand_begin(zone);
	clock_fake(NOW);
	test_load();
	test_senders();
	test_needed();
	test_asks();
	test_rcpts();
	srs_stand_end();
	return tap_done();
}
