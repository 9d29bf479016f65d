/* SPDX-License-Identifier: BSD-2-Clause
 *
 * resolver: ties cache, backend and counters together. Nothing is kept here
 * but pointers that never change and atomics, so there is no lock.
 */
#include "dns/resolver.h"

#include "base/err.h"
#include "dns/dns_answer.h"
#include "dns/dns_asker.h"
#include "dns/dns_backend.h"
#include "dns/dns_outage.h"
#include "dns/resolver_private.h"

static const enum dns_type types[] = { DNS_A, DNS_CNAME, DNS_PTR, DNS_MX,
	DNS_TXT, DNS_AAAA };
#define STATUSES ((size_t)DNS_BOGUS + 1)

static const char *const event_names[] = {
	[RESOLVER_HIT] = "hit",
	[RESOLVER_WAITED] = "waited",
	[RESOLVER_TIMEOUT] = "timeout",
	[RESOLVER_BUDGET] = "budget",
	[RESOLVER_LATE] = "late",
};
_Static_assert(ARRAY_LEN(event_names) == RESOLVER_EVENTS,
    "a name for each event");

struct resolver {
	struct dns_cache *cache;
	struct dns_backend *backend;
	struct stat_counter *landed[ARRAY_LEN(types)][STATUSES];
	struct stat_counter *events[RESOLVER_EVENTS];
	struct stat_histogram *latency;
	struct dns_outage outage;
};

static void
name_counters(struct resolver *r)
{
	for (size_t t = 0; t < ARRAY_LEN(types); t++)
		for (size_t s = 0; s < STATUSES; s++)
			r->landed[t][s] = stats_counter("dns_lookups_total",
			    "type", slice_c(dns_type_name(types[t])), "result",
			    slice_c(dns_status_name((enum dns_status)s)));
	for (size_t e = 0; e < RESOLVER_EVENTS; e++)
		r->events[e] = stats_counter("dns_events_total", "event",
		    slice_c(event_names[e]), NULL, SL(""));
	r->latency = stats_histogram("dns_lookup_ms");
}

static void
count_landed(struct resolver *r, const struct dns_answer *a)
{
	for (size_t t = 0; t < ARRAY_LEN(types); t++)
		if (types[t] == a->type)
			stats_add(r->landed[t][a->status], 1);
	stats_observe(r->latency, a->asked_ms);
	if (a->status == DNS_TEMPFAIL)
		dns_outage_failure(&r->outage);
	else
		dns_outage_answer(&r->outage);
}

void
resolver_count(struct resolver *r, enum resolver_event e)
{
	stats_add(r->events[e], 1);
	if (e == RESOLVER_TIMEOUT || e == RESOLVER_BUDGET)
		dns_outage_failure(&r->outage);
}

struct resolver *
resolver_new(const struct resolver_options *o, char why[RESOLVER_WHY])
{
	struct resolver *r = calloc(1, sizeof(*r));

	(void)snprintf(why, RESOLVER_WHY, "out of memory");
	if (r == NULL)
		return NULL;
	name_counters(r);
	r->cache = dns_cache_new(o->cache_entries, o->timeout_ms);
	if (r->cache == NULL) {
		resolver_free(r);
		return NULL;
	}
	if (o->zone_file != NULL && o->zone_file[0] != '\0')
		r->backend = dns_zone_backend_new(r, o->zone_file, why);
	else
		r->backend = dns_unbound_new(r, o, why);
	if (r->backend == NULL) {
		resolver_free(r);
		return NULL;
	}
	why[0] = '\0';
	return r;
}

void
resolver_free(struct resolver *r)
{
	if (r == NULL)
		return;
	if (r->backend != NULL)
		r->backend->free(r->backend);
	dns_cache_free(r->cache);
	free(r);
}

struct dns_cache *
resolver_cache(struct resolver *r)
{
	return r->cache;
}

int
resolver_ask(struct resolver *r, const struct dns_key *k,
    const struct dns_answer **answer, struct dns_flight **flight)
{
	enum dns_ask how;
	int err = dns_cache_ask(r->cache, k, &how, answer, flight);

	if (err == 0 && how == DNS_ASK_STARTED)
		r->backend->submit(r->backend, *flight);
	return err;
}

void
resolver_prefetch(struct resolver *r, struct slice name, enum dns_type type)
{
	const struct dns_answer *answer;
	struct dns_flight *flight;
	struct dns_key k;

	if (!dns_key_init(&k, name, type) ||
	    resolver_ask(r, &k, &answer, &flight) != 0)
		return;
	dns_answer_put(answer);
	dns_flight_put(flight);
}

static void
run_chases(struct resolver *r, const struct dns_answer *a,
    const struct dns_chased *all)
{
	for (; all != NULL; all = all->next) {
		struct dns_asker k;

		if (dns_asker_of_chase(&k, r, a, &all->chase))
			all->chase.fn(&k, a, &all->chase);
	}
}

void
resolver_landed(struct resolver *r, struct dns_flight *f,
    struct dns_answer *answer)
{
	struct dns_chased *chased = NULL;
	bool in_time;

	if (answer != NULL) {
		answer->asked_ms =
		    (clock_mono_us() - dns_flight_began_us(f)) / 1000;
		count_landed(r, answer);
		dns_answer_get(answer); /* while the chases read it */
	}
	in_time = dns_flight_done(f, answer, &chased);
	if (!in_time)
		resolver_count(r, RESOLVER_LATE);
	/* A failure leads nowhere. Who gave up had his chases dropped. */
	if (answer != NULL && answer->status <= DNS_NXDOMAIN)
		run_chases(r, answer, chased);
	dns_chased_free(chased);
	dns_answer_put(answer);
	dns_flight_put(f);
}
