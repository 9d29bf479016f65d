/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc: discovery, organisational domains, alignment, what applies; by
 * RFC 9989, and the traps into which others fell. Records come from a zone
 * file; libopendmarc is asked in every case and must agree.
 */
#include "check/dmarc.h"

#include <unistd.h>

#include "base/log.h"
#include "check/check.h"
#include "check/dmarc_lib.h"
#include "check/dmarc_walk.h"
#include "lib/tap.h"

static const char zone[] =
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

static char zone_path[] = "/tmp/chopmark-zone-XXXXXX";
static unsigned bugs;

struct vector {
	const char *from; /* field values, '|' between fields */
	const char *spf;  /* "verdict domain" or "" */
	const char *dkim; /* "verdict domain" joined by ',' */
	const char *
	    want; /* verdict published/disposition aligned policy-domain org-domain */
	const char *name;
};

static const struct vector alignment[] = {
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

static const struct vector policy[] = {
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

static const struct vector trouble[] = {
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

static const struct vector authors[] = {
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
static const struct vector by_list[] = {
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

static enum verdict
verdict_of(struct slice *text)
{
	enum verdict v = VERDICT_NONE;
	struct slice word;

	if (!slice_cut(text, ' ', &word) || !verdict_parse(word, &v))
		ok(false, "the vector has a verdict");
	return v;
}

static void
set_identifiers(struct evaluation *ev, const struct vector *v)
{
	struct slice list = t_slice(v->dkim), one = t_slice(v->spf);

	if (one.n > 0) {
		ev->spf.done = true;
		ev->spf.verdict = verdict_of(&one);
		ev->spf.domain = one;
	}
	while (slice_cut(&list, ',', &one)) {
		struct dkim_signature *sig =
		    dkim_signature_vec_push(&ev->dkim.signatures, ev->arena);

		if (sig == NULL)
			abort();
		sig->verdict = verdict_of(&one);
		sig->domain = one;
		sig->tried = true;
	}
	ev->dkim.done = true;
}

static void
set_from(struct evaluation *ev, const char *fields)
{
	struct slice rest = t_slice(fields), value;

	header_list_init(&ev->message->headers, ev->arena);
	while (slice_cut(&rest, '|', &value))
		if (header_list_add(&ev->message->headers, SL("From"), value,
			NULL) != 0)
			abort();
	if (from_parse(ev->arena, &ev->message->headers, &ev->from) != 0)
		abort();
}

static struct slice
or_dash(struct slice s)
{
	return s.n > 0 ? s : SL("-");
}

static struct slice
summary(struct arena *a, const struct dmarc_result *r)
{
	return arena_printf(a, "%s %s/%s %s %.*s %.*s",
	    verdict_word(r->verdict), dmarc_policy_word(r->published),
	    dmarc_policy_word(r->disposition),
	    r->spf_aligned && r->dkim_aligned ? "spf,dkim" :
		r->spf_aligned                ? "spf" :
		r->dkim_aligned               ? "dkim" :
						"no",
	    SL_ARG(or_dash(r->policy_domain)), SL_ARG(or_dash(r->org_domain)));
}

/* Runs all steps and leaves the evaluation for more questions. */
static struct evaluation *
judge(struct arena *a, const struct check_env *env, const struct vector *v)
{
	struct evaluation *ev = arena_zalloc(a, sizeof(*ev));
	struct message *m = arena_zalloc(a, sizeof(*m));

	if (ev == NULL || m == NULL)
		abort();
	*ev = (struct evaluation){ .env = env,
		.message = m,
		.arena = a,
		.judged = true,
		.at_end = true };
	m->arena = a;
	ev->findings.arena = a;
	ev->dns = dns_message_new(env->resolver, a, 10000, NULL);
	if (ev->dns == NULL ||
	    address_parse_path(a, SL("<b@example.com>"), &m->mail_from) != 0)
		abort();
	set_from(ev, v->from);
	is_int(dmarc_mail(ev), 0, "%s: mail", v->name);
	set_identifiers(ev, v);
	is_int(dmarc_eoh(ev), 0, "%s: eoh", v->name);
	is_int(dmarc_end(ev), 0, "%s: end", v->name);
	return ev;
}

static void
test_vectors(const struct check_env *env, const struct vector *v, size_t n,
    const char *kind)
{
	for (size_t i = 0; i < n; i++, v++) {
		struct arena *a = t_arena();
		struct evaluation *ev = judge(a, env, v);

		is_text(summary(a, &ev->dmarc), v->want, "%s: %s", kind,
		    v->name);
		is_int(bugs, 0, "%s: %s: libopendmarc agrees", kind, v->name);
		bugs = 0;
	}
}

static void
test_findings(const struct check_env *env)
{
	static const struct vector two = { "a@example.com, b@quar.com",
		"pass example.com", "", "", "two authors" };
	struct arena *a = t_arena();
	struct evaluation *ev = judge(a, env, &two);
	struct buf b;

	is_int((int64_t)ev->findings.all.n, 2,
	    "a finding for each author domain");
	ok(ev->findings.all.at[0]->hidden && !ev->findings.all.at[1]->hidden,
	    "the one that decides is shown");
	buf_init(&b, a, 4096);
	finding_print(ev->findings.all.at[0], &b);
	is_text(buf_slice(&b),
	    "dmarc pass header.from=example.com policy.dmarc=reject aligned=spf "
	    "policy-domain=example.com org-domain=example.com record=\"v=DMARC1; p=reject\" discovery=treewalk",
	    "a pass in print");
	buf_clear(&b);
	finding_print(ev->findings.all.at[1], &b);
	is_text(buf_slice(&b),
	    "dmarc fail reason=\"SPF passed for example.com: not aligned with quar.com\" header.from=quar.com "
	    "policy.dmarc=quarantine aligned=no disposition=quarantine policy-domain=quar.com org-domain=quar.com "
	    "record=\"v=DMARC1; p=quarantine\" discovery=treewalk",
	    "a fail in print");
}

static void
test_not_judged(const struct check_env *env)
{
	struct arena *a = t_arena();
	struct evaluation *ev = arena_zalloc(a, sizeof(*ev));
	struct message m = { .arena = a };

	if (ev == NULL)
		abort();
	*ev = (struct evaluation){ .env = env, .message = &m, .arena = a };
	ev->findings.arena = a;
	set_from(ev, "a@example.com");
	is_int(dmarc_end(ev), 0, "mail that is not judged");
	ok(!ev->dmarc.done && ev->findings.all.n == 0, "has no DMARC result");
}

static void
test_walk_names(void)
{
	struct slice out[DMARC_WALK_MAX];

	is_int((int64_t)dmarc_walk_names(SL("a.b.org"), out), 3,
	    "three names for three labels");
	is_text(out[2], "org", "down to the top level");
	is_int((int64_t)dmarc_walk_names(SL("a.b.c.d.e.f.g.org"), out), 8,
	    "eight names for eight labels");
	is_text(out[1], "b.c.d.e.f.g.org", "one label less");
	is_int((int64_t)dmarc_walk_names(SL("1.2.3.4.5.6.a.b.c.d.e.f.g.org"),
		   out),
	    8, "eight names for fourteen");
	is_text(out[1], "b.c.d.e.f.g.org", "cut to seven labels");
}

static size_t
questions(const struct evaluation *ev, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < dns_message_count(ev->dns); i++)
		n += slice_eq(dns_message_answer(ev->dns, i)->name,
		    slice_c(name));
	return n;
}

static void
test_questions(const struct check_env *env)
{
	static const struct vector one = { "a@a.mail.example.com",
		"pass b.example.com", "pass c.example.com,pass c.example.com",
		"", "cousins" };
	static const struct vector other = { "a@example.com", "pass evil.org",
		"pass evil.net", "", "strangers" };
	struct evaluation *ev = judge(t_arena(), env, &one);

	is_int((int64_t)questions(ev, "_dmarc.example.com"), 1,
	    "a name is asked for once");
	is_int((int64_t)questions(ev, "_dmarc.com"), 1, "the top level too");
	is_int((int64_t)questions(ev, "_dmarc.c.example.com"), 1,
	    "and each signer");
	ev = judge(t_arena(), env, &other);
	is_int((int64_t)questions(ev, "_dmarc.evil.org") +
		(int64_t)questions(ev, "_dmarc.evil.net"),
	    0, "strangers are not walked");
}

/* "a" and dots in front of .example.com, n octets in all. */
static void
test_long_name(const struct check_env *env)
{
	static const struct {
		size_t n;
		const char *want;
	} cases[] = { { 246, "fail" }, { 247, "fail" }, { 253, "fail" },
		{ 254, "none" } };
	char text[300];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct vector v = { text, "", "", "", "a long name" };
		struct evaluation *ev;
		size_t n = cases[i].n;

		text[0] = 'a';
		text[1] = '@';
		for (size_t j = 0; j < n; j++)
			text[2 + j] = j % 2 == n % 2 ? '.' : 'a';
		text[2] = 'a';
		memcpy(text + 2 + n - 12, ".example.com", 13);
		ev = judge(t_arena(), env, &v);
		is_text(slice_c(verdict_word(ev->dmarc.verdict)), cases[i].want,
		    "an author domain of %zu octets", n);
	}
}

static void
test_null_sender(const struct check_env *env)
{
	static const char *const helos[] = { "example.com", "", "[192.0.2.1]",
		"b\xc3\xbc"
		"cher.example",
		"a b", "..", "\xff\xfe" };
	struct session s = { .helo = SL("") };

	for (size_t i = 0; i < ARRAY_LEN(helos); i++) {
		struct arena *a = t_arena();
		struct message m = { .arena = a, .session = &s };
		struct evaluation ev = { .env = env,
			.message = &m,
			.arena = a,
			.judged = true };

		s.helo = ev.judged_helo = t_slice(helos[i]);
		dmarc_helo(env, &s);
		ev.dns = dns_message_new(env->resolver, a, 1000, NULL);
		ok(ev.dns != NULL &&
			address_parse_path(a, SL("<>"), &m.mail_from) == 0 &&
			dmarc_mail(&ev) == 0,
		    "lookups begin for a null sender from \"%s\"", helos[i]);
	}
}

static void
test_memory(const struct check_env *env)
{
	unsigned done = 0, refused = 0;

	for (size_t limit = 1024; limit < 32768; limit += 512) {
		struct arena *a = arena_new(limit);
		struct message m = { .arena = a };
		struct evaluation ev = { .env = env,
			.message = &m,
			.arena = a,
			.judged = true,
			.at_end = true };
		int err = -1;

		ev.findings.arena = a;
		header_list_init(&m.headers, a);
		ev.dns = dns_message_new(env->resolver, a, 10000, NULL);
		if (ev.dns != NULL &&
		    header_list_add(&m.headers, SL("From"),
			SL("a@a.mail.example.com, b@quar.com"), NULL) == 0)
			err = from_parse(a, &m.headers, &ev.from);
		if (err == 0)
			err = dmarc_eoh(&ev);
		if (err == 0)
			err = dmarc_end(&ev);
		done += err == 0 && ev.dmarc.verdict == VERDICT_FAIL &&
		    ev.dmarc.disposition == DMARC_POLICY_REJECT;
		refused += err != 0 && !ev.dmarc.done;
		arena_free(a);
	}
	is_int(done + refused, 62,
	    "a small arena gives the right verdict or none");
	ok(done > 0 && refused > 0, "both of them (%u, %u)", done, refused);
}

static void
test_library(void)
{
	static const struct {
		struct dmarc_lib_facts facts;
		const char *want;
	} cases[] = {
		{ { SLICE_INIT("x.com"), "reject", false, false }, "reject" },
		{ { SLICE_INIT("x.com"), "quarantine", false, false },
		    "quarantine" },
		{ { SLICE_INIT("x.com"), "none", false, false }, "none" },
		{ { SLICE_INIT("x.com"), "reject", true, false }, "pass" },
		{ { SLICE_INIT("x.com"), "reject", false, true }, "pass" },
		{ { SLICE_INIT("a_b.example"), "reject", true, true }, "pass" },
		{ { SLICE_INIT("localhost"), "reject", false, false },
		    "reject" },
	};
	struct arena *a = t_arena();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *answer = "";

		is_int(dmarc_lib_ask(a, &cases[i].facts, &answer), 0,
		    "libopendmarc answers");
		is_text(slice_c(answer), cases[i].want, "libopendmarc: %s, %s",
		    cases[i].facts.author.p, cases[i].want);
	}
}

static void
catch_bug(void *ctx, enum log_level level, struct slice line)
{
	(void)ctx;
	(void)level;
	if (slice_search(line, SL("bug")) != SLICE_NONE)
		bugs++;
	note("%.*s", SL_ARG(line));
}

static struct resolver *
zone_resolver(void)
{
	struct resolver_options o = { .zone_file = zone_path,
		.timeout_ms = 5000,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY];
	struct resolver *r;
	int fd = mkstemp(zone_path);

	if (fd < 0 || write(fd, zone, sizeof(zone) - 1) < 0 || close(fd) != 0)
		abort();
	r = resolver_new(&o, why);
	if (r == NULL)
		note("%s", why);
	(void)unlink(zone_path);
	return r;
}

int
main(void)
{
	struct check_options options = { .dmarc = { DMARC_TREE_WALK } };
	struct check_env env = { .options = &options };
	struct psl *psl = psl_load(NULL);
	int status;

	env.resolver = zone_resolver();
	env.psl = psl;
	log_set_sink(catch_bug, NULL);
	if (!ok(env.resolver != NULL && psl != NULL, "zone and list load"))
		return tap_done();
	test_walk_names();
	test_vectors(&env, alignment, ARRAY_LEN(alignment), "alignment");
	test_vectors(&env, policy, ARRAY_LEN(policy), "policy");
	test_vectors(&env, trouble, ARRAY_LEN(trouble), "trouble");
	test_vectors(&env, authors, ARRAY_LEN(authors), "authors");
	test_findings(&env);
	test_not_judged(&env);
	test_questions(&env);
	test_library();
	test_long_name(&env);
	test_null_sender(&env);
	test_memory(&env);
	options.dmarc.discovery = DMARC_PSL;
	test_vectors(&env, by_list, ARRAY_LEN(by_list), "psl");
	status = tap_done(); /* ends the messages before their resolver */
	resolver_free(env.resolver);
	psl_unload(psl);
	return status;
}
