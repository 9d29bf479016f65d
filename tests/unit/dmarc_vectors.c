/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_vectors: the cases of test_dmarc and the zone they live in.
 */
#include "unit/dmarc_vectors.h"

const char dmarc_zone[] =
    "_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n"
    "mail.example.com A 192.0.2.1\n"
    "_dmarc.strict.com TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
    "_dmarc.none.com TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.bare.com TXT \"v=DMARC1\"\n"
    "_dmarc.quar.com TXT \"v=DMARC1; p=quarantine\"\n"
    "_dmarc.sub.com TXT \"v=DMARC1; p=none; sp=reject\"\n"
    "a.sub.com A 192.0.2.1\n"
    "_dmarc.np.com TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"\n"
    "exists.np.com TXT \"x\"\n"
    "below.nodata.np.com A 192.0.2.1\n"
    "gone.np.com NXDOMAIN\n"
    "broken.np.com SERVFAIL TXT\n"
    "_dmarc.test.com TXT \"v=DMARC1; p=reject; t=y\"\n"
    "_dmarc.testq.com TXT \"v=DMARC1; p=quarantine; t=y\"\n"
    "_dmarc.pct.com TXT \"v=DMARC1; p=reject; pct=0\"\n"
    "_dmarc.two.com TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.two.com TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.among.com TXT \"v=spf1 -all\"\n"
    "_dmarc.among.com TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.among.com TXT \"hello\"\n"
    "_dmarc.split.com TXT \"v=DMA\" \"RC1; p=rej\" \"ect\"\n"
    "_dmarc.alias.com CNAME _dmarc.example.com\n"
    "_dmarc.badp.com TXT \"v=DMARC1; p=rej\"\n"
    "_dmarc.badprua.com TXT \"v=DMARC1; p=rej; rua=mailto:a@badprua.com\"\n"
    "_dmarc.badsprua.com TXT \"v=DMARC1; p=reject; sp=x; rua=mailto:a@badsprua.com\"\n"
    "_dmarc.badnp.com TXT \"v=DMARC1; p=reject; np=x\"\n"
    "_dmarc.fail.com SERVFAIL\n"
    "_dmarc.slow.com BOGUS\n"
    "_dmarc.up.failabove.com TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.failabove.com SERVFAIL\n"
    "_dmarc.a!b.com TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.x.com TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.g.cn TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.x\xc3\xa4.de TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.xn--bcher-kva.example TXT \"v=DMARC1; p=reject\"\n"
    /* a public suffix that says so, and one that does not */
    "_dmarc.bank TXT \"v=DMARC1; p=reject; psd=y; np=quarantine\"\n"
    "_dmarc.own.bank TXT \"v=DMARC1; p=quarantine\"\n"
    "a.plain.bank A 192.0.2.1\n"
    "_dmarc.deep.mid.bank TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.host.io TXT \"v=DMARC1; p=reject; psd=y\"\n"
    "_dmarc.co.uk TXT \"v=DMARC1; p=none; psd=y\"\n"
    "_dmarc.example.co.uk TXT \"v=DMARC1; p=reject\"\n"
    /* psd=n cuts an organisation off */
    "_dmarc.corp.com TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.div.corp.com TXT \"v=DMARC1; p=quarantine; psd=n\"\n"
    "a.div.corp.com A 192.0.2.1\n"
    /* records without psd= count at any height */
    "_dmarc.dept.uni.edu TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.uni.edu TXT \"v=DMARC1; p=reject; sp=reject\"\n"
    /* siblings with nothing above */
    "_dmarc.a.lone.org TXT \"v=DMARC1; p=reject\"\n"
    /* a long name */
    "_dmarc.e.f.g.h.i.j.org TXT \"v=DMARC1; p=none; sp=reject\"\n"
    "_dmarc.d.e.f.g.h.i.j.org TXT \"v=DMARC1; p=quarantine\"\n";

const size_t dmarc_zone_size = sizeof(dmarc_zone) - 1;

static const struct dmarc_vector alignment[] = {
	{ "a@example.com", "pass example.com", "",
	    "pass reject/none spf example.com example.com",
	    "SPF of the same domain" },
	{ "a@example.com", "", "pass example.com",
	    "pass reject/none dkim example.com example.com",
	    "DKIM of the same domain" },
	{ "a@example.com", "pass example.com", "pass mail.example.com",
	    "pass reject/none spf,dkim example.com example.com", "both" },
	{ "a@Example.COM", "pass EXAMPLE.com.", "",
	    "pass reject/none spf example.com example.com",
	    "case and a final dot" },
	{ "a@example.com", "pass mail.example.com", "",
	    "pass reject/none spf example.com example.com",
	    "relaxed: a subdomain of the author's" },
	{ "a@mail.example.com", "pass example.com", "",
	    "pass reject/none spf example.com example.com",
	    "relaxed: the parent" },
	{ "a@a.mail.example.com", "", "pass b.example.com",
	    "pass reject/none dkim example.com example.com",
	    "relaxed: a cousin" },
	{ "a@strict.com", "pass mail.strict.com", "pass a.strict.com",
	    "fail reject/reject no strict.com strict.com", "strict is strict" },
	{ "a@strict.com", "pass strict.com", "",
	    "pass reject/none spf strict.com strict.com",
	    "strict: the same domain" },
	{ "a@mail.strict.com", "pass mail.strict.com", "",
	    "pass reject/none spf strict.com strict.com",
	    "strict: the same subdomain" },
	{ "a@mail.strict.com", "pass strict.com", "pass strict.com",
	    "fail reject/reject no strict.com strict.com",
	    "strict: the parent does not align" },
	{ "a@example.com", "pass evil.org", "pass evil.org",
	    "fail reject/reject no example.com example.com",
	    "somebody else's domain" },
	{ "a@example.com", "pass com", "pass com",
	    "fail reject/reject no example.com example.com",
	    "a public suffix does not align with what is under it" },
	{ "a@example.co.uk", "pass co.uk", "pass co.uk",
	    "fail reject/reject no example.co.uk example.co.uk",
	    "nor one of two labels" },
	{ "a@example.co.uk", "pass evil.co.uk", "pass b.co.uk",
	    "fail reject/reject no example.co.uk example.co.uk",
	    "nor a neighbour under it" },
	{ "a@x.com", "pass evil.com", "pass evil.com",
	    "fail reject/reject no x.com x.com",
	    "a one-letter domain is not its suffix" },
	{ "a@x.com", "pass x.com", "pass m.x.com",
	    "pass reject/none spf,dkim x.com x.com", "but aligns with itself" },
	{ "a@g.cn", "", "pass com.cn", "fail reject/reject no g.cn g.cn",
	    "another one-letter domain" },
	{ "a@x.com", "", "pass ax.com", "fail reject/reject no x.com x.com",
	    "a longer label is another domain" },
	{ "a@ax.com", "", "pass x.com", "none none/none no - ax.com",
	    "the other way round" },
	{ "a@host.io", "", "pass evil.host.io",
	    "fail reject/reject no host.io host.io",
	    "what is below a psd=y does not speak for it" },
	{ "a@me.host.io", "", "pass evil.host.io",
	    "fail reject/reject no host.io me.host.io",
	    "nor for its neighbour" },
	{ "a@me.host.io", "", "pass host.io",
	    "fail reject/reject no host.io me.host.io",
	    "nor does the suffix for what is below" },
	{ "a@me.host.io", "", "pass x.me.host.io",
	    "pass reject/none dkim host.io me.host.io",
	    "below it the organisation is one label longer" },
	{ "a@example.com", "fail example.com", "fail example.com",
	    "fail reject/reject no example.com example.com", "nothing passed" },
	{ "a@example.com", "softfail example.com", "policy example.com",
	    "fail reject/reject no example.com example.com",
	    "softfail and policy are no pass" },
	{ "a@example.com", "", "pass example.com,fail mail.example.com",
	    "pass reject/none dkim example.com example.com",
	    "a failed signature does not harm a good one" },
	{ "a@example.com", "", "fail example.com,pass mail.example.com",
	    "pass reject/none dkim example.com example.com",
	    "in either order" },
	{ "a@example.com", "", "pass evil.org,pass example.com",
	    "pass reject/none dkim example.com example.com",
	    "nor does a stranger's" },
	{ "a@a!b.com", "pass a!b.com", "",
	    "pass reject/none spf a!b.com a!b.com",
	    "a domain that is no host name" },
	{ "a@b\xc3\xbc"
	  "cher.example",
	    "", "pass xn--bcher-kva.example",
	    "pass reject/none dkim xn--bcher-kva.example xn--bcher-kva.example",
	    "a U-label author and an A-label signer" },
	{ "a@b\xc3\xbc"
	  "cher.example",
	    "pass evil.org", "",
	    "fail reject/reject no xn--bcher-kva.example xn--bcher-kva.example",
	    "a U-label author has a policy" },
	{ "a@a.lone.org", "pass b.lone.org", "pass lone.org",
	    "fail reject/reject no a.lone.org a.lone.org",
	    "relaxed needs a record above both" },
	{ "a@a.lone.org", "", "pass c.a.lone.org",
	    "pass reject/none dkim a.lone.org a.lone.org",
	    "and below it there is one" },
	{ "a@div.corp.com", "", "pass corp.com",
	    "fail quarantine/quarantine no div.corp.com div.corp.com",
	    "psd=n cuts off from the parent" },
	{ "a@corp.com", "", "pass div.corp.com",
	    "fail reject/reject no corp.com corp.com",
	    "and the parent from it" },
	{ "a@a.div.corp.com", "", "pass b.div.corp.com",
	    "pass quarantine/none dkim div.corp.com div.corp.com",
	    "but not what is below" },
};

static const struct dmarc_vector policy[] = {
	{ "a@nothing.org", "", "", "none none/none no - nothing.org",
	    "no record" },
	{ "a@none.com", "", "", "fail none/none no none.com none.com",
	    "p=none" },
	{ "a@bare.com", "", "", "fail none/none no bare.com bare.com", "no p" },
	{ "a@quar.com", "", "",
	    "fail quarantine/quarantine no quar.com quar.com", "p=quarantine" },
	{ "a@a.sub.com", "", "", "fail reject/reject no sub.com sub.com",
	    "sp below" },
	{ "a@sub.com", "", "", "fail none/none no sub.com sub.com",
	    "p itself" },
	{ "a@exists.np.com", "", "",
	    "fail quarantine/quarantine no np.com np.com",
	    "sp where the name exists" },
	{ "a@gone.np.com", "", "", "fail reject/reject no np.com np.com",
	    "np where it does not" },
	{ "a@nodata.np.com", "", "",
	    "fail quarantine/quarantine no np.com np.com", "NODATA exists" },
	{ "a@broken.np.com", "", "",
	    "temperror quarantine/none no np.com np.com",
	    "existence that cannot be told" },
	{ "a@broken.np.com", "pass np.com", "",
	    "pass quarantine/none spf np.com np.com", "does not harm a pass" },
	{ "a@test.com", "", "", "fail reject/quarantine no test.com test.com",
	    "t=y lowers reject" },
	{ "a@testq.com", "", "", "fail quarantine/none no testq.com testq.com",
	    "t=y lowers quarantine" },
	{ "a@pct.com", "", "", "fail reject/reject no pct.com pct.com",
	    "pct is history" },
	{ "a@two.com", "", "", "none none/none no - two.com",
	    "two records are none" },
	{ "a@among.com", "", "", "fail reject/reject no among.com among.com",
	    "one among other texts" },
	{ "a@split.com", "", "", "fail reject/reject no split.com split.com",
	    "strings are joined" },
	{ "a@alias.com", "", "", "fail reject/reject no alias.com alias.com",
	    "through a CNAME" },
	{ "a@badp.com", "pass badp.com", "",
	    "permerror none/none no badp.com badp.com", "a bad p without rua" },
	{ "a@badprua.com", "", "", "fail none/none no badprua.com badprua.com",
	    "a bad p with rua is none" },
	{ "a@badsprua.com", "", "",
	    "fail none/none no badsprua.com badsprua.com", "so is a bad sp" },
	{ "a@badnp.com", "", "", "permerror none/none no badnp.com badnp.com",
	    "a bad np without rua" },
	{ "a@own.bank", "", "",
	    "fail quarantine/quarantine no own.bank own.bank",
	    "the organisation's record before the suffix's" },
	{ "a@a.plain.bank", "", "", "fail reject/reject no bank plain.bank",
	    "the suffix's where there is none" },
	{ "a@a.none.bank", "", "",
	    "fail quarantine/quarantine no bank none.bank", "its np" },
	{ "a@x.deep.mid.bank", "", "",
	    "fail quarantine/quarantine no bank mid.bank",
	    "a record below the organisation is not its policy" },
	{ "a@x.dept.uni.edu", "", "", "fail reject/reject no uni.edu uni.edu",
	    "of several records the shortest name's" },
	{ "a@dept.uni.edu", "", "", "fail none/none no dept.uni.edu uni.edu",
	    "but the author domain's own first" },
	{ "a@a.b.c.d.e.f.g.h.i.j.org", "", "",
	    "fail reject/reject no e.f.g.h.i.j.org e.f.g.h.i.j.org",
	    "a long name jumps to seven labels" },
	{ "root@localhost", "pass localhost", "",
	    "none none/none no - localhost", "one label" },
};

static const struct dmarc_vector trouble[] = {
	{ "a@fail.com", "", "", "temperror none/none no - -",
	    "the record cannot be had" },
	{ "a@slow.com", "", "", "temperror none/none no - -",
	    "a bogus answer" },
	{ "a@fail.com", "pass fail.com", "pass fail.com",
	    "temperror none/none no - -", "even if all passed" },
	{ "a@up.failabove.com", "pass up.failabove.com", "",
	    "pass reject/none spf up.failabove.com -",
	    "an exact match needs no walk" },
	{ "a@up.failabove.com", "pass b.failabove.com", "",
	    "temperror reject/none no up.failabove.com -",
	    "a relaxed one does" },
	{ "a@up.failabove.com", "pass evil.org", "",
	    "fail reject/reject no up.failabove.com -",
	    "what cannot align does not matter" },
	{ "a@example.com", "temperror example.com", "",
	    "temperror reject/none no example.com example.com",
	    "SPF that may have aligned" },
	{ "a@example.com", "temperror evil.org", "",
	    "fail reject/reject no example.com example.com",
	    "SPF that cannot have" },
	{ "a@example.com", "", "temperror mail.example.com",
	    "temperror reject/none no example.com example.com",
	    "a key that could not be had" },
	{ "a@example.com", "", "temperror evil.org",
	    "fail reject/reject no example.com example.com",
	    "a stranger's key" },
	{ "a@example.com", "temperror example.com", "pass example.com",
	    "pass reject/none dkim example.com example.com",
	    "a pass is a pass" },
	{ "a@example.com", "", "pass fail.com",
	    "fail reject/reject no example.com example.com",
	    "a signer whose DNS fails does not soften" },
};

static const struct dmarc_vector authors[] = {
	{ "a@example.com, b@evil.org", "pass evil.org", "",
	    "fail reject/reject no example.com example.com",
	    "the second author does not hide the first" },
	{ "b@evil.org, a@example.com", "pass evil.org", "",
	    "fail reject/reject no example.com example.com",
	    "nor the first the second" },
	{ "b@evil.org|a@example.com", "pass evil.org", "",
	    "fail reject/reject no example.com example.com",
	    "in fields of their own" },
	{ "a@quar.com, b@none.com, c@example.com", "", "",
	    "fail reject/reject no example.com example.com",
	    "the strictest that fails" },
	{ "a@example.com, b@quar.com", "pass example.com", "",
	    "fail quarantine/quarantine no quar.com quar.com",
	    "of those that fail" },
	{ "a@none.com, b@fail.com", "", "", "temperror none/none no - -",
	    "what cannot be told before what has no policy" },
	{ "a@quar.com, b@fail.com", "", "",
	    "fail quarantine/quarantine no quar.com quar.com",
	    "but behind what has one" },
	{ "a@example.com, b@mail.example.com", "pass example.com", "",
	    "pass reject/none spf example.com example.com",
	    "all of them pass" },
	{ "a@example.com, b@nothing.org", "pass example.com", "",
	    "none none/none no - nothing.org", "one without a record is none" },
	{ "a@nothing.org, b@x1.org, c@x2.org, d@x3.org, e@x4.org", "", "",
	    "fail quarantine/quarantine no - -", "too many" },
	{ "a@x1.org, b@x2.org, c@x3.org, e@example.com, d@x4.org", "", "",
	    "fail reject/reject no example.com example.com",
	    "too many, one of which rejects" },
	{ "Doe, John <a@example.com>", "", "",
	    "fail reject/reject no example.com example.com",
	    "a salvaged author" },
	{ "\"a@example.com\" <>", "", "",
	    "fail reject/reject no example.com example.com",
	    "a hidden author" },
	{ "undisclosed:;", "pass evil.org", "", "none none/none no - -",
	    "no author" },
	{ "a@[192.0.2.1]", "", "", "none none/none no - -",
	    "an address literal" },
};

/* Under the public suffix list; only where that differs. */
static const struct dmarc_vector by_list[] = {
	{ "a@a.lone.org", "pass b.lone.org", "",
	    "pass reject/none spf a.lone.org lone.org",
	    "siblings align without a record above" },
	{ "a@a.mail.example.com", "", "pass b.example.com",
	    "pass reject/none dkim example.com example.com", "cousins align" },
	{ "a@gone.np.com", "", "",
	    "fail quarantine/quarantine no np.com np.com", "np is not known" },
	{ "a@example.co.uk", "pass evil.co.uk", "pass co.uk",
	    "fail reject/reject no example.co.uk example.co.uk",
	    "the suffix does not align" },
	{ "a@x.com", "pass evil.com", "pass com",
	    "fail reject/reject no x.com x.com",
	    "nor with a one-letter domain" },
	{ "a@x.dept.uni.edu", "", "", "fail reject/reject no uni.edu uni.edu",
	    "the record of the organisation" },
	{ "a@co.uk", "", "pass evil.co.uk", "fail none/none no co.uk co.uk",
	    "a suffix stands for itself" },
	{ "a@fail.com", "", "", "temperror none/none no - fail.com",
	    "the record cannot be had" },
};

const struct dmarc_table dmarc_tables[] = {
	{ "alignment", false, alignment, ARRAY_LEN(alignment) },
	{ "policy", false, policy, ARRAY_LEN(policy) },
	{ "trouble", false, trouble, ARRAY_LEN(trouble) },
	{ "authors", false, authors, ARRAY_LEN(authors) },
	{ "psl", true, by_list, ARRAY_LEN(by_list) },
};
const size_t dmarc_tables_count = ARRAY_LEN(dmarc_tables);
