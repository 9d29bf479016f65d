/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_published: every state that the DNS can be in for a key of ours.
 */
#include "check/dkim_published.h"

#include "lib/dkim_signer.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

static struct key *rsa, *ed;

static struct dkim_publication
judge(const struct key *key, enum dns_status status, size_t n,
    const struct slice *texts)
{
	struct dns_record rr[4] = { 0 };
	struct dns_answer a = { .status = status,
		.type = DNS_TXT,
		.why = status == DNS_TEMPFAIL ? "timeout" : "",
		.n = n,
		.rr = rr };
	struct dkim_publication p = { 0 };

	for (size_t i = 0; i < n; i++)
		rr[i].text = texts[i];
	if (dkim_published_judge(t_arena(), key, &a, &p) != 0)
		ok(false, "no error of ours");
	return p;
}

static void
one(const struct key *key, const char *what, struct slice text,
    enum dkim_published want, const char *reason)
{
	struct dkim_publication p = judge(key, DNS_OK, 1, &text);

	is_int(p.state, want, "%s", what);
	is_text(p.reason, reason, "%s: why", what);
}

int
main(void)
{
	struct slice good, other, two[2];
	struct slice pem = test_rsa_pem(t_arena(), 2048, PEM_PKCS8);
	struct dkim_publication p;

	rsa = key_private(pem);
	ed = key_private(test_ed25519_pem(t_arena()));
	good = dkim_signer_record(t_arena(), rsa);
	other = dkim_signer_record(t_arena(), ed);
	one(rsa, "this key", good, DKIM_PUB_GOOD, "");
	one(ed, "this Ed25519 key", other, DKIM_PUB_GOOD, "");
	one(rsa, "in PKCS#1",
	    arena_printf(t_arena(), "p=%.*s",
		SL_ARG(sig_base64(t_arena(), test_rsa_pkcs1(t_arena(), pem)))),
	    DKIM_PUB_GOOD, "");
	one(rsa, "another kind", other, DKIM_PUB_DIFFERENT,
	    "the record holds another key");
	one(rsa, "revoked", SL("v=DKIM1; p="), DKIM_PUB_REVOKED,
	    "key is revoked");
	one(rsa, "not base64", SL("v=DKIM1; p=!"), DKIM_PUB_BROKEN,
	    "key is not base64");
	one(rsa, "no key in it", SL("v=spf1 -all"), DKIM_PUB_BROKEN,
	    "key record has no p=");
	p = judge(rsa, DNS_NXDOMAIN, 0, NULL);
	is_int(p.state, DKIM_PUB_MISSING, "NXDOMAIN");
	p = judge(rsa, DNS_NODATA, 0, NULL);
	is_int(p.state, DKIM_PUB_MISSING, "NODATA");
	p = judge(rsa, DNS_TEMPFAIL, 0, NULL);
	is_int(p.state, DKIM_PUB_UNKNOWN, "a timeout says nothing");
	is_text(p.reason, "the DNS does not answer: timeout", "but is told");
	two[0] = other;
	two[1] = good;
	p = judge(rsa, DNS_OK, 2, two);
	ok(p.state == DKIM_PUB_GOOD && p.several, "one of two");
	two[0] = SL("v=spf1 -all");
	p = judge(rsa, DNS_OK, 2, two);
	ok(p.state == DKIM_PUB_GOOD && !p.several,
	    "what is no key record does not count");
	two[0] = arena_printf(t_arena(), "%.*s; t=y", SL_ARG(good));
	p = judge(rsa, DNS_OK, 1, two);
	ok(p.state == DKIM_PUB_GOOD && p.testing, "testing is told");
	key_free(rsa);
	key_free(ed);
	return tap_done();
}
