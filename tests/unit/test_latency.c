/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How long a message waits for the DNS, in round trips and without a clock:
 * what it needs must come in as many rounds as its longest chain of lookups
 * that depend on each other, and in none at all if there was time while the
 * message arrived. Behind it stands the whole engine; the network is
 * lib/dns_rounds.
 */
#include "config/snapshot.h"
#include "lib/arc_signer.h"
#include "lib/dns_rounds.h"
#include "lib/tap.h"
#include "lib/test_keys.h"
#include "unit/config_lib.h"

#define SIGNATURE(domain, selector)                                    \
	"DKIM-Signature: v=1; a=rsa-sha256; d=" domain "; s=" selector \
	"; h=from;"                                                    \
	" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"

/* A message and what it costs. NULL: what most have. */
struct mail {
	const char *what;
	unsigned rounds; /* its longest chain */
	unsigned late; /* of them those that nothing can begin before the end */
	const char *zone;
	const char *config;
	const char *policy; /* rules before the shipped ones */
	const char *client, *helo, *from, *rcpt;
	const char *header; /* whole lines */
	bool srs;           /* we forward, and rewrite senders where needed */
};

static const struct mail mails[] = {
	{ .what = "no record anywhere", .rounds = 1, .zone = "" },
	{ .what = "addresses alone",
	    .rounds = 1,
	    .zone = "a.test TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n" },
	{ .what = "includes beside each other",
	    .rounds = 2,
	    .zone = "a.test TXT \"v=spf1 include:b.test include:c.test "
		    "include:d.test -all\"\n"
		    "b.test TXT \"v=spf1 -all\"\nc.test TXT \"v=spf1 -all\"\n"
		    "d.test TXT \"v=spf1 -all\"\n" },
	{ .what = "an include, a redirect, mx, a and exists",
	    .rounds = 3,
	    .zone = "a.test TXT \"v=spf1 include:b.test a:h.test exists:e.test "
		    "mx redirect=c.test\"\n"
		    "b.test TXT \"v=spf1 a:h1.test a:h2.test -all\"\n"
		    "c.test TXT \"v=spf1 mx:m2.test -all\"\n"
		    "a.test MX 10 m1.test\na.test MX 20 m3.test\n"
		    "m1.test A 192.0.2.77\n" },
	{ .what = "includes inside of includes",
	    .rounds = 4,
	    .zone =
		"a.test TXT \"v=spf1 include:b.test -all\"\n"
		"b.test TXT \"v=spf1 include:c.test -all\"\n"
		"c.test TXT \"v=spf1 include:d.test include:e.test -all\"\n"
		"d.test TXT \"v=spf1 -all\"\ne.test TXT \"v=spf1 -all\"\n" },
	{ .what = "names made by macros",
	    .rounds = 3,
	    .zone = "a.test TXT \"v=spf1 exists:%{l}.%{o}.%{ir}.x.test "
		    "include:%{h}.%{ir}.%{v}.%{d}.s.test -all\"\n"
		    "mail.test.9.2.0.192.in-addr.a.test.s.test TXT \"v=spf1 "
		    "exists:%{i}.%{l}.y.test -all\"\n" },
	{ .what = "the names of the client",
	    .rounds = 3,
	    .zone = "a.test TXT \"v=spf1 ptr:no.test ptr:h.test -all\"\n"
		    "9.2.0.192.in-addr.arpa PTR one.h.test\n"
		    "9.2.0.192.in-addr.arpa PTR two.h.test\n"
		    "9.2.0.192.in-addr.arpa PTR three.h.test\n" },
	{ .what = "a name made of the client's",
	    .rounds = 4,
	    .late = 1,
	    .zone = "a.test TXT \"v=spf1 exists:%{p}.x.test -all\"\n"
		    "9.2.0.192.in-addr.arpa PTR one.h.test\n"
		    "9.2.0.192.in-addr.arpa PTR two.h.test\n"
		    "9.2.0.192.in-addr.arpa PTR three.h.test\n"
		    "three.h.test A 192.0.2.9\n" },
	{ .what = "an explanation",
	    .rounds = 2,
	    .zone = "a.test TXT \"v=spf1 a:h.test exp=why.%{d} -all\"\n"
		    "why.a.test TXT \"because of %{i}\"\n" },
	{ .what = "a policy far up the tree",
	    .rounds = 1,
	    .zone = "_dmarc.a.test TXT \"v=DMARC1; p=reject\"\n",
	    .header = "From: x@one.two.three.a.test\r\n" },
	{ .what = "four keys",
	    .rounds = 1,
	    .zone = "_dmarc.a.test TXT \"v=DMARC1; p=reject\"\n",
	    .header = SIGNATURE("a.test", "s1") SIGNATURE("b.test", "s2")
		SIGNATURE("c.test", "s3")
		    SIGNATURE("sub.a.test", "s4") "From: x@a.test\r\n" },
	{ .what = "the client's names for iprev",
	    .rounds = 2,
	    .policy = "probe: tag \"X-Probe: {iprev}\" if iprev is fail\n",
	    .zone = "9.2.0.192.in-addr.arpa PTR one.h.test\n"
		    "9.2.0.192.in-addr.arpa PTR two.h.test\n"
		    "two.h.test A 192.0.2.9\n" },
	{ .what = "what a relay received",
	    .rounds = 3,
	    .config = "RelayHosts 192.0.2.9\n",
	    .policy = "probe: tag \"X-Probe: {iprev}\" if iprev is fail\n",
	    .zone = "a.test TXT \"v=spf1 include:b.test -all\"\n"
		    "b.test TXT \"v=spf1 a:h.test -all\"\n"
		    "helo.test TXT \"v=spf1 include:c.test -all\"\n"
		    "c.test TXT \"v=spf1 a:k.test -all\"\n"
		    "5.100.51.198.in-addr.arpa PTR one.h.test\n",
	    .header = "Received: from helo.test (helo.test [198.51.100.5])\r\n"
		      "\tby mx.test with ESMTP id 1;\r\n"
		      "\tSat, 21 Nov 2026 00:00:00 +0000\r\n"
		      "From: x@a.test\r\n" },
	{ .what = "a null sender",
	    .rounds = 4,
	    .from = "<>",
	    .zone = "mail.test TXT \"v=spf1 include:b.test -all\"\n"
		    "b.test TXT \"v=spf1 mx -all\"\nb.test MX 1 m.test\n" },
	{ .what = "mail that goes on, for whose sender it is asked",
	    .rounds = 3,
	    .srs = true,
	    .rcpt = "<c@elsewhere.test>",
	    .zone = "a.test TXT \"v=spf1 ip4:192.0.2.9 a exists:%{i}.x.test "
		    "include:b.test -all\"\n"
		    "b.test TXT \"v=spf1 exists:%{i}.y.test -all\"\n" },
	{ .what = "our own user's mail",
	    .rounds = 0,
	    .zone = "",
	    .client = "127.0.0.1" },
};

static struct arena *memory; /* of one message */

static void
wait_begin(void *ctx)
{
	unsigned *rounds = ctx;

	(*rounds)++;
	(void)dns_rounds_land();
}

static struct snapshot *
load(const struct mail *mail)
{
	struct config_source src = { .path = config_lib_path("lat.conf") };
	struct arena *a = t_arena();
	struct snapshot *s;
	struct problems p;
	struct buf b;

	buf_init(&b, a, 65536);
	buf_adds(&b,
	    "Hostname mx.test\nRepliesFile " CM_SRCDIR "/conf/replies.conf\n");
	buf_adds(&b, mail->config != NULL ? mail->config : "");
	if (mail->srs)
		buf_printf(&b,
		    "LocalDomains local.test\nSRSDomain srs.local.test\n"
		    "SRSSecretFile %s\nSRSWhen needed\n"
		    "OutboundAddresses 198.51.100.1, 2001:db8::1\n",
		    config_lib_path("srs.secret"));
	if (mail->policy != NULL) {
		config_lib_write("policy.conf", mail->policy);
		buf_printf(&b, "PolicyFile %s\n",
		    config_lib_path("policy.conf"));
	} else {
		buf_adds(&b, "PolicyFile " CM_SRCDIR "/conf/policy.conf\n");
	}
	buf_addc(&b, '\0');
	config_lib_write("lat.conf", buf_slice(&b).p);
	problems_init(&p, a);
	s = snapshot_load(&src, NULL, &p);
	for (size_t i = 0; i < p.all.n; i++)
		note("%s:%u: %.*s", p.all.at[i].place.file,
		    p.all.at[i].place.line, SL_ARG(p.all.at[i].text));
	if (s == NULL)
		abort();
	return s;
}

/* Header lines, each of which ends in CRLF. With `patient` the DNS answers all
 * it was asked before the next step. Rounds that took. */
static unsigned
say_header(struct engine_session *s, struct slice text, bool patient)
{
	unsigned rounds = 0;

	while (text.n > 0) {
		struct buf field;
		size_t colon;

		buf_init(&field, memory, 1 << 20);
		do {
			size_t end = slice_search(text, SL("\r\n"));

			if (field.n > 0)
				buf_addc(&field, '\n');
			buf_add(&field, slice_sub(text, 0, end));
			text = slice_from(text, end + 2);
		} while (slice_starts(text, SL("\t")));
		colon = slice_chr(buf_slice(&field), ':');
		engine_header(s, slice_sub(buf_slice(&field), 0, colon),
		    slice_from(buf_slice(&field), colon + 1));
		if (patient)
			rounds += dns_rounds_settle();
	}
	return rounds;
}

/* All but the end. Rounds that the DNS answered meanwhile. */
static unsigned
say(struct engine_session *s, const struct mail *mail, struct slice header,
    bool patient)
{
	unsigned rounds = 0;
	struct ip ip;

	if (!ip_parse(slice_c(
			  mail->client != NULL ? mail->client : "192.0.2.9"),
		&ip))
		abort();
	engine_connect(s, SL("mail.test"), &ip, 2500);
	rounds += patient ? dns_rounds_settle() : 0;
	engine_helo(s, slice_c(mail->helo != NULL ? mail->helo : "mail.test"));
	rounds += patient ? dns_rounds_settle() : 0;
	(void)engine_mail(s,
	    slice_c(mail->from != NULL ? mail->from : "<x@a.test>"), NULL, 0);
	rounds += patient ? dns_rounds_settle() : 0;
	(void)engine_rcpt(s,
	    slice_c(mail->rcpt != NULL ? mail->rcpt : "<b@local.test>"), NULL,
	    0);
	rounds += patient ? dns_rounds_settle() : 0;
	rounds += say_header(s, header, patient);
	engine_eoh(s);
	rounds += patient ? dns_rounds_settle() : 0;
	(void)engine_body(s, SL("Hello.\r\n"));
	return rounds;
}

/* As the timeline tells it. Each lookup of the chain began when the one before
 * had come. */
static int64_t
longest_chain(const struct engine_session *s)
{
	const struct dns_message *dns = engine_evaluation(s)->dns;
	size_t chain[TIMELINE_CHAIN], n;
	struct dns_lookup_vec all;

	if (dns_message_lookups(dns, &all) != 0)
		abort();
	n = timeline_longest_chain(&all, chain, TIMELINE_CHAIN);
	for (size_t i = 0; i + 1 < n; i++)
		if (all.at[chain[i]].began_us < all.at[chain[i + 1]].ended_us)
			ok(false, "a lookup begins behind the one before");
	return (int64_t)n;
}

static void
play(const struct mail *mail, struct slice header)
{
	struct snapshot *snapshot;
	struct engine_session *s;
	const struct plan *plan;
	unsigned asked, early, rounds = 0;
	const struct dns_wait wait = { .begin = wait_begin, .ctx = &rounds };

	dns_rounds_zone(mail->zone);
	snapshot = load(mail);
	s = engine_session_new(snapshot_engine(snapshot), &wait);
	if (s == NULL)
		abort();
	(void)say(s, mail, header, false);
	plan = engine_end(s);
	is_int(rounds, mail->rounds, "%s: %u rounds in all", mail->what,
	    mail->rounds);
	is_int(longest_chain(s), mail->rounds,
	    "as many as its longest chain of lookups has");
	ok(plan->action != ACTION_TEMPFAIL, "every lookup came to an end");
	engine_session_free(s);
	snapshot_put(snapshot);

	snapshot = load(mail);
	s = engine_session_new(snapshot_engine(snapshot), &wait);
	if (s == NULL)
		abort();
	rounds = 0;
	early = say(s, mail, header, true);
	asked = dns_rounds_asked();
	(void)engine_end(s);
	is_int(rounds, mail->late, "%u if there was time before the end",
	    mail->late);
	ok(mail->late > 0 || dns_rounds_asked() == asked,
	    "and then nothing is asked any more");
	ok(early + mail->late >= mail->rounds, "for it was asked before");
	engine_session_free(s);
	snapshot_put(snapshot);
	arena_reset(memory);
}

/* Genuine sets of as many hosts. */
static void
play_chain(unsigned sets, unsigned rounds, unsigned late)
{
	struct key *key = key_private(test_rsa_pem(t_arena(), 2048, PEM_PKCS8));
	struct arc_signer signer = { .key = key, .s = "k" };
	struct mail mail = { .what = "an ARC chain",
		.rounds = rounds,
		.late = late,
		.config = "ARC verify\n" };
	struct test_mail m;
	struct buf zone;
	struct slice text;

	buf_init(&zone, t_arena(), 1 << 20);
	m = test_mail_parse(t_arena(),
	    SL("From: x@a.test\r\nTo: b@local.test\r\n"
	       "Subject: chain\r\nDate: Sat, 21 Nov 2026 00:00:00 +0000\r\n"
	       "\r\nHello.\r\n"));
	for (unsigned i = 1; i <= sets; i++) {
		signer.d = arena_printf(t_arena(), "hop%u.test", i).p;
		arc_signer_seal(t_arena(), &signer, &m);
		buf_printf(&zone, "k._domainkey.%s TXT \"%.*s\"\n", signer.d,
		    SL_ARG(dkim_signer_record(t_arena(), key)));
	}
	buf_addc(&zone, '\0');
	mail.zone = buf_slice(&zone).p;
	text = test_mail_text(t_arena(), &m);
	text = slice_sub(text, 0, slice_search(text, SL("\r\n\r\n")) + 2);
	note("%u sets", sets);
	play(&mail, text);
	key_free(key);
}

/* A good signature of a neighbour: whether it speaks for the author, only the
 * records above both can tell. */
static void
play_neighbour(void)
{
	struct key *key = key_private(test_rsa_pem(t_arena(), 2048, PEM_PKCS8));
	struct dkim_signer signer = { .key = key,
		.d = "mail.a.test",
		.s = "k" };
	struct mail mail = { .what = "a neighbour's signature", .rounds = 1 };
	struct test_mail m = test_mail_parse(t_arena(),
	    SL("From: x@news.a.test\r\nTo: b@local.test\r\n"
	       "Subject: s\r\nDate: Sat, 21 Nov 2026 00:00:00 +0000\r\n"
	       "\r\nHello.\r\n"));
	struct slice text;

	dkim_signer_sign(t_arena(), &signer, &m);
	mail.zone = arena_printf(t_arena(),
	    "k._domainkey.mail.a.test TXT \"%.*s\"\n"
	    "_dmarc.a.test TXT \"v=DMARC1; p=reject\"\n%c",
	    SL_ARG(dkim_signer_record(t_arena(), key)), 0)
			.p;
	text = test_mail_text(t_arena(), &m);
	play(&mail, slice_sub(text, 0, slice_search(text, SL("\r\n\r\n")) + 2));
	key_free(key);
}

/* One record of a tree is known, that above and that below it are not: the DNS
 * thread goes on behind what is known. */
static void
play_half_known(void)
{
	const struct mail mail = {
		.zone = "a.test 0 TXT \"v=spf1 include:b.test -all\"\n"
			"b.test TXT \"v=spf1 include:c.test -all\"\n"
			"c.test 0 TXT \"v=spf1 -all\"\n"
	};
	unsigned rounds = 0, asked, early;
	const struct dns_wait wait = { .begin = wait_begin, .ctx = &rounds };
	struct snapshot *snapshot;
	struct engine_session *s;

	dns_rounds_zone(mail.zone);
	snapshot = load(&mail);
	s = engine_session_new(snapshot_engine(snapshot), &wait);
	if (s == NULL)
		abort();
	(void)say(s, &mail, SL("From: x@a.test\r\n"), true);
	(void)engine_end(s);
	early = say(s, &mail, SL("From: x@a.test\r\n"), true);
	asked = dns_rounds_asked();
	rounds = 0;
	(void)engine_end(s);
	is_int(early, 2, "a tree of which a part is known: two rounds");
	is_int(rounds, 0, "and none at the end");
	is_int(dns_rounds_asked(), asked, "where nothing is asked");
	engine_session_free(s);
	snapshot_put(snapshot);
}

int
main(void)
{
	config_lib_begin();
	memory = arena_new((size_t)16 << 20);
	if (memory == NULL)
		abort();
	config_lib_write("srs.secret", "0123456789abcdef0123456789abcdef\n");
	for (size_t i = 0; i < ARRAY_LEN(mails); i++)
		play(&mails[i],
		    slice_c(mails[i].header != NULL ? mails[i].header :
						      "From: x@a.test\r\n"));
	play_chain(3, 1, 0);
	play_chain(8, 1, 0);
	/* A hostile message must not make us ask for a hundred keys. */
	play_chain(12, 2, 1);
	play_neighbour();
	play_half_known();
	arena_free(memory);
	config_lib_end();
	return tap_done();
}
