/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_cache and dns_store: what is kept and how long, bounds in entries and
 * bytes, flights, and that a hit makes no system call.
 */
#include "dns/dns_cache.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns/dns_answer.h"
#include "dns/dns_message.h"
#include "dns/dns_store.h"
#include "lib/tap.h"

static struct dns_key
key(const char *name, enum dns_type type)
{
	struct dns_key k;

	if (!dns_key_init(&k, slice_c(name), type))
		abort();
	return k;
}

static struct dns_answer *
answer(const struct dns_key *k, enum dns_status status, uint32_t ttl,
    size_t text)
{
	static char filler[65536];
	struct dns_record rr = { .text = slice_of(filler, text) };
	struct dns_answer_spec spec = { .status = status,
		.type = k->type,
		.name = dns_key_name(k),
		.why = SL("why"),
		.ttl = ttl,
		.rr = &rr,
		.n = 1 };

	return dns_answer_new(&spec);
}

/* The store alone: time is whatever the caller says. */
static void
test_store(void)
{
	struct dns_store s;
	struct dns_key k = key("a.example", DNS_TXT);
	struct dns_key other = key("a.example", DNS_A);
	struct dns_answer *a = answer(&k, DNS_OK, 1, 10);
	struct dns_answer *b = answer(&k, DNS_OK, 1, 20);

	is_int(dns_store_init(&s, 3, 100000), 0, "a store of three");
	dns_store_put(&s, a, 7, 1000, 0);
	ok(dns_store_find(&s, &k, 7, 999) == a, "an answer lives to its end");
	ok(dns_store_find(&s, &other, 7, 0) == NULL, "for its type alone");
	ok(dns_store_find(&s, &k, 7, 1000) == NULL, "and then it is gone");
	is_int((int64_t)s.count, 0, "for good");
	dns_store_put(&s, a, 7, 1000, 0);
	dns_store_put(&s, b, 7, 1000, 0);
	ok(dns_store_find(&s, &k, 7, 0) == b && s.count == 1,
	    "a newer answer takes its place");
	dns_store_fini(&s);
	is_int(dns_store_init(&s, 0, 100000), 0, "a store of none");
	dns_store_put(&s, a, 7, 1000, 0);
	ok(dns_store_find(&s, &k, 7, 0) == NULL, "keeps nothing");
	dns_store_fini(&s);
	dns_answer_put(a);
	dns_answer_put(b);
}

static void
put_number(struct dns_store *s, unsigned n, size_t text)
{
	char name[32];
	struct dns_key k;
	struct dns_answer *a;

	(void)snprintf(name, sizeof(name), "n%u.example", n);
	k = key(name, DNS_TXT);
	a = answer(&k, DNS_OK, 1, text);
	/* Few hashes, so that chains grow long. */
	dns_store_put(s, a, n % 4, 1000, 0);
	dns_answer_put(a);
}

static bool
has_number(struct dns_store *s, unsigned n)
{
	char name[32];
	struct dns_key k;

	(void)snprintf(name, sizeof(name), "n%u.example", n);
	k = key(name, DNS_TXT);
	return dns_store_find(s, &k, n % 4, 0) != NULL;
}

static void
test_bounds(void)
{
	struct dns_store s;
	size_t most = 0;

	if (dns_store_init(&s, 50, 200000) != 0)
		abort();
	for (unsigned i = 0; i < 1000; i++) {
		put_number(&s, i, 10);
		(void)has_number(&s, 0);
		most = s.count > most ? s.count : most;
	}
	is_int((int64_t)most, 50, "no more entries than allowed");
	ok(has_number(&s, 999), "the newest is there");
	ok(has_number(&s, 0), "what is used all the time stays");
	ok(!has_number(&s, 500), "what was used once goes");
	for (unsigned i = 0; i < 100; i++) {
		put_number(&s, 2000 + i, 30000);
		if (s.bytes > s.max_bytes)
			ok(false, "bytes stay in bounds");
	}
	ok(s.count < 8 && has_number(&s, 2099),
	    "large answers drive out many, and are bounded in bytes");
	put_number(&s, 3000, 65536);
	put_number(&s, 3001, 65536);
	ok(s.bytes <= s.max_bytes, "always");
	dns_store_fini(&s);
}

/* Asks and lands in one go. */
static struct dns_flight *
fly(struct dns_cache *c, const struct dns_key *k, enum dns_ask want)
{
	const struct dns_answer *a;
	struct dns_flight *f;
	enum dns_ask how;

	if (dns_cache_ask(c, k, &how, &a, &f) != 0)
		abort();
	is_int(how, want, "%.*s: as expected", SL_ARG(dns_key_name(k)));
	dns_answer_put(a);
	return f;
}

static void
fly_and_land(struct dns_cache *c, const struct dns_key *k, struct dns_answer *a)
{
	struct dns_flight *f = fly(c, k, DNS_ASK_STARTED);

	ok(dns_flight_done(f, a, NULL), "it lands once");
	dns_flight_put(f);
	dns_flight_put(f);
}

static void
test_lifetimes(void)
{
	static const struct {
		const char *name;
		enum dns_status status;
		uint32_t ttl;
		bool kept;
	} cases[] = {
		{ "ok.example", DNS_OK, 300, true },
		{ "zero.example", DNS_OK, 0, false },
		{ "nodata.example", DNS_NODATA, 300, true },
		{ "nxdomain.example", DNS_NXDOMAIN, 1, true },
		{ "nosoa.example", DNS_NXDOMAIN, 0, false },
		{ "failed.example", DNS_TEMPFAIL, DNS_FAILURE_TTL, true },
		{ "internal.example", DNS_TEMPFAIL, 0, false },
		{ "bogus.example", DNS_BOGUS, DNS_FAILURE_TTL, true },
	};
	struct dns_cache *c = dns_cache_new(100, 1000);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_key k = key(cases[i].name, DNS_TXT);
		struct dns_answer *a =
		    answer(&k, cases[i].status, cases[i].ttl, 1);
		const struct dns_answer *found;

		fly_and_land(c, &k, a);
		found = dns_cache_find(c, &k, dns_cache_hash(c, &k));
		ok((found != NULL) == cases[i].kept, "%s with TTL %u is %skept",
		    dns_status_name(cases[i].status), cases[i].ttl,
		    cases[i].kept ? "" : "not ");
		dns_answer_put(found);
	}
	is_int((int64_t)dns_cache_count(c), 5, "five in all");
	dns_cache_free(c);
}

static void
test_flights(void)
{
	struct dns_cache *c = dns_cache_new(100, 0);
	struct dns_key k = key("a.example", DNS_TXT);
	struct dns_flight *first = fly(c, &k, DNS_ASK_STARTED);
	struct dns_flight *second = fly(c, &k, DNS_ASK_JOINED);
	struct dns_answer *a = answer(&k, DNS_OK, 300, 1);
	const struct dns_answer *got;
	struct deadline past = { 0 };

	ok(first == second, "an equal question joins the flight");
	is_int(dns_flight_wait(first, past, &got), DNS_FLOWN_UP, "in the air");
	dns_flight_expire(first);
	is_int(dns_flight_wait(first, past, &got), DNS_FLOWN_ANSWER,
	    "a flight may be given up");
	is_text(slice_c(got->why), "timeout", "for its time");
	dns_answer_put(got);
	ok(!dns_flight_done(first, a, NULL), "what comes late is no first end");
	is_int(dns_flight_wait(second, past, &got), DNS_FLOWN_ANSWER,
	    "and changes nothing for who waited");
	ok(got->status == DNS_TEMPFAIL, "they failed");
	dns_answer_put(got);
	dns_flight_put(first);
	dns_flight_put(second);
	dns_flight_put(first); /* the backend's */
	got = dns_cache_find(c, &k, dns_cache_hash(c, &k));
	ok(got == a, "but it is kept, in place of the failure");
	dns_answer_put(got);
	dns_cache_free(c);
}

/* A failure is no reason to forget what is known: two questions, the second
 * begun when the first was given up, end in the wrong order. */
static void
test_failure_after_success(void)
{
	struct dns_cache *c = dns_cache_new(100, 0);
	struct dns_key k = key("a.example", DNS_TXT);
	struct dns_flight *first = fly(c, &k, DNS_ASK_STARTED), *second;
	const struct dns_answer *got;

	(void)dns_flight_done(first, answer(&k, DNS_TEMPFAIL, 0, 0), NULL);
	second = fly(c, &k, DNS_ASK_STARTED);
	(void)dns_flight_done(first, answer(&k, DNS_OK, 300, 1), NULL);
	(void)dns_flight_done(second,
	    answer(&k, DNS_TEMPFAIL, DNS_FAILURE_TTL, 0), NULL);
	got = dns_cache_find(c, &k, dns_cache_hash(c, &k));
	ok(got != NULL && got->status == DNS_OK,
	    "a failure does not replace an answer");
	dns_answer_put(got);
	for (unsigned i = 0; i < 2; i++) {
		dns_flight_put(first);
		dns_flight_put(second);
	}
	dns_cache_free(c);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* In a child that the kernel kills at any system call but _exit. */
static int
ask_without_system_calls(struct resolver *r)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct dns_message *m = dns_message_new(r, arena, 1000, NULL);
	const struct dns_answer *a = NULL;
	int good = m != NULL;

	/* The arena's block is there already. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
		return 2;
	for (unsigned i = 0; i < 50 && good; i++) {
		good = dns_message_get(m, i % 2 ? SL("a.example") : SL("b."),
			   DNS_A, &a) == 0 &&
		    a->status == (i % 2 ? DNS_OK : DNS_NXDOMAIN);
		dns_message_prefetch(m, SL("c.example"), DNS_TXT);
	}
	return good ? 0 : 1;
}

static void
test_no_system_call(void)
{
	char path[] = "/tmp/chopmark-zone-XXXXXX";
	static const char text[] = "a.example A 192.0.2.1\n"
				   "c.example TXT \"x\"\n";
	struct resolver_options o = { .zone_file = path,
		.timeout_ms = 1000,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY];
	struct resolver *r;
	int fd = mkstemp(path), status = 0;
	pid_t child;

	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		abort();
	(void)close(fd);
	r = resolver_new(&o, why);
	(void)unlink(path);
	if (r == NULL)
		abort();
	resolver_prefetch(r, SL("a.example"), DNS_A);
	resolver_prefetch(r, SL("b"), DNS_A);
	resolver_prefetch(r, SL("c.example"), DNS_TXT);
	child = fork();
	if (child == 0)
		(void)syscall(SYS_exit, ask_without_system_calls(r));
	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip("no seccomp here", "a cached answer costs no system call");
	else
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "a cached answer costs no system call");
	resolver_free(r);
}
#else
static void
test_no_system_call(void)
{
	skip("sanitizers make some", "a cached answer costs no system call");
}
#endif

int
main(void)
{
	test_store();
	test_bounds();
	test_lifetimes();
	test_flights();
	test_failure_after_success();
	test_no_system_call();
	return tap_done();
}
