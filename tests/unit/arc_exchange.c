/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_exchange: messages sealed by us for a foreign implementation, and
 * foreign ones judged (test_arc_foreign.py).
 *
 *     arc_exchange keys DIR               writes rsa.pem and records
 *     arc_exchange seal DIR FILE...       puts one more set of ours on each file
 *     arc_exchange judge DIR FILE...      prints "verdict sets reason" a file
 *
 * The DNS is DIR/records: a line is a name, a TAB and the text of a TXT record.
 */
#include "base/file.h"
#include "config/snapshot.h"
#include "lib/dkim_signer.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "arc_exchange: %s\n", what);
	exit(1);
}

static const char *
path_of(const char *dir, const char *name)
{
	return arena_printf(t_arena(), "%s/%s", dir, name).p;
}

static void
write_file(const char *path, struct slice text)
{
	FILE *f = fopen(path, "wb");

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
make_key(const char *dir, const char *name, struct slice pem, struct buf *out)
{
	struct key *key = key_private(pem);

	if (key == NULL)
		die("no key");
	write_file(path_of(dir, arena_printf(t_arena(), "%s.pem", name).p),
	    pem);
	buf_printf(out, "%s._domainkey.example.org\t%.*s\n", name,
	    SL_ARG(dkim_signer_record(t_arena(), key)));
	key_free(key);
}

static int
make_keys(const char *dir)
{
	struct buf records;

	buf_init(&records, t_arena(), 65536);
	make_key(dir, "rsa", test_rsa_pem(t_arena(), 2048, PEM_PKCS1),
	    &records);
	write_file(path_of(dir, "records"), buf_slice(&records));
	return 0;
}

static struct snapshot *
load(const char *dir, bool seals)
{
	struct config_source src = { .path = path_of(dir, "chopmark.conf") };
	struct slice records = read_text(path_of(dir, "records")), line;
	struct buf zone, config;
	struct problems p;
	struct snapshot *s;

	buf_init(&zone, t_arena(), (size_t)1 << 20);
	while (slice_cut(&records, '\n', &line)) {
		size_t tab = slice_chr(line, '\t');

		buf_printf(&zone, "%.*s TXT \"%.*s\"\n",
		    SL_ARG(slice_sub(line, 0, tab)),
		    SL_ARG(slice_from(line, tab + 1)));
	}
	write_file(path_of(dir, "zone"), buf_slice(&zone));
	write_file(path_of(dir, "accept.conf"), SL("all: accept\n"));
	buf_init(&config, t_arena(), 65536);
	buf_printf(&config,
	    "InternalHosts \"\"\nRequireSafeKeys no\nTestDNSData zone\n"
	    "PolicyFile accept.conf\nAuthservID ours.example\nARC %s\n",
	    seals ? "seal" : "verify");
	if (seals)
		buf_adds(&config,
		    "ARCDomain example.org\nARCSelector rsa\n"
		    "ARCKeyFile rsa.pem\n");
	write_file(src.path, buf_slice(&config));
	problems_init(&p, t_arena());
	s = snapshot_load(&src, NULL, &p);
	if (s == NULL)
		die("the configuration is refused");
	return s;
}

/* Leads a message through; the plan lives as long as the session. */
static const struct plan *
judge(struct engine_session *es, const struct test_mail *m)
{
	struct ip ip;

	if (!ip_parse(SL("192.0.2.9"), &ip))
		die("no address");
	engine_connect(es, SL("client.example.net"), &ip, 2525);
	engine_helo(es, SL("client.example.net"));
	(void)engine_mail(es, SL("<ann@example.org>"), NULL, 0);
	(void)engine_rcpt(es, SL("<bob@example.net>"), NULL, 0);
	for (size_t i = 0; i < m->headers.fields.n; i++) {
		struct slice raw = m->headers.fields.at[i].raw;
		size_t colon = slice_chr(raw, ':');

		engine_header(es, slice_sub(raw, 0, colon),
		    slice_from(raw, colon + 1));
	}
	engine_eoh(es);
	if (m->body.n > 0)
		(void)engine_body(es, m->body);
	return engine_end(es);
}

static void
seal(const struct snapshot *s, const char *path)
{
	struct engine_session *es =
	    engine_session_new(snapshot_engine(s), NULL);
	struct test_mail m = test_mail_parse(t_arena(), read_text(path));
	const struct plan *plan;

	if (es == NULL)
		die("memory");
	plan = judge(es, &m);
	for (size_t i = plan->edits.n; i > 0; i--) {
		const struct edit *e = &plan->edits.at[i - 1];

		if (e->kind == EDIT_INSERT_HEADER)
			test_mail_prepend(t_arena(), &m,
			    arena_cstr(t_arena(), e->name), e->value);
	}
	write_file(path, test_mail_text(t_arena(), &m));
	engine_session_free(es);
}

static void
tell(const struct snapshot *s, const char *path)
{
	struct engine_session *es =
	    engine_session_new(snapshot_engine(s), NULL);
	struct test_mail m = test_mail_parse(t_arena(), read_text(path));
	const struct evaluation *ev;

	if (es == NULL)
		die("memory");
	(void)judge(es, &m);
	ev = engine_evaluation(es);
	printf("%s %u %.*s\n", verdict_word(ev->arc.verdict), ev->arc.sets,
	    SL_ARG(ev->arc.reason));
	engine_session_free(es);
}

int
main(int argc, char **argv)
{
	struct snapshot *s;
	bool seals;

	if (argc == 3 && strcmp(argv[1], "keys") == 0)
		return make_keys(argv[2]);
	if (argc < 4)
		die("keys DIR | seal DIR FILE... | judge DIR FILE...");
	seals = strcmp(argv[1], "seal") == 0;
	s = load(argv[2], seals);
	for (int i = 3; i < argc; i++)
		(seals ? seal : tell)(s, argv[i]);
	snapshot_put(s);
	return 0;
}
