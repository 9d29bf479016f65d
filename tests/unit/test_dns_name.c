/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_name: limits of RFC 1035 section 2.3.4, and that no two names look
 * alike in text form.
 */
#include "dns/dns_name.h"
#include "lib/tap.h"

static struct slice
repeat(char *out, const char *label, size_t times)
{
	size_t n = 0, len = strlen(label);

	for (size_t i = 0; i < times; i++) {
		memcpy(out + n, label, len);
		n += len;
	}
	return slice_of(out, n);
}

static void
test_key(void)
{
	static const char *const bad[] = { "", ".", "..", ".a", "a..b", "a.." };
	char long_label[64], name[300];
	struct dns_key a, b;
	uint64_t seed[2] = { 1, 2 }, other[2] = { 1, 3 };
	struct slice s;

	ok(dns_key_init(&a, t_slice("Mail.Example.ORG."), DNS_A),
	    "a name in any case with a final dot is taken");
	is_text(dns_key_name(&a), "mail.example.org", "and normalised");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!dns_key_init(&b, t_slice(bad[i]), DNS_A),
		    "\"%s\" is no name", bad[i]);
	memset(long_label, 'x', sizeof(long_label));
	ok(dns_key_init(&b, t_bytes(long_label, 63), DNS_A),
	    "a label of 63 bytes is taken");
	ok(!dns_key_init(&b, t_bytes(long_label, 64), DNS_A),
	    "one of 64 is not");
	s = repeat(name, "a.", 127);
	ok(dns_key_init(&b, slice_sub(s, 0, 253), DNS_A),
	    "a name of 253 bytes is taken");
	ok(dns_key_init(&b, s, DNS_A), "and with its final dot");
	name[253] = '.';
	name[254] = 'b';
	ok(!dns_key_init(&b, slice_of(name, 255), DNS_A), "one of 255 is not");
	ok(dns_key_init(&b, t_bytes("a\0\xff b.c", 7), DNS_A),
	    "any byte but the dot may stand in a label");
	ok(dns_key_init(&b, SL("mail.example.org"), DNS_A) &&
		dns_key_eq(&a, &b) &&
		dns_key_hash(&a, seed) == dns_key_hash(&b, seed),
	    "equal questions have equal hashes");
	b.type = DNS_AAAA;
	ok(!dns_key_eq(&a, &b) &&
		dns_key_hash(&a, seed) != dns_key_hash(&b, seed),
	    "another type is another question");
	ok(dns_key_hash(&a, seed) != dns_key_hash(&a, other),
	    "another seed gives other hashes");
}

static void
test_text(void)
{
	struct dns_wire w;
	char text[DNS_NAME_TEXT], plain[DNS_NAME_PLAIN];
	struct slice s;

	ok(dns_wire_from_plain(SL("a\\b.example"), &w), "plain to wire");
	is_text(dns_wire_text(&w, text), "a\\092b.example",
	    "a backslash is escaped in text");
	ok(dns_wire_from_text(SL("a\\.b.\\000\\255\\032.example."), &w),
	    "escapes are read");
	is_text(dns_wire_text(&w, text), "a\\046b.\\000\\255\\032.example",
	    "dot, NUL, 8-bit and space inside a label are written \\DDD");
	ok(!dns_wire_plain(&w, plain, &s),
	    "a label with a dot inside has no plain form");
	ok(dns_wire_from_text(SL("X.\\097"), &w) &&
		dns_wire_plain(&w, plain, &s),
	    "other names have one");
	is_text(s, "X.a", "with the bytes themselves");
	ok(dns_wire_from_text(SL("."), &w) && w.n == 1, "the root");
	is_text(dns_wire_text(&w, text), "", "is empty text");
	ok(!dns_wire_from_text(SL(""), &w), "an empty text is no name");
	ok(!dns_wire_from_text(SL("a..b"), &w), "nor is an empty label");
	ok(!dns_wire_from_text(t_slice("a\\"), &w), "an open escape fails");
	ok(!dns_wire_from_text(t_slice("a\\25"), &w), "a short one too");
	ok(!dns_wire_from_text(t_slice("a\\256"), &w), "and one over 255");
}

static void
test_wire(void)
{
	static const char good[] = "\3www\7example\3org\0rest";
	char long_name[260], text[DNS_NAME_TEXT];
	struct slice rest = t_bytes(good, sizeof(good) - 1);
	struct dns_wire w;

	ok(dns_wire_take(&rest, &w), "a name is taken off the front");
	is_text(dns_wire_text(&w, text), "www.example.org", "whole");
	is_text(rest, "rest", "and nothing more");
	for (size_t n = 0; n < 17; n++) {
		rest = t_bytes(good, n);
		ok(!dns_wire_take(&rest, &w), "cut after %zu bytes: refused",
		    n);
	}
	rest = t_bytes("\xc0\x0c", 2);
	ok(!dns_wire_take(&rest, &w), "a compression pointer is refused");
	for (size_t i = 0; i < 256; i += 2) {
		long_name[i] = 1;
		long_name[i + 1] = '\xff';
	}
	long_name[254] = 0;
	rest = t_bytes(long_name, 255);
	ok(dns_wire_take(&rest, &w) && w.n == 255, "255 bytes are taken");
	is_int((int64_t)dns_wire_text(&w, text).n, 127 * 5 - 1,
	    "the longest text form fits");
	long_name[254] = 1;
	long_name[255] = 'x';
	long_name[256] = 0;
	rest = t_bytes(long_name, 257);
	ok(!dns_wire_take(&rest, &w), "257 bytes are refused");
}

int
main(void)
{
	test_key();
	test_text();
	test_wire();
	return tap_done();
}
