/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The resolver on libunbound, against a DNS server of our own on loopback:
 * every status, every fault, large answers, dead servers, many threads.
 */
#include <pthread.h>
#include <unistd.h>

#include "base/err.h"
#include "dns/dns_message.h"
#include "lib/dns_server.h"
#include "lib/tap.h"

#define PATIENCE_MS 60000 /* nothing here is meant to take that long */

static struct resolver *
resolver_at(const struct slice *servers, size_t n, int64_t timeout_ms)
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

/* A server, a resolver that asks it, and a message. */
struct stand {
	struct dns_server *server;
	struct resolver *resolver;
	struct arena *arena;
	struct dns_message *m;
};

static struct stand
stand_up(const char *zone, int64_t timeout_ms)
{
	struct stand s;
	struct slice address;

	s.server = dns_server_start(t_slice(zone), 0);
	if (s.server == NULL)
		abort();
	address = dns_server_address(s.server);
	s.resolver = resolver_at(&address, 1, timeout_ms);
	s.arena = arena_new((size_t)16 << 20);
	s.m = dns_message_new(s.resolver, s.arena, PATIENCE_MS, NULL);
	return s;
}

static void
next_message(struct stand *s)
{
	arena_reset(s->arena);
	s->m = dns_message_new(s->resolver, s->arena, PATIENCE_MS, NULL);
}

static void
take_down(struct stand *s)
{
	arena_free(s->arena);
	resolver_free(s->resolver);
	dns_server_stop(s->server);
}

static const struct dns_answer *
get_bytes(struct dns_message *m, struct slice name, enum dns_type type)
{
	const struct dns_answer *a;

	if (dns_message_get(m, name, type, &a) != 0)
		abort();
	return a;
}

static const struct dns_answer *
get(struct dns_message *m, const char *name, enum dns_type type)
{
	return get_bytes(m, t_slice(name), type);
}

static void
is_answer(struct stand *s, const char *name, enum dns_type type,
    enum dns_status want)
{
	const struct dns_answer *a = get(s->m, name, type);

	ok(a->status == want, "%s %s is %s", name, dns_type_name(type),
	    dns_status_name(want));
	if (a->status != want)
		note("is %s (%s)", dns_status_name(a->status), a->why);
	ok((a->n > 0) == (a->status == DNS_OK), "records only when it is ok");
}

static const char plain_zone[] =
    "example.org TXT \"v=spf1 \" \"-all\"\n"
    "example.org 60 A 192.0.2.1\nexample.org 30 A 192.0.2.2\n"
    "example.org AAAA 2001:db8::1\n"
    "example.org MX 20 b.example.org\nexample.org MX 10 a.example.org\n"
    "null.example MX 0 .\n"
    "1.2.0.192.in-addr.arpa PTR odd\\.\\000\\200x.example\n"
    "1.0.0.10.in-addr.arpa PTR private.example\n"
    "1.0.0.127.in-addr.arpa PTR localhost.example\n"
    "localhost A 192.0.2.77\na.test A 192.0.2.78\n"
    "b.invalid A 192.0.2.79\nc.onion A 192.0.2.80\n"
    "d.home.arpa A 192.0.2.81\n"
    "www.example.org 5 CNAME example.org\n"
    "gone.example CNAME nowhere.example\n"
    "deep.under.example A 192.0.2.5\n"
    "zero.example TXT \"a\\000b\"\n"
    "empty.example TXT \"\"\n"
    "no.example 7 NXDOMAIN\n"
    "x\\\\y\\200\\032z.example A 192.0.2.6\n"
    "broken.example SERVFAIL\n";

static void
test_statuses(struct stand *s)
{
	const struct dns_answer *a = get(s->m, "Example.ORG.", DNS_TXT);

	is_text(a->name, "example.org", "the question is normalised");
	is_text(a->rr[0].text, "v=spf1 -all", "TXT strings are joined");
	ok(!a->secure, "nothing is secure without trust anchors");
	a = get(s->m, "example.org", DNS_MX);
	is_text(a->rr[0].name, "a.example.org", "MX are sorted");
	is_int(a->rr[1].preference, 20, "by preference");
	a = get(s->m, "example.org", DNS_A);
	is_int((int64_t)a->n, 2, "both addresses are there");
	is_int(a->ttl, 30, "the lowest TTL counts");
	a = get(s->m, "example.org", DNS_AAAA);
	is_int(a->rr[0].ip.family, 6, "an IPv6 address");
	is_text(get(s->m, "null.example", DNS_MX)->rr[0].name, "",
	    "the root as a host");
	is_answer(s, "example.org", DNS_PTR, DNS_NODATA);
	is_int(get(s->m, "example.org", DNS_PTR)->ttl, 60,
	    "absence lives as the SOA says");
	is_answer(s, "nowhere.example", DNS_A, DNS_NXDOMAIN);
	is_answer(s, "no.example", DNS_A, DNS_NXDOMAIN);
	is_int(get(s->m, "no.example", DNS_A)->ttl, 7, "of a name too");
	is_answer(s, "under.example", DNS_A, DNS_NODATA);
	is_answer(s, "www.example.org", DNS_A, DNS_OK);
	is_int(get(s->m, "www.example.org", DNS_TXT)->ttl, 5,
	    "the lowest TTL of a chain counts");
	is_text(get(s->m, "www.example.org", DNS_CNAME)->rr[0].name,
	    "example.org", "a CNAME asked for itself is data");
	is_answer(s, "gone.example", DNS_A, DNS_NXDOMAIN);
	is_answer(s, "broken.example", DNS_A, DNS_TEMPFAIL);
	is_text(slice_c(get(s->m, "broken.example", DNS_A)->why), "SERVFAIL",
	    "with the reason");
}

static void
test_bytes(struct stand *s)
{
	const struct dns_answer *a;

	is_text(get(s->m, "1.2.0.192.in-addr.arpa", DNS_PTR)->rr[0].name,
	    "odd\\046\\000\\200x.example",
	    "a dot, a NUL and an 8-bit byte inside a label stay apart");
	a = get(s->m, "zero.example", DNS_TXT);
	ok(slice_eq(a->rr[0].text, slice_of("a\0b", 3)), "a NUL in TXT stays");
	a = get(s->m, "empty.example", DNS_TXT);
	ok(a->status == DNS_OK && a->rr[0].text.n == 0, "TXT may be empty");
	a = get_bytes(s->m, t_bytes("X\\y\xc8 z.example", 14), DNS_A);
	ok(a->status == DNS_OK, "odd bytes in a question reach the server");
}

static void
test_local_names(struct stand *s)
{
	static const char *const special[] = { "0.0.0.1", "10.1.2.3",
		"100.64.0.1", "100.127.0.1", "127.1.2.3", "169.254.1.1",
		"172.16.0.1", "172.31.0.1", "192.0.2.1", "192.168.1.1",
		"198.51.100.1", "203.0.113.1", "255.255.255.255", "::", "::1",
		"fd00::1", "fe80::1", "2001:db8::1" };

	is_answer(s, "1.0.0.10.in-addr.arpa", DNS_PTR, DNS_OK);
	is_answer(s, "1.0.0.127.in-addr.arpa", DNS_PTR, DNS_OK);
	is_answer(s, "a.test", DNS_A, DNS_OK);
	is_answer(s, "b.invalid", DNS_A, DNS_OK);
	is_answer(s, "c.onion", DNS_A, DNS_OK);
	is_answer(s, "d.home.arpa", DNS_A, DNS_OK);
	is_answer(s, "localhost", DNS_A, DNS_OK);
	is_int(get(s->m, "localhost", DNS_A)->rr[0].ip.b[3], 77,
	    "from the server, not from a table");
	for (size_t i = 0; i < ARRAY_LEN(special); i++) {
		char name[IP_REVERSE];
		struct ip ip;

		if (!ip_parse(slice_c(special[i]), &ip))
			abort();
		(void)get(s->m, ip_reverse(&ip, name), DNS_PTR);
		is_int(dns_server_count(s->server, slice_c(name), DNS_PTR), 1,
		    "PTR of %s is asked", special[i]);
	}
}

int
main(void)
{
	struct stand s = stand_up(plain_zone, PATIENCE_MS);

	test_statuses(&s);
	next_message(&s);
	test_bytes(&s);
	test_local_names(&s);
	take_down(&s);
	return tap_done();
}
