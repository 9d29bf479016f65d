/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_arc: a message with whatever chain, from a stranger or brought back by a
 * list manager, through a host that seals and then through it again. What the first host made of it the second must find: a
 * chain that was whole and sealed is whole, one that was broken has ended. The
 * readers of the three fields are fed the message's first line.
 */
#include "base/err.h"
#include "check/arc_chain.h"
#include "check/arc_vouch.h"
#include "fuzz/settings.h"
#include "lib/dkim_signer.h"
#include "lib/test_keys.h"
#include "mail/authres.h"

#define TEXT_MAX ((size_t)1 << 20)
#define STRANGER "192.0.2.9"
#define LIST "192.0.2.50"
#define SIGNED_OF_A_NAME 16 /* more of one name are not sealed */

static const struct snapshot *snapshot;

/* The key is always the same, so that a seed can be sealed with it. */
static void
set_up(void)
{
	struct arena *a = arena_new(FUZZ_ARENA);
	struct slice seed = SL("chopmark chopmark chopmark chopm"), pem;
	char zone[FUZZ_PATH], rules[FUZZ_PATH], keys[FUZZ_PATH];
	struct key *key;

	FUZZ_DEMAND(a != NULL);
	pem = test_ed25519_seed_pem(a, seed);
	key = key_private(pem);
	FUZZ_DEMAND(key != NULL);
	fuzz_keep_file(pem, keys);
	fuzz_keep_file(arena_printf(a,
			   "sel._domainkey.example.org TXT \"%.*s\"\n",
			   SL_ARG(dkim_signer_record(a, key))),
	    zone);
	fuzz_keep_file(SL("all: accept\n"), rules);
	snapshot = fuzz_settings(a,
	    arena_printf(a,
		"Hostname mx.example.org\nRequireSafeKeys no\n"
		"InternalHosts \"\"\nPolicyFile %s\n"
		"ReinjectHosts " LIST "\n"
		"TestDNSData %s\nARC seal\n"
		"ARCTrustedSealers example.org\n"
		"ARCDomain example.org\nARCSelector sel\n"
		"ARCKeyFile %s\n",
		rules, zone, keys));
	key_free(key);
	arena_free(a);
}

static void
read_parts(struct arena *a, struct slice text)
{
	const struct header_field *f;
	struct header_list h;
	struct arc_field out;
	struct authres r;
	int err;

	header_list_init(&h, a);
	FUZZ_DEMAND(header_list_add(&h, SL("X"), text, &f) == 0);
	for (unsigned k = 0; k < ARC_KINDS; k++) {
		FUZZ_DEMAND(arc_field_read(a, f, (enum arc_kind)k, 1800000000,
				300, &out) == 0);
		FUZZ_DEMAND(out.instance <= ARC_MAX_SETS);
		FUZZ_DEMAND(out.instance > 0 || out.fault.n > 0);
		FUZZ_DEMAND(fuzz_inside(out.results, f->raw));
	}
	err = arc_results_read(a, text, &r);
	FUZZ_DEMAND(err == 0 || err == ERR_LIMIT);
	FUZZ_DEMAND(r.items.n <= AUTHRES_ITEMS_MAX);
}

/* Lines that end in LF alone, as in a file, become CRLF. */
static struct test_mail
parse(struct arena *a, struct slice in)
{
	struct buf b;

	buf_init(&b, a, 2 * TEXT_MAX);
	while (in.n > 0) {
		buf_add(&b, fuzz_line(&in));
		buf_adds(&b, "\r\n");
	}
	return test_mail_parse(a, buf_slice(&b));
}

/* Leads the message through; what it came to is in the session. */
static struct engine_session *
lead(const struct test_mail *m, const char *client, const struct plan **plan)
{
	struct engine_session *s =
	    engine_session_new(snapshot_engine(snapshot), NULL);
	struct ip ip;

	FUZZ_DEMAND(s != NULL && ip_parse(slice_c(client), &ip));
	engine_connect(s, SL("mail.example.net"), &ip, 4711);
	engine_helo(s, SL("mail.example.net"));
	(void)engine_mail(s, SL("<a@example.org>"), NULL, 0);
	(void)engine_rcpt(s, SL("<b@example.net>"), NULL, 0);
	for (size_t i = 0; i < m->headers.fields.n; i++) {
		struct slice raw = m->headers.fields.at[i].raw;
		size_t colon = slice_chr(raw, ':');

		engine_header(s, slice_sub(raw, 0, colon),
		    slice_from(raw, colon + 1));
	}
	engine_eoh(s);
	if (m->body.n > 0)
		(void)engine_body(s, m->body);
	*plan = engine_end(s);
	return s;
}

static bool
deletes(const struct plan *plan, const struct header_list *h, size_t i)
{
	size_t nth = 0;

	for (size_t k = 0; k <= i; k++)
		nth += slice_ieq(h->fields.at[k].name, h->fields.at[i].name);
	for (size_t k = 0; k < plan->edits.n; k++)
		if (plan->edits.at[k].kind == EDIT_DELETE_HEADER &&
		    plan->edits.at[k].index == nth &&
		    slice_ieq(plan->edits.at[k].name, h->fields.at[i].name))
			return true;
	return false;
}

static struct test_mail
edited(struct arena *a, const struct test_mail *m, const struct plan *plan)
{
	const struct header_list *h = &m->headers;
	struct test_mail out = { .body = m->body };

	header_list_init(&out.headers, a);
	for (size_t i = 0; i < plan->edits.n; i++) {
		const struct edit *e = &plan->edits.at[i];

		if (e->kind == EDIT_INSERT_HEADER)
			FUZZ_DEMAND(header_list_add(&out.headers, e->name,
					e->value, NULL) == 0);
	}
	for (size_t i = 0; i < h->fields.n; i++) {
		struct slice raw = h->fields.at[i].raw;
		size_t colon = slice_chr(raw, ':');

		if (!deletes(plan, h, i))
			FUZZ_DEMAND(header_list_add(&out.headers,
					slice_sub(raw, 0, colon),
					slice_from(raw, colon + 1), NULL) == 0);
	}
	return out;
}

/* A header with too many fields of one name to sign all. */
static bool
is_crowded(const struct header_list *h)
{
	for (size_t i = 0; i < h->fields.n; i++)
		if (header_list_count(h, h->fields.at[i].name) >
		    SIGNED_OF_A_NAME)
			return true;
	return false;
}

/* What a host of ours does with the message of that client, and what the next
 * host makes of it. */
static void
follow(struct arena *a, struct test_mail m, const char *client)
{
	const struct plan *plan;
	struct engine_session *s = lead(&m, client, &plan);
	struct arc_result r = engine_evaluation(s)->arc;
	bool sealed = plan->action == ACTION_ACCEPT && r.sealed > 0;

	if (plan->action == ACTION_ACCEPT)
		m = edited(a, &m, plan);
	engine_session_free(s);
	if (!sealed || is_crowded(&m.headers))
		return;
	s = lead(&m, STRANGER, &plan);
	if (plan->action == ACTION_ACCEPT) {
		const struct arc_result *again = &engine_evaluation(s)->arc;

		FUZZ_DEMAND(again->sets == r.sealed);
		FUZZ_DEMAND(again->verdict ==
		    (r.verdict == VERDICT_FAIL ? VERDICT_FAIL : VERDICT_PASS));
		FUZZ_DEMAND(r.verdict != VERDICT_FAIL || again->sealed == 0);
	}
	engine_session_free(s);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct slice first = in;
	struct test_mail m;

	if (snapshot == NULL)
		set_up();
	if (in.n > TEXT_MAX / 4)
		return;
	read_parts(a, fuzz_line(&first));
	m = parse(a, in);
	follow(a, m, STRANGER);
	follow(a, m, LIST);
}
