/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_record: what is a record, and what each bad tag costs (RFC 9989
 * section 4.7, 4.8).
 */
#include "check/dmarc_record.h"

#include "base/buf.h"
#include "base/err.h"
#include "lib/tap.h"

struct version {
	const char *text;
	bool is_record;
};

static const struct version versions[] = {
	{ "v=DMARC1", true },
	{ "v=DMARC1;", true },
	{ "v=DMARC1; p=none", true },
	{ "v = DMARC1 ;p=none", true },
	{ "v=DMARC1\t;", true },
	{ "", false },
	{ "v", false },
	{ "v=", false },
	{ "v=dmarc1; p=none", false },
	{ "V=DMARC1; p=none", false },
	{ "v=DMARC10; p=none", false },
	{ "v=DMARC1p=none", false },
	{ "v=DMARC1 p=none", false },
	{ " v=DMARC1; p=none", false },
	{ "p=none; v=DMARC1", false },
	{ "v=spf1 -all", false },
	{ "vx=DMARC1", false },
};

struct policy {
	const char *text, *p, *sp, *np, *bad;
	const char *name;
};

static const struct policy policies[] = {
	{ "v=DMARC1", "none", "none", "none", "", "an absent p is none" },
	{ "v=DMARC1; p=reject", "reject", "reject", "reject", "",
	    "sp and np follow p" },
	{ "v=DMARC1; sp=quarantine; p=reject", "reject", "quarantine",
	    "quarantine", "", "np follows sp, any order" },
	{ "v=DMARC1; p=none; np=reject", "none", "none", "reject", "",
	    "np alone" },
	{ "v=DMARC1;p=Reject;sp=NONE", "reject", "none", "none", "",
	    "words in any case" },
	{ "v=DMARC1; p = reject ; ; sp=none", "reject", "none", "none", "",
	    "white space and an empty tag" },
	{ "v=DMARC1; p=rej; sp=none", "none", "none", "none", "p",
	    "no abbreviation of p" },
	{ "v=DMARC1; p=r", "none", "none", "none", "p", "not by one letter" },
	{ "v=DMARC1; p=", "none", "none", "none", "p",
	    "an empty p is a bad one" },
	{ "v=DMARC1; p=reject; sp=bogus", "reject", "reject", "reject", "sp",
	    "a bad sp" },
	{ "v=DMARC1; p=reject; np=bogus", "reject", "reject", "reject", "np",
	    "a bad np" },
	{ "v=DMARC1; P=reject", "none", "none", "none", "",
	    "tag names have their case" },
	{ "v=DMARC1; p=reject; p=none", "reject", "reject", "reject", "",
	    "the first of two counts" },
	{ "v=DMARC1; =x; p=reject; foo", "reject", "reject", "reject", "",
	    "what is no tag is left out" },
	{ "v=DMARC1; pct=0; rf=iodef; ri=x; zz=\xff; p=reject", "reject",
	    "reject", "reject", "", "historic and unknown tags do nothing" },
};

struct uri {
	const char *text;
	bool valid;
};

static const struct uri uris[] = {
	{ "mailto:a@b.org", true },
	{ "mailto:a@b.org!10m", true },
	{ "MAILTO:a@b.org", true },
	{ "https://b.org/x", true },
	{ "mailto:", false },
	{ "mailto:a", false },
	{ "mailto:@b.org", false },
	{ "mailto:a@", false },
	{ "mailto:a b@c.org", false },
	{ "a@b.org", false },
	{ ":x", false },
	{ "", false },
};

static struct dmarc_record
read_record(const char *text)
{
	struct dmarc_record r = { .p = DMARC_POLICY_NONE };

	if (dmarc_record_read(t_arena(), t_slice(text), &r) != 0)
		ok(false, "%s is a record", text);
	return r;
}

static void
test_policies(void)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		const struct policy *v = &policies[i];
		struct dmarc_record r = read_record(v->text);

		is_text(slice_c(dmarc_policy_word(r.p)), v->p, "%s: p",
		    v->name);
		is_text(slice_c(dmarc_policy_word(r.sp)), v->sp, "%s: sp",
		    v->name);
		is_text(slice_c(dmarc_policy_word(r.np)), v->np, "%s: np",
		    v->name);
		is_text(r.bad, v->bad, "%s: which tag is bad", v->name);
	}
}

static void
test_tags(void)
{
	struct dmarc_record r = read_record("v=DMARC1");

	ok(!r.strict_dkim && !r.strict_spf && !r.testing && !r.reports,
	    "defaults: relaxed, in force, no reports");
	is_int(r.psd, DMARC_PSD_UNKNOWN, "default of psd");
	is_int(r.fo, 0, "no fo without ruf");
	r = read_record(
	    "v=DMARC1; adkim=S; aspf=s; t=Y; psd=n; fo=1:d:s; ruf=mailto:f@b.org");
	ok(r.strict_dkim && r.strict_spf && r.testing,
	    "strict and testing, in any case");
	is_int(r.psd, DMARC_PSD_NO, "psd=n");
	is_int(r.fo, DMARC_FO_ANY | DMARC_FO_DKIM | DMARC_FO_SPF, "fo");
	is_text(r.ruf, "mailto:f@b.org", "ruf");
	r = read_record(
	    "v=DMARC1; adkim=strict; aspf=; t=yes; psd=x; fo=2; ruf=mailto:f@b.org");
	ok(!r.strict_dkim && !r.strict_spf && !r.testing,
	    "bad values fall to the default");
	is_int(r.psd, DMARC_PSD_UNKNOWN, "bad psd");
	is_int(r.fo, DMARC_FO_ALL, "bad fo");
	is_int(read_record("v=DMARC1; psd=y").psd, DMARC_PSD_YES, "psd=y");
	r = read_record("v=DMARC1; rua=bad, mailto:a@b.org!10m");
	ok(r.reports, "one valid URI is enough");
	is_text(r.rua, "bad, mailto:a@b.org!10m", "rua as written");
	ok(!read_record("v=DMARC1; rua=bad,,").reports, "none is valid");
}

static void
test_hostile(void)
{
	static char big[8192];
	struct dmarc_record r;
	struct buf b;

	buf_init(&b, t_arena(), sizeof(big));
	buf_adds(&b, "v=DMARC1; p=reject");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, ";a%d=b", i);
	r = read_record(buf_cstr(&b));
	is_int(r.p, DMARC_POLICY_REJECT, "a thousand tags do not hide p");
	ok(dmarc_record_read(t_arena(), t_bytes("v=DMARC1\0; p=reject", 19),
	       &r) == ERR_SYNTAX,
	    "a NUL behind the version");
	ok(dmarc_record_read(t_arena(), t_bytes("v=DMARC1; p=rej\0ct", 18),
	       &r) == 0 &&
		r.p == DMARC_POLICY_NONE,
	    "a NUL in a value");
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		struct dmarc_record r;
		int err =
		    dmarc_record_read(t_arena(), t_slice(versions[i].text), &r);

		ok(versions[i].is_record ? err == 0 : err == ERR_SYNTAX,
		    "\"%s\" is %sa record", versions[i].text,
		    versions[i].is_record ? "" : "not ");
	}
	for (size_t i = 0; i < ARRAY_LEN(uris); i++)
		ok(dmarc_uri_is_valid(t_slice(uris[i].text)) == uris[i].valid,
		    "URI \"%s\"", uris[i].text);
	test_policies();
	test_tags();
	test_hostile();
	return tap_done();
}
