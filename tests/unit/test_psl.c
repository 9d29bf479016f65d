/* SPDX-License-Identifier: BSD-2-Clause
 *
 * psl: organisational domains by the list that is installed. Only rules that
 * have stood for decades are relied upon.
 */
#include "mail/psl.h"

#include "lib/tap.h"

int
main(void)
{
	struct psl *p = psl_load(NULL);
	struct slice d = t_slice("a.b.example.co.uk");

	if (!ok(p != NULL, "the installed list loads"))
		return tap_done();
	is_text(psl_org_domain(p, d), "example.co.uk",
	    "a registrable domain under a two-label suffix");
	ok(psl_org_domain(p, d).p == d.p + 4, "it is part of what was asked");
	is_text(psl_org_domain(p, t_slice("example.com")), "example.com",
	    "a registrable domain itself");
	is_text(psl_org_domain(p, t_slice("com")), "",
	    "a public suffix has none");
	is_text(psl_org_domain(p, t_slice("co.uk")), "",
	    "nor has a two-label suffix");
	is_text(psl_org_domain(p, t_slice("x.t.co")), "t.co",
	    "a one-letter label counts");
	is_text(psl_org_domain(p, t_slice("a..b")), "", "no domain, no answer");
	is_text(psl_org_domain(p, t_bytes("a\0.com", 6)), "", "NUL is refused");
	ok(psl_is_suffix(p, t_slice("co.uk")) &&
		!psl_is_suffix(p, t_slice("example.co.uk")),
	    "suffix or not");
	psl_unload(p);
	psl_unload(NULL);
	ok(psl_load("/nonexistent/list") == NULL, "a missing file is an error");
	ok(psl_load("/etc/passwd") == NULL, "so is one that is no such list");
	return tap_done();
}
