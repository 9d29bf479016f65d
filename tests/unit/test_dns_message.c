/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_message: pins, budget, deadlines, waiting and chases, on zone files that
 * answer at once or after a delay.
 */
#include "dns/dns_asker.h"

#include <unistd.h>

#include "base/err.h"
#include "base/stats.h"
#include "lib/tap.h"

static char zone_path[] = "/tmp/chopmark-zone-XXXXXX";

static struct resolver *
zone_resolver(const char *text, int64_t timeout_ms)
{
	struct resolver_options o = { .zone_file = zone_path,
		.timeout_ms = timeout_ms,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY];
	struct resolver *r;
	FILE *f = fopen(zone_path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
	r = resolver_new(&o, why);
	if (r == NULL)
		note("%s", why);
	return r;
}

static struct dns_message *
message(struct resolver *r, struct arena *a, int64_t budget)
{
	struct dns_message *m = dns_message_new(r, a, budget, NULL);

	if (m == NULL)
		abort();
	return m;
}

static const struct dns_answer *
get(struct dns_message *m, const char *name, enum dns_type type)
{
	const struct dns_answer *a;
	int err = dns_message_get(m, t_slice(name), type, &a);

	is_int(err, 0, "%s %s is answered", name, dns_type_name(type));
	if (err != 0)
		abort();
	return a;
}

static void
test_pins(void)
{
	struct resolver *r = zone_resolver("a.example 0 A 192.0.2.1\n"
					   "b.example TXT \"text\"\n"
					   "slow.example TIMEOUT\n",
	    1000);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 1000);
	const struct dns_answer *a;
	char long_name[300];

	a = get(m, "A.example.", DNS_A);
	ok(a->status == DNS_OK, "with an address");
	ok(get(m, "a.example", DNS_A) == a,
	    "a TTL of 0 does not make a message ask twice");
	ok(get(m, "b.example", DNS_TXT)->status == DNS_OK, "another");
	ok(get(m, "nowhere.example", DNS_A)->status == DNS_NXDOMAIN, "none");
	a = get(m, "slow.example", DNS_A);
	ok(a->status == DNS_TEMPFAIL, "a failure is an answer too");
	is_text(slice_c(a->why), "timeout", "with its reason");
	ok(get(m, "a..b", DNS_A)->status == DNS_NXDOMAIN,
	    "a name DNS cannot carry does not exist");
	memset(long_name, 'x', sizeof(long_name));
	long_name[299] = '\0';
	a = get(m, long_name, DNS_A);
	ok(a->status == DNS_NXDOMAIN, "nor does one that is too long");
	ok(get(m, long_name, DNS_A) == a, "and is noted once");
	is_int((int64_t)dns_message_count(m), 6,
	    "all that was asked is traced");
	is_text(dns_message_answer(m, 2)->name, "nowhere.example", "in order");
	ok(dns_message_answer(m, 6) == NULL, "and no more");
	is_int(dns_message_waited(m), 0, "nothing waited");
	ok(dns_message_ready(m, SL("B.example."), DNS_TXT),
	    "a pinned answer is ready");
	ok(!dns_message_ready(m, SL("c.example"), DNS_A), "a new one is not");
	arena_free(arena);
	resolver_free(r);
}

static void
test_outlive(void)
{
	struct resolver *r =
	    zone_resolver("$DELAY 60000\na.example A 192.0.2.1\n", 1000);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 1000);

	dns_message_prefetch(m, SL("a.example"), DNS_A);
	resolver_free(r);
	arena_free(arena);
	ok(true, "a message may end after the resolver");
}

static void
test_prefetch(void)
{
	struct resolver *r =
	    zone_resolver("$DELAY 5\na.example 0 A 192.0.2.1\n", 60000);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 60000);
	const struct dns_answer *a;

	dns_message_prefetch(m, SL("a.example"), DNS_A);
	is_int((int64_t)dns_message_count(m), 0, "a prefetch is not traced");
	while (!dns_message_ready(m, SL("a.example"), DNS_A))
		(void)usleep(1000);
	dns_message_soft_deadline(m, deadline_in(0));
	is_int(dns_message_get(m, SL("a.example"), DNS_A, &a), 0,
	    "its answer, though of TTL 0, is there without waiting");
	is_int(dns_message_waited(m), 0, "indeed");
	arena_free(arena);
	resolver_free(r);
}

static void
test_timeout(void)
{
	struct resolver *r =
	    zone_resolver("$DELAY 60000\na.example A 192.0.2.1\n", 40);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 60000);
	const struct dns_answer *a;

	dns_message_soft_deadline(m, deadline_in(0));
	is_int(dns_message_get(m, SL("a.example"), DNS_A, &a), ERR_TIMEOUT,
	    "after the soft deadline nothing waits");
	ok(a == NULL, "and there is no answer");
	is_int((int64_t)dns_message_count(m), 0, "nor a trace");
	dns_message_soft_deadline(m, DEADLINE_NEVER);
	a = get(m, "a.example", DNS_A);
	is_text(slice_c(a->why), "timeout", "a lookup ends at its timeout");
	ok(a->status == DNS_TEMPFAIL, "which is a temporary failure");
	arena_reset(arena);
	m = message(r, arena, 60000);
	a = get(m, "a.example", DNS_A);
	is_text(slice_c(a->why), "timeout",
	    "a failure is remembered for the next message");
	is_int(dns_message_waited(m), 0, "which does not wait for it");
	arena_free(arena);
	resolver_free(r);
}

static void
test_budget(void)
{
	struct resolver *r =
	    zone_resolver("$DELAY 60000\na.example A 192.0.2.1\n", 60000);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 20);
	const struct dns_answer *a = get(m, "a.example", DNS_A);

	is_text(slice_c(a->why), "budget", "a message waits for its budget");
	ok(a->status == DNS_TEMPFAIL, "which ends in a temporary failure");
	ok(dns_message_waited(m) >= 20, "when it is spent");
	is_text(slice_c(get(m, "b.example", DNS_A)->why), "budget",
	    "from then on at once");
	ok(get(m, "a.example", DNS_A) == a,
	    "the same question has the same answer");
	ok(get(m, "a..b", DNS_A)->status == DNS_NXDOMAIN,
	    "what needs no query is answered still");
	ok(dns_message_ready(m, SL("c.example"), DNS_A),
	    "and all is ready, as nothing will wait");
	arena_free(arena);
	resolver_free(r);
}

struct hooks {
	unsigned begun, ticks, ended;
};

static void
on_begin(void *ctx)
{
	struct hooks *h = ctx;

	h->begun++;
}

static void
on_tick(void *ctx)
{
	struct hooks *h = ctx;

	h->ticks++;
}

static void
on_end(void *ctx)
{
	struct hooks *h = ctx;

	h->ended++;
}

static void
test_wait(void)
{
	struct resolver *r =
	    zone_resolver("$DELAY 300\na.example A 192.0.2.1\n", 60000);
	struct arena *arena = arena_new(1 << 20);
	struct hooks seen = { 0 };
	struct dns_wait wait = { on_begin, on_tick, on_end, &seen, 1 };
	struct dns_message *m = dns_message_new(r, arena, 60000, &wait);

	ok(get(m, "a.example", DNS_A)->status == DNS_OK, "after a wait");
	ok(seen.begun == 1 && seen.ended == 1, "the daemon hears of it");
	ok(seen.ticks > 0, "again and again");
	ok(dns_message_waited(m) > 0, "and it is counted");
	(void)get(m, "a.example", DNS_A);
	is_int(seen.begun, 1, "what does not wait is not told");
	arena_free(arena);
	resolver_free(r);
}

static atomic_uint chased;

static void
chase(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c)
{
	struct dns_chase next = { chase, c->ctx, c->left - 1 };

	atomic_fetch_add(&chased, 1);
	if (a->status == DNS_OK && c->left > 0)
		dns_answer_put(
		    dns_asker_begin(k, a->rr[0].text, DNS_TXT, &next));
}

static atomic_uint freed;

static void
chaser_free(struct dns_chaser *c)
{
	(void)c;
	atomic_fetch_add(&freed, 1);
}

/* Answers of a TTL of 0 stay for the message all the same. */
static void
test_chase(void)
{
	struct resolver *r = zone_resolver("$DELAY 1\na 0 TXT \"b\"\n"
					   "b 0 TXT \"c\"\nc 0 TXT \"d\"\n"
					   "d 0 TXT \"e\"\n",
	    60000);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 60000);
	struct dns_chase c = { chase, NULL, 2 };
	struct dns_lookup_vec all;
	struct dns_chaser ctx;
	struct dns_asker k;

	dns_asker_of_message(&k, m);
	dns_chaser_init(&ctx, &k, chaser_free);
	c.ctx = &ctx;
	atomic_store(&chased, 0);
	ok(dns_asker_begin(&k, SL("a"), DNS_TXT, &c) == NULL, "it is asked");
	dns_chaser_put(&ctx);
	while (!dns_message_ready(m, SL("c"), DNS_TXT))
		(void)usleep(1000);
	while (atomic_load(&chased) < 3)
		(void)usleep(1000);
	ok(!dns_message_ready(m, SL("d"), DNS_TXT),
	    "a chase goes as deep as it may");
	is_int(dns_message_get(m, SL("c"), DNS_TXT,
		   &(const struct dns_answer *){ NULL }),
	    0, "what it brought is there");
	is_int(dns_message_waited(m), 0, "without waiting");
	is_int((int64_t)dns_message_count(m), 1, "and traced once it is used");
	is_int(dns_message_lookups(m, &all), 0, "what was looked up is told");
	is_int((int64_t)all.n, 3, "all of it");
	for (size_t i = 0; i < all.n; i++)
		ok(all.at[i].depth == i + 1 &&
			all.at[i].ended_us >= all.at[i].began_us,
		    "with how many came before it");
	dns_answer_put(dns_asker_begin(&k, SL("a"), DNS_TXT, &c));
	is_int(atomic_load(&chased), 3, "it does not run for what is known");
	arena_free(arena);
	resolver_free(r);
	is_int(atomic_load(&freed), 1, "its context is given back");
}

/* Who has ended wants nothing more. */
static void
test_chase_ends(void)
{
	struct resolver *r =
	    zone_resolver("$DELAY 50\na TXT \"b\"\nz A 192.0.2.1\n", 60000);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 60000);
	struct dns_chase c = { chase, NULL, 2 };
	struct dns_chaser ctx;
	struct dns_asker k;

	dns_asker_of_message(&k, m);
	dns_chaser_init(&ctx, &k, chaser_free);
	c.ctx = &ctx;
	atomic_store(&chased, 0);
	atomic_store(&freed, 0);
	dns_answer_put(dns_asker_begin(&k, SL("a"), DNS_TXT, &c));
	dns_chaser_put(&ctx);
	arena_reset(arena);
	m = message(r, arena, 60000);
	(void)get(m, "z", DNS_A); /* answered behind it */
	is_int(atomic_load(&chased), 0, "a message that ended chases nothing");
	arena_free(arena);
	resolver_free(r);
	is_int(atomic_load(&freed), 1, "its context is given back");
}

static uint64_t
lookups(const char *type, const char *result)
{
	return stats_get(stats_counter("dns_lookups_total", "type",
	    slice_c(type), "result", slice_c(result)));
}

static uint64_t
events(const char *name)
{
	return stats_get(stats_counter("dns_events_total", "event",
	    slice_c(name), NULL, SL("")));
}

static void
test_counters(void)
{
	struct resolver *r =
	    zone_resolver("a TXT \"x\"\nb BOGUS\nc SERVFAIL\n", 1000);
	struct arena *arena = arena_new(1 << 20);
	struct dns_message *m = message(r, arena, 1000);
	uint64_t good = lookups("TXT", "ok"), none = lookups("A", "nodata");
	uint64_t bogus = lookups("MX", "bogus"), hits = events("hit");
	uint64_t failed = lookups("AAAA", "tempfail");
	uint64_t budgets = events("budget");

	(void)get(m, "a", DNS_TXT);
	(void)get(m, "a", DNS_A);
	(void)get(m, "b", DNS_MX);
	(void)get(m, "c", DNS_AAAA);
	m = message(r, arena, 0);
	(void)get(m, "a", DNS_TXT);
	(void)get(m, "d", DNS_A);
	is_int((int64_t)(lookups("TXT", "ok") - good), 1, "ok is counted");
	is_int((int64_t)(lookups("A", "nodata") - none), 1, "nodata too");
	is_int((int64_t)(lookups("MX", "bogus") - bogus), 1, "bogus too");
	is_int((int64_t)(lookups("AAAA", "tempfail") - failed), 1,
	    "failures too");
	is_int((int64_t)(events("hit") - hits), 1, "hits of the cache too");
	is_int((int64_t)(events("budget") - budgets), 1,
	    "and messages out of time");
	arena_free(arena);
	resolver_free(r);
}

static void
test_start(void)
{
	struct resolver_options o = { .zone_file = zone_path,
		.timeout_ms = 1000,
		.cache_entries = 10 };
	char why[RESOLVER_WHY], want[RESOLVER_WHY];
	FILE *f = fopen(zone_path, "w");

	if (f == NULL || fputs("a A b\n", f) < 0 || fclose(f) != 0)
		abort();
	ok(resolver_new(&o, why) == NULL, "a bad zone file is refused");
	(void)snprintf(want, sizeof(want), "%s:1: 'b' is not an IPv4 address",
	    zone_path);
	is_text(slice_c(why), want, "with file, line and reason");
	o.zone_file = "/nonexistent/zone";
	ok(resolver_new(&o, why) == NULL, "so is one that is not there");
	ok(slice_search(slice_c(why), SL("/nonexistent/zone")) != SLICE_NONE,
	    "by its name");
}

int
main(void)
{
	int fd = mkstemp(zone_path);

	if (fd < 0)
		abort();
	(void)close(fd);
	test_pins();
	test_outlive();
	test_prefetch();
	test_timeout();
	test_budget();
	test_wait();
	test_chase();
	test_chase_ends();
	test_counters();
	test_start();
	(void)unlink(zone_path);
	return tap_done();
}
