/* SPDX-License-Identifier: BSD-2-Clause
 *
 * snapshot: what a reload takes over, what it refuses, and who keeps what
 * alive.
 */
#include "config/snapshot.h"

#include "unit/config_lib.h"

static struct problems problems;
static struct slice said;

static struct snapshot *
load(const char *text, const struct snapshot *before)
{
	struct config_source src = { 0 };
	struct snapshot *s;
	struct buf out;

	config_lib_write("chopmark.conf", text);
	src.path = config_lib_path("chopmark.conf");
	problems_init(&problems, t_arena());
	s = snapshot_load(&src, before, &problems);
	/* File names must have outlived what was read. */
	buf_init(&out, t_arena(), (size_t)1 << 20);
	for (size_t i = 0; i < problems.all.n; i++) {
		problem_print(&problems.all.at[i], &out);
		buf_addc(&out, '\n');
	}
	said = buf_slice(&out);
	return s;
}

static bool
says(const char *text)
{
	return slice_search(said, slice_c(text)) != SLICE_NONE;
}

static struct resolver *
resolver_of(const struct snapshot *s)
{
	return engine_resolver(snapshot_engine(s));
}

static void
test_reload(void)
{
	struct snapshot *one = load("Nameservers 127.0.0.1@1\n", NULL), *two;
	struct snapshot *three, *four;

	ok(one != NULL && problems.all.n == 0, "a snapshot without a word");
	two = load("Nameservers 127.0.0.1@1\nTestMode yes\n", one);
	ok(two != NULL && resolver_of(one) == resolver_of(two),
	    "a reload keeps the resolver and its cache");
	ok(snapshot_config(two)->engine.rules.test_mode &&
		!snapshot_config(one)->engine.rules.test_mode,
	    "each has its own values");
	snapshot_put(one);
	three = load("Nameservers 127.0.0.1@2\n", two);
	ok(three != NULL && resolver_of(three) != resolver_of(two),
	    "another name server takes another resolver");
	four = load("Nameservers 127.0.0.1@2\nDNSCacheSize 5000\n", three);
	ok(four != NULL && resolver_of(four) != resolver_of(three),
	    "so does another size of its cache");
	snapshot_put(two);
	snapshot_put(four);
	ok(snapshot_config(three)->nameservers.n == 1,
	    "the others go without the one that is left");
	snapshot_put(three);
	snapshot_put(NULL);
}

static void
test_zone(void)
{
	struct snapshot *one, *two;

	config_lib_write("zone", "example.org TXT \"x\"\n");
	one = load("TestDNSData zone\n", NULL);
	two = load("TestDNSData zone\n", one);
	ok(one != NULL && two != NULL && resolver_of(one) != resolver_of(two),
	    "a zone file is read again");
	snapshot_put(one);
	snapshot_put(two);
}

static void
test_restart(void)
{
	struct snapshot *one = load("Socket unix:/a\n", NULL), *two;

	two = load("LogWhy yes\nSocket unix:/b\nUMask 022\n", one);
	ok(two != NULL, "a reload goes on where an option takes a restart");
	ok(says("chopmark.conf:2: warning: Socket was changed: that takes a "
		"restart, until then the old value stays"),
	    "and warns of it");
	ok(says(":3: warning: UMask was changed"), "of each one");
	is_int((int64_t)problems.all.n, 2, "and of no other");
	snapshot_put(one);
	one = load("", two);
	ok(says("defaults: warning: Socket was changed"),
	    "also when the default is back");
	snapshot_put(one);
	snapshot_put(two);
}

static void
test_refused(void)
{
	struct snapshot *one = load("", NULL);

	ok(load("Nonsense 1\n", one) == NULL && problems.errors == 1,
	    "a wrong option is refused");
	ok(says("chopmark.conf:1: error: unknown option"), "where it stands");
	config_lib_write("bad.policy", "x: accept\ny: nonsense\n");
	ok(load("PolicyFile bad.policy\n", one) == NULL &&
		says("bad.policy:2: error: "),
	    "so is a wrong rule");
	ok(load("TestDNSData nowhere\n", one) == NULL && problems.errors > 0,
	    "so is a resolver that cannot start");
	ok(load("PublicSuffixList /nonexistent\n", one) == NULL &&
		says("/nonexistent"),
	    "so is a list that is not there");
	ok(load("QuarantineHeader X-A {nonsense}\n", one) == NULL,
	    "so is a template with an unknown variable");
	ok(load("HelpURL {nonsense}\n", one) == NULL, "wherever it stands");
	snapshot_put(one);
}

/* Whatever part finds it, the line that said it is named. */
static void
test_places(void)
{
	static const struct {
		const char *config, *said;
	} cases[] = {
		{ "HelpURL https://a.example/{cleint}\n",
		    "error: HelpURL: unknown variable {cleint}; did you mean "
		    "'client'?" },
		{ "HelpLang a_b\n", "error: HelpLang: 'a_b' is no language" },
		{ "QuarantineHeader X-A\n",
		    "error: QuarantineHeader: a header field is written" },
		{ "PublicSuffixList /nonexistent\n",
		    "error: PublicSuffixList: /nonexistent: no public" },
		{ "TestDNSData /nonexistent\n",
		    "error: TestDNSData: /nonexistent" },
		{ "TrustAnchorFile /nonexistent\n",
		    "error: TrustAnchorFile /nonexistent: No such file" },
		{ "PolicyFile /nonexistent\n",
		    "error: /nonexistent: No such file" },
		{ "RepliesFile /nonexistent\n",
		    "error: /nonexistent: No such file" },
		{ "Include /nonexistent\n",
		    "error: /nonexistent: No such file" },
		{ "RelayHosts file:/nonexistent\n",
		    "error: /nonexistent: No such file" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char want[160];

		(void)snprintf(want, sizeof(want), "/chopmark.conf:1: %s",
		    cases[i].said);
		ok(load(cases[i].config, NULL) == NULL && says(want),
		    "place of: %s", cases[i].said);
		if (!says(want))
			note("%.*s", SL_ARG(said));
	}
}

static void
test_references(void)
{
	struct snapshot *one = load("Hostname mx.example\n", NULL);
	struct snapshot *session = snapshot_get(one);
	struct engine_session *s;

	s = engine_session_new(snapshot_engine(session), NULL);
	snapshot_put(one);
	ok(s != NULL &&
		slice_eq(engine_smtp_session(s)->hostname, SL("mx.example")),
	    "a session keeps the snapshot it began with");
	is_text(slice_c(snapshot_daemon(session)->syslog_ident), "chopmark",
	    "and all its values");
	engine_session_free(s);
	snapshot_put(session);
}

int
main(void)
{
	config_lib_begin();
	test_reload();
	test_zone();
	test_restart();
	test_refused();
	test_places();
	test_references();
	config_lib_end();
	return tap_done();
}
