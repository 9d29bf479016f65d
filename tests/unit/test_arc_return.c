/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_return: a message comes in, a list manager behind us changes it and gives
 * it back, and the next host finds one set of ours that holds. Nobody else's
 * word about a message is sealed, whatever it calls itself.
 */
#include "base/file.h"
#include "lib/arc_signer.h"
#include "lib/seal_stand.h"
#include "lib/tap.h"

#define LIST "192.0.2.50"
#define TO_LIST "<list@example.net>"
#define OURS                                    \
	SEAL_KEYS "AuthservID mx.example.net\n" \
		  "ReinjectHosts {" LIST ", 127.0.0.1}\n"
/* The list manager is a machine of ours. */
#define INSIDE "Mode v\nInternalHosts {" LIST ", 192.0.2.51}\n" OURS
#define LATER "ARC seal\nARCSealLater list@example.net\n"

static const struct sender to_list = { .client = "192.0.2.9", .rcpt = TO_LIST };
static const struct sender from_list = { .client = LIST,
	.envelope = "<list-bounces@example.net>" };

/* What the list manager makes of a message: a tag, a footer; of the fields it
 * drops those that begin so. */
static struct test_mail
listed(const struct test_mail *m, const char *drop)
{
	struct buf b;

	buf_init(&b, t_arena(), (size_t)1 << 20);
	for (size_t i = 0; i < m->headers.fields.n; i++) {
		const struct header_field *f = &m->headers.fields.at[i];

		if (slice_eq(f->name, SL("Subject")))
			buf_printf(&b, "Subject: [list]%.*s\r\n",
			    SL_ARG(f->value));
		else if (drop == NULL || !slice_istarts(f->name, slice_c(drop)))
			buf_printf(&b, "%.*s\r\n", SL_ARG(f->raw));
	}
	buf_printf(&b, "List-Id: <list.example.net>\r\n\r\n%.*sfooter\r\n",
	    SL_ARG(m->body));
	return test_mail_parse(t_arena(), buf_slice(&b));
}

static struct test_mail
message(void)
{
	return sign_stand_mail(SEAL_HEAD, "Hi.\r\n");
}

/* In to the list, changed by it, and out again. */
static struct test_mail
by_list(struct snapshot *s, struct test_mail m, const char *drop)
{
	m = seal_stand_through(s, &to_list, m);
	return seal_stand_through(s, &from_list, listed(&m, drop));
}

static struct arc_signer
forwarder(void)
{
	static struct key *key;

	if (key == NULL)
		key = seal_stand_key("ed.pem");
	return (struct arc_signer){ .key = key, .s = "ed" };
}

static void
test_one_set(const char *config, const char *how)
{
	struct snapshot *s = sign_stand_config(config);
	struct test_mail m = seal_stand_through(s, &to_list, message());

	is_int(seal_stand_sets(&m), 0, "%s: it is not sealed on arrival", how);
	m = listed(&m, NULL);
	m = seal_stand_through(s, &from_list, m);
	is_text(seal_stand_verdict(&m), "pass 1",
	    "%s: what the list changed leaves with one set that holds", how);
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Seal", 0),
	       "i=1; a=rsa-sha256; cv=none; d=example.org;"),
	    "%s: the first", how);
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Authentication-Results",
				0),
	       "i=1; mx.example.net; spf=none "),
	    "%s: with what was found on arrival", how);
	is_text(slice_from(seal_stand_value(&m, "ARC-Authentication-Results",
			       0),
		    5),
	    arena_cstr(t_arena(),
		seal_stand_value(&m, "Authentication-Results", 0)),
	    "%s: word by word", how);
	is_int((int64_t)header_list_count(&m.headers,
		   SL("Authentication-Results")),
	    1, "%s: which stands there once", how);
	snapshot_put(s);
}

/* Not everybody knows which recipients are lists. */
static void
test_both_times(void)
{
	struct snapshot *s = sign_stand_config(INSIDE "ARC seal\n");
	struct test_mail m = by_list(s, message(), NULL);
	struct sender both = to_list;

	is_text(seal_stand_verdict(&m), "pass 2",
	    "sealed on arrival and when it leaves the chain holds");
	m = seal_stand_through(s, &to_list, message());
	m = seal_stand_through(s, &from_list, m);
	is_text(seal_stand_verdict(&m), "pass 1",
	    "what comes back unchanged is not sealed again");
	snapshot_put(s);
	s = sign_stand_config(INSIDE LATER);
	both.rcpt = "<bob@example.net>";
	m = seal_stand_through(s, &both, message());
	is_int(seal_stand_sets(&m), 1,
	    "other recipients' mail is sealed at once");
	snapshot_put(s);
}

/* From list to list, and twice through this host. */
static void
test_again(void)
{
	struct snapshot *s = sign_stand_config(INSIDE LATER);
	struct test_mail m = by_list(s, message(), NULL);

	m = seal_stand_through(s, &from_list, listed(&m, NULL));
	is_text(seal_stand_verdict(&m), "pass 2",
	    "a list whose mail goes through another list");
	m = by_list(s, m, NULL);
	is_text(seal_stand_verdict(&m), "pass 3",
	    "and comes to this host once more");
	ok(seal_stand_holds(seal_stand_value(&m, "ARC-Authentication-Results",
				0),
	       "arc=pass"),
	    "which has seen its own seals then");
	snapshot_put(s);
}

/* The message with one text in place of another. */
static struct test_mail
retouched(struct test_mail m, const char *from, const char *to)
{
	struct slice text = test_mail_text(t_arena(), &m);
	size_t at = slice_search(text, slice_c(from));

	if (at == SLICE_NONE)
		abort();
	return test_mail_parse(t_arena(),
	    arena_printf(t_arena(), "%.*s%s%.*s",
		SL_ARG(slice_sub(text, 0, at)), to,
		SL_ARG(slice_from(text, at + strlen(from)))));
}

/* The chain that a message came with. */
static void
test_chains(void)
{
	struct snapshot *s = sign_stand_config(INSIDE LATER);
	struct arc_signer by = forwarder();
	struct test_mail m = message(), fresh;

	arc_signer_chain(t_arena(), &by, 2, &m);
	fresh = by_list(s, m, NULL);
	is_text(seal_stand_verdict(&fresh), "pass 3",
	    "a chain of two goes on through a list");
	ok(seal_stand_holds(seal_stand_value(&fresh, "ARC-Seal", 0),
	       "i=3; a=rsa-sha256; cv=pass;"),
	    "as it was on arrival");
	fresh = by_list(s, m, "ARC-");
	is_text(seal_stand_verdict(&fresh), "pass 1",
	    "one that the list takes away begins anew");
	ok(seal_stand_holds(seal_stand_value(&fresh,
				"ARC-Authentication-Results", 0),
	       "arc=pass"),
	    "and its first set tells of it");
	fresh = by_list(s, m, "ARC-Message-Sig");
	ok(seal_stand_holds(seal_stand_value(&fresh, "ARC-Seal", 0),
	       "i=3; a=rsa-sha256; cv=fail;"),
	    "one that the list tears is said to be broken");
	fresh = seal_stand_through(s, &to_list, m);
	fresh = retouched(listed(&fresh, NULL), "i=1; mx.example.net; spf=none",
	    "i=1; mx.example.net; spf=pass");
	fresh = seal_stand_through(s, &from_list, fresh);
	ok(seal_stand_holds(seal_stand_value(&fresh, "ARC-Seal", 0),
	       "i=3; a=rsa-sha256; cv=fail;"),
	    "or retouches");
	m.body = SL("Hello.\r\n");
	fresh = by_list(s, m, NULL);
	ok(seal_stand_holds(seal_stand_value(&fresh, "ARC-Seal", 0),
	       "i=3; a=rsa-sha256; cv=fail;"),
	    "so is one that was broken on arrival");
	is_text(seal_stand_verdict(&fresh),
	    "fail 3 an earlier host found the chain broken",
	    "for everybody behind us");
	fresh = by_list(s, m, "ARC-");
	is_int(seal_stand_sets(&fresh), 0,
	    "taken away it leaves nothing that could be said");
	snapshot_put(s);
}

static void
test_full(void)
{
	struct snapshot *s = sign_stand_config(INSIDE LATER);
	struct arc_signer by = forwarder();
	struct test_mail m = message();

	arc_signer_chain(t_arena(), &by, 50, &m);
	m = by_list(s, m, NULL);
	is_int(seal_stand_sets(&m), 50, "no fifty-first set is added");
	snapshot_put(s);
}

/* A seal of the list manager itself, made behind its changes. */
static void
test_sealing_list(void)
{
	struct snapshot *s = sign_stand_config(INSIDE LATER);
	struct arc_signer by = forwarder();
	struct test_mail m = seal_stand_through(s, &to_list, message());

	m = listed(&m, NULL);
	arc_signer_seal(t_arena(), &by, &m);
	m = seal_stand_through(s, &from_list, m);
	is_text(seal_stand_verdict(&m), "pass 2",
	    "a list manager that seals is one host of the chain");
	m = seal_stand_through(s, &to_list, message());
	by.d = "example.com";
	by.results = arena_cstr(t_arena(),
	    slice_trim(seal_stand_value(&m, "Authentication-Results", 0)));
	arc_signer_seal(t_arena(), &by, &m);
	m = seal_stand_through(s, &from_list, m);
	is_text(seal_stand_verdict(&m), "pass 2",
	    "also if it repeats our results and changes nothing");
	snapshot_put(s);
}

/* A name server that is away while the list sends breaks nothing for good. */
static void
test_no_answer(void)
{
	struct snapshot *s = sign_stand_config(INSIDE LATER), *blind;
	struct arc_signer by = forwarder();
	struct test_mail m = message();
	char why[FILE_WHY];
	struct slice zone;

	arc_signer_chain(t_arena(), &by, 1, &m);
	m = seal_stand_through(s, &to_list, m);
	m = listed(&m, NULL);
	if (file_read(t_arena(), sign_stand_path("zone"), 65536, &zone, why) !=
	    0)
		abort();
	sign_stand_write("zone", SL("ed._domainkey.example.org SERVFAIL\n"),
	    0644);
	blind = sign_stand_config(INSIDE LATER);
	sign_stand_write("zone", zone, 0644);
	m = seal_stand_through(blind, &from_list, m);
	is_text(seal_stand_verdict(&m), "pass 2",
	    "keys that cannot be asked for break no chain");
	snapshot_put(blind);
	snapshot_put(s);
}

#define FORGED \
	"Authentication-Results: mx.example.net; dkim=pass header.d=bank.example\r\n"

/* Who brings what; nothing of it is sealed. */
static void
test_nobody_else(void)
{
	static const struct {
		const char *what;
		struct sender from;
		const char *head;
	} rows[] = {
		{ "an internal host that is not named",
		    { .client = "192.0.2.51" }, FORGED },
		{ "mail that was never judged here", { .client = LIST }, "" },
		{ "somebody else's results", { .client = LIST },
		    "Authentication-Results: mx.other.example; spf=pass\r\n" },
		{ "results that cannot be read", { .client = LIST },
		    "Authentication-Results: mx.example.net; spf=pass smtp\r\n" },
		{ "a user who authenticates there",
		    { .client = LIST, .auth = "ann" }, FORGED },
		{ "a program of this host", { .client = "" }, FORGED },
		{ "the same by Postfix's pickup",
		    { .client = "127.0.0.1", .pickup = true }, FORGED },
	};
	struct snapshot *s = sign_stand_config(INSIDE LATER);
	struct test_mail m;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		m = seal_stand_through(s, &rows[i].from,
		    sign_stand_mail(
			arena_printf(t_arena(), "%s" SEAL_HEAD, rows[i].head).p,
			"Hi.\r\n"));
		is_int(seal_stand_sets(&m), 0, "%s is not sealed",
		    rows[i].what);
	}
	m = by_list(s, sign_stand_mail(FORGED SEAL_HEAD, "Hi.\r\n"), NULL);
	is_text(seal_stand_verdict(&m), "pass 1", "a stranger's mail is");
	ok(slice_search(seal_stand_value(&m, "ARC-Authentication-Results", 0),
	       SL("bank.example")) == SLICE_NONE,
	    "but not with results that he wrote under our name");
	snapshot_put(s);
}

static void
test_rule(void)
{
	struct snapshot *s;
	struct test_mail m;
	struct sender other = from_list;

	sign_stand_write("list.conf",
	    SL("out: seal if list.id is \"list.example.net\" and client is "
	       "\"" LIST "\"\n"),
	    0644);
	s = sign_stand_config(INSIDE "ARC verify\nPolicyFile list.conf\n");
	m = by_list(s, message(), NULL);
	is_text(seal_stand_verdict(&m), "pass 1",
	    "a rule may say what is sealed");
	m = seal_stand_through(s, &to_list, message());
	m = seal_stand_through(s, &other, m);
	is_int(seal_stand_sets(&m), 0, "of the rest nothing is");
	snapshot_put(s);
	s = sign_stand_config(INSIDE "ARC verify\n");
	m = by_list(s, message(), NULL);
	is_int(seal_stand_sets(&m), 0,
	    "nor is anything without rule or option");
	snapshot_put(s);
}

static void
test_options(void)
{
	static const struct {
		const char *config, *said;
	} rows[] = {
		{ "ARC seal\n" SEAL_KEYS "ARCSealLater a@b.example\n",
		    "set ReinjectHosts" },
		{ OURS LATER "AddAuthResults no\n", "AddAuthResults is off" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice said;

		ok(sign_stand_load(rows[i].config, &said) == NULL &&
			seal_stand_holds(said, rows[i].said),
		    "refused: %s", rows[i].said);
	}
}

int
main(void)
{
	seal_stand_begin();
	test_one_set(INSIDE LATER, "from a machine of ours");
	test_one_set(SEAL_HOST OURS LATER "PolicyFile accept.conf\n",
	    "from another machine");
	test_both_times();
	test_again();
	test_chains();
	test_full();
	test_sealing_list();
	test_no_answer();
	test_nobody_else();
	test_rule();
	test_options();
	sign_stand_end();
	return tap_done();
}
