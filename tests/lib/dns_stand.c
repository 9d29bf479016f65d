/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_stand: see dns_stand.h.
 */
#include "lib/dns_stand.h"

#include "lib/tap.h"

#define MESSAGE_BYTES ((size_t)16 << 20)

struct resolver *
stand_resolver(const struct slice *servers, size_t n, int64_t timeout_ms)
{
	struct resolver_options o = { .nameservers = servers,
		.n_nameservers = n,
		.timeout_ms = timeout_ms,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY];
	struct resolver *r = resolver_new(&o, why);

	if (r == NULL) {
		note("%s", why);
		abort();
	}
	return r;
}

struct stand
stand_up(const char *zone, int64_t timeout_ms)
{
	struct stand s;
	struct slice address;

	s.server = dns_server_start(t_slice(zone), 0);
	s.arena = arena_new(MESSAGE_BYTES);
	if (s.server == NULL || s.arena == NULL)
		abort();
	address = dns_server_address(s.server);
	s.resolver = stand_resolver(&address, 1, timeout_ms);
	stand_next(&s, PATIENCE_MS);
	return s;
}

void
stand_next(struct stand *s, int64_t budget_ms)
{
	arena_reset(s->arena);
	s->m = dns_message_new(s->resolver, s->arena, budget_ms, NULL);
	if (s->m == NULL)
		abort();
}

void
stand_down(struct stand *s)
{
	arena_free(s->arena);
	resolver_free(s->resolver);
	dns_server_stop(s->server);
}

const struct dns_answer *
stand_get(struct stand *s, const char *name, enum dns_type type)
{
	const struct dns_answer *a;

	if (dns_message_get(s->m, t_slice(name), type, &a) != 0)
		abort();
	return a;
}

void
stand_is(struct stand *s, const char *name, enum dns_type type,
    enum dns_status want)
{
	const struct dns_answer *a = stand_get(s, name, type);

	ok(a->status == want && (a->n > 0) == (a->status == DNS_OK),
	    "%s %s is %s", name, dns_type_name(type), dns_status_name(want));
	if (a->status != want)
		note("is %s (%s)", dns_status_name(a->status), a->why);
}

unsigned
stand_count(struct stand *s, const char *name, enum dns_type type)
{
	return dns_server_count(s->server, slice_c(name), type);
}
