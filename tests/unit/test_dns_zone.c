/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_zone: the text form, what it answers, and what it says of a bad file.
 */
#include "dns/dns_zone.h"

#include "base/err.h"
#include "dns/dns_answer.h"
#include "lib/tap.h"

static const char zone_text[] =
    "# a comment\n"
    "Example.ORG. TXT \"v=spf1 \" \"-all\"\n"
    "example.org 60 A 192.0.2.1\n"
    "example.org 30 A 192.0.2.2\n"
    "example.org AAAA 2001:db8::1\n"
    "example.org MX 20 b.example.org\n"
    "example.org MX 10 a.example.org.\n"
    "null.example MX 0 .\n"
    "esc.example TXT \"a\\\"b\\\\c\\000\\255 # no comment\"\n"
    "9.2.0.192.in-addr.arpa PTR odd\\.label.example\n"
    "www.example.org 5 CNAME Example.org\n"
    "loop.example CNAME loop.example\n"
    "c0.example CNAME c1.example\nc1.example CNAME c2.example\n"
    "c2.example CNAME c3.example\nc3.example CNAME c4.example\n"
    "c4.example CNAME c5.example\nc5.example CNAME c6.example\n"
    "c6.example CNAME c7.example\nc7.example CNAME c8.example\n"
    "c8.example A 192.0.2.8\n"
    "c.example CNAME c0.example\n"
    "gone.example CNAME nowhere.example\n"
    "slow.example TIMEOUT\n"
    "broken.example SERVFAIL\n"
    "forged.example BOGUS\n"
    "half.example TIMEOUT TXT\n"
    "half.example A 192.0.2.3\n"
    "no.example 7 NXDOMAIN\n"
    "below.no.example A 192.0.2.4\n"
    "a.b.deep.example A 192.0.2.5\n"
    "xdeep.example A 192.0.2.6\n"
    "master.example. 60 IN A 192.0.2.7\n"
    "master.example. IN 60 AAAA 2001:db8::7\n"
    "split.example. IN TXT ( \"v=DKIM1 (\\\" \"\n"
    "\t\"two)\"\n"
    "# a comment\n"
    "  \"three\" )\n"
    "behind.example TXT (\"x\")\n";

static struct dns_zone zone;

static const struct dns_answer *
ask(const char *name, enum dns_type type)
{
	struct dns_key k;

	if (!dns_key_init(&k, t_slice(name), type))
		abort();
	return dns_zone_answer(&zone, &k);
}

static void
is_status(const char *name, enum dns_type type, enum dns_status want,
    const char *why, int64_t ttl)
{
	const struct dns_answer *a = ask(name, type);

	ok(a->status == want, "%s %s is %s", name, dns_type_name(type),
	    dns_status_name(want));
	is_text(slice_c(a->why), why, "its reason");
	is_int(a->ttl, ttl, "its TTL");
	ok((a->n > 0) == (a->status == DNS_OK), "records only when it is ok");
	dns_answer_put(a);
}

static void
test_records(void)
{
	const struct dns_answer *a = ask("EXAMPLE.org.", DNS_TXT);

	is_text(a->name, "example.org", "the question is normalised");
	is_text(a->rr[0].text, "v=spf1 -all", "TXT strings are joined");
	dns_answer_put(a);
	a = ask("example.org", DNS_MX);
	is_int((int64_t)a->n, 2, "two MX");
	is_text(a->rr[0].name, "a.example.org", "sorted by preference");
	is_int(a->rr[1].preference, 20, "the higher one last");
	dns_answer_put(a);
	a = ask("split.example", DNS_TXT);
	is_text(a->rr[0].text, "v=DKIM1 (\" two)three",
	    "parentheses make lines one");
	dns_answer_put(a);
	a = ask("behind.example", DNS_TXT);
	is_text(a->rr[0].text, "x", "or stand in one");
	dns_answer_put(a);
	is_status("master.example", DNS_A, DNS_OK, "", 60);
	is_status("master.example", DNS_AAAA, DNS_OK, "", 60);
	a = ask("null.example", DNS_MX);
	is_text(a->rr[0].name, "", "the root is an empty name");
	dns_answer_put(a);
	a = ask("esc.example", DNS_TXT);
	ok(slice_eq(a->rr[0].text, slice_of("a\"b\\c\0\xff # no comment", 20)),
	    "escapes and any byte in TXT");
	dns_answer_put(a);
	a = ask("9.2.0.192.in-addr.arpa", DNS_PTR);
	is_text(a->rr[0].name, "odd\\046label.example",
	    "a dot inside a label never looks like a dot");
	dns_answer_put(a);
	is_status("example.org", DNS_A, DNS_OK, "", 30);
	is_status("example.org", DNS_AAAA, DNS_OK, "", 300);
}

static void
test_absence(void)
{
	is_status("example.org", DNS_PTR, DNS_NODATA, "", 60);
	is_status("nowhere.example", DNS_A, DNS_NXDOMAIN, "", 60);
	is_status("deep.example", DNS_A, DNS_NODATA, "", 60);
	is_status("b.deep.example", DNS_A, DNS_NODATA, "", 60);
	is_status("eep.example", DNS_A, DNS_NXDOMAIN, "", 60);
	is_status("c.b.deep.example", DNS_A, DNS_NXDOMAIN, "", 60);
	is_status("no.example", DNS_A, DNS_NXDOMAIN, "", 7);
	is_status("below.no.example", DNS_A, DNS_OK, "", 300);
}

static void
test_aliases(void)
{
	const struct dns_answer *a = ask("www.example.org", DNS_TXT);

	is_text(a->rr[0].text, "v=spf1 -all", "a CNAME is followed");
	is_text(a->name, "www.example.org", "the question stays");
	is_int(a->ttl, 5, "the lowest TTL of the chain counts");
	dns_answer_put(a);
	a = ask("www.example.org", DNS_CNAME);
	is_text(a->rr[0].name, "Example.org", "asked for itself it is data");
	dns_answer_put(a);
	is_status("c0.example", DNS_A, DNS_OK, "", 300);
	is_status("c.example", DNS_A, DNS_TEMPFAIL, "too many CNAMEs", 10);
	is_status("loop.example", DNS_A, DNS_TEMPFAIL, "too many CNAMEs", 10);
	is_status("gone.example", DNS_A, DNS_NXDOMAIN, "", 60);
}

static void
test_faults(void)
{
	is_status("slow.example", DNS_MX, DNS_TEMPFAIL, "timeout", 10);
	is_status("broken.example", DNS_A, DNS_TEMPFAIL, "SERVFAIL", 10);
	is_status("forged.example", DNS_TXT, DNS_BOGUS,
	    "DNSSEC validation failed", 10);
	is_status("half.example", DNS_TXT, DNS_TEMPFAIL, "timeout", 10);
	is_status("half.example", DNS_A, DNS_OK, "", 300);
	is_status("half.example", DNS_MX, DNS_NODATA, "", 60);
}

static void
test_bad_files(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "a..b A 192.0.2.1", "'a..b' is not a domain name" },
		{ "x\\046y A 192.0.2.1", "'x\\046y' is not a domain name" },
		{ "a A 2001:db8::1", "'2001:db8::1' is not an IPv4 address" },
		{ "a AAAA 192.0.2.1", "'192.0.2.1' is not an IPv6 address" },
		{ "a MX host",
		    "MX needs a preference of 0 to 65535 and a "
		    "host" },
		{ "a MX 65536 host",
		    "MX needs a preference of 0 to 65535 and "
		    "a host" },
		{ "a PTR", "'' is not a host name" },
		{ "a 99999999999 A 192.0.2.1", "'99999999999' is not a TTL" },
		{ "a TXT ( \"x\"", "a '(' that no ')' follows" },
		{ "$DELAY soon",
		    "$DELAY needs a number of milliseconds up to "
		    "60000" },
		{ "$ORIGIN example",
		    "'$ORIGIN' is not a directive known here "
		    "($DELAY)" },
	};
	struct arena *a = t_arena();
	struct dns_zone z;
	struct problems p;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		problems_init(&p, a);
		is_int(dns_zone_parse(a, "zone", t_slice(bad[i].text), NULL, &z,
			   &p),
		    ERR_CONFIG, "\"%s\" is refused", bad[i].text);
		is_text(p.all.at[0].text, bad[i].says, "and told why");
	}
	problems_init(&p, a);
	is_int(dns_zone_parse(a, "zone",
		   t_slice("a A 192.0.2.1\n\nb TXT bare\nc SRV 1\n"), NULL, &z,
		   &p),
	    ERR_CONFIG, "all errors of a file are found");
	is_int(p.errors, 2, "both of them");
	is_int(p.all.at[0].place.line, 3, "with the line of the first");
	is_int(p.all.at[1].place.line, 4, "and of the second");
}

static void
test_extra(void)
{
	static const char *const extra[] = { "REFUSED", "GARBAGE", NULL };
	struct arena *a = t_arena();
	struct zone_match m;
	struct dns_zone z;
	struct problems p;

	problems_init(&p, a);
	is_int(dns_zone_parse(a, "zone", SL("$DELAY 20\na GARBAGE TXT\n"),
		   extra, &z, &p),
	    0, "further faults may be named");
	is_int(z.delay_ms, 20, "$DELAY is read");
	dns_zone_find(&z, SL("a"), DNS_TXT, &m);
	is_int(m.kind, ZONE_EXTRA + 1, "and are found");
	dns_zone_find(&z, SL("a"), DNS_A, &m);
	ok(m.kind == ZONE_RECORD && m.status == DNS_NODATA,
	    "for their type alone");
}

int
main(void)
{
	struct arena *a = t_arena();
	struct problems p;

	problems_init(&p, a);
	is_int(dns_zone_parse(a, "zone", slice_c(zone_text), NULL, &zone, &p),
	    0, "the zone is read");
	for (size_t i = 0; i < p.all.n; i++)
		note("%u: %.*s", p.all.at[i].place.line,
		    SL_ARG(p.all.at[i].text));
	test_records();
	test_absence();
	test_aliases();
	test_faults();
	test_bad_files();
	test_extra();
	return tap_done();
}
