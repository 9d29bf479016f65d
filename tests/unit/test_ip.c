/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ip: addresses and networks, read, printed and compared.
 */
#include "base/ip.h"

#include "lib/tap.h"

static struct ip
addr(const char *text)
{
	struct ip ip;

	if (!ip_parse(t_slice(text), &ip))
		note("no address: %s", text);
	return ip;
}

static void
test_parse(void)
{
	static const struct {
		const char *text, *canonical;
	} good[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "IPv6:2001:db8::1", "2001:db8::1" },
		{ "ipv6:::1", "::1" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	static const char *const bad[] = { "", "192.0.2", "192.0.2.256",
		"192.0.2.1.", "192.0.2.1 ", " 192.0.2.1", "0x7f.0.0.1", "[::1]",
		"fe80::1%eth0", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"12345::", "IPv6:", "IPv6:192.0.2.1", "IPv6:IPv6:::1",
		"host.example",
		"2001:0db8:0000:0000:0000:0000:0000:0001:0000:0000:0000:0000" };
	char text[IP_TEXT];
	struct ip ip;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ip = addr(good[i].text);
		is_text(slice_c(ip_print(&ip, text)), good[i].canonical,
		    "%s is read and printed", good[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!ip_parse(t_slice(bad[i]), &ip) && ip.family == 0,
		    "'%s' is no address", bad[i]);
	ok(!ip_parse(t_bytes("192.0.2.1\0", 10), &ip), "nor with a NUL");
	ip = (struct ip){ 0 };
	is_text(slice_c(ip_print(&ip, text)), "",
	    "no address prints as nothing");
}

static void
test_net(void)
{
	static const char *const bad[] = { "192.0.2.0/33", "::/129",
		"192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/8/8", "/8", "a/8",
		"192.0.2.0/8 ", "192.0.2.0/255.255.255.0" };
	struct ip_net net;

	ok(ip_net_parse(t_slice("192.0.2.77/24"), &net) && net.bits == 24 &&
		net.ip.b[3] == 77,
	    "host bits may be set");
	ok(ip_net_parse(t_slice("192.0.2.1"), &net) && net.bits == 32,
	    "an IPv4 address is a network of 32 bits");
	ok(ip_net_parse(t_slice("2001:db8::"), &net) && net.bits == 128,
	    "an IPv6 address of 128");
	ok(ip_net_parse(t_slice("::/0"), &net) && net.bits == 0 &&
		net.ip.family == 6,
	    "a prefix of 0 bits");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!ip_net_parse(t_slice(bad[i]), &net), "'%s' is no network",
		    bad[i]);
}

static void
test_match(void)
{
	struct ip a = addr("192.0.2.129"), b = addr("192.0.2.128");
	struct ip six = addr("2001:db8::1"), other = addr("2001:db8:8000::1");
	struct ip mapped = addr("::ffff:192.0.2.129"), plain;

	ok(ip_match(&a, &b, 31), "31 bits agree");
	ok(!ip_match(&a, &b, 32), "32 do not");
	ok(ip_match(&a, &b, 0), "no bits always agree");
	ok(!ip_match(&a, &b, 33) && !ip_match(&six, &six, 129),
	    "more bits than there are never do");
	ok(ip_match(&six, &other, 32) && !ip_match(&six, &other, 33),
	    "the bit at a byte's border counts");
	ok(!ip_match(&a, &six, 0), "families differ");
	ok(!ip_match(&a, &mapped, 0),
	    "a mapped address is IPv6 until unmapped");
	plain = ip_unmap(mapped);
	ok(ip_eq(&plain, &a), "unmap gives the IPv4 address");
	plain = ip_unmap(six);
	ok(ip_eq(&plain, &six), "and leaves others alone");
	plain = ip_unmap(addr("::192.0.2.1"));
	ok(plain.family == 6, "an IPv4-compatible address is not a mapped one");
	ok(!ip_eq(&a, &b) && ip_eq(&a, &a), "equal and not equal");
}

static void
test_loopback(void)
{
	struct ip v4 = addr("127.255.0.9"), v6 = addr("::1");
	struct ip near = addr("128.0.0.1"), any = addr("::");
	struct ip none = { 0 };

	ok(ip_is_loopback(&v4) && ip_is_loopback(&v6), "127/8 and ::1");
	ok(!ip_is_loopback(&near) && !ip_is_loopback(&any) &&
		!ip_is_loopback(&none),
	    "nothing else");
}

static void
test_reverse(void)
{
	struct ip v4 = addr("192.0.2.9"), v6 = addr("2001:db8::567:89ab");
	struct ip none = { 0 };
	char name[IP_REVERSE];

	is_text(slice_c(ip_reverse(&v4, name)), "9.2.0.192.in-addr.arpa",
	    "the reverse name of IPv4");
	is_text(slice_c(ip_reverse(&v6, name)),
	    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "ip6.arpa",
	    "and of IPv6 (RFC 3596 section 2.5)");
	is_text(slice_c(ip_reverse(&none, name)), "",
	    "none without an address");
}

int
main(void)
{
	test_parse();
	test_net();
	test_match();
	test_loopback();
	test_reverse();
	return tap_done();
}
