/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_field: what each of the three fields must and must not hold.
 */
#include "check/arc_field.h"
#include "lib/tap.h"

#define NOW 1800000000
#define BH "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static const struct row {
	enum arc_kind kind;
	const char *value;
	unsigned instance;
	const char *fault; /* "": none */
} rows[] = {
	{ ARC_RESULTS, " i=1; mx.example.net; none", 1, "" },
	{ ARC_RESULTS, "i=50;", 50, "" },
	{ ARC_RESULTS, " (one) i (two) = (three) 7 (four); mx", 7, "" },
	{ ARC_RESULTS, "\r\n\ti=2\r\n ;\r\n\tmx", 2, "" },
	{ ARC_RESULTS, " i=09; mx", 9, "" },
	{ ARC_RESULTS, " i=51; mx", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " i=0; mx", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " i=001; mx", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " i=-1; mx", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " i=1 mx", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " i=1", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " i=;", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " i", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, "", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " I=1; mx", 0, "i= is missing or not from 1 to 50" },
	{ ARC_RESULTS, " mx.example.net; i=1", 0,
	    "i= is missing or not from 1 to 50" },

	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA", 1,
	    "" },
	{ ARC_SEAL, " i=2;a=ed25519-sha256;d=e.org;s=x;cv=pass;b=AA AA;t=1", 2,
	    "" },
	{ ARC_SEAL, " cv=FAIL; i=3; a=rsa-sha256; d=e.org; s=x; b=AAAA;", 3,
	    "" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA; q=new",
	    1, "" },
	{ ARC_SEAL,
	    " i=1; a=rsa-sha256; c=simple/simple; d=e.org; s=x; cv=none; b=AAAA",
	    1, "" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA; h=from",
	    1, "h= is not allowed" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; b=AAAA", 1,
	    "cv= is missing or unknown" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=; b=AAAA", 1,
	    "cv= is missing or unknown" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=good; b=AAAA", 1,
	    "cv= is missing or unknown" },
	{ ARC_SEAL, " i=1; a=rsa-sha1; d=e.org; s=x; cv=none; b=AAAA", 1,
	    "rsa-sha1 is not accepted" },
	{ ARC_SEAL, " i=1; a=rsa-sha512; d=e.org; s=x; cv=none; b=AAAA", 1,
	    "signature algorithm is not supported" },
	{ ARC_SEAL, " i=1; d=e.org; s=x; cv=none; b=AAAA", 1,
	    "signature has no a=" },
	{ ARC_SEAL, " i=1; a=; d=e.org; s=x; cv=none; b=AAAA", 1,
	    "a= is empty" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; s=x; cv=none; b=AAAA", 1,
	    "signature has no d=" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=-; s=x; cv=none; b=AAAA", 1,
	    "d= is not a domain name" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; cv=none; b=AAAA", 1,
	    "signature has no s=" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=none", 1,
	    "signature has no b=" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=none; b=!", 1,
	    "b= is not base64" },
	{ ARC_SEAL, " i=1; a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA; t=now",
	    1, "t= is not a time" },
	{ ARC_SEAL, " a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA", 0,
	    "i= is missing or not from 1 to 50" },
	{ ARC_SEAL, " i=1; i=1; a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA", 1,
	    "malformed or repeated tag: i" },
	{ ARC_SEAL, " i=51; a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA", 0,
	    "i= is missing or not from 1 to 50" },
	{ ARC_SEAL, " i=x; a=rsa-sha256; d=e.org; s=x; cv=none; b=AAAA", 0,
	    "i= is missing or not from 1 to 50" },
	{ ARC_SEAL, " i=1; no tag list", 1,
	    "malformed or repeated tag: no tag list" },
	{ ARC_SEAL, "", 0, "i= is missing or not from 1 to 50" },

	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; h=from; " BH "; b=AAAA", 1, "" },
	{ ARC_MESSAGE,
	    " i=1; v=1; a=rsa-sha256; d=e.org; s=x; h=from; " BH "; b=AAAA", 1,
	    "" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; c=relaxed; d=e.org; s=x; h=from; " BH
	    "; b=AAAA",
	    1, "" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; c=loose; d=e.org; s=x; h=from; " BH "; b=AAAA",
	    1, "c= is not supported" },
	{ ARC_MESSAGE, " i=1; a=rsa-sha1; d=e.org; s=x; h=from; " BH "; b=AAAA",
	    1, "rsa-sha1 is not accepted" },
	{ ARC_MESSAGE, " i=1; a=rsa-sha256; d=e.org; s=x; " BH "; b=AAAA", 1,
	    "signature has no h=" },
	{ ARC_MESSAGE, " i=1; a=rsa-sha256; d=e.org; s=x; h=to; " BH "; b=AAAA",
	    1, "h= does not name From" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; h=from:arc-seal; " BH "; b=AAAA",
	    1, "h= names a field that it must not sign" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; "
	    "h=From : ARC-Message-Signature; " BH "; b=AAAA",
	    1, "h= names a field that it must not sign" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; "
	    "h=ARC-Authentication-Results:from; " BH "; b=AAAA",
	    1, "h= names a field that it must not sign" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; "
	    "h=from:Authentication-Results; " BH "; b=AAAA",
	    1, "h= names a field that it must not sign" },
	{ ARC_MESSAGE, " i=1; a=rsa-sha256; d=e.org; s=x; h=from; b=AAAA", 1,
	    "signature has no bh=" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; h=from; bh=AAAA; b=AAAA", 1,
	    "bh= is not a SHA-256 digest" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; h=from; " BH
	    "; b=AAAA; x=1700000000",
	    1, "signature expired" },
	{ ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; h=from; " BH "; b=AAAA; l=x", 1,
	    "l= is not a number" },
	{ ARC_MESSAGE,
	    " i=0; a=rsa-sha256; d=e.org; s=x; h=from; " BH "; b=AAAA", 0,
	    "i= is missing or not from 1 to 50" },
	{ ARC_MESSAGE,
	    " i=@e.org; a=rsa-sha256; d=e.org; s=x; h=from; " BH "; b=AAAA", 0,
	    "i= is missing or not from 1 to 50" },
};

static struct arc_field
read_field(enum arc_kind kind, const char *value)
{
	struct slice name = slice_c(arc_kind_name(kind));
	const struct header_field *f;
	struct header_list h;
	struct arc_field out;

	header_list_init(&h, t_arena());
	if (header_list_add(&h, name, t_slice(value), &f) != 0 ||
	    arc_field_read(t_arena(), f, kind, NOW, 300, &out) != 0)
		abort();
	return out;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arc_field f = read_field(rows[i].kind, rows[i].value);

		is_int(f.instance, rows[i].instance, "instance of %s:%s",
		    arc_kind_name(rows[i].kind), rows[i].value);
		is_text(f.fault, rows[i].fault, "fault of it");
	}
}

static void
test_names(void)
{
	enum arc_kind k;

	for (unsigned i = 0; i < ARC_KINDS; i++)
		ok(arc_kind_parse(slice_c(arc_kind_name((enum arc_kind)i)),
		       &k) &&
			k == (enum arc_kind)i,
		    "%s is known by its name", arc_kind_name((enum arc_kind)i));
	ok(arc_kind_parse(SL("arc-SEAL"), &k) && k == ARC_SEAL, "in any case");
	ok(!arc_kind_parse(SL("ARC-Sealed"), &k), "ARC-Sealed is no field");
	ok(!arc_kind_parse(SL(""), &k), "nor is nothing");
}

static void
test_parts(void)
{
	struct arc_field f =
	    read_field(ARC_RESULTS, " i=3 ; mx.example.net; spf=pass");

	is_text(f.results, " mx.example.net; spf=pass", "results");
	f = read_field(ARC_SEAL,
	    " i=2; cv=pass; a=rsa-sha256; d=Seal.Example; s=x; b=AAAA");
	is_int(f.cv, VERDICT_PASS, "cv");
	is_text(f.sig.domain, "seal.example", "domain in lower case");
	is_int(f.sig.header_canon, CANON_RELAXED, "a seal is relaxed");
	f = read_field(ARC_MESSAGE,
	    " i=1; a=rsa-sha256; d=e.org; s=x; h=from; " BH "; b=AAAA");
	is_int(f.sig.header_canon, CANON_SIMPLE,
	    "without c= a header is simple");
	is_int(f.sig.body_canon, CANON_SIMPLE, "and so is the body");
	ok(f.sig.identity_is_domain, "i= says nothing of an identity");
}

int
main(void)
{
	test_names();
	test_rows();
	test_parts();
	return tap_done();
}
