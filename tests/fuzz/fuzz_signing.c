/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_signing: mail of our own users through an engine that signs, and the
 * result as a stranger's through one that verifies with other code. Whatever
 * the message holds, what is signed verifies, and only a clear author of our
 * domain gets a signature. The first octet chooses the canonicalisation.
 */
#include "fuzz/settings.h"
#include "lib/delivered.h"
#include "lib/dkim_signer.h"
#include "lib/test_keys.h"
#include "mail/chars.h"

#define PAIRS 4
#define FIELD "DKIM-Signature"

static const struct snapshot *signers[PAIRS], *verifier;

static void
set_up(void)
{
	static const char *const pairs[PAIRS] = { "relaxed/relaxed",
		"relaxed/simple", "simple/relaxed", "simple/simple" };
	struct arena *a = arena_new(FUZZ_ARENA);
	char zone[FUZZ_PATH], pem_file[FUZZ_PATH];
	struct slice pem;
	struct key *key;

	FUZZ_DEMAND(a != NULL);
	pem = test_ed25519_seed_pem(a, SL("chopmark chopmark chopmark chopm"));
	key = key_private(pem);
	FUZZ_DEMAND(key != NULL);
	fuzz_keep_file(pem, pem_file);
	fuzz_keep_file(arena_printf(a,
			   "sel._domainkey.example.org TXT \"%.*s\"\n",
			   SL_ARG(dkim_signer_record(a, key))),
	    zone);
	key_free(key);
	for (size_t i = 0; i < PAIRS; i++)
		signers[i] = fuzz_settings(a,
		    arena_printf(a,
			"Domain example.org\nSelector sel\nKeyFile %s\n"
			"RequireSafeKeys no\nCanonicalization %s\n"
			"AddMissingHeaders %s\nNormalizeAddresses %s\n"
			"TestDNSData %s\n",
			pem_file, pairs[i], i % 2 == 0 ? "yes" : "no",
			i > 0 ? "yes" : "no", zone));
	verifier =
	    fuzz_settings(a, arena_printf(a, "Mode v\nTestDNSData %s\n", zone));
	arena_free(a);
}

static bool
is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is(s.p[i], CHAR_VCHAR))
			return false;
	return s.n > 0;
}

/* Cuts the next field off, folds as LF + WSP. What no MTA would take for a
 * field is passed over. */
static bool
take_field(struct arena *a, struct slice *rest, struct header_list *to)
{
	struct buf field;
	size_t colon;

	if (rest->n == 0 || rest->p[0] == '\n')
		return false;
	buf_init(&field, a, FUZZ_ARENA / 8);
	do {
		buf_adds(&field, field.n > 0 ? "\n" : "");
		buf_add(&field, fuzz_line(rest));
	} while (slice_starts(*rest, SL(" ")) || slice_starts(*rest, SL("\t")));
	colon = slice_chr(buf_slice(&field), ':');
	if (colon == SLICE_NONE ||
	    !is_name(slice_sub(buf_slice(&field), 0, colon)))
		return true;
	FUZZ_DEMAND(header_list_add(to, slice_sub(buf_slice(&field), 0, colon),
			slice_from(buf_slice(&field), colon + 1), NULL) == 0);
	return true;
}

/* The message through one engine; the session stays open. */
static const struct plan *
send(struct engine_session *s, const char *client, const struct header_list *h,
    struct slice body)
{
	struct ip ip;

	FUZZ_DEMAND(s != NULL && ip_parse(slice_c(client), &ip));
	engine_connect(s, SL("host.example.net"), &ip, 4711);
	engine_helo(s, SL("host.example.net"));
	(void)engine_mail(s, SL("<ann@example.org>"), NULL, 0);
	(void)engine_rcpt(s, SL("<bob@example.net>"), NULL, 0);
	for (size_t i = 0; i < h->fields.n; i++)
		engine_header(s, h->fields.at[i].name, h->fields.at[i].value);
	engine_eoh(s);
	if (engine_body(s, slice_sub(body, 0, body.n / 3)))
		(void)engine_body(s, slice_from(body, body.n / 3));
	return engine_end(s);
}

static size_t
count_signatures(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->edits.n; i++)
		n += slice_eq(plan->edits.at[i].name, SL(FIELD));
	return n;
}

static void
demand_verifies(const struct header_list *h, struct slice body)
{
	struct engine_session *s =
	    engine_session_new(snapshot_engine(verifier), NULL);
	const struct evaluation *ev;

	(void)send(s, "192.0.2.9", h, body);
	ev = engine_evaluation(s);
	FUZZ_DEMAND(ev != NULL && ev->dkim.signatures.n == 1);
	FUZZ_DEMAND(ev->dkim.signatures.at[0].verdict == VERDICT_PASS);
	engine_session_free(s);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	size_t pair = fuzz_number(&in, PAIRS);
	struct engine_session *s;
	struct header_list h, delivered;
	const struct evaluation *ev;
	const struct plan *plan;
	size_t signatures;

	if (verifier == NULL)
		set_up();
	/* libmilter hands over C strings */
	if (slice_chr(in, '\0') != SLICE_NONE)
		return;
	header_list_init(&h, a);
	while (take_field(a, &in, &h))
		;
	(void)fuzz_line(&in);
	/* signatures of others would be told apart by nothing */
	if (header_list_count(&h, SL(FIELD)) > 0 ||
	    header_list_count(&h, SL("Authentication-Results")) > 0)
		return;
	s = engine_session_new(snapshot_engine(signers[pair]), NULL);
	plan = send(s, "127.0.0.1", &h, in);
	ev = engine_evaluation(s);
	FUZZ_DEMAND(plan->action == ACTION_ACCEPT && ev != NULL);
	signatures = count_signatures(plan);
	FUZZ_DEMAND(delivered_headers(a, &h, plan, &delivered) == 0);
	FUZZ_DEMAND(signatures == ev->signing.keys.n && signatures <= 1);
	if (signatures == 1) {
		FUZZ_DEMAND(header_list_count(&h, SL("From")) == 1);
		FUZZ_DEMAND(ev->from.authors.n == 1 &&
		    slice_eq(ev->from.authors.at[0].domain, SL("example.org")));
		demand_verifies(&delivered, in);
	}
	engine_session_free(s);
}
