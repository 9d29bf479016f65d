/* SPDX-License-Identifier: BSD-2-Clause
 *
 * domain: comparing, cutting, what DNS can carry, U-labels.
 */
#include "mail/domain.h"

#include "lib/tap.h"

static void
test_compare(void)
{
	ok(domain_eq(t_slice("Example.ORG."), t_slice("example.org")),
	    "case and final dot are ignored");
	ok(!domain_eq(t_slice("example.org"), t_slice("xexample.org")),
	    "a longer name differs");
	ok(domain_within(t_slice("a.B.org"), t_slice("b.ORG.")),
	    "a child is within");
	ok(domain_within(t_slice("b.org"), t_slice("b.org")),
	    "a name is within itself");
	ok(!domain_within(t_slice("ab.org"), t_slice("b.org")),
	    "a longer label is not within");
	ok(!domain_within(t_slice("b.org"), t_slice("a.b.org")),
	    "a parent is not within");
	ok(!domain_within(t_slice("b.org"), t_slice("")),
	    "nothing is within no name");
}

static void
test_labels(void)
{
	is_int(domain_labels(t_slice("")), 0, "no labels");
	is_int(domain_labels(t_slice("org")), 1, "one label");
	is_int(domain_labels(t_slice("a.b.org")), 3, "three labels");
	is_text(domain_suffix(t_slice("a.b.org"), 2), "b.org",
	    "two rightmost labels");
	is_text(domain_suffix(t_slice("a.b.org"), 9), "a.b.org",
	    "more labels than there are");
	is_text(domain_suffix(t_slice("a.b.org"), 0), "",
	    "no labels asked for");
	is_text(domain_parent(t_slice("a.b.org")), "b.org", "parent");
	is_text(domain_parent(t_slice("org")), "",
	    "a single label has no parent");
}

static void
test_kinds(void)
{
	char label[70];

	memset(label, 'a', sizeof(label));
	memcpy(label + 64, ".org", 4);
	ok(!domain_is_carryable(t_bytes(label, 68)),
	    "a label of 64 is too long");
	ok(domain_is_carryable(t_bytes(label + 1, 67)), "a label of 63 is not");
	ok(!domain_is_carryable(t_slice("a..b")), "an empty label");
	ok(!domain_is_carryable(t_slice(".a")), "a leading dot");
	ok(!domain_is_carryable(t_slice("a.")), "a final dot");
	ok(domain_is_carryable(t_slice("a b\xff.c")), "DNS carries any byte");
	ok(domain_is_hostname(t_slice("_a.b-c.1")), "underscores and digits");
	ok(!domain_is_hostname(t_slice("a-.b")),
	    "a label may not end in a hyphen");
	ok(!domain_is_hostname(t_slice("a.-b")), "nor begin with one");
	ok(!domain_is_hostname(t_slice("a b.c")), "no space in a host name");
	ok(domain_is_fqdn(t_slice("a.b")) && !domain_is_fqdn(t_slice("a")),
	    "fqdn has two labels");
	ok(!domain_is_fqdn(t_slice("[192.0.2.1]")), "a literal is no fqdn");
}

static void
test_ascii(void)
{
	struct arena *a = t_arena();
	char longname[300];

	is_text(domain_to_ascii(a, t_slice("Example.ORG.")), "example.org",
	    "lower case, no final dot");
	is_text(domain_to_ascii(a, t_slice("_x.a--b.ORG")), "_x.a--b.org",
	    "names IDNA would refuse pass");
	is_text(domain_to_ascii(a,
		    t_slice("b\xc3\xbc"
			    "cher.example")),
	    "xn--bcher-kva.example", "a U-label");
	is_text(domain_to_ascii(a,
		    t_slice("B\xc3\x9c"
			    "cher.Example.")),
	    "xn--bcher-kva.example", "an upper-case U-label");
	is_text(domain_to_ascii(a, t_slice("fa\xc3\x9f.de")), "xn--fa-hia.de",
	    "sharp s is itself (non-transitional)");
	is_text(domain_to_ascii(a,
		    t_slice("a\xe3\x80\x82"
			    "b\xc3\xbc.de")),
	    "a.xn--b-eha.de", "an ideographic full stop divides labels");
	is_text(domain_to_ascii(a, t_slice("\xef\xbd\x85xample.com")),
	    "example.com", "full-width letters map to ASCII");
	is_text(domain_to_ascii(a, t_slice("XN--Bcher-KVA.example")),
	    "xn--bcher-kva.example", "an A-label in upper case");
	ok(domain_to_ascii(a, t_slice("")).p == NULL, "no name");
	ok(domain_to_ascii(a, t_slice(".")).p == NULL, "the root");
	ok(domain_to_ascii(a, t_slice("a..b")).p == NULL, "an empty label");
	ok(domain_to_ascii(a, t_slice("a b.c")).p == NULL, "a space");
	ok(domain_to_ascii(a, t_slice("[192.0.2.1]")).p == NULL, "a literal");
	ok(domain_to_ascii(a, t_bytes("a\0.b", 4)).p == NULL, "a NUL");
	ok(domain_to_ascii(a, t_bytes("\xc3\xbc\0.b", 5)).p == NULL,
	    "a NUL in a U-label");
	ok(domain_to_ascii(a,
	       t_slice("b\xfc"
		       "cher.example"))
		    .p == NULL,
	    "Latin-1 is no UTF-8");
	memset(longname, 'a', sizeof(longname));
	for (size_t i = 50; i < sizeof(longname); i += 50)
		longname[i] = '.';
	ok(domain_to_ascii(a, t_bytes(longname, 254)).p == NULL,
	    "254 octets are too many");
	ok(domain_to_ascii(a, t_bytes(longname, 253)).p != NULL, "253 are not");
}

int
main(void)
{
	test_compare();
	test_labels();
	test_kinds();
	test_ascii();
	return tap_done();
}
