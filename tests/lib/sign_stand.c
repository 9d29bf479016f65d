/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sign_stand: see sign_stand.h.
 */
#include "lib/sign_stand.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/delivered.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

#define MAX_OPEN 16
#define BIG ((size_t)64 << 20)

static char directory[] = "/tmp/chopmark-sign-XXXXXX";
static struct snapshot *verifier;
static struct engine_session *sessions[MAX_OPEN];
static size_t n_sessions;
static struct arena *arena; /* of what a test keeps */

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "sign_stand: %s\n", what);
	exit(99);
}

const char *
sign_stand_path(const char *name)
{
	return arena_printf(t_arena(), "%s/%s", directory, name).p;
}

void
sign_stand_write(const char *name, struct slice text, unsigned mode)
{
	const char *path = sign_stand_path(name);
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n ||
	    fclose(f) != 0 || chmod(path, mode) != 0)
		die("cannot write a file");
}

/* Makes a key and its file; adds its record to the zone. */
static void
make_key(struct buf *zone, const char *name, struct slice pem, bool publish)
{
	struct key *key = key_private(pem);
	struct slice record = dkim_signer_record(t_arena(), key);

	sign_stand_write(arena_printf(t_arena(), "%s.pem", name).p, pem, 0600);
	if (publish)
		buf_printf(zone,
		    "%s._domainkey.example.org TXT \"%.*s\"\n"
		    "%s._domainkey.example.com TXT \"%.*s\"\n",
		    name, SL_ARG(record), name, SL_ARG(record));
	key_free(key);
}

void
sign_stand_begin(void)
{
	struct slice said;
	struct buf zone;

	if (mkdtemp(directory) == NULL)
		die("cannot make a directory");
	buf_init(&zone, t_arena(), 65536);
	make_key(&zone, "rsa", test_rsa_pem(t_arena(), 2048, PEM_PKCS8), true);
	make_key(&zone, "ed", test_ed25519_pem(t_arena()), true);
	make_key(&zone, "late", test_ed25519_pem(t_arena()), false);
	sign_stand_write("zone", buf_slice(&zone), 0644);
	verifier = sign_stand_load("Mode v\nInternalHosts \"\"\n", &said);
	if (verifier == NULL)
		die(arena_cstr(t_arena(), said));
	arena = arena_new((size_t)512 << 20);
	if (arena == NULL)
		die("memory");
}

void
sign_stand_forget(void)
{
	while (n_sessions > 0)
		engine_session_free(sessions[--n_sessions]);
	if (arena != NULL)
		arena_reset(arena);
}

void
sign_stand_end(void)
{
	char command[128];

	sign_stand_forget();
	snapshot_put(verifier);
	arena_free(arena);
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	if (system(command) != 0)
		die("cannot clean up");
}

/* The text without the name of the directory. */
static struct slice
without_directory(struct slice s)
{
	struct buf b;

	buf_init(&b, t_arena(), 65536);
	while (s.n > 0) {
		size_t at = slice_search(s, slice_c(directory));

		buf_add(&b, slice_sub(s, 0, at));
		s = slice_from(s,
		    at == SLICE_NONE ? s.n : at + sizeof(directory));
	}
	return buf_slice(&b);
}

struct snapshot *
sign_stand_load(const char *config, struct slice *said)
{
	struct config_source src = { .path = sign_stand_path("chopmark.conf") };
	struct arena *a = arena_new(BIG);
	struct snapshot *s;
	struct problems p;
	struct buf text;

	if (a == NULL)
		die("memory");
	sign_stand_write("chopmark.conf",
	    arena_printf(t_arena(), "%sMTAConfig \"\"\nTestDNSData zone\n",
		config),
	    0644);
	problems_init(&p, a);
	s = snapshot_load(&src, NULL, &p);
	buf_init(&text, t_arena(), 65536);
	for (size_t i = 0; i < p.all.n; i++) {
		problem_print(&p.all.at[i], &text);
		buf_addc(&text, '\n');
	}
	*said = without_directory(buf_slice(&text));
	arena_free(a);
	return s;
}

struct snapshot *
sign_stand_config(const char *config)
{
	struct slice said;
	struct snapshot *s = sign_stand_load(config, &said);

	if (s == NULL)
		die(arena_cstr(t_arena(), said));
	return s;
}

struct test_mail
sign_stand_mail(const char *head, const char *body)
{
	return test_mail_parse(t_arena(),
	    arena_printf(t_arena(), "%s\r\n%s", head, body));
}

static struct engine_session *
open_session(const struct snapshot *s, const struct sender *from)
{
	struct engine_session *es =
	    engine_session_new(snapshot_engine(s), NULL);
	const char *client = from->client != NULL ? from->client : "127.0.0.1";
	struct ip ip = { 0 };

	if (es == NULL || n_sessions == MAX_OPEN)
		die("sessions");
	sessions[n_sessions++] = es;
	if (client[0] != '\0' && !ip_parse(slice_c(client), &ip))
		die("no address");
	engine_macro(es, ENGINE_HOSTNAME, SL("mx.example.org"));
	if (from->daemon != NULL)
		engine_macro(es, ENGINE_DAEMON_NAME, slice_c(from->daemon));
	engine_connect(es, SL("client.example.net"), &ip,
	    from->pickup ? 0 : 2525);
	engine_helo(es, SL("client.example.net"));
	if (from->auth != NULL) {
		engine_macro(es, ENGINE_AUTH_TYPE, SL("PLAIN"));
		engine_macro(es, ENGINE_AUTH_AUTHEN, slice_c(from->auth));
	}
	return es;
}

const struct evaluation *
sign_stand_send(const struct snapshot *s, const struct sender *from,
    struct test_mail *mail)
{
	struct engine_session *es = open_session(s, from);
	struct slice param = slice_c(from->param), rest = mail->body;
	struct header_list given = mail->headers;
	const struct plan *plan;

	(void)engine_mail(es,
	    slice_c(
		from->envelope != NULL ? from->envelope : "<ann@example.org>"),
	    &param, from->param != NULL);
	(void)engine_rcpt(es,
	    slice_c(from->rcpt != NULL ? from->rcpt : "<bob@example.net>"),
	    NULL, 0);
	for (size_t i = 0; i < given.fields.n; i++) {
		struct slice raw = given.fields.at[i].raw;
		size_t colon = slice_chr(raw, ':');

		engine_header(es, slice_sub(raw, 0, colon),
		    slice_from(raw, colon + 1));
	}
	engine_eoh(es);
	while (rest.n > 0) {
		size_t n = from->chunk > 0 ? from->chunk : rest.n;

		if (!engine_body(es, slice_sub(rest, 0, n)))
			break;
		rest = slice_from(rest, n);
	}
	plan = engine_end(es);
	if (plan->action != ACTION_ACCEPT)
		return NULL;
	if (delivered_headers(arena, &given, plan, &mail->headers) != 0)
		die("memory");
	return engine_evaluation(es);
}

struct slice
sign_stand_verified(const struct test_mail *mail, size_t chunk)
{
	const struct sender stranger = { .client = "192.0.2.9",
		.chunk = chunk };
	struct test_mail copy = *mail;
	const struct evaluation *ev =
	    sign_stand_send(verifier, &stranger, &copy);
	size_t good = 0;

	if (ev == NULL)
		return SL("refused");
	for (size_t i = 0; i < ev->dkim.signatures.n; i++) {
		const struct dkim_signature *sig = &ev->dkim.signatures.at[i];

		good += sig->verdict == VERDICT_PASS;
		if (sig->verdict != VERDICT_PASS)
			note("%s: %.*s", verdict_word(sig->verdict),
			    SL_ARG(sig->reason));
	}
	return arena_printf(arena, "%zu/%zu", good, ev->dkim.signatures.n);
}
