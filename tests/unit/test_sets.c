/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sets: what each kind of entry matches and what it does not, the sources,
 * exclusion, maps in file order, and the errors an operator reads.
 */
#include "mail/sets.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "lib/tap.h"

static const struct place here = { "policy.conf", 7 };

/* The set of a source that must load. */
static const struct set *
load(const char *source)
{
	struct arena *a = t_arena();
	struct problems p;
	struct set *s;

	problems_init(&p, a);
	if (set_load(a, t_slice(source), here, &p, &s) != 0 || p.all.n > 0)
		ok(false, "%s loads: %.*s", source,
		    SL_ARG(p.all.n > 0 ? p.all.at[0].text : SL("no reason")));
	return s;
}

/* "file:line: text" of the first problem of a source that must fail. */
static struct slice
complaint(const char *source)
{
	struct arena *a = t_arena();
	struct problems p;
	struct set *s;
	int err;

	problems_init(&p, a);
	err = set_load(a, t_slice(source), here, &p, &s);
	if (err != ERR_CONFIG || p.all.n == 0 || s != NULL)
		return SL("no complaint");
	return arena_printf(a, "%s:%u: %.*s", p.all.at[0].place.file,
	    p.all.at[0].place.line, SL_ARG(p.all.at[0].text));
}

static void
texts(void)
{
	static const struct {
		const char *source, *text;
		bool in;
	} cases[] = {
		{ "{host.example}", "host.example", true },
		{ "{host.example}", "HOST.Example.", true },
		{ "{Host.Example.}", "host.example", true },
		{ "{host.example}", "a.host.example", false },
		{ "{host.example}", "host.exampl", false },
		{ "{host.example}", "host.examplex", false },
		{ "{host.example}", "user@host.example", true },
		{ "{host.example}", "user@sub.host.example", false },
		{ "{.example.org}", "example.org", true },
		{ "{.example.org}", "a.b.example.org", true },
		{ "{.example.org}", "a.b.EXAMPLE.org.", true },
		{ "{.example.org}", "badexample.org", false },
		{ "{.example.org}", "org", false },
		{ "{.example.org}", "user@a.example.org", true },
		{ "{.org}", "x.org", true },
		{ "{user@example.org}", "user@example.org", true },
		{ "{user@example.org}", "USER@EXAMPLE.ORG", true },
		{ "{user@example.org}", "\"user\"@example.org", true },
		{ "{\"\\\"us er\\\"@example.org\"}", "\"us er\"@example.org",
		    true },
		{ "{\"us er\"@example.org, b}", "\"us er\"@example.org", true },
		{ "{\"us,er\"@example.org, b}", "b", true },
		{ "{user@example.org}", "xuser@example.org", false },
		{ "{user@example.org}", "user@a.example.org", false },
		{ "{user@example.org}", "example.org", false },
		{ "{user@}", "user@anything.example", true },
		{ "{user@}", "User@x", true },
		{ "{user@}", "user2@x", false },
		{ "{user@}", "user", true },
		{ "{user@}", "User", true },
		{ "{.example, !user@}", "user", false },
		{ "{@example.org}", "anyone@example.org", true },
		{ "{@example.org}", "anyone@a.example.org", false },
		{ "{@example.org}", "example.org", false },
		{ "{example.org}", "a@b@example.org", true },
		{ "{word}", "word", true },
		{ "{word}", "WORD", true },
		{ "{word}", "words", false },
		{ "{\"two words\", b}", "two words", true },
		{ "{\"a,b\"}", "a,b", true },
		{ "{\"a,b\"}", "a", false },
		{ "{<>}", "", true },
		{ "{a}", "", false },
		{ "{}", "a", false },
		{ "{ a , ,b, }", "b", true },
		{ "csl:a,b", "b", true },
		{ "CSL: a, b", "a", true },
		{ "a,b", "b", true },
		{ "single", "single", true },
		{ "{.example.org, !bad.example.org}", "bad.example.org",
		    false },
		{ "{.example.org, !bad.example.org}", "good.example.org",
		    true },
		{ "{!bad.example.org, .example.org}", "x@bad.example.org",
		    false },
		{ "{user@example.org, !.example.org}", "user@example.org",
		    false },
		{ "{!a}", "b", false },
		{ "{b\xc3\xbc"
		  "cher.example}",
		    "xn--bcher-kva.example", true },
		{ "{b\xc3\xbc"
		  "cher.example}",
		    "b\xc3\xbc"
		    "cher.example",
		    true },
		{ "{.b\xc3\xbc"
		  "cher.example}",
		    "a.xn--bcher-kva.example", true },
		{ "{u@b\xc3\xbc"
		  "cher.example}",
		    "u@xn--bcher-kva.example", true },
		{ "{192.0.2.0/24}", "192.0.2.9", true },
		{ "{192.0.2.0/24}", "192.0.3.9", false },
		{ "{192.0.2.0/24}", "[192.0.2.9]", true },
		{ "{[192.0.2.9]}", "[192.0.2.9]", true },
		{ "{2001:db8::/32}", "[IPv6:2001:db8::1]", true },
		{ "{192.0.2.0/24}", "[]", false },
		{ "{2001:db8::/32}", "2001:db8::1", true },
		{ "{a.example}", "\x04\x18\xc0", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ok(set_has(load(cases[i].source), t_slice(cases[i].text)) ==
			cases[i].in,
		    "%s %s \"%s\"", cases[i].source,
		    cases[i].in ? "has" : "has not", cases[i].text);
}

static void
networks(void)
{
	static const struct {
		const char *source, *ip;
		bool in;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "[192.0.2.1]", "192.0.2.1", true },
		{ "192.0.2.77/24", "192.0.2.1", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "0.0.0.0/0", "203.0.113.5", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "192.0.2.1", false },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "IPv6:2001:db8::1", "2001:db8::1", true },
		{ "::ffff:192.0.2.0/120", "192.0.2.200", true },
		{ "192.0.2.0/24", "::ffff:192.0.2.200", true },
		{ "{10.0.0.0/8, !10.1.0.0/16}", "10.1.2.3", false },
		{ "{10.0.0.0/8, !10.1.0.0/16}", "10.2.2.3", true },
		{ "{!10.0.0.0/8, 10.1.2.3}", "10.1.2.3", false },
		{ "{host.example}", "192.0.2.1", false },
		{ "{}", "192.0.2.1", false },
		/* 0x41 and 0x61 differ only as letters do. */
		{ "65.65.65.65", "97.97.97.97", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ip ip;

		ok(ip_parse(slice_c(cases[i].ip), &ip) &&
			set_has_ip(load(cases[i].source), &ip) == cases[i].in,
		    "%s %s %s", cases[i].source,
		    cases[i].in ? "has" : "has not", cases[i].ip);
	}
	ok(!set_has_ip(load("::/0"), &(struct ip){ 0 }),
	    "no address is in no set");
	ok(!set_has_host(load("{.example, !::1}"), &(struct ip){ .family = 0 },
	       SL("")),
	    "a host without address and name is in no set");
	ok(!set_has_ip(NULL, &(struct ip){ .family = 4 }),
	    "no set has no address");
}

static void
addresses(void)
{
	struct arena *a = t_arena();
	const struct set *roles = load("{postmaster@, root, list@example.org}");
	struct mailbox m;
	int err;

	err = address_parse_path(a, SL("<PostMaster@x.example>"), &m);
	ok(err == 0 && set_has_address(roles, &m), "a role at any domain");
	err = address_parse_path(a, SL("<postmaster>"), &m);
	ok(err == 0 && set_has_address(roles, &m), "a role without domain");
	err = address_parse_path(a, SL("root"), &m);
	ok(err == 0 && set_has_address(roles, &m),
	    "a word is a user without domain");
	err = address_parse_path(a, SL("<root@x.example>"), &m);
	ok(err == 0 && !set_has_address(roles, &m),
	    "a word is no user of a domain");
	err = address_parse_path(a, SL("<list@example.org.>"), &m);
	ok(err == 0 && set_has_address(roles, &m),
	    "a final dot does not count");
	err = address_parse_path(a, SL("<>"), &m);
	ok(err == 0 && !set_has_address(roles, &m),
	    "the null sender is in no set");
	ok(err == 0 && set_has_address(load("{<>}"), &m), "unless it is named");
	ok(!set_has_address(NULL, &m), "no set has no address");
	ok(set_has_domain(load("{.example}"), SL("a.example")),
	    "a domain is found below its parent");
	ok(!set_has_domain(load("{example}"), SL("a.example")),
	    "but not by the parent's bare name");
}

/* A file of the working directory with this text; removed by forget(). */
static char made[64];

static const char *
file_of(const char *text)
{
	static char source[96];
	FILE *f;
	int fd;

	(void)snprintf(made, sizeof(made), "./test_sets.XXXXXX");
	fd = mkstemp(made);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
	(void)snprintf(source, sizeof(source), "file:%s", made);
	return source;
}

static const char *
refile_of(const char *text)
{
	static char source[96];

	(void)file_of(text);
	(void)snprintf(source, sizeof(source), "refile:%s", made);
	return source;
}

static void
forget(void)
{
	(void)unlink(made);
}

static void
maps(void)
{
	const struct set *s = load(file_of("# who may send as whom\n"
					   "alice  example.org\n"
					   "bob    \"two words\"   # quoted\n"
					   "\n"
					   "alice  example.net\r\n"
					   "plain\n"));
	struct slice v, k;
	struct place at;
	size_t next = 0;

	forget();
	ok(set_is_map(s), "a second word makes a map");
	is_int((int64_t)set_count(s), 4, "every line is an entry");
	ok(set_map(s, SL("ALICE"), &v), "a key is found without case");
	is_text(v, "example.org", "the first line of a key counts");
	ok(set_map(s, SL("bob"), &v), "another key");
	is_text(v, "two words", "a quoted value");
	ok(set_map(s, SL("plain"), &v) && v.n == 0, "a key without value");
	ok(!set_map(s, SL("carol"), &v), "a key that is not there");
	ok(set_map_next(s, SL("alice"), &next, &v) &&
		slice_eq(v, SL("example.org")) &&
		set_map_next(s, SL("alice"), &next, &v) &&
		slice_eq(v, SL("example.net")) &&
		!set_map_next(s, SL("alice"), &next, &v),
	    "all values of a key come in file order");
	ok(set_entry(s, 2, &k, &v, &at) && slice_eq(k, SL("alice")) &&
		slice_eq(v, SL("example.net")),
	    "entries come in file order");
	is_int(at.line, 5, "with their line");
	ok(!set_entry(s, 4, &k, &v, &at), "and end");
	ok(!set_is_map(load("{a, b}")) && !set_is_map(NULL),
	    "a list is no map");
	ok(!set_entry(NULL, 0, NULL, NULL, NULL) && set_count(NULL) == 0,
	    "no set has no entries");
}

static void
patterns(void)
{
	const struct set *s = load(refile_of("vip@example.org   first\n"
					     "*@example.org     second\n"
					     "news-*@*.example  third\n"
					     "*.lists.example   fourth\n"
					     "!*-noise@*\n"
					     "*                 last\n"));
	struct slice v;

	forget();
	ok(set_map(s, SL("vip@example.org"), &v) && slice_eq(v, SL("first")),
	    "an entry without star is exact");
	ok(set_map(s, SL("x@EXAMPLE.org"), &v) && slice_eq(v, SL("second")),
	    "any user of a domain");
	ok(set_map(s, SL("x@a.example.org"), &v) && slice_eq(v, SL("last")),
	    "but not of one below it");
	ok(set_map(s, SL("news-1@a.example"), &v) && slice_eq(v, SL("third")),
	    "two stars");
	ok(set_map(s, SL("a.lists.example"), &v) && slice_eq(v, SL("fourth")),
	    "a star in front of a domain");
	ok(!set_map(s, SL("x-noise@example.org"), &v),
	    "an excluding pattern wins");
	ok(set_map(s, SL("whatever"), &v) && slice_eq(v, SL("last")),
	    "a lone star takes all");
	ok(set_map(s, SL(""), &v), "nothing too");
}

static void
hostile_pattern(void)
{
	const struct set *s = load(refile_of(
	    "a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\n"));
	struct buf text;

	forget();
	buf_init(&text, t_arena(), 65536);
	for (unsigned i = 0; i < 20000; i++)
		buf_addc(&text, 'a');
	ok(!set_has(s, buf_slice(&text)),
	    "many stars against a long text end soon");
	buf_addc(&text, 'b');
	ok(set_has(s, buf_slice(&text)), "and match when the last letter does");
	buf_clear(&text);
	for (unsigned i = 0; i < 30000; i++)
		buf_adds(&text, "a.");
	buf_adds(&text, "example");
	ok(set_has_domain(load("{.example}"), buf_slice(&text)),
	    "a domain of thirty thousand labels is one walk");
}

static void
complaints(void)
{
	static const struct {
		const char *source, *text;
	} cases[] = {
		{ "ldap://x/y",
		    "policy.conf:7: ldap: sources are not supported; use "
		    "file:, refile: or csl:" },
		{ "DB:/abc",
		    "policy.conf:7: db: sources are not supported; use "
		    "file:, refile: or csl:" },
		{ "flie:/etc/hosts",
		    "policy.conf:7: unknown kind of source \"flie:\" "
		    "(known are file:, refile: and csl:); did "
		    "you mean 'file'?" },
		{ "", "policy.conf:7: \"\": an empty source" },
		{ "file:", "policy.conf:7: \"\": no path" },
		{ "{a, b", "policy.conf:7: \"{a, b\": no closing brace" },
		{ "{192.0.2.0/33}",
		    "policy.conf:7: \"192.0.2.0/33\": neither an IP address nor a network" },
		{ "{192.0.2}",
		    "policy.conf:7: \"192.0.2\": neither an IP address nor a network" },
		{ "{2001:db8::/129}",
		    "policy.conf:7: \"2001:db8::/129\": neither an "
		    "IP address nor a network" },
		{ "{a*}",
		    "policy.conf:7: \"a*\": \"*\" means something only in a "
		    "refile: source (a leading dot takes in everything "
		    "below a domain)" },
		{ "{!}", "policy.conf:7: \"!\": an entry without text" },
		{ "{.}", "policy.conf:7: \".\": no name in it" },
		{ "{\"a}",
		    "policy.conf:7: \"\"a\": unclosed or misplaced quote" },
		{ "{\"a\"b}",
		    "policy.conf:7: \"\"a\"b\": unclosed or misplaced quote" },
	};
	struct slice said;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_text(complaint(cases[i].source), cases[i].text,
		    "%s is refused",
		    cases[i].source[0] != '\0' ? cases[i].source : "nothing");
	said = complaint(file_of("good\n10.0.0.0/40\n"));
	ok(slice_search(said, SL("test_sets.")) != SLICE_NONE &&
		slice_ends(said,
		    SL(":2: \"10.0.0.0/40\": neither an IP address "
		       "nor a network")),
	    "a bad line of a file is named by file and line");
	forget();
	said = complaint(file_of("a b c\n"));
	ok(slice_ends(said,
	       SL(":1: \"c\": more than a key and a value in one line")),
	    "three words in a line are refused");
	forget();
	said = complaint("file:./no-such-file");
	ok(slice_starts(said, SL("./no-such-file:0: ")),
	    "a missing file is named");
}

static void
big_set(void)
{
	struct arena *a = t_arena();
	struct set *s = set_new(a);
	struct problems p;
	unsigned wrong = 0;
	int err = 0;

	problems_init(&p, a);
	for (unsigned i = 0; i < 20000 && err == 0; i++)
		err = set_add(a, s,
		    i % 2 == 0 ?
			arena_printf(a, "10.%u.%u.0/24", i >> 8, i & 255) :
			arena_printf(a, "u%u@d%u.example", i, i % 97),
		    arena_printf(a, "%u", i), here, &p);
	is_int(err, 0, "twenty thousand entries are taken");
	for (unsigned i = 0; i < 20002; i++) {
		struct slice v;
		bool found = set_map(s,
		    i % 2 == 0 ?
			arena_printf(a, "10.%u.%u.200", i >> 8, i & 255) :
			arena_printf(a, "u%u@d%u.example", i, i % 97),
		    &v);

		if (found != (i < 20000) ||
		    (found && !slice_eq(v, arena_printf(a, "%u", i))))
			wrong++;
	}
	is_int(wrong, 0, "and each is found with its own value");
}

int
main(void)
{
	texts();
	networks();
	addresses();
	maps();
	patterns();
	hostile_pattern();
	complaints();
	big_set();
	return tap_done();
}
