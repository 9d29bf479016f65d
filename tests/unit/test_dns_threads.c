/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The resolver under many threads: equal questions are asked once, nobody is
 * left waiting, and answers may be thrown out while others read them. Worth
 * most under ThreadSanitizer.
 */
#include <pthread.h>
#include <unistd.h>

#include "lib/dns_stand.h"
#include "lib/tap.h"

#define THREADS 16
#define NAMES 150
#define ROUNDS 300

struct worker {
	pthread_t thread;
	struct resolver *resolver;
	pthread_barrier_t *start;
	unsigned seed;
	unsigned good, bad;
};

static void
run(struct worker w[THREADS], struct resolver *r, void *(*fn)(void *))
{
	pthread_barrier_t start;

	(void)pthread_barrier_init(&start, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct worker){ .resolver = r,
			.start = &start,
			.seed = i + 1 };
		if (pthread_create(&w[i].thread, NULL, fn, &w[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < THREADS; i++)
		(void)pthread_join(w[i].thread, NULL);
	(void)pthread_barrier_destroy(&start);
}

static void
sum(const struct worker w[THREADS], unsigned *good, unsigned *bad)
{
	*good = *bad = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		*good += w[i].good;
		*bad += w[i].bad;
	}
}

static void
ask(struct worker *w, struct dns_message *m, const char *name,
    enum dns_type type, enum dns_status want)
{
	const struct dns_answer *a;

	if (dns_message_get(m, slice_c(name), type, &a) == 0 &&
	    a->status == want && slice_eq(a->name, slice_c(name)))
		w->good++;
	else
		w->bad++;
}

static void *
ask_one(void *arg)
{
	struct worker *w = arg;
	struct arena *a = arena_new((size_t)1 << 20);
	struct dns_message *m =
	    dns_message_new(w->resolver, a, PATIENCE_MS, NULL);

	(void)pthread_barrier_wait(w->start);
	if (m != NULL) {
		ask(w, m, "one.example", DNS_A, DNS_OK);
		ask(w, m, "one.example", DNS_TXT, DNS_NODATA);
		ask(w, m, "none.example", DNS_A, DNS_NXDOMAIN);
	}
	arena_free(a);
	return NULL;
}

static void
test_single_flight(void)
{
	struct stand s =
	    stand_up("$DELAY 50\none.example 0 A 192.0.2.1\n", PATIENCE_MS);
	struct worker w[THREADS];
	unsigned good, bad;

	run(w, s.resolver, ask_one);
	sum(w, &good, &bad);
	is_int(good, THREADS * 3, "all threads are answered");
	is_int(bad, 0, "and rightly");
	ok(stand_count(&s, "one.example", DNS_A) < THREADS,
	    "who asks for what is asked already waits with the others");
	/* Once, and once more should the machine be so slow that the library
	 * repeats it. */
	ok(stand_count(&s, "none.example", DNS_A) <= 2,
	    "so the server hears it once");
	stand_down(&s);
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* A message: a few prefetches, some of them abandoned, then answers. */
static void
one_message(struct worker *w, struct arena *a)
{
	struct dns_message *m =
	    dns_message_new(w->resolver, a, PATIENCE_MS, NULL);
	char name[32];

	if (m == NULL)
		return;
	for (unsigned i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "n%u.example",
		    next_random(&w->seed) % NAMES);
		dns_message_prefetch(m, slice_c(name), DNS_A);
	}
	for (unsigned i = 0; i < 4; i++) {
		unsigned n = next_random(&w->seed) % NAMES;

		(void)snprintf(name, sizeof(name), "n%u.example", n);
		if (n % 5 == 0)
			ask(w, m, name, DNS_MX, DNS_NODATA);
		else
			ask(w, m, name, DNS_A, DNS_OK);
	}
}

static void *
ask_many(void *arg)
{
	struct worker *w = arg;
	struct arena *a = arena_new((size_t)1 << 20);

	(void)pthread_barrier_wait(w->start);
	for (unsigned i = 0; i < ROUNDS; i++) {
		one_message(w, a);
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

/* A cache much smaller than the names, so that it is full of evictions; TTLs
 * of 0 and 1 as well. */
static void
test_churn(void)
{
	static char zone[NAMES * 64];
	struct resolver_options o = { .n_nameservers = 1,
		.timeout_ms = PATIENCE_MS,
		.cache_entries = 20 };
	char why[RESOLVER_WHY];
	struct worker w[THREADS];
	unsigned good, bad;
	struct stand s;
	struct slice server;
	size_t n = 0;

	for (unsigned i = 0; i < NAMES; i++)
		n += (size_t)snprintf(zone + n, sizeof(zone) - n,
		    "n%u.example %u A 192.0.2.1\n", i, i % 3);
	s = stand_up(zone, PATIENCE_MS);
	server = dns_server_address(s.server);
	o.nameservers = &server;
	arena_reset(s.arena);
	resolver_free(s.resolver);
	s.resolver = resolver_new(&o, why);
	if (s.resolver == NULL)
		abort();
	run(w, s.resolver, ask_many);
	sum(w, &good, &bad);
	is_int(good, THREADS * ROUNDS * 4, "every question is answered");
	is_int(bad, 0, "and rightly");
	stand_down(&s);
}

int
main(void)
{
	test_single_flight();
	test_churn();
	return tap_done();
}
