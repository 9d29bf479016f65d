/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_engine: a whole message through the engine with the shipped policy and a
 * zone in place of the DNS. The first lines of the input are client address,
 * HELO name, sender and recipient; behind them stands the message as it came.
 * Whatever it holds, a plan comes back that both MTAs can carry out, and our
 * label in it says what we found and nothing else.
 */
#include "fuzz/plan.h"
#include "fuzz/settings.h"
#include "lib/dkim_signer.h"
#include "lib/test_keys.h"
#include "mail/authres.h"

#define ID "mx.example.org"

static const struct snapshot *snapshot;

/* The key is always the same, so that a seed can be signed with it. */
static struct slice
key_record(struct arena *a)
{
	struct slice seed = SL("chopmark chopmark chopmark chopm");
	struct slice pem = test_ed25519_seed_pem(a, seed);
	struct key *key = key_private(pem);
	struct slice record;

	FUZZ_DEMAND(key != NULL);
	record = dkim_signer_record(a, key);
	key_free(key);
	return record;
}

static struct slice
zone_text(struct arena *a)
{
	return arena_printf(a,
	    "example.org TXT \"v=spf1 ip4:192.0.2.0/24 mx "
	    "include:_spf.example.net exists:%%{l1r-}.%%{ir}.x.example.org "
	    "exp=why.example.org -all\"\n"
	    "why.example.org TXT \"%%{i} is none of %%{d}, says %%{h}\"\n"
	    "example.org MX 10 mx.example.org\n"
	    "mx.example.org A 192.0.2.25\n"
	    "_spf.example.net TXT \"v=spf1 ip6:2001:db8::/48 ~all\"\n"
	    "example.net TXT \"v=spf1 a ptr redirect=_spf.example.net\"\n"
	    "9.113.0.203.in-addr.arpa PTR mail.example.net\n"
	    "mail.example.net A 203.0.113.9\n"
	    "_dmarc.example.org TXT \"v=DMARC1; p=reject; sp=quarantine\"\n"
	    "_dmarc.example.net TXT \"v=DMARC1; p=none; adkim=s\"\n"
	    "sel._domainkey.example.org TXT \"%.*s\"\n"
	    "bad.example SERVFAIL\n"
	    "fake.example BOGUS\n",
	    SL_ARG(key_record(a)));
}

static void
set_up(void)
{
	struct arena *a = arena_new(FUZZ_ARENA);
	char zone[FUZZ_PATH];

	FUZZ_DEMAND(a != NULL);
	fuzz_keep_file(zone_text(a), zone);
	snapshot = fuzz_settings(a,
	    arena_printf(a,
		"Hostname " ID "\n"
		"AuthservID " ID "\n"
		"RelayHosts 198.51.100.0/24\n"
		"AddReceivedSPF yes\n"
		"LogWhy yes\n"
		"PolicyFile " CM_SRCDIR "/conf/policy.conf\n"
		"RepliesFile " CM_SRCDIR "/conf/replies.conf\n"
		"TestDNSData %s\n",
		zone));
	arena_free(a);
}

/* Our label says what we found, under our name. */
static void
demand_label(struct arena *a, struct slice value)
{
	struct authres r;

	FUZZ_DEMAND(authres_parse(a, value, &r) == 0 && slice_eq(r.id, SL(ID)));
	FUZZ_DEMAND(authres_claim(a, value, SL(ID)) == AUTHRES_CLAIMS);
}

static void
demand_plan(struct arena *a, const struct engine_session *s,
    const struct plan *plan)
{
	const struct message *m = engine_message(s);
	unsigned above = UINT_MAX;

	plan_demand(plan);
	for (size_t i = 0; i < plan->edits.n; i++) {
		const struct edit *e = &plan->edits.at[i];

		if (e->kind == EDIT_INSERT_HEADER &&
		    slice_eq(e->name, SL("Authentication-Results")))
			demand_label(a, e->value);
		if (e->kind != EDIT_DELETE_HEADER || m == NULL)
			continue;
		/* Of one name alone, from the last one upwards. */
		FUZZ_DEMAND(slice_eq(e->name, SL("Authentication-Results")));
		FUZZ_DEMAND(e->index >= 1 && e->index < above);
		FUZZ_DEMAND(above != UINT_MAX ||
		    e->index <= header_list_count(&m->headers, e->name));
		above = e->index;
	}
}

/* Cuts the next field off, folds as LF + WSP, as the milter protocol has it. */
static bool
take_field(struct arena *a, struct slice *rest, struct slice *name,
    struct slice *value)
{
	struct buf field;
	size_t colon;

	if (rest->n == 0 || rest->p[0] == '\n')
		return false;
	buf_init(&field, a, FUZZ_ARENA / 8);
	do {
		if (field.n > 0)
			buf_addc(&field, '\n');
		buf_add(&field, fuzz_line(rest));
	} while (slice_starts(*rest, SL(" ")) || slice_starts(*rest, SL("\t")));
	colon = slice_chr(buf_slice(&field), ':');
	*name = slice_sub(buf_slice(&field), 0, colon);
	*value = slice_from(buf_slice(&field), name->n + 1);
	return true;
}

static void
feed_message(struct arena *a, struct engine_session *s, struct slice text)
{
	struct slice name, value;
	struct buf body;

	while (take_field(a, &text, &name, &value))
		engine_header(s, name, value);
	engine_eoh(s);
	(void)fuzz_line(&text);
	buf_init(&body, a, FUZZ_ARENA / 8);
	while (text.n > 0) {
		buf_add(&body, fuzz_line(&text));
		buf_adds(&body, "\r\n");
	}
	text = buf_slice(&body);
	if (engine_body(s, slice_sub(text, 0, text.n / 2)))
		(void)engine_body(s, slice_from(text, text.n / 2));
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct slice client = fuzz_line(&in), helo = fuzz_line(&in);
	struct slice sender = fuzz_line(&in), rcpt = fuzz_line(&in);
	struct engine_session *s;
	const struct plan *plan;
	struct ip ip;

	if (snapshot == NULL)
		set_up();
	if (!ip_parse(client, &ip))
		ip = (struct ip){ 0 };
	s = engine_session_new(snapshot_engine(snapshot), NULL);
	FUZZ_DEMAND(s != NULL);
	engine_connect(s, SL("mail.example.net"), &ip, 4711);
	engine_helo(s, helo);
	plan = engine_mail(s, sender, NULL, 0);
	demand_plan(a, s, plan);
	if (plan->action == ACTION_CONTINUE || plan->action == ACTION_ACCEPT) {
		plan = engine_rcpt(s, rcpt, NULL, 0);
		demand_plan(a, s, plan);
		feed_message(a, s, in);
		plan = engine_end(s);
		demand_plan(a, s, plan);
		FUZZ_DEMAND(plan->action != ACTION_CONTINUE);
	}
	engine_session_free(s);
}
