/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A real chopmarkd whose name server is silent, gone for a while, late, or
 * answers garbage: mail is deferred within the budget with the id, nothing is
 * stuck, and garbage is a verdict like any other.
 */
#include "lib/dns_server.h"
#include "lib/tap.h"
#include "wire/setup.h"

#define SESSIONS 24
#define FAULTS 18

static const char *const faults[FAULTS] = { "TIMEOUT", "SERVFAIL", "BOGUS",
	"REFUSED", "NOTIMP", "FORMERR", "WRONGID", "WRONGNAME", "CUT",
	"POINTERLOOP", "LOOP", "BADDATA", "RANDOM", "SHORT", "TCPCLOSED",
	"WRONGTYPE", "EXTRA", "HUGE" };
#define MUST_DEFER 15 /* of them, the first ones */

/* The filter asks the server with these limits. */
static struct filter *
filter_with(const struct dns_server *dns, const char *limits)
{
	struct filter_texts t = { .network = true };
	char config[256];
	struct filter *f;

	(void)snprintf(config, sizeof(config), "Nameservers %.*s\n%s",
	    SL_ARG(dns_server_address(dns)), limits);
	t.config = config;
	f = filter_new(&t);
	if (!ok(filter_start(f), "chopmarkd serves"))
		exit(1);
	return f;
}

/* A message of that domain up to its end, which is asked for. */
static bool
send_signed(struct mta *m, const char *domain)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "<a@%s>", domain);
	mta_mail(m, text);
	mta_rcpt(m, "<b@local.test>");
	(void)snprintf(text, sizeof(text),
	    " v=1; a=rsa-sha256; d=%s; s=k; h=from; "
	    "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA",
	    domain);
	mta_header(m, SL("DKIM-Signature"), slice_c(text));
	(void)snprintf(text, sizeof(text), " a@%s", domain);
	mta_header(m, SL("From"), slice_c(text));
	mta_eoh(m);
	mta_body(m, SL("x\r\n"));
	return mta_end_ask(m);
}

/* "451 4.7.24 MI:DNS host,id", the id of 16 letters and digits. */
static bool
is_deferral(struct slice reply)
{
	static const char head[] = "451-4.7.24 MI:DNS mx.local.test,";
	struct slice id = slice_sub(reply, sizeof(head) - 1, 17);

	for (size_t i = 0; i < 16 && id.n == 17; i++)
		if (!((id.p[i] >= '0' && id.p[i] <= '9') ||
			(id.p[i] >= 'a' && id.p[i] <= 'z')))
			return false;
	return slice_starts(reply, slice_c(head)) && id.n == 17 &&
	    id.p[16] == ' ';
}

/* The largest waited= in the log, in milliseconds. */
static long
longest_wait(struct filter *f)
{
	static const char key[] = " waited=";
	struct slice log = filter_log(f);
	long most = -1;
	size_t at;

	while ((at = slice_search(log, slice_c(key))) != SLICE_NONE) {
		long ms = 0;

		log = slice_from(log, at + sizeof(key) - 1);
		for (size_t i = 0;
		     i < log.n && log.p[i] >= '0' && log.p[i] <= '9'; i++)
			ms = ms * 10 + (log.p[i] - '0');
		if (ms > most)
			most = ms;
	}
	return most;
}

/* Without the budget these lookups would take a minute; nothing here depends
 * on how much sooner the answer comes. */
static void
silence(void)
{
	struct dns_server *dns =
	    dns_server_start(SL("good.test TXT \"v=spf1 +all\"\n"), 0);
	struct filter *f = filter_with(dns,
	    "DNSTimeout 60s\nMessageDNSBudget 1s\nEnvelopeDNSWait 1s\n");
	struct mta *m[SESSIONS];
	unsigned asked = 0, deferred = 0, judged = 0;
	char domain[64];
	long most;

	dns_server_silence(dns, true);
	for (unsigned i = 0; i < SESSIONS; i++) {
		m[i] = setup_session(f, i % 2 == 0 ? MTA_POSTFIX : MTA_SENDMAIL,
		    MTA_OFFER_FULL);
		(void)snprintf(domain, sizeof(domain), "dead%u.test", i);
		asked += send_signed(m[i], domain);
	}
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct slice reply = mta_reply(m[i], mta_end_wait(m[i]));

		deferred += is_deferral(reply);
		if (!is_deferral(reply))
			note("%.*s", SL_ARG(reply));
	}
	is_int(asked, SESSIONS, "%d messages while the DNS is dead", SESSIONS);
	is_int(deferred, SESSIONS, "each gets 451 with its id");
	most = longest_wait(f);
	ok(most >= 0 && most < 30000, "within the budget (waited %ld ms)",
	    most);
	dns_server_silence(dns, false);
	for (unsigned i = 0; i < SESSIONS; i++) {
		setup_message(m[i], "a@good.test", "x");
		judged += slice_search(mta_headers(m[i]), SL("spf=pass")) !=
		    SLICE_NONE;
		mta_close(m[i]);
	}
	is_int(judged, SESSIONS, "the same sessions serve once it lives again");
	is_int(filter_stop(f), 0, "no thread is stuck: it ends");
	filter_free(f);
	dns_server_stop(dns);
}

static struct slice
faulty_zone(struct buf *b)
{
	buf_init(b, t_arena(), 65536);
	buf_adds(b, "good.test TXT \"v=spf1 +all\"\n");
	for (size_t i = 0; i < FAULTS; i++)
		buf_printf(b,
		    "f%zu.test %s\n_dmarc.f%zu.test %s\n"
		    "k._domainkey.f%zu.test %s\n",
		    i, faults[i], i, faults[i], i, faults[i]);
	return buf_slice(b);
}

static void
garbage(void)
{
	struct buf zone;
	struct dns_server *dns = dns_server_start(faulty_zone(&zone), 0);
	struct filter *f =
	    filter_with(dns, "DNSTimeout 1s\nMessageDNSBudget 4s\n");
	struct mta *m[FAULTS], *after;
	char domain[64];

	for (unsigned i = 0; i < FAULTS; i++) {
		m[i] = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
		(void)snprintf(domain, sizeof(domain), "f%u.test", i);
		if (!send_signed(m[i], domain))
			note("%s: closed early", faults[i]);
	}
	for (unsigned i = 0; i < FAULTS; i++) {
		struct mta_answer a = mta_end_wait(m[i]);
		struct slice reply = mta_reply(m[i], a);

		if (i < MUST_DEFER)
			ok(is_deferral(reply), "%s defers", faults[i]);
		else
			ok(a.verdict != MTA_LOST, "%s is a verdict", faults[i]);
		note("%.*s",
		    SL_ARG(slice_sub(reply, 0, slice_chr(reply, '\n'))));
		mta_close(m[i]);
	}
	after = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);
	setup_passes(setup_message(after, "a@good.test", "x"),
	    "it serves after all of them");
	mta_close(after);
	is_int(filter_stop(f), 0, "and ends");
	filter_free(f);
	dns_server_stop(dns);
}

/* One test: a message of that domain comes to this spf= result. */
static void
spf_is(const struct filter *f, const char *domain, const char *result)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	char from[64];
	struct mta_answer a;

	(void)snprintf(from, sizeof(from), "a@%s", domain);
	a = setup_message(m, from, "x");
	if (!ok(slice_search(mta_headers(m), slice_c(result)) != SLICE_NONE,
		"%s: %s", domain, result))
		note("%.*s %.*s", SL_ARG(mta_reply(m, a)),
		    SL_ARG(mta_headers(m)));
	mta_quit(m);
	mta_close(m);
}

/* One test: a message of that domain is deferred. */
static void
deferred(const struct filter *f, const char *domain, const char *what)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	char from[64];

	(void)snprintf(from, sizeof(from), "a@%s", domain);
	ok(is_deferral(mta_reply(m, setup_message(m, from, "x"))), "%s", what);
	mta_quit(m);
	mta_close(m);
}

/* A message whatever comes of it. */
static void
touch(const struct filter *f, const char *domain)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	char from[64];

	(void)snprintf(from, sizeof(from), "a@%s", domain);
	setup_message(m, from, "x");
	mta_close(m);
}

/* The server goes away while we run, and comes back at the same place. */
static void
gone_for_a_while(void)
{
	static const char zone[] = "one.test TXT \"v=spf1 +all\"\n"
				   "two.test TXT \"v=spf1 +all\"\n";
	struct dns_server *dns = dns_server_start(slice_c(zone), 0);
	uint16_t port = dns_server_port(dns);
	struct filter *f =
	    filter_with(dns, "DNSTimeout 1s\nMessageDNSBudget 1s\n");
	char domain[32];

	spf_is(f, "one.test", "spf=pass");
	dns_server_stop(dns);
	for (unsigned i = 0; i < 8; i++) {
		(void)snprintf(domain, sizeof(domain), "gone%u.test", i);
		deferred(f, domain, "without its server a message is deferred");
	}
	ok(filter_await(f, "check the name servers", 1),
	    "the log says what to look at");
	dns = dns_server_start(slice_c(zone), port);
	if (!ok(dns != NULL, "the server is back"))
		exit(1);
	/* libunbound asks a server that was dead now and then only */
	for (int i = 0; i < 1200; i++) {
		(void)snprintf(domain, sizeof(domain), "back%d.test", i);
		if (slice_search(filter_log(f), SL("answer again")) !=
		    SLICE_NONE)
			break;
		touch(f, domain);
		(void)nanosleep(&(struct timespec){ .tv_nsec = 50000000 },
		    NULL);
	}
	ok(filter_await(f, "the name servers answer again", 1),
	    "the log says that it is");
	spf_is(f, "two.test", "spf=pass");
	is_int(filter_stop(f), 0, "and it ends");
	filter_free(f);
	dns_server_stop(dns);
}

/* That the answer serves later messages is test_dns_faults' matter. */
static void
late(void)
{
	struct dns_server *dns =
	    dns_server_start(SL("$DELAY 1700\nlate.test TXT \"v=spf1 +all\"\n"),
		0);
	struct filter *f =
	    filter_with(dns, "DNSTimeout 5s\nMessageDNSBudget 1s\n");

	deferred(f, "late.test", "an answer after the deadline: deferred");
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
	dns_server_stop(dns);
}

/* Well formed, and yet not to be trusted. */
static void
lies(void)
{
	static const char zone[] =
	    "cname1.test CNAME cname2.test\ncname2.test CNAME cname1.test\n"
	    "include.test TXT \"v=spf1 include:include.test -all\"\n"
	    "ping.test TXT \"v=spf1 include:pong.test -all\"\n"
	    "pong.test TXT \"v=spf1 redirect=ping.test\"\n"
	    "nul.test TXT \"v=spf1 +all\\000 -all\"\n"
	    "eight.test TXT \"v=spf1 a:\\200\\255.test +all\"\n"
	    "two.test TXT \"v=spf1 +all\"\ntwo.test TXT \"v=spf1 -all\"\n";
	struct dns_server *dns = dns_server_start(slice_c(zone), 0);
	struct filter *f =
	    filter_with(dns, "DNSTimeout 1s\nMessageDNSBudget 4s\n");

	deferred(f, "cname1.test", "a CNAME loop: deferred");
	spf_is(f, "include.test", "spf=permerror");
	spf_is(f, "ping.test", "spf=permerror");
	spf_is(f, "nul.test", "spf=permerror");
	spf_is(f, "eight.test", "spf=permerror");
	spf_is(f, "two.test", "spf=permerror");
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
	dns_server_stop(dns);
}

int
main(void)
{
	silence();
	garbage();
	gone_for_a_while();
	late();
	lies();
	return tap_done();
}
