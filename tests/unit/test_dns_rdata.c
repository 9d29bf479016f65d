/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_rdata: record data by RFC 1035 section 3.3, every cut of it, and lengths
 * that lie.
 */
#include "dns/dns_rdata.h"

#include "base/err.h"
#include "lib/tap.h"

/* Every type that is read, with data that is right. */
static const struct {
	enum dns_type type;
	size_t n;
	const char *data;
	bool prefixes; /* some shorter data is right as well */
} good[] = {
	{ DNS_A, 4, "\xc0\x00\x02\x01", false },
	{ DNS_AAAA, 16, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", false },
	{ DNS_MX, 11, "\x01\x02\2mx\4test\0", false },
	{ DNS_MX, 3, "\0\0\0", false },
	{ DNS_PTR, 6, "\1a\2b.\0", false },
	{ DNS_CNAME, 3, "\1a\0", false },
	{ DNS_TXT, 8, "\3abc\0\2de", true },
};

static void
test_good(void)
{
	struct arena *a = t_arena();
	struct dns_record rr;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		is_int(dns_rdata_read(a, good[i].type,
			   t_bytes(good[i].data, good[i].n), &rr),
		    0, "%s is read", dns_type_name(good[i].type));
		for (size_t n = 0; n < good[i].n && !good[i].prefixes; n++)
			is_int(dns_rdata_read(a, good[i].type,
				   t_bytes(good[i].data, n), &rr),
			    ERR_SYNTAX, "cut after %zu bytes it is refused", n);
	}
	is_int(dns_rdata_read(a, DNS_MX, t_bytes(good[2].data, 11), &rr), 0,
	    "MX");
	is_int(rr.preference, 258, "its preference");
	is_text(rr.name, "mx.test", "and host");
	is_int(dns_rdata_read(a, DNS_PTR, t_bytes(good[4].data, 6), &rr), 0,
	    "PTR");
	is_text(rr.name, "a.b\\046", "a dot in a label is escaped");
	is_int(dns_rdata_read(a, DNS_TXT, t_bytes(good[6].data, 8), &rr), 0,
	    "TXT");
	is_text(rr.text, "abcde", "its strings are joined");
	ok(rr.ip.family == 0 && rr.name.n == 0, "and nothing else is set");
}

static void
test_bad(void)
{
	static const struct {
		enum dns_type type;
		size_t n;
		const char *data;
		const char *what;
	} bad[] = {
		{ DNS_A, 5, "\xc0\x00\x02\x01\x01", "five bytes of A" },
		{ DNS_AAAA, 4, "\xc0\x00\x02\x01", "an A as AAAA" },
		{ DNS_TXT, 0, "", "TXT without a string" },
		{ DNS_TXT, 3, "\3ab", "a string longer than its record" },
		{ DNS_TXT, 3, "\1a\xff", "a second one" },
		{ DNS_PTR, 2, "\xc0\x0c", "a compression pointer" },
		{ DNS_PTR, 4, "\1a\0x", "bytes behind a name" },
		{ DNS_PTR, 3, "\x41\x61\x00", "an unknown kind of label" },
		{ DNS_MX, 4, "\0\1\xc0\x0c", "a pointer in MX" },
		{ (enum dns_type)99, 4, "\0\0\0\0", "another type" },
	};
	struct arena *a = t_arena();
	struct dns_record rr;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_int(dns_rdata_read(a, bad[i].type,
			   t_bytes(bad[i].data, bad[i].n), &rr),
		    ERR_SYNTAX, "%s is refused", bad[i].what);
}

static void
test_memory(void)
{
	struct arena *small = arena_new(16);
	struct dns_record rr;

	is_int(dns_rdata_read(small, DNS_TXT, t_bytes(good[6].data, 8), &rr), 0,
	    "while there is memory");
	is_int(dns_rdata_read(small, DNS_TXT, t_bytes(good[6].data, 8), &rr),
	    ERR_NOMEM, "and none");
	arena_free(small);
}

int
main(void)
{
	test_good();
	test_bad();
	test_memory();
	return tap_done();
}
