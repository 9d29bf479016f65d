/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_exchange: signed messages out to, and in from, a foreign
 * implementation (test_dkim_foreign.py).
 *
 *     dkim_exchange sign DIR           writes *.eml, records and rsa.pem
 *     dkim_exchange judge DIR FILE...  prints "verdict by reason" a file; keys
 *                                      are those of DIR/records
 *
 * A line of `records` is a name, a TAB and the text of a TXT record.
 */
#include "base/file.h"
#include "lib/dkim_world.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

static const char *const mails[] = {
	"From: Ann <ann@example.org>\r\nTo: Bob <bob@example.net>\r\n"
	"Subject: Hello\r\nDate: Sat, 21 Nov 2026 23:00:19 +0000\r\n\r\n"
	"Hi.\r\n",
	"Received: a\r\nReceived: b\r\nFrom: Ann\r\n\t<ann@example.org>\r\n"
	"To:  bob@example.net,\r\n   eve@example.net \t\r\nSubject:\r\n"
	"Date:x\r\n\r\n a  b\t\r\n\r\n \r\nend  \r\n\r\n\r\n",
	"From:ann@example.org\r\nSubject:\tUTF-8 \xc3\xa4\r\n\r\n",
	"From: ann@example.org\r\nSubject: no newline\r\n\r\nx\r\ny",
	"From: ann@example.org\r\n\r\n\r\n\r\n \r\n",
};

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "dkim_exchange: %s\n", what);
	exit(1);
}

static void
write_file(const char *dir, const char *name, struct slice text)
{
	struct slice path = arena_printf(t_arena(), "%s/%s", dir, name);
	FILE *f = fopen(path.p, "wb");

	if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n ||
	    fclose(f) != 0)
		die("cannot write");
}

static struct slice
read_text(const char *path)
{
	struct slice text;
	char why[FILE_WHY];

	if (file_read(t_arena(), path, (size_t)1 << 20, &text, why) != 0)
		die(why);
	return text;
}

static void
sign_all(const char *dir, const struct key *key, const char *selector)
{
	static const char *const canons[] = { "simple/simple", "simple/relaxed",
		"relaxed/simple", "relaxed/relaxed" };
	struct arena *a = t_arena();

	for (size_t i = 0; i < ARRAY_LEN(mails) * ARRAY_LEN(canons); i++) {
		struct test_mail m =
		    test_mail_parse(a, slice_c(mails[i / ARRAY_LEN(canons)]));
		struct dkim_signer s = { .key = key,
			.s = selector,
			.c = canons[i % ARRAY_LEN(canons)],
			.h = "from:to:subject:date:received:received:received:"
			     "subject:x-none",
			.extra = i % 2 == 0 ? "; i=ann@mail.example.org" : NULL,
			.one_line = i % 3 == 0 };

		dkim_signer_sign(a, &s, &m);
		write_file(dir, arena_printf(a, "%s-%02zu.eml", selector, i).p,
		    test_mail_text(a, &m));
	}
}

static int
sign(const char *dir)
{
	struct arena *a = t_arena();
	struct slice pem = test_rsa_pem(a, 2048, PEM_PKCS1);
	struct key *rsa = key_private(pem);
	struct key *ed = key_private(test_ed25519_pem(a));

	write_file(dir, "rsa.pem", pem);
	write_file(dir, "records",
	    arena_printf(a,
		"rsa._domainkey.example.org\t%s\n"
		"ed._domainkey.example.org\t%s\n",
		dkim_signer_record(a, rsa).p, dkim_signer_record(a, ed).p));
	sign_all(dir, rsa, "rsa");
	sign_all(dir, ed, "ed");
	key_free(rsa);
	key_free(ed);
	return 0;
}

static void
load_records(struct dkim_world *w, struct slice text)
{
	static const char label[] = "._domainkey.example.org";
	struct slice line;

	while (slice_cut(&text, '\n', &line)) {
		size_t tab = slice_chr(line, '\t');
		size_t n = tab == SLICE_NONE ? 0 : tab - (sizeof(label) - 1);
		const char *selector =
		    arena_copy(t_arena(), slice_sub(line, 0, n)).p;

		dkim_world_key(w, selector, "example.org",
		    slice_from(line, tab + 1));
	}
}

static int
judge(int argc, char **argv)
{
	struct dkim_world w;

	dkim_world_init(&w);
	load_records(&w,
	    read_text(arena_printf(t_arena(), "%s/records", argv[2]).p));
	dkim_world_open(&w);
	for (int i = 3; i < argc; i++) {
		struct test_mail m =
		    test_mail_parse(t_arena(), read_text(argv[i]));
		struct evaluation *ev = dkim_world_run(&w, &m, 0);
		const struct finding *f;

		if (ev == NULL || ev->findings.all.n == 0)
			die("no finding");
		f = ev->findings.all.at[0];
		printf("%s %s %.*s\n", verdict_word(ev->dkim.verdict),
		    finding_get(f, SL("verified-by")).n > 0 ? "own" : "library",
		    SL_ARG(ev->dkim.reason));
		dkim_world_done(ev);
	}
	dkim_world_close(&w);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "sign") == 0)
		return sign(argv[2]);
	if (argc >= 4 && strcmp(argv[1], "judge") == 0)
		return judge(argc, argv);
	die("sign DIR | judge DIR FILE...");
}
