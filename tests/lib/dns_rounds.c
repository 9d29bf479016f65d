/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_rounds: see dns_rounds.h.
 */
#include "lib/dns_rounds.h"

#include "dns/dns_answer.h"
#include "dns/dns_backend.h"
#include "dns/dns_zone.h"
#include "lib/tap.h"

struct rounds {
	struct dns_backend backend;
	struct resolver *resolver;
};

static struct rounds rounds; /* one resolver at a time */
static struct dns_zone zone;
static struct dns_flight *first, **end = &first;
static unsigned asked;

void
dns_rounds_zone(const char *text)
{
	struct arena *a = t_arena();
	struct problems p;

	problems_init(&p, a);
	if (dns_zone_parse(a, "zone", t_slice(text), NULL, &zone, &p) == 0)
		return;
	for (size_t i = 0; i < p.all.n; i++)
		note("zone:%u: %.*s", p.all.at[i].place.line,
		    SL_ARG(p.all.at[i].text));
	abort();
}

static void
submit(struct dns_backend *b, struct dns_flight *f)
{
	(void)b;
	dns_flight_link(f)->next = NULL;
	*end = f;
	end = &dns_flight_link(f)->next;
	asked++;
}

/* Takes all that waits. */
static struct dns_flight *
take(void)
{
	struct dns_flight *all = first;

	first = NULL;
	end = &first;
	return all;
}

unsigned
dns_rounds_land(void)
{
	struct dns_flight *f = take();
	unsigned n = 0;

	while (f != NULL) {
		struct dns_flight *next = dns_flight_link(f)->next;

		resolver_landed(rounds.resolver, f,
		    dns_zone_answer(&zone, dns_flight_key(f)));
		f = next;
		n++;
	}
	return n;
}

unsigned
dns_rounds_settle(void)
{
	unsigned n = 0;

	while (dns_rounds_land() > 0)
		n++;
	return n;
}

unsigned
dns_rounds_asked(void)
{
	return asked;
}

void
dns_rounds_tell(void)
{
	for (struct dns_flight *f = first; f != NULL;
	     f = dns_flight_link(f)->next) {
		const struct dns_key *k = dns_flight_key(f);

		note("waits: %s %.*s", dns_type_name(k->type),
		    SL_ARG(dns_key_name(k)));
	}
}

static void
rounds_free(struct dns_backend *b)
{
	(void)b;
	(void)dns_rounds_settle();
}

struct dns_backend *
dns_unbound_new(struct resolver *r, const struct resolver_options *o,
    char why[RESOLVER_WHY])
{
	(void)o;
	why[0] = '\0';
	rounds = (struct rounds){ { submit, rounds_free }, r };
	return &rounds.backend;
}
