/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_keys: which keys sign for whom, and every configuration that could make
 * us sign wrongly, refused with a reason.
 */
#include "check/dkim_keys.h"

#include <sys/stat.h>

#include "lib/sign_stand.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

/* The keys that sign for an author, "domain/selector" in a row. */
static struct slice
keys_for(const struct snapshot *s, const char *local, const char *domain)
{
	const struct author who = { .mailbox = { .local = slice_c(local) },
		.domain = slice_c(domain) };
	struct dkim_signing_keys found;
	struct buf b;

	buf_init(&b, t_arena(), 4096);
	if (dkim_keys_choose(engine_keys(snapshot_engine(s)), t_arena(), &who,
		&found) != 0)
		return SL("error");
	for (size_t i = 0; i < found.n; i++)
		buf_printf(&b, "%s%.*s/%.*s", i > 0 ? " " : "",
		    SL_ARG(found.at[i]->domain), SL_ARG(found.at[i]->selector));
	return buf_slice(&b);
}

static struct slice
list_keys(const struct snapshot *s, const char *id)
{
	struct dkim_signing_keys found = { 0 };

	if (dkim_keys_choose_list(engine_keys(snapshot_engine(s)), t_arena(),
		slice_c(id), &found) != 0)
		return SL("error");
	return found.n != 1 ?
	    SL("") :
	    arena_printf(t_arena(), "%.*s/%.*s", SL_ARG(found.at[0]->domain),
		SL_ARG(found.at[0]->selector));
}

static struct snapshot *
load(const char *config)
{
	struct slice said;
	struct snapshot *s = sign_stand_load(config, &said);

	is_text(said, "", "nothing is wrong with it");
	return s;
}

static void
test_domains(void)
{
	struct snapshot *s = load("Domain example.org, Sub.Example.ORG\n"
				  "Domain B\xc3\xbc"
				  "cher.example\n"
				  "Selector rsa, ed\n"
				  "KeyFile rsa.pem, ed.pem\n");

	if (s == NULL)
		return;
	is_text(keys_for(s, "a", "example.org"),
	    "example.org/rsa example.org/ed", "every key for every domain");
	is_text(keys_for(s, "a", "sub.example.org"),
	    "sub.example.org/rsa sub.example.org/ed", "without case");
	is_text(keys_for(s, "a", "xn--bcher-kva.example"),
	    "xn--bcher-kva.example/rsa xn--bcher-kva.example/ed",
	    "a U-label is its A-label");
	is_text(keys_for(s, "a", "x.example.org"), "", "nothing below");
	is_text(keys_for(s, "a", "example.net"), "", "nobody else");
	is_text(keys_for(s, "a", "org"), "", "nothing above");
	is_text(keys_for(s, "a", ""), "", "no domain, no key");
	snapshot_put(s);
	s = load("Domain example.org, sub.example.org\nSelector ed\n"
		 "KeyFile ed.pem\nSubDomains yes\n");
	if (s == NULL)
		return;
	is_text(keys_for(s, "a", "x.y.example.org"), "example.org/ed",
	    "SubDomains: the domain above");
	is_text(keys_for(s, "a", "x.sub.example.org"), "sub.example.org/ed",
	    "the nearest one");
	is_text(keys_for(s, "a", "xexample.org"), "", "by labels");
	snapshot_put(s);
}

static void
test_tables(void)
{
	const char *rsa = sign_stand_path("rsa.pem");
	const char *ed = sign_stand_path("ed.pem");
	struct snapshot *s;

	sign_stand_write("keys",
	    arena_printf(t_arena(),
		"# name value\n"
		"main  example.org:rsa:%s\n"
		"ed._domainkey.example.org example.org:ed:%s\n"
		"any   %%:any:%s\n"
		"list  lists.example.org:l:%s\n",
		rsa, ed, ed, rsa),
	    0644);
	sign_stand_write("signing",
	    SL("example.org main\nexample.org ed._domainkey.example.org\n"
	       "boss@example.org list\n.sub.example.org main\n"
	       "example.net any\n@example.com any\n"),
	    0644);
	s = load("KeyTable file:keys\nSigningTable file:signing\n");
	if (s == NULL)
		return;
	is_text(keys_for(s, "ann", "example.org"),
	    "example.org/rsa example.org/ed", "all lines of a domain");
	is_text(keys_for(s, "Boss", "example.org"),
	    "example.org/rsa example.org/ed lists.example.org/l",
	    "and of a user");
	is_text(keys_for(s, "a", "x.sub.example.org"), "example.org/rsa",
	    "below a domain");
	is_text(keys_for(s, "a", "sub.example.org"), "example.org/rsa",
	    "and itself");
	is_text(keys_for(s, "a", "example.net"), "example.net/any",
	    "\"%%\" is the author's domain");
	is_text(keys_for(s, "a", "example.com"), "example.com/any",
	    "for each that is named");
	is_text(keys_for(s, "a", "example.edu"), "", "nobody else");
	snapshot_put(s);
	sign_stand_write("signing",
	    SL("list-id:l.example.org list\nexample.org main\n"), 0644);
	s = load("KeyTable file:keys\nSigningTable file:signing\n");
	if (s == NULL)
		return;
	is_text(keys_for(s, "a", "l.example.org"), "",
	    "the pattern of a list is none for authors");
	is_text(list_keys(s, "L.example.org"), "lists.example.org/l",
	    "a list has a key");
	is_text(list_keys(s, "example.org"), "", "and no other list");
	is_text(list_keys(s, ""), "", "nor mail without one");
	snapshot_put(s);
	sign_stand_write("signing",
	    SL("*@example.org main\n*-bounce@*.example.org list\n* "
	       "ed._domainkey.example.org\n"),
	    0644);
	s = load("KeyTable file:keys\nSigningTable refile:signing\n");
	if (s == NULL)
		return;
	is_text(keys_for(s, "ann", "example.org"),
	    "example.org/rsa example.org/ed", "patterns");
	is_text(keys_for(s, "x-bounce", "l.example.org"),
	    "lists.example.org/l example.org/ed", "with more than one star");
	snapshot_put(s);
}

static const struct {
	const char *config, *said;
} refused[] = {
	{ "Domain example.org\nSelector a, b\nKeyFile rsa.pem\n",
	    "chopmark.conf:3: error: KeyFile: every KeyFile needs its Selector: there are 1 "
	    "and 2\n" },
	{ "Domain example.org\n",
	    "KeyFile: error: Domain, Selector and KeyFile go together\n" },
	{ "Selector a\nKeyFile rsa.pem\n",
	    "chopmark.conf:2: error: KeyFile: Domain, Selector and KeyFile go together\n" },
	{ "Domain example.org\nSelector a\nKeyFile nowhere.pem\n",
	    "chopmark.conf:1: error: nowhere.pem: No such file or "
	    "directory\n" },
	{ "Domain example.org\nSelector a\nKeyFile text.pem\n",
	    "chopmark.conf:1: error: text.pem: holds no unencrypted RSA or Ed25519 "
	    "private key in PEM\n" },
	{ "Domain example.org\nSelector a\nKeyFile locked.pem\n",
	    "chopmark.conf:1: error: locked.pem: holds no unencrypted RSA or "
	    "Ed25519 private key in PEM\n" },
	{ "Domain example.org\nSelector a\nKeyFile open.pem\n",
	    "chopmark.conf:1: error: open.pem: mode 0644, others may read it; "
	    "it should be 0640\n" },
	{ "Domain example.org\nSelector a\nKeyFile small.pem\n",
	    "chopmark.conf:1: error: small.pem: an RSA key of 512 bits, "
	    "MinimumKeyBits asks for 1024\n" },
	{ "Domain example.org\nSelector a\nKeyFile rsa.pem\n"
	  "MinimumKeyBits 4096\n",
	    "chopmark.conf:1: error: rsa.pem: an RSA key of 2048 bits, "
	    "MinimumKeyBits asks for 4096\n" },
	{ "Domain ex_ample..org\nSelector a\nKeyFile rsa.pem\n",
	    "chopmark.conf:1: error: domain: 'ex_ample..org' is not a domain "
	    "name\n" },
	{ "Domain .example.org\nSelector a\nKeyFile rsa.pem\n",
	    "chopmark.conf:1: error: domain: '.example.org' is not a domain "
	    "name\n" },
	{ "Domain example.org\nSelector a;b\nKeyFile rsa.pem\n",
	    "chopmark.conf:1: error: selector: 'a;b' is not a domain name\n" },
	{ "Domain example.org\nSelector a\nKeyFile rsa.pem\n"
	  "SignHeaders +Received\n",
	    "chopmark.conf:4: error: SignHeaders: Received changes on the way and is never "
	    "signed\n" },
	{ "Domain example.org\nSelector a\nKeyFile rsa.pem\n"
	  "OversignHeaders a:b\n",
	    "chopmark.conf:4: error: OversignHeaders: 'a:b' is not the name of a header "
	    "field\n" },
	{ "KeyTable file:k1\nSigningTable file:s-missing\n",
	    "s-missing:1: error: SigningTable: the key 'nokey' is not in "
	    "KeyTable\n" },
	{ "KeyTable file:k1\nSigningTable file:s-nokey\n",
	    "s-nokey:1: error: SigningTable: 'example.org' names no key\n" },
	{ "KeyTable file:k1\nSigningTable refile:s-star\n",
	    "s-star:1: error: SigningTable: '*' with key 'any' would sign for "
	    "domains that are not yours: \"%\" in the KeyTable needs a pattern "
	    "that names one domain\n"
	    "s-star:2: error: SigningTable: '.example.org' with key 'any' would "
	    "sign for domains that are not yours: \"%\" in the KeyTable needs a "
	    "pattern that names one domain\n" },
	{ "KeyTable file:k1\nSigningTable file:s-list\n",
	    "s-list:1: error: SigningTable: list-id:l.example.org needs a key "
	    "with a domain of its own\n" },
	{ "KeyTable file:k-bad\n",
	    "k-bad:1: error: KeyTable: 'x': a key is written as "
	    "domain:selector:/path\n"
	    "k-bad:2: error: KeyTable: 'y': a key is written as "
	    "domain:selector:/path\n"
	    "chopmark.conf:1: warning: KeyTable: without a SigningTable no key of it is "
	    "used\n" },
};

static void
test_refused(void)
{
	const char *rsa = sign_stand_path("rsa.pem");

	sign_stand_write("open.pem", test_rsa_pem(t_arena(), 2048, PEM_PKCS8),
	    0644);
	sign_stand_write("small.pem", test_rsa_pem(t_arena(), 512, PEM_PKCS1),
	    0600);
	sign_stand_write("locked.pem",
	    test_rsa_pem(t_arena(), 2048, PEM_ENCRYPTED), 0600);
	sign_stand_write("text.pem", SL("no key\n"), 0600);
	sign_stand_write("k1", arena_printf(t_arena(), "any %%:s:%s\n", rsa),
	    0644);
	sign_stand_write("s-missing", SL("example.org nokey\n"), 0644);
	sign_stand_write("s-nokey", SL("example.org\n"), 0644);
	sign_stand_write("s-star", SL("* any\n.example.org any\n"), 0644);
	sign_stand_write("s-list", SL("list-id:l.example.org any\n"), 0644);
	sign_stand_write("k-bad",
	    SL("x example.org:s:relative.pem\ny example.org:s\n"), 0644);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct slice said;
		struct snapshot *s = sign_stand_load(refused[i].config, &said);

		ok(s == NULL, "refused: %zu", i + 1);
		is_text(said, refused[i].said, "and told: %zu", i + 1);
		snapshot_put(s);
	}
}

static void
test_accepted(void)
{
	struct slice said;
	struct snapshot *s =
	    sign_stand_load("Domain example.org\nSelector a\nKeyFile open.pem\n"
			    "RequireSafeKeys no\n",
		&said);

	ok(s != NULL, "RequireSafeKeys no takes an open file");
	is_text(said, "", "in silence");
	snapshot_put(s);
	sign_stand_write("1024.pem", test_rsa_pem(t_arena(), 1024, PEM_PKCS1),
	    0640);
	s = sign_stand_load(
	    "Domain example.org\nSelector a\nKeyFile 1024.pem\n", &said);
	ok(s != NULL, "a key of 1024 bits, readable by the group");
	is_text(said,
	    "chopmark.conf:1: warning: 1024.pem: an RSA key of 1024 bits; 2048 "
	    "is what receivers expect\n",
	    "with a warning");
	snapshot_put(s);
}

static void
test_once(void)
{
	struct snapshot *s = load("Domain example.org\nSelector ed\n"
				  "KeyFile ed.pem\n");
	struct dkim_keys *k;

	if (s == NULL)
		return;
	k = engine_keys(snapshot_engine(s));
	ok(dkim_keys_first_time(k, 1, SL("a@b")) &&
		!dkim_keys_first_time(k, 1, SL("a@b")),
	    "a warning is given once");
	ok(dkim_keys_first_time(k, 2, SL("a@b")) &&
		dkim_keys_first_time(k, 1, SL("c@b")),
	    "for each kind and sender");
	snapshot_put(s);
}

int
main(void)
{
	sign_stand_begin();
	test_domains();
	test_tables();
	test_refused();
	test_accepted();
	test_once();
	sign_stand_end();
	return tap_done();
}
