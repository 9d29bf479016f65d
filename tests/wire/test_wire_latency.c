/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A real chopmarkd over the network: what an answer leads to is asked for when
 * it arrives, by the thread that takes it, though the client says nothing; and
 * a message that arrives behind its DNS waits for nothing at its end. The name
 * server keeps its answers back until the test lets them go; no clock judges.
 */
#include "lib/dns_server.h"
#include "lib/tap.h"
#include "wire/setup.h"

#define STEP_NS 2000000L
#define STEPS 30000 /* a minute */

#define ZONE                                                            \
	"a.test TXT \"v=spf1 include:b.test mx a:%{ir}.x.test -all\"\n" \
	"b.test TXT \"v=spf1 include:c.test -all\"\n"                   \
	"c.test TXT \"v=spf1 a:h.test -all\"\n"                         \
	"a.test MX 10 mx.a.test\nmx.a.test A 198.51.100.1\n"            \
	"fence.test TXT \"v=spf1 include:b.fence.test ?all\"\n"         \
	"b.fence.test TXT \"v=spf1 include:c.fence.test ?all\"\n"       \
	"c.fence.test TXT \"v=spf1 ?all\"\n"

static const struct question {
	const char *name;
	enum dns_type type;
} tree[] = {
	{ "a.test", DNS_TXT },
	{ "b.test", DNS_TXT },
	{ "a.test", DNS_MX },
	{ "9.2.0.192.x.test", DNS_A },
	{ "mx.a.test", DNS_A },
	{ "c.test", DNS_TXT },
	{ "h.test", DNS_A },
};

static bool
is_asked(struct dns_server *dns, const struct question *q)
{
	return dns_server_count(dns, slice_c(q->name), q->type) > 0;
}

/* Lets go what waits until that is asked. */
static bool
await_asked(struct dns_server *dns, const struct question *q)
{
	const struct timespec step = { .tv_nsec = STEP_NS };

	for (unsigned i = 0; i < STEPS && !is_asked(dns, q); i++) {
		(void)dns_server_let_go(dns);
		(void)nanosleep(&step, NULL);
	}
	return is_asked(dns, q);
}

/* Nothing is kept back any more; another message goes through, whose answers
 * come behind those of ours. */
static void
settle(const struct filter *f, struct dns_server *dns)
{
	struct mta *m;

	dns_server_hold(dns, SL("nothing.invalid"));
	(void)dns_server_let_go(dns);
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	ok(setup_message(m, "a@fence.test", "x").verdict == MTA_CONTINUE,
	    "another message passes by");
	mta_quit(m);
	mta_close(m);
}

/* LogTiming: the fields in their order; the last line is that of our message,
 * which did not wait for what four lookups behind each other had brought. */
static void
check_timing(struct filter *f)
{
	static const char *const keys[] = { " t-helo=", " t-mail=", " t-rcpt=",
		" t-header=", " t-eoh=", " t-body=", " t-end=", " end-ms=",
		" spf-ms=", " dkim-ms=", " dmarc-ms=", " policy-ms=",
		" cpu-ms=", " wait-ms=0.000 ", " lookups=", " chain=4" };
	struct slice log;
	size_t at;

	ok(filter_await(f, " t-mail=", 2), "its times are logged");
	log = filter_log(f);
	while ((at = slice_search(slice_from(log, 1), SL(" t-helo="))) !=
	    SLICE_NONE)
		log = slice_from(log, at + 1);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		at = slice_search(log, slice_c(keys[i]));
		ok(at != SLICE_NONE, "with%s", keys[i]);
		log = slice_from(log, at == SLICE_NONE ? 0 : at);
	}
}

int
main(void)
{
	struct dns_server *dns = dns_server_start(SL(ZONE), 0);
	struct filter_texts t = { .network = true };
	char config[256];
	struct slice log;
	struct filter *f;
	struct mta *m;
	unsigned asked;

	(void)snprintf(config, sizeof(config),
	    "Nameservers %.*s\nDNSTimeout 1m\nMessageDNSBudget 5m\nLogTiming yes\n",
	    SL_ARG(dns_server_address(dns)));
	t.config = config;
	f = filter_new(&t);
	if (!ok(filter_start(f), "chopmarkd serves"))
		return 1;
	dns_server_hold(dns, SL(""));
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	mta_mail(m, "<x@a.test>");
	for (size_t i = 0; i < ARRAY_LEN(tree); i++)
		ok(await_asked(dns, &tree[i]),
		    "after MAIL alone %s of %s is asked for",
		    dns_type_name(tree[i].type), tree[i].name);
	mta_rcpt(m, "<b@local.test>");
	mta_header(m, SL("From"), SL(" x@a.test"));
	mta_eoh(m);
	settle(f, dns);
	asked = dns_server_count(dns, SL(""), DNS_A);
	mta_body(m, SL("x\r\n"));
	ok(mta_end_ask(m), "then the message ends");
	is_text(slice_sub(mta_reply(m, mta_end_wait(m)), 0, 18),
	    "550-5.7.23 MI:SPF ", "and is judged");
	is_int(dns_server_count(dns, SL(""), DNS_A), asked,
	    "by what was asked before");
	ok(filter_await(f, " from=x@a.test ", 1), "it is logged");
	log = filter_log(f);
	log = slice_from(log, slice_search(log, SL(" from=x@a.test ")));
	ok(slice_search(log, SL(" waited=0 ")) != SLICE_NONE,
	    "as one that did not wait");
	check_timing(f);
	mta_quit(m);
	mta_close(m);
	is_int(filter_stop(f), 0, "it ends in good order");
	filter_free(f);
	dns_server_stop(dns);
	return tap_done();
}
