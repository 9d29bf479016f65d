/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_field: which DKIM-Signature fields are let through, and the reason for
 * which the others are not.
 */
#include "check/dkim_field.h"

#include "lib/tap.h"

#define NOW 1000000
#define DRIFT 300

/* A digest of 32 octets, as bh=. */
#define BH "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define REST BH "; b=QUJD"

static struct dkim_field
read_value(const char *value, size_t n)
{
	struct arena *a = t_arena();
	struct header_list h;
	struct dkim_field f = { 0 };

	header_list_init(&h, a);
	if (header_list_add(&h, SL("DKIM-Signature"), slice_of(value, n),
		NULL) != 0 ||
	    dkim_field_read(a, &h.fields.at[0], NOW, DRIFT, &f) != 0)
		note("memory");
	return f;
}

static const struct {
	const char *value;
	const char *reason; /* NULL: let through */
} cases[] = {
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " REST, NULL },
	{ " v=1;\r\n\ta=rsa-sha256;\r\n d=example.org;s=s;h=from;" REST
	  ";\r\n ",
	    NULL },
	{ "a=rsa-sha256; d=example.org; s=s; h=from; v=1; " REST, NULL },
	{ "v=1; a=RSA-SHA256; c=Relaxed; d=Example.ORG; s=S; h=From; " REST,
	    NULL },
	{ "v=1; a=ed25519-sha256; d=e.example; s=a.b; h=from; x_new=?; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; r=y; z=From:a=20b|"
	  "To:c; " REST,
	    NULL },

	/* the list itself */
	{ "", "malformed or repeated tag: " },
	{ "v=1; a", "malformed or repeated tag: a" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; d=example.org; " REST,
	    "malformed or repeated tag: d" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=fr\rom; " REST,
	    "malformed or repeated tag: h" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; x_a=\xc3\xa4; " REST,
	    "malformed or repeated tag: x_a" },

	/* v= and what is required */
	{ "a=rsa-sha256; d=example.org; s=s; h=from; " REST,
	    "signature has no v=" },
	{ "v=2; a=rsa-sha256; d=example.org; s=s; h=from; " REST,
	    "signature version is not supported" },
	{ "v=0.5; a=rsa-sha256; d=example.org; s=s; h=from; " REST,
	    "signature version is not supported" },
	{ "v=; a=rsa-sha256; d=example.org; s=s; h=from; " REST,
	    "signature version is not supported" },
	{ "v=1; d=example.org; s=s; h=from; " REST, "signature has no a=" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH,
	    "signature has no b=" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; b=QUJD",
	    "signature has no bh=" },
	{ "v=1; a=rsa-sha256; s=s; h=from; " REST, "signature has no d=" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; " REST,
	    "signature has no h=" },
	{ "v=1; a=rsa-sha256; d=example.org; h=from; " REST,
	    "signature has no s=" },
	{ "v=1; a=; d=example.org; s=s; h=from; " REST, "a= is empty" },
	{ "v=1; a=rsa-sha256; d=; s=s; h=from; " REST, "d= is empty" },
	{ "v=1; a=rsa-sha256; d=example.org; s= ; h=from; " REST,
	    "s= is empty" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=; " REST, "h= is empty" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH "; b=",
	    "b= is empty" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=; b=QUJD",
	    "bh= is empty" },

	/* d= and s= */
	{ "v=1; a=rsa-sha256; d=exam ple.org; s=s; h=from; " REST,
	    "d= is not a domain name" },
	{ "v=1; a=rsa-sha256; d=a(b.test; s=s; h=from; " REST,
	    "d= is not a domain name" },
	{ "v=1; a=rsa-sha256; d=.example.org; s=s; h=from; " REST,
	    "d= is not a domain name" },
	{ "v=1; a=rsa-sha256; d=example.org.; s=s; h=from; " REST,
	    "d= is not a domain name" },
	{ "v=1; a=rsa-sha256; d=example..org; s=s; h=from; " REST,
	    "d= is not a domain name" },
	{ "v=1; a=rsa-sha256; d=@example.org; s=s; h=from; " REST,
	    "d= is not a domain name" },
	{ "v=1; a=rsa-sha256; d=[192.0.2.1]; s=s; h=from; " REST,
	    "d= is not a domain name" },
	{ "v=1; a=rsa-sha256; d=_x.example.org; s=s_1; h=from; " REST, NULL },
	{ "v=1; a=rsa-sha256; d=b\xc3\xbc"
	  "cher.example; s=s; h=from; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=b\xff"
	  "cher.example; s=s; h=from; " REST,
	    "malformed or repeated tag: d" },
	{ "v=1; a=rsa-sha256; d=example.org; s=a b; h=from; " REST,
	    "s= is not a selector" },
	{ "v=1; a=rsa-sha256; d=example.org; s=../x; h=from; " REST,
	    "s= is not a selector" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s.; h=from; " REST,
	    "s= is not a selector" },
	{ "v=1; a=rsa-sha256; h=from; s=s; "
	  "d=a23456789.b23456789.c23456789.d23456789.e23456789."
	  "f23456789.g23456789.h23456789.i23456789.j23456789."
	  "k23456789.l23456789.m23456789.n23456789.o23456789."
	  "p23456789.q23456789.r23456789.s23456789.t23456789."
	  "u23456789.v23456789.w23456789.x23456789.example; " REST,
	    "s= and d= make too long a name" },

	/* a=, c=, q= */
	{ "v=1; a=rsa-sha512; d=example.org; s=s; h=from; " REST,
	    "signature algorithm is not supported" },
	{ "v=1; a=rsa -sha256; d=example.org; s=s; h=from; " REST,
	    "signature algorithm is not supported" },
	{ "v=1; a=rsa-sha256; c=nofws; d=example.org; s=s; h=from; " REST,
	    "c= is not supported" },
	{ "v=1; a=rsa-sha256; c=relaxed/; d=example.org; s=s; h=from; " REST,
	    "c= is not supported" },
	{ "v=1; a=rsa-sha256; c=/simple; d=example.org; s=s; h=from; " REST,
	    "c= is not supported" },
	{ "v=1; a=rsa-sha256; c=simple/simple/simple; d=example.org; s=s; "
	  "h=from; " REST,
	    "c= is not supported" },
	{ "v=1; a=rsa-sha256; q=http; d=example.org; s=s; h=from; " REST,
	    "q= does not offer dns/txt" },
	{ "v=1; a=rsa-sha256; q=; d=example.org; s=s; h=from; " REST,
	    "q= does not offer dns/txt" },
	{ "v=1; a=rsa-sha256; q=http : DNS/txt; d=example.org; s=s; h=from; " REST,
	    NULL },

	/* h= */
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=to:subject; " REST,
	    "h= does not name From" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from:; " REST,
	    "h= is not a list of field names" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=:from; " REST,
	    "h= is not a list of field names" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from::to; " REST,
	    "h= is not a list of field names" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from to; " REST,
	    "h= is not a list of field names" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=to \r\n\t: from :from; " REST,
	    NULL },

	/* i= */
	{ "v=1; a=rsa-sha256; d=example.org; i=@example.org; s=s; h=from; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; i=a=20b@x.example.org; s=s; "
	  "h=from; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; i=example.org; s=s; h=from; " REST,
	    "i= is not an identity" },
	{ "v=1; a=rsa-sha256; d=example.org; i=a@; s=s; h=from; " REST,
	    "i= is not an identity" },
	{ "v=1; a=rsa-sha256; d=example.org; i=; s=s; h=from; " REST,
	    "i= is not an identity" },
	{ "v=1; a=rsa-sha256; d=example.org; i=a=2@example.org; s=s; h=from; " REST,
	    "i= is not an identity" },
	{ "v=1; a=rsa-sha256; d=example.org; i=@example.com; s=s; h=from; " REST,
	    "i= is not within d=" },
	{ "v=1; a=rsa-sha256; d=a.example.org; i=@example.org; s=s; h=from; " REST,
	    "i= is not within d=" },
	{ "v=1; a=rsa-sha256; d=example.org; i=@badexample.org; s=s; h=from; " REST,
	    "i= is not within d=" },
	/* "=40" is an @ that d= must be judged behind */
	{ "v=1; a=rsa-sha256; d=example.org; i=@example.org=40x.example; s=s; "
	  "h=from; " REST,
	    "i= is not within d=" },

	/* l=, t=, x= */
	{ "v=1; a=rsa-sha256; d=example.org; s=s; l=0; h=from; " REST, NULL },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; l=-1; h=from; " REST,
	    "l= is not a number" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; l=1x; h=from; " REST,
	    "l= is not a number" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; l=; h=from; " REST,
	    "l= is not a number" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; "
	  "l=9999999999999999999999999999999999999999999999999999999999999999"
	  "999999999999; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; "
	  "l=9999999999999999999999999999999999999999999999999999999999999999"
	  "9999999999999; " REST,
	    "l= is not a number" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; t=999999; x=1000001; "
	  "h=from; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; t=1x; h=from; " REST,
	    "t= is not a time" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; t=1000000000000; h=from; " REST,
	    "t= is not a time" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; x=+5; h=from; " REST,
	    "x= is not a time" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; t=1000001; x=1000001; "
	  "h=from; " REST,
	    "x= is not later than t=" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; x=999700; h=from; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; x=999699; h=from; " REST,
	    "signature expired" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; x=0; h=from; " REST,
	    "signature expired" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; t=1000300; h=from; " REST,
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; t=1000301; h=from; " REST,
	    "signature is from the future" },

	/* b= and bh= */
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH "; b=QUJ",
	    "b= is not base64" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH "; b=Q?JD",
	    "b= is not base64" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH "; b=QU\r\n JD",
	    NULL },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; b=QUJD; bh=QUJD",
	    "bh= is not a SHA-256 digest" },
	{ "v=1; a=rsa-sha256; d=example.org; s=s; h=from; b=QUJD; bh=?",
	    "bh= is not base64" },
	{ "v=1; a=rsa-sha1; d=example.org; s=s; h=from; b=QUJD; "
	  "bh=uoq1oCgLlTqpdDX/iUbLy7J1Wic=",
	    "rsa-sha1 is not accepted" },
};

static void
test_table(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *want = cases[i].reason;
		struct dkim_field f =
		    read_value(cases[i].value, strlen(cases[i].value));

		if (want == NULL) {
			if (!is_int(f.verdict, VERDICT_PASS, "let through, %zu",
				i))
				note("%.*s", SL_ARG(f.reason));
			continue;
		}
		is_text(f.reason, want, "%s", want);
		if (f.verdict == VERDICT_PASS)
			ok(false, "%s: not let through", want);
	}
}

static void
test_values(void)
{
	struct dkim_field f;
	const char *v = "v=1; a=ed25519-sha256; c=relaxed;d=B\xc3\x9c"
			"cher."
			"Example; s=Sel; i=A=20b@x.b\xc3\xbc"
			"cher.example;\r\n"
			"\th=From : to:From; l=12;" BH "; b= QUJD\r\n\tREVGRw"
			" == \r\n ; t=5";

	f = read_value(v, strlen(v));
	is_int(f.verdict, VERDICT_PASS, "a rich signature is let through");
	is_text(f.domain, "xn--bcher-kva.example", "d= in A-labels");
	is_text(f.selector, "sel", "s= in lower case");
	is_text(f.identity,
	    "A=20b@x.b\xc3\xbc"
	    "cher.example",
	    "i= as written");
	ok(!f.identity_is_domain, "i= is below d=");
	is_text(f.b8, "QUJDREVG", "the first characters of b=");
	is_text(f.signature, "ABCDEFG", "b= decoded");
	is_text(f.b_text, " QUJD\r\n\tREVGRw == \r\n ",
	    "b= with all white space around it");
	is_int(f.header_canon, CANON_RELAXED, "c= for the header");
	is_int(f.body_canon, CANON_SIMPLE, "and simple for the body");
	ok(f.limited && f.limit == 12, "l= is read");
	is_int((int64_t)f.names.n, 3, "three names");
	is_text(f.names.at[0], "From", "trimmed");
	v = "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " REST;
	f = read_value(v, strlen(v));
	is_text(f.identity, "@example.org", "i= by default");
	ok(f.identity_is_domain, "which is the domain itself");
	is_int(f.header_canon, CANON_SIMPLE, "c= by default");
	v = "v=1; a=rsa-sha999; d=Example.org; s=S; h=from; b=ABCDEFGHIJ";
	f = read_value(v, strlen(v));
	is_text(f.domain, "example.org", "d= of a refused one is shown");
	is_text(f.selector, "s", "and s=");
	is_text(f.b8, "ABCDEFGH", "and b=");
	is_int(f.verdict, VERDICT_NEUTRAL,
	    "what cannot be processed is neutral");
}

static void
test_sizes(void)
{
	static char big[MOST_SIGNATURE_OCTETS + 10];
	const char *head =
	    "v=1; a=rsa-sha256; d=example.org; s=s; " REST "; h=from";
	size_t n = strlen(head);
	struct dkim_field f;

	memset(big, 'x', sizeof(big));
	f = read_value(big, sizeof(big));
	is_text(f.reason, "signature field is too long", "a huge field");
	memcpy(big, head, n);
	for (size_t i = 0; i < 300; i++)
		memcpy(big + n + 2 * i, ":a", 2);
	is_text(read_value(big, n + 600).reason, "h= names too many fields",
	    "hundreds of names");
	is_int(read_value(big, n + 2 * 255).verdict, VERDICT_PASS,
	    "256 names are let through");
	for (size_t i = 0; i < 200; i++)
		(void)snprintf(big + n + 7 * i, 8, ";y%03zu=a", i);
	is_text(read_value(big, n + 1400).reason, "signature has too many tags",
	    "hundreds of tags");
	is_text(read_value("v=1\0; a=x", 9).reason,
	    "malformed or repeated tag: v", "a NUL");
}

int
main(void)
{
	test_table();
	test_values();
	test_sizes();
	return tap_done();
}
