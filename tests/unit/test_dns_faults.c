/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The resolver when the network does not do what it should: garbage, silence,
 * dead servers, shutdown in the middle of it. Whatever happens must come out
 * as a temporary failure, never as "no record", and never be waited for longer
 * than was agreed.
 */
#include "base/limits.h"
#include <unistd.h>

#include "base/err.h"
#include "dns/dns_asker.h"
#include "lib/dns_stand.h"
#include "lib/tap.h"

static const char faulty_zone[] =
    "refused.example REFUSED\nnotimp.example NOTIMP\n"
    "formerr.example FORMERR\nservfail.example SERVFAIL\n"
    "bogus.example BOGUS\nwrongid.example WRONGID\n"
    "wrongname.example WRONGNAME\nwrongtype.example WRONGTYPE\n"
    "cut.example CUT\npointerloop.example POINTERLOOP\n"
    "loop.example LOOP\nbaddata.example BADDATA\n"
    "random.example RANDOM\nshort.example SHORT\n"
    "tcpclosed.example TCPCLOSED\ntimeout.example TIMEOUT\n"
    "extra.example EXTRA\n"
    "l1.example CNAME l2.example\nl2.example CNAME l1.example\n"
    "good.example TXT \"good\"\n";

static const char *const faulty_names[] = { "refused.example", "notimp.example",
	"formerr.example", "servfail.example", "bogus.example",
	"wrongid.example", "wrongname.example", "cut.example",
	"pointerloop.example", "loop.example", "baddata.example",
	"random.example", "short.example", "tcpclosed.example",
	"timeout.example", "l1.example" };

static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_MX, DNS_PTR,
	DNS_TXT };

/* All questions fly at once, so the silent ones take one timeout together. */
static void
test_faults(void)
{
	struct stand s = stand_up(faulty_zone, 1500);

	for (size_t i = 0; i < ARRAY_LEN(faulty_names); i++)
		for (size_t t = 0; t < ARRAY_LEN(types); t++)
			dns_message_prefetch(s.m, slice_c(faulty_names[i]),
			    types[t]);
	for (size_t i = 0; i < ARRAY_LEN(faulty_names); i++) {
		for (size_t t = 0; t < ARRAY_LEN(types); t++) {
			stand_is(&s, faulty_names[i], types[t], DNS_TEMPFAIL);
			ok(stand_get(&s, faulty_names[i], types[t])->why[0] !=
				'\0',
			    "and has a reason");
		}
	}
	stand_down(&s);
}

/* Records of other types, or of other names, are no data. */
static void
test_odd_records(void)
{
	struct stand s = stand_up(faulty_zone, PATIENCE_MS);

	stand_is(&s, "wrongtype.example", DNS_A, DNS_NODATA);
	stand_is(&s, "wrongtype.example", DNS_TXT, DNS_NODATA);
	stand_is(&s, "extra.example", DNS_A, DNS_NODATA);
	stand_is(&s, "evil", DNS_A, DNS_NXDOMAIN);
	stand_is(&s, "good.example", DNS_TXT, DNS_OK);
	stand_down(&s);
}

/* A server that says nothing: each lookup ends at its timeout, the message at
 * its budget, and then nothing waits any more. */
static void
test_silence(void)
{
	struct stand s = stand_up("a.example A 192.0.2.1\n", 100);
	unsigned timeouts = 0, budgets = 0;
	int64_t waited;

	dns_server_silence(s.server, true);
	stand_next(&s, 250);
	for (unsigned i = 0; i < 20; i++) {
		char name[32];
		const struct dns_answer *a;

		(void)snprintf(name, sizeof(name), "n%u.example", i);
		a = stand_get(&s, name, DNS_A);
		timeouts += slice_eq(slice_c(a->why), SL("timeout"));
		budgets += slice_eq(slice_c(a->why), SL("budget"));
	}
	ok(timeouts > 0 && timeouts <= 3, "lookups end at their timeout");
	is_int(timeouts + budgets, 20, "or at the budget of the message");
	waited = dns_message_waited(s.m);
	stand_is(&s, "more.example", DNS_A, DNS_TEMPFAIL);
	is_int(dns_message_waited(s.m), waited, "after which nothing waits");
	dns_server_silence(s.server, false);
	stand_down(&s);
}

/* A late answer is not lost: it waits in the cache for the next try. */
static void
test_late(void)
{
	struct stand s = stand_up("$DELAY 200\nslow.example A 192.0.2.1\n", 20);
	bool found = false;

	stand_is(&s, "slow.example", DNS_A, DNS_TEMPFAIL);
	for (unsigned i = 0; i < 3000 && !found; i++) {
		(void)usleep(10000);
		stand_next(&s, PATIENCE_MS);
		found =
		    stand_get(&s, "slow.example", DNS_A)->status == DNS_OK &&
		    dns_message_waited(s.m) == 0;
	}
	ok(found, "an answer that came too late serves the next message");
	stand_down(&s);
}

static void
test_recovery(void)
{
	struct stand s = stand_up("a.example A 192.0.2.1\n", 200);
	bool back = false;
	char name[32];

	dns_server_silence(s.server, true);
	for (unsigned i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "n%u.example", i);
		dns_message_prefetch(s.m, slice_c(name), DNS_A);
	}
	stand_is(&s, "n0.example", DNS_A, DNS_TEMPFAIL);
	dns_server_silence(s.server, false);
	for (unsigned i = 0; i < 300 && !back; i++) {
		(void)snprintf(name, sizeof(name), "again%u.example", i);
		stand_next(&s, PATIENCE_MS);
		back = stand_get(&s, name, DNS_A)->status == DNS_NXDOMAIN;
		if (!back)
			(void)usleep(50000);
	}
	ok(back, "a server that comes back is asked again");
	stand_down(&s);
}

static void
test_two_servers(void)
{
	struct stand s = stand_up("a.example A 192.0.2.1\n"
				  "b.example A 192.0.2.2\n",
	    PATIENCE_MS);
	struct dns_server *dead = dns_server_start(SL(""), 0);
	struct slice servers[2] = { dns_server_address(dead),
		dns_server_address(s.server) };

	dns_server_silence(dead, true);
	arena_reset(s.arena);
	resolver_free(s.resolver);
	s.resolver = stand_resolver(servers, 2, PATIENCE_MS);
	stand_next(&s, PATIENCE_MS);
	for (unsigned i = 0; i < 20; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "n%u.example", i);
		dns_message_prefetch(s.m, slice_c(name), DNS_A);
	}
	stand_is(&s, "a.example", DNS_A, DNS_OK);
	stand_is(&s, "b.example", DNS_A, DNS_OK);
	stand_is(&s, "n19.example", DNS_A, DNS_NXDOMAIN);
	stand_down(&s);
	dns_server_stop(dead);
}

/* The message ends while its question flies; the next one finds the answer
 * without having asked. */
static void
test_abort(void)
{
	struct stand s =
	    stand_up("$DELAY 50\na.example A 192.0.2.1\n", PATIENCE_MS);
	bool ready = false;

	dns_message_prefetch(s.m, SL("a.example"), DNS_A);
	stand_next(&s, PATIENCE_MS);
	for (unsigned i = 0; i < 3000 && !ready; i++) {
		(void)usleep(10000);
		ready = dns_message_ready(s.m, SL("a.example"), DNS_A);
	}
	ok(ready, "a question outlives the message that asked");
	stand_is(&s, "a.example", DNS_A, DNS_OK);
	stand_down(&s);
}

static void
count_chase(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c)
{
	(void)k;
	(void)a;
	(void)c;
	ok(false, "a chase after shutdown");
}

static void
test_shutdown(void)
{
	struct stand s = stand_up("a.example TIMEOUT\n", PATIENCE_MS);
	const struct dns_chase chase = { count_chase, NULL, 1 };
	const struct dns_answer *a;
	struct dns_asker k;

	for (unsigned i = 0; i < 200; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "n%u.example", i);
		dns_server_silence(s.server, true);
		dns_asker_of_message(&k, s.m);
		dns_answer_put(
		    dns_asker_begin(&k, slice_c(name), DNS_A, &chase));
	}
	dns_message_prefetch(s.m, SL("a.example"), DNS_A);
	dns_message_soft_deadline(s.m, deadline_in(0));
	is_int(dns_message_get(s.m, SL("a.example"), DNS_A, &a), ERR_TIMEOUT,
	    "many questions fly");
	resolver_free(s.resolver);
	arena_free(s.arena);
	dns_server_stop(s.server);
	ok(true, "and the resolver ends");
}

/* However many ask for however many names, so many questions are under way. */
static void
test_most(void)
{
	struct stand s = stand_up("a.example TIMEOUT\n", PATIENCE_MS);
	uint64_t before = limits_counted(LIMIT_DNS_FLIGHTS);
	unsigned asked = 0;

	dns_server_silence(s.server, true);
	/* The library gives some up by itself when there are many. */
	while (asked < 8 * MOST_DNS_FLIGHTS &&
	    limits_counted(LIMIT_DNS_FLIGHTS) == before) {
		char name[32];

		(void)snprintf(name, sizeof(name), "m%u.example", asked++);
		resolver_prefetch(s.resolver, slice_c(name), DNS_A);
	}
	ok(limits_counted(LIMIT_DNS_FLIGHTS) > before &&
		asked > MOST_DNS_FLIGHTS,
	    "questions that are too many are not asked, and counted");
	stand_down(&s);
}

int
main(void)
{
	test_faults();
	test_odd_records();
	test_silence();
	test_late();
	test_recovery();
	test_two_servers();
	test_abort();
	test_shutdown();
	test_most();
	return tap_done();
}
