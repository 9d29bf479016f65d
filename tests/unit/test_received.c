/* SPDX-License-Identifier: BSD-2-Clause
 *
 * received: the forms of known relays, and what a client may put into its
 * names to be taken for somebody else.
 */
#include "mail/received.h"

#include "lib/tap.h"

#define BY \
	" by mx.example.net (Postfix) with ESMTP id 4A1 for <u@example.net>; Sat, 21 Nov 2026 23:00:19 +0000 (UTC)"

struct vector {
	const char *value;
	const char *ip; /* "" = must not be read */
	const char *helo;
	const char *name;
};

static const struct vector vectors[] = {
	{ " from mail.b.org (b.org [192.0.2.1])\r\n\tby mx.example.net (Postfix) with ESMTPS id 4A1\r\n\tfor <u@x>; Sat, 21 Nov 2026 23:00:19 +0000 (UTC)",
	    "192.0.2.1", "mail.b.org", "Postfix" },
	{ "from mail.b.org (unknown [IPv6:2001:db8::1]) (using TLSv1.3 with cipher X (256/256 bits)) (No client certificate requested)" BY,
	    "2001:db8::1", "mail.b.org", "Postfix with IPv6 and TLS" },
	{ "from [192.0.2.9] (b.org [192.0.2.1])" BY, "192.0.2.1", "[192.0.2.9]",
	    "Postfix with a literal as HELO" },
	{ "from b.org (b.org [192.0.2.1] (may be forged)) by mx.example.net (8.17.1/8.17.1) with ESMTP id 2AL; Sat, 21 Nov 2026 23:00:19 GMT",
	    "192.0.2.1", "b.org", "Sendmail, may be forged" },
	{ "from b.org (IDENT:joe@h.b.org [192.0.2.1]) by mx.example.net (8.17.1/8.17.1) with SMTP id 2AL; Sat, 21 Nov 2026 23:00:19 GMT",
	    "192.0.2.1", "b.org", "Sendmail with ident" },
	{ "from b.org ([192.0.2.1]) by mx.example.net (8.17.1/8.17.1) with SMTP id 2AL; Sat, 21 Nov 2026 23:00:19 GMT",
	    "192.0.2.1", "b.org", "Sendmail without reverse name" },
	{ "from b.org (joe@[192.0.2.1])" BY, "192.0.2.1", "b.org",
	    "ident without reverse name" },
	{ "from h.b.org ([192.0.2.1] helo=mail.b.org)\r\n\tby mx.example.net with esmtps (TLS1.3) tls X (Exim 4.96) (envelope-from <a@b.org>) id 1r; Sat, 21 Nov 2026 23:00:19 +0000",
	    "192.0.2.1", "mail.b.org", "Exim" },
	{ "from h.b.org ([192.0.2.1]:4025 helo=mail.b.org ident=x)" BY,
	    "192.0.2.1", "mail.b.org", "Exim with port and ident" },
	{ "from [192.0.2.1] (helo=mail.b.org)" BY, "192.0.2.1", "mail.b.org",
	    "Exim without reverse name" },
	{ "from [192.0.2.1] (port=2020 helo=mail.b.org)" BY, "192.0.2.1",
	    "mail.b.org", "Exim with port alone" },
	{ "from [192.0.2.1]" BY, "192.0.2.1", "", "Exim without HELO" },
	{ "from EX1.b.org (192.0.2.1) by EX2.example.net (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2) id 15.1; Sat, 21 Nov 2026 23:00:19 +0000",
	    "192.0.2.1", "EX1.b.org", "Exchange" },
	{ "from EX1.b.org (2001:db8::1) by EX2.example.net (2001:db8::2) with Microsoft SMTP Server id 15.1; Sat, 21 Nov 2026 23:00:19 +0000",
	    "2001:db8::1", "EX1.b.org", "Exchange with IPv6" },
	{ "from b.org (b.org [IPv6:::ffff:192.0.2.1])" BY, "192.0.2.1", "b.org",
	    "an IPv4-mapped address" },

	{ "from x ([192.0.2.9]) by y (b.org [192.0.2.1])" BY, "", "",
	    "a whole clause in the HELO name" },
	{ "from x ([192.0.2.9]) by y; (b.org [192.0.2.1])" BY, "", "",
	    "with a date" },
	{ "from x ([192.0.2.9]) by y ( (b.org [192.0.2.1])" BY, "", "",
	    "with an open comment" },
	{ "from x ([192.0.2.9]) by y \" (b.org [192.0.2.1])" BY, "", "",
	    "with an open quote" },
	{ "from x ([192.0.2.9]) by y < (b.org [192.0.2.1])"
	  " by mx.example.net; date",
	    "", "", "with an open bracket" },
	{ "from x (y [192.0.2.9]) (b.org [192.0.2.1])" BY, "", "",
	    "a second address before by" },
	{ "from x (192.0.2.9) (b.org [192.0.2.1])" BY, "", "",
	    "a second address behind one in the manner of Exchange" },
	{ "from [192.0.2.9] (helo=x) (b.org [192.0.2.1])" BY, "", "",
	    "a second address behind one in the manner of Exim" },
	{ "from x(y [192.0.2.9]) (b.org [192.0.2.1])"
	  " with SMTP; date",
	    "", "", "no by" },
	{ "from b.org (x[192.0.2.9] [192.0.2.1])" BY, "", "",
	    "brackets in the reverse name" },
	{ "from b.org (x [192.0.2.9] [192.0.2.1])" BY, "", "",
	    "two addresses" },
	{ "from b.org (a [192.0.2.9]@x [192.0.2.1])" BY, "", "",
	    "an address in the ident" },
	{ "from [192.0.2.9] (no address here)" BY, "", "",
	    "a literal as HELO and a strange comment" },
	{ "from [192.0.2.9] (b.org)" BY, "", "",
	    "a literal as HELO and a name" },
	{ "from b.org (b.org [192.0.2])" BY, "", "", "no address" },
	{ "from b.org" BY, "", "", "a name alone" },
	{ "from b.org [192.0.2.1]" BY, "", "",
	    "an address outside parentheses" },
	{ "from b.org (x) (b.org [192.0.2.1])" BY, "", "",
	    "an address in the second comment" },
	{ "from h.b.org ([192.0.2.1] helo=x other=y)" BY, "", "",
	    "an unknown pair" },
	{ "by mx.example.net (Postfix, from userid 0) id 4A1; Sat, 21 Nov 2026 23:00:19 +0000 (UTC)",
	    "", "", "local submission" },
	{ "(qmail 123 invoked by uid 1); 21 Nov 2026", "", "", "qmail" },
	{ "", "", "", "nothing" },
};

int
main(void)
{
	struct arena *a = t_arena();

	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct received r;
		char text[IP_TEXT];
		int err = received_parse(a, t_slice(v->value), &r);

		ok((err == 0) == (v->ip[0] != '\0'), "%s: %sread", v->name,
		    v->ip[0] ? "" : "not ");
		is_text(slice_c(ip_print(&r.ip, text)), v->ip, "%s: address",
		    v->name);
		is_text(r.helo, v->helo, "%s: HELO", v->name);
	}
	return tap_done();
}
