/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_config: what is read from the configuration of either MTA, and what it
 * makes of addresses. tests/mta/rewriting.py asks the real ones.
 */
#include "check/mta_config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/tap.h"

static char dir[] = "/tmp/mta-config-XXXXXX";
static struct problems problems;

static const char *
path(const char *name)
{
	return arena_printf(t_arena(), "%s/%s", dir, name).p;
}

static const char *
write_file(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		exit(99);
	return path(name);
}

static struct mta_config *
load(const char *first, const char *second, bool needed, bool mended)
{
	struct slice_vec files = { 0 };

	problems_init(&problems, t_arena());
	if ((first != NULL &&
		slice_vec_add(&files, t_arena(), slice_c(first)) != 0) ||
	    (second != NULL &&
		slice_vec_add(&files, t_arena(), slice_c(second)) != 0))
		exit(99);
	return mta_config_load(t_arena(), &files, needed, mended, &problems);
}

static bool
told(const char *text)
{
	for (size_t i = 0; i < problems.all.n; i++)
		if (slice_search(problems.all.at[i].text, slice_c(text)) !=
		    SLICE_NONE)
			return true;
	return false;
}

/* "kept", "unknown", or the address that it becomes. */
static struct slice
fate(const struct mta_config *c, enum mta_kind kind, bool sender,
    const char *text)
{
	struct slice all = t_slice(text);
	size_t at = slice_rchr(all, '@');
	struct mta_address a = { .kind = kind,
		.host = SL("mx.test"),
		.sender = sender,
		.local = slice_sub(all, 0, at),
		.domain = at == SLICE_NONE ? SL("") : slice_from(all, at + 1) };

	switch (mta_config_rewrite(c, t_arena(), &a)) {
	case MTA_KEEPS:
		return SL("kept");
	case MTA_REWRITES:
		return arena_printf(t_arena(), "%.*s@%.*s", SL_ARG(a.local),
		    SL_ARG(a.domain));
	case MTA_UNKNOWN:
		break;
	}
	return SL("unknown");
}

struct question {
	bool sender;
	const char *address, *becomes;
};

static void
ask(const struct mta_config *c, enum mta_kind kind, const char *what,
    const struct question *q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		is_text(fate(c, kind, q[i].sender, q[i].address), q[i].becomes,
		    "%s: %s %s", what, q[i].sender ? "from" : "to",
		    q[i].address);
}

#define ASK(c, kind, what, list) ask(c, kind, what, list, ARRAY_LEN(list))

/* As m4 writes them. */
#define HEAD                                                               \
	"V10/Berkeley\n# DMwrong.test\nCwlocalhost host.test\n"            \
	"C{w}[192.0.2.1] $=other\nDjmx.test\n"                             \
	"Mesmtp,\tP=[IPC], S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=x,\n" \
	"\t\tA=TCP $h\n"
#define MASQ_RULES "SMasqHdr=93\nR$* < @ $=M . > $*\t$: $1 < @ $2 . @ $M > $3\n"
#define LOCAL_RULE "R$* < @ $=w . > $*\t$: $1 < @ $2 . @ $M > $3\n"

static void
test_masquerade(void)
{
	static const struct question plain[] = {
		{ true, "a@out.test", "kept" },
		{ true, "a@corp.test", "a@example.org" },
		{ true, "a@CORP.Test", "a@example.org" },
		{ true, "a@sub.corp.test", "kept" },
		{ true, "a@more.test", "a@example.org" },
		{ true, "a@host.test", "a@example.org" },
		{ true, "a@mx.test", "a@example.org" },
		{ true, "a", "a@example.org" },
		{ true, "a@localhost", "a@example.org" },
		{ true, "root@corp.test", "kept" },
		{ true, "root", "root@mx.test" },
		{ true, "a@[192.0.2.1]", "kept" },
		{ true, "a@host", "unknown" },
		{ true, "a@x.uucp", "unknown" },
		{ false, "a@corp.test", "kept" },
		{ false, "a@host.test", "kept" },
		{ false, "a", "a@mx.test" },
	};
	static const struct question entire[] = {
		{ true, "a@corp.test", "a@example.org" },
		{ true, "a@x.sub.corp.test", "a@example.org" },
		{ true, "a@notcorp.test", "kept" },
		{ true, "a@out.corp.test", "kept" },
		{ true, "a@x.out.corp.test", "kept" },
		{ true, "a@host.test", "kept" },
		{ false, "a@sub.corp.test", "a@example.org" },
		{ false, "a", "a@example.org" },
	};
	const char *more = write_file("more", "more.test # a comment\n\n");
	struct mta_config *c =
	    load(write_file("sendmail.cf",
		     arena_printf(t_arena(),
			 HEAD "C{M}corp.test\nF{M}-o %s %%[^\\#]\n"
			      "F{M}-o /nonexistent\nC{E}root\n"
			      "DMexample.org\n" MASQ_RULES LOCAL_RULE,
			 more)
			 .p),
		NULL, true, false);

	ok(c != NULL && mta_config_knows(c, MTA_SENDMAIL) &&
		!mta_config_knows(c, MTA_POSTFIX),
	    "a sendmail.cf is known as one");
	ok(problems.all.n == 1 && told("masquerades senders as example.org") &&
		problems.all.at[0].place.line == 12,
	    "masquerading is told, with its line");
	ASK(c, MTA_SENDMAIL, "MASQUERADE_AS", plain);
	is_text(fate(c, MTA_POSTFIX, true, "a@corp.test"), "kept",
	    "another MTA does nothing of the sort");
	c = load(
	    write_file("sendmail.cf",
		"V10/Berkeley\nC{M}corp.test\nC{N}out.corp.test\nC{w}host.test\n"
		"DMexample.org\nSMasqHdr=93\n"
		"R$* < @ $* $=M . > $*\t$: $1 < @ $2 $3 . @ $M > $4\n"
		"Mesmtp,\tR=EnvToSMTP/HdrFromSMTP\n"),
	    NULL, true, true);
	ok(c != NULL && problems.all.n == 0, "what is mended is not told");
	ok(load(write_file("b.cf",
		    "V10/Berkeley\n#O MustQuoteChars=.\n"
		    "O MustQuoteChars=.'!\n"),
	       NULL, true, true) != NULL &&
		told("MustQuoteChars") && problems.all.at[0].place.line == 3,
	    "another way of quoting is told");
	ASK(c, MTA_SENDMAIL, "entire, limited, all", entire);
}

static void
test_generics(void)
{
	static const struct question q[] = {
		{ true, "ann@gen.test", "ann.bee@example.net" },
		{ true, "ANN@Gen.Test", "ann.bee@example.net" },
		{ true, "ann+x@gen.test", "ann.bee@example.net" },
		{ true, "tag+x@gen.test", "tag-x@example.net" },
		{ true, "bare@gen.test", "other@example.org" },
		{ true, "new@gen.test", "kept" },
		{ true, "twice@gen.test", "unknown" },
		{ true, "odd@gen.test", "unknown" },
		{ true, "x@all.test", "x.all@example.net" },
		{ true, "new@host.test", "new@example.org" },
		{ true, "ann@out.test", "kept" },
		{ true, "ann@sub.gen.test", "kept" },
		{ false, "ann@gen.test", "kept" },
	};
	const char *table = write_file("genericstable",
	    "# comment\nann@gen.test ann.bee@example.net\n"
	    "tag+*@gen.test\ttag-%1@example.net\nbare other\n"
	    "twice@gen.test ann@gen.test\nodd@gen.test %2@x.test\n"
	    "@all.test %1.all@example.net\n");
	struct mta_config *c =
	    load(write_file("sendmail.cf",
		     HEAD "C{G}gen.test all.test\nDMexample.org\n"
			  "Kgenerics ldap -k x\n" MASQ_RULES LOCAL_RULE),
		NULL, true, false);

	ok(c != NULL && told("its source is no text file"),
	    "a table that is no text is told");
	is_text(fate(c, MTA_SENDMAIL, true, "ann@gen.test"), "unknown",
	    "what it may hold is not guessed");
	is_text(fate(c, MTA_SENDMAIL, true, "ann@out.test"), "kept",
	    "what it cannot hold is known");
	c = load(write_file("sendmail.cf",
		     arena_printf(t_arena(),
			 HEAD "C{G}gen.test all.test\nDMexample.org\n"
			      "Kgenerics hash -o %s\n" MASQ_RULES LOCAL_RULE,
			 table)
			 .p),
	    NULL, true, false);
	ok(c != NULL && told("by the genericstable"), "a table is told");
	ASK(c, MTA_SENDMAIL, "genericstable", q);
	c = load(write_file("sendmail.cf",
		     HEAD "F{M}@ldap\nDMexample.org\n" MASQ_RULES),
	    NULL, true, true);
	ok(c != NULL && told("does not come from a file"),
	    "so is a class from elsewhere");
	is_text(fate(c, MTA_SENDMAIL, true, "ann@out.test"), "unknown",
	    "anybody may be in it");
}

static void
test_postfix(void)
{
	static const struct question q[] = {
		{ true, "ann@corp.test", "ann@example.org" },
		{ false, "ann@Corp.test", "ann@example.org" },
		{ true, "x@old.test", "x@new.test" },
		{ true, "ann+x@corp.test", "unknown" },
		{ true, "bare@x.test", "unknown" },
		{ true, "two@corp.test", "unknown" },
		{ true, "loop@corp.test", "unknown" },
		{ true, "bob@corp.test", "kept" },
		{ true, "bob", "kept" },
	};
	struct mta_config *c;

	(void)write_file("generic",
	    "ann@corp.test ann@example.org\n@old.test @new.test\n"
	    "bare a@b.test\ntwo@corp.test a@b.test,\n  c@d.test\n"
	    "loop@corp.test x@old.test\n");
	c = load(write_file("main.cf",
		     "# comment\nhere = $config_directory\n"
		     "smtp_generic_maps =\n  proxy:hash:${here}/generic\n"
		     "recipient_delimiter = +\n"
		     "smtp_header_checks = pcre:/x\nbroken line\n"
		     "disable_mime_output_conversion = yes\n"),
	    NULL, true, false);
	ok(c != NULL && mta_config_knows(c, MTA_POSTFIX) &&
		told("smtp_generic_maps rewrites addresses") &&
		told("smtp_header_checks acts behind the filter"),
	    "a main.cf is known, and what it does told");
	ok(problems.all.n == 2 && problems.all.at[0].place.line == 3 &&
		problems.all.at[1].place.line == 6,
	    "with the lines");
	ok(!mta_config_encodes(c, MTA_POSTFIX) &&
		mta_config_encodes(c, MTA_SENDMAIL),
	    "8-bit text that stays is known");
	ASK(c, MTA_POSTFIX, "smtp_generic_maps", q);
	c = load(write_file("main.cf",
		     "smtp_generic_maps = hash:$nothing/generic\n"),
	    NULL, true, true);
	ok(c != NULL && told("only warned of"), "maps that cannot be read");
	is_text(fate(c, MTA_POSTFIX, true, "a@b.test"), "unknown",
	    "may hold anything");
	c = load(write_file("main.cf",
		     "smtp_generic_maps = regexp:/etc/x, \n"
		     "smtp_generic_maps =\n"),
	    NULL, true, true);
	ok(c != NULL && problems.all.n == 0, "the last setting counts");
	is_text(fate(c, MTA_POSTFIX, true, "a@b.test"), "kept",
	    "and an empty one does nothing");
}

static void
test_services(void)
{
	const char *main_cf =
	    write_file("main.cf", "disable_mime_output_conversion = yes\n");
	struct mta_config *c;

	(void)write_file("master.cf",
	    "# smtp -o smtp_body_checks=pcre:/x\n"
	    "smtp unix - - n - - smtp -o smtp_generic_maps=\n"
	    "slow unix - - n - - smtp\n  -o myhostname=a.test\n"
	    "  -o { smtp_header_checks = pcre:/x }\n"
	    "named-osmtp_body_checks=x unix - - n - - smtp\n"
	    "last unix - - n - - smtp -osmtp_generic_maps=hash:/x");
	c = load(main_cf, NULL, true, true);
	ok(c != NULL && problems.all.n == 2 &&
		told("smtp_header_checks of service slow acts behind"),
	    "what one service does is told");
	ok(told("smtp_generic_maps of service last"), "however it is written");
	ok(problems.all.n == 2 && problems.all.at[0].place.line == 3 &&
		slice_ends(slice_c(problems.all.at[0].place.file),
		    SL("/master.cf")),
	    "with file and line");
	ok(!mta_config_encodes(c, MTA_POSTFIX), "the rest is main.cf's");
	(void)write_file("master.cf",
	    "smtp unix - - n - - smtp -o disable_mime_output_conversion=no\n"
	    "x unix - - n - - smtp -o {smtp_body_checks = x\n"
	    "y unix - - n - - smtp -o");
	c = load(main_cf, NULL, true, true);
	ok(c != NULL && mta_config_encodes(c, MTA_POSTFIX),
	    "one service that encodes 8-bit text is enough");
	ok(told("smtp_body_checks of service x"), "a brace that stays open");
	(void)unlink(path("master.cf"));
}

static void
test_files(void)
{
	const char *cf = write_file("a.cf", "V10/Berkeley\n");
	const char *main_cf = write_file("main.cf", "x = y\n");
	struct mta_config *c = load("/nonexistent/x", NULL, false, false);

	ok(c != NULL && problems.all.n == 0 &&
		!mta_config_knows(c, MTA_SENDMAIL),
	    "a default that is not there is passed over");
	is_text(fate(c, MTA_SENDMAIL, true, "bob"), "unknown",
	    "then nothing is known of bare names");
	is_text(fate(NULL, MTA_SENDMAIL, true, "a@b.test"), "kept",
	    "others stay");
	is_text(fate(NULL, MTA_POSTFIX, true, "bob"), "kept",
	    "Postfix has completed them before");
	ok(load(dir, NULL, false, false) != NULL &&
		told("what the MTA changes behind the filter is not known"),
	    "one that cannot be read is told");
	ok(load("/nonexistent/x", NULL, true, false) == NULL &&
		problems.errors == 1,
	    "one that is named must be there");
	ok(load(cf, main_cf, true, false) != NULL, "one of each MTA");
	ok(load(cf, write_file("b.cf", "V10/Berkeley\n"), true, false) ==
		    NULL &&
		told("two files"),
	    "two of one are refused");
	ok(mta_kind_of(SL("8.17.1.9")) == MTA_SENDMAIL &&
		mta_kind_of(SL("Postfix 3.7.11")) == MTA_POSTFIX &&
		mta_kind_of(SL("")) == MTA_OTHER,
	    "MTAs are told apart");
}

int
main(void)
{
	static const char *const names[] = { "sendmail.cf", "more",
		"genericstable", "generic", "main.cf", "a.cf", "b.cf" };

	if (mkdtemp(dir) == NULL)
		return 99;
	test_masquerade();
	test_generics();
	test_postfix();
	test_services();
	test_files();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(path(names[i]));
	ok(rmdir(dir) == 0, "nothing is left behind");
	return tap_done();
}
