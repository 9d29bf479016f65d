/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The resolver on libunbound, against a DNS server of our own on loopback:
 * every status, odd bytes, local names, large answers, caching, options.
 */
#include <unistd.h>

#include "lib/dns_stand.h"
#include "lib/tap.h"

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
	const struct dns_answer *a = stand_get(s, "Example.ORG.", DNS_TXT);

	is_text(a->name, "example.org", "the question is normalised");
	is_text(a->rr[0].text, "v=spf1 -all", "TXT strings are joined");
	ok(!a->secure, "nothing is secure without trust anchors");
	a = stand_get(s, "example.org", DNS_MX);
	is_text(a->rr[0].name, "a.example.org", "MX are sorted");
	is_int(a->rr[1].preference, 20, "by preference");
	a = stand_get(s, "example.org", DNS_A);
	is_int((int64_t)a->n, 2, "both addresses are there");
	is_int(a->ttl, 30, "the lowest TTL counts");
	a = stand_get(s, "example.org", DNS_AAAA);
	is_int(a->rr[0].ip.family, 6, "an IPv6 address");
	is_text(stand_get(s, "null.example", DNS_MX)->rr[0].name, "",
	    "the root as a host");
	stand_is(s, "example.org", DNS_PTR, DNS_NODATA);
	is_int(stand_get(s, "example.org", DNS_PTR)->ttl, 60,
	    "absence lives as the SOA says");
	stand_is(s, "nowhere.example", DNS_A, DNS_NXDOMAIN);
	stand_is(s, "no.example", DNS_A, DNS_NXDOMAIN);
	is_int(stand_get(s, "no.example", DNS_A)->ttl, 7, "of a name too");
	stand_is(s, "under.example", DNS_A, DNS_NODATA);
	stand_is(s, "www.example.org", DNS_A, DNS_OK);
	is_int(stand_get(s, "www.example.org", DNS_TXT)->ttl, 5,
	    "the lowest TTL of a chain counts");
	is_text(stand_get(s, "www.example.org", DNS_CNAME)->rr[0].name,
	    "example.org", "a CNAME asked for itself is data");
	stand_is(s, "gone.example", DNS_A, DNS_NXDOMAIN);
	stand_is(s, "broken.example", DNS_A, DNS_TEMPFAIL);
	is_text(slice_c(stand_get(s, "broken.example", DNS_A)->why), "SERVFAIL",
	    "with the reason");
}

static void
test_bytes(struct stand *s)
{
	const struct dns_answer *a;

	is_text(stand_get(s, "1.2.0.192.in-addr.arpa", DNS_PTR)->rr[0].name,
	    "odd\\046\\000\\200x.example",
	    "a dot, a NUL and an 8-bit byte inside a label stay apart");
	a = stand_get(s, "zero.example", DNS_TXT);
	ok(slice_eq(a->rr[0].text, slice_of("a\0b", 3)), "a NUL in TXT stays");
	a = stand_get(s, "empty.example", DNS_TXT);
	ok(a->status == DNS_OK && a->rr[0].text.n == 0, "TXT may be empty");
	ok(stand_get(s, "X\\y\xc8 z.example", DNS_A)->status == DNS_OK,
	    "odd bytes in a question reach the server");
}

static void
test_local_names(struct stand *s)
{
	static const char *const special[] = { "0.0.0.1", "10.1.2.3",
		"100.64.0.1", "100.127.0.1", "127.1.2.3", "169.254.1.1",
		"172.16.0.1", "172.31.0.1", "192.0.2.1", "192.168.1.1",
		"198.51.100.1", "203.0.113.1", "255.255.255.255", "::", "::1",
		"fd00::1", "fe80::1", "2001:db8::1" };

	stand_is(s, "1.0.0.10.in-addr.arpa", DNS_PTR, DNS_OK);
	stand_is(s, "1.0.0.127.in-addr.arpa", DNS_PTR, DNS_OK);
	stand_is(s, "a.test", DNS_A, DNS_OK);
	stand_is(s, "b.invalid", DNS_A, DNS_OK);
	stand_is(s, "c.onion", DNS_A, DNS_OK);
	stand_is(s, "d.home.arpa", DNS_A, DNS_OK);
	stand_is(s, "localhost", DNS_A, DNS_OK);
	is_int(stand_get(s, "localhost", DNS_A)->rr[0].ip.b[3], 77,
	    "from the server, not from a table");
	for (size_t i = 0; i < ARRAY_LEN(special); i++) {
		char name[IP_REVERSE];
		struct ip ip;

		if (!ip_parse(slice_c(special[i]), &ip))
			abort();
		(void)stand_get(s, ip_reverse(&ip, name), DNS_PTR);
		is_int(stand_count(s, name, DNS_PTR), 1, "PTR of %s is asked",
		    special[i]);
	}
}

static void
test_large(void)
{
	enum { LONG = 3000 };
	char zone[LONG + 200], text[LONG + 1];
	struct stand s;
	const struct dns_answer *a;

	for (size_t i = 0; i < LONG; i++)
		text[i] = (char)('a' + i % 26);
	text[LONG] = '\0';
	(void)snprintf(zone, sizeof(zone),
	    "long.example TXT \"%s\"\nhuge.example HUGE\n", text);
	s = stand_up(zone, PATIENCE_MS);
	a = stand_get(&s, "long.example", DNS_TXT);
	ok(a->status == DNS_OK && slice_eq(a->rr[0].text, slice_c(text)),
	    "3000 bytes of TXT come whole");
	ok(dns_server_tcp_count(s.server) > 0, "by TCP, after truncation");
	a = stand_get(&s, "huge.example", DNS_A);
	is_int((int64_t)a->n, 2000, "so do 2000 addresses");
	a = stand_get(&s, "huge.example", DNS_MX);
	ok(a->n == 2000 && a->rr[1999].preference == 1999,
	    "and 2000 MX, sorted");
	stand_down(&s);
}

/* The server counts what our cache and flights spare it. */
static void
test_caching(void)
{
	struct stand s = stand_up("a.example A 192.0.2.1\n"
				  "zero.example 0 A 192.0.2.2\n"
				  "b.example SERVFAIL\n",
	    PATIENCE_MS);
	const struct dns_answer *a = stand_get(&s, "a.example", DNS_A);
	const struct dns_answer *zero = stand_get(&s, "zero.example", DNS_A);
	unsigned asked;
	int64_t waited;

	ok(stand_get(&s, "zero.example", DNS_A) == zero,
	    "an answer of TTL 0 stays pinned");
	stand_is(&s, "b.example", DNS_A, DNS_TEMPFAIL);
	stand_is(&s, "nowhere.example", DNS_A, DNS_NXDOMAIN);
	stand_is(&s, "a.example", DNS_MX, DNS_NODATA);
	asked = dns_server_count(s.server, SL(""), DNS_A) -
	    stand_count(&s, "zero.example", DNS_A);
	dns_answer_get(zero);
	stand_next(&s, PATIENCE_MS);
	ok(stand_get(&s, "a.example", DNS_A) == a,
	    "the next message gets the very same answer");
	ok(stand_get(&s, "zero.example", DNS_A) != zero,
	    "but a new one where the TTL is 0");
	dns_answer_put(zero);
	waited = dns_message_waited(s.m);
	stand_is(&s, "b.example", DNS_A, DNS_TEMPFAIL);
	stand_is(&s, "nowhere.example", DNS_A, DNS_NXDOMAIN);
	stand_is(&s, "a.example", DNS_MX, DNS_NODATA);
	is_int(dns_message_waited(s.m), waited, "without waiting");
	is_int(dns_server_count(s.server, SL(""), DNS_A) -
		stand_count(&s, "zero.example", DNS_A),
	    asked, "or asking the server again");
	stand_down(&s);
}

static void
test_servers(void)
{
	static const char *const bad[] = { "ns.example.org", "127.0.0.1@0",
		"127.0.0.1@65536", "127.0.0.1@", "[::1", "[::1]:53", "" };
	static const char *const good[] = { "127.0.0.1", "127.0.0.1@5353",
		"::1", "::1@5353", "[::1]@5353", "[::1]" };
	struct resolver_options o = { .n_nameservers = 1,
		.timeout_ms = 1000,
		.cache_entries = 10 };
	char why[RESOLVER_WHY];
	struct resolver *r;
	struct slice server;

	o.nameservers = &server;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		server = t_slice(bad[i]);
		r = resolver_new(&o, why);
		ok(r == NULL && slice_starts(slice_c(why), SL("Nameservers: ")),
		    "'%s' is no server", bad[i]);
		resolver_free(r);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		server = t_slice(good[i]);
		r = resolver_new(&o, why);
		ok(r != NULL, "'%s' is one", good[i]);
		resolver_free(r);
	}
}

/* A made-up key of the root: no answer can be validated. */
static void
test_anchors(void)
{
	static const char anchor[] = ". 86400 IN DS 20326 8 2 "
				     "0123456789ABCDEF0123456789ABCDEF"
				     "0123456789ABCDEF0123456789ABCDEF\n";
	char path[] = "/tmp/chopmark-anchor-XXXXXX";
	struct stand s = stand_up("a.example A 192.0.2.1\n", PATIENCE_MS);
	struct slice server = dns_server_address(s.server);
	struct resolver_options o = { .nameservers = &server,
		.n_nameservers = 1,
		.trust_anchor_file = path,
		.timeout_ms = PATIENCE_MS,
		.cache_entries = 10 };
	char why[RESOLVER_WHY];
	struct resolver *plain = s.resolver;
	const struct dns_answer *a;
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, anchor, sizeof(anchor) - 1) < 0)
		abort();
	arena_reset(s.arena);
	s.resolver = resolver_new(&o, why);
	ok(s.resolver != NULL, "a file of trust anchors is taken");
	stand_next(&s, PATIENCE_MS);
	a = stand_get(&s, "a.example", DNS_A);
	ok(a->status == DNS_BOGUS && a->n == 0,
	    "what cannot be validated is bogus");
	ok(a->why[0] != '\0', "and says why");
	note("%s", a->why);
	resolver_free(plain);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, "nonsense (\n", 11, 0) < 0)
		abort();
	ok(resolver_new(&o, why) == NULL, "a broken file is refused");
	ok(slice_search(slice_c(why), slice_c(path)) != SLICE_NONE,
	    "by its name");
	note("%s", why);
	(void)unlink(path);
	(void)close(fd);
	ok(resolver_new(&o, why) == NULL, "and so is a missing one");
	note("%s", why);
	stand_down(&s);
}

int
main(void)
{
	struct stand s = stand_up(plain_zone, PATIENCE_MS);

	test_statuses(&s);
	stand_next(&s, PATIENCE_MS);
	test_bytes(&s);
	test_local_names(&s);
	stand_down(&s);
	test_large();
	test_caching();
	test_servers();
	test_anchors();
	return tap_done();
}
