/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_spf_record: what the reader hands on: terms with their values and
 * texts, in order, and which record of an answer is meant. Which records are
 * right at all is told by the vectors.
 */
#include "check/spf_record.h"

#include "check/spf_macro.h"
#include "lib/tap.h"

static struct spf_record
read_record(const char *text)
{
	struct spf_record r;
	struct spf_flaw flaw;

	ok(spf_record_read(t_slice(text), &r, &flaw), "%s", text);
	return r;
}

static const struct {
	enum spf_kind kind;
	enum verdict qualifier;
	const char *text, *spec;
	unsigned bits4, bits6;
} terms[] = {
	{ SPF_IP4, VERDICT_PASS, "ip4:192.0.2.0/24", "", 24, 128 },
	{ SPF_IP6, VERDICT_FAIL, "-ip6:2001:db8::/32", "", 32, 32 },
	{ SPF_A, VERDICT_SOFTFAIL, "~A:%{d}/8//16", "%{d}", 8, 16 },
	{ SPF_MX, VERDICT_NEUTRAL, "?mx//64", "", 32, 64 },
	{ SPF_A, VERDICT_PASS, "a:x/y.example/0", "x/y.example", 0, 128 },
	{ SPF_PTR, VERDICT_PASS, "+ptr", "", 32, 128 },
	{ SPF_EXISTS, VERDICT_PASS, "exists:%{ir}.x", "%{ir}.x", 32, 128 },
	{ SPF_INCLUDE, VERDICT_PASS, "include:x.example", "x.example", 32,
	    128 },
	{ SPF_ALL, VERDICT_FAIL, "-all", "", 32, 128 },
};

static void
test_terms(void)
{
	struct spf_record r = read_record(
	    "v=spf1  ip4:192.0.2.0/24 -ip6:2001:db8::/32 x=%{r} ~A:%{d}/8//16 "
	    "?mx//64 redirect=%{l}.x a:x/y.example/0 +ptr exists:%{ir}.x   "
	    "include:x.example exp=e.example -all ");
	struct spf_term t;
	size_t at = 0, i = 0;

	for (; spf_record_next(&r, &at, &t) && i < ARRAY_LEN(terms); i++) {
		is_text(t.text, terms[i].text, "term %zu as written", i);
		is_text(t.spec, terms[i].spec, "its domain-spec");
		ok(t.kind == terms[i].kind &&
			t.qualifier == terms[i].qualifier &&
			t.bits4 == terms[i].bits4 && t.bits6 == terms[i].bits6,
		    "kind, qualifier and prefix lengths");
	}
	is_int((int64_t)i, ARRAY_LEN(terms), "modifiers are not among them");
	ok(!spf_record_next(&r, &at, &t), "and that is all");
	is_text(r.redirect.spec, "%{l}.x", "redirect is kept apart");
	ok(r.redirect.macros == SPF_LETTER('l'), "with the macros it uses");
	is_text(r.exp.text, "exp=e.example", "exp too");
	ok(r.has_all && !r.nobody, "all was seen");
}

static void
test_values(void)
{
	struct spf_record r = read_record("v=spf1 ip4:192.0.2.77/24 "
					  "ip6:2001:DB8::1 a:%{s}%{H}%{p2r-}");
	char ip[IP_TEXT];
	struct spf_term t;
	size_t at = 0;

	if (!spf_record_next(&r, &at, &t))
		return;
	is_text(slice_c(ip_print(&t.ip, ip)), "192.0.2.77",
	    "an address keeps its host bits");
	if (!spf_record_next(&r, &at, &t))
		return;
	is_text(slice_c(ip_print(&t.ip, ip)), "2001:db8::1", "IPv6");
	ok(spf_record_next(&r, &at, &t) &&
		t.macros ==
		    (SPF_LETTER('s') | SPF_LETTER('h') | SPF_LETTER('p')),
	    "the set of macro letters, in any case");
}

static void
test_counting(void)
{
	struct spf_record r =
	    read_record("v=spf1 a mx ptr exists:x.y include:x.y ip4:192.0.2.1 "
			"ip6:::1 all redirect=x.y");
	struct spf_term t;
	size_t at = 0;
	int counted = 0, all = 0;

	for (; spf_record_next(&r, &at, &t); all++)
		counted += spf_term_counts(&t);
	is_int(counted, 5, "five of them look something up");
	is_int(all, 8, "of eight");
	ok(spf_term_counts(&r.redirect), "redirect does too");
}

static void
test_flaws(void)
{
	struct spf_record r;
	struct spf_flaw flaw;

	ok(!spf_record_read(t_slice("v=spf1 a b=c d -all"), &r, &flaw),
	    "an unknown mechanism");
	is_text(flaw.term, "d", "is named");
	is_text(slice_c(flaw.why), "no known mechanism", "with the reason");
	ok(!spf_record_read(t_slice("v=spf1 exp=a.b exp=c.d"), &r, &flaw),
	    "exp twice");
	is_text(flaw.term, "exp=c.d", "the second one is named");
	is_text(slice_c(flaw.why), "given twice", "with the reason");
}

static unsigned
count(const char *const texts[], size_t n, struct slice *out)
{
	struct dns_record rr[4] = { 0 };
	struct dns_answer a = { .status = n > 0 ? DNS_OK : DNS_NODATA,
		.type = DNS_TXT,
		.n = n,
		.rr = rr };

	for (size_t i = 0; i < n; i++)
		rr[i].text = t_slice(texts[i]);
	return spf_record_select(&a, out);
}

static void
test_select(void)
{
	const char *const one[] = { "x", "v=spf1", "v=spf10", "" };
	const char *const two[] = { "v=spf1 -all", "x", "V=Spf1 " };
	const char *const many[] = { "v=spf1", "v=spf1", "v=spf1", "v=spf1" };
	struct slice s;

	is_int(count(one, 4, &s), 1, "one among others");
	is_text(s, "v=spf1", "is found");
	is_int(count(two, 3, &s), 2, "two");
	is_text(s, "v=spf1 -all", "the first one is given");
	is_int(count(many, 4, &s), 2, "more than two are not counted");
	is_int(count(NULL, 0, &s), 0, "no answer, no record");
}

int
main(void)
{
	test_terms();
	test_values();
	test_counting();
	test_flaws();
	test_select();
	return tap_done();
}
