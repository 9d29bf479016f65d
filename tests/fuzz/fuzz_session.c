/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_session: whole sessions as no MTA would lead them: commands in any
 * order, aborted, repeated, several messages, HELO anew, macros at odd times.
 * Each line of the input is one event, its first letter says which:
 *   C address name    H helo    M path    R path    F Name: value
 *   E end of header section     B body    . end of message
 *   A abort    Q a new session  0-8 a macro's value
 * Every answer can be carried out by an MTA, an end always has one, and no
 * field that claims our results passes.
 */
#include "fuzz/plan.h"
#include "fuzz/settings.h"
#include "mail/authres.h"

#define ID "mx.example.org"
#define EVENTS_MAX 200

static const struct snapshot *snapshot;

static const char zone_text[] =
    "example.org TXT \"v=spf1 ip4:192.0.2.0/24 include:example.net -all\"\n"
    "example.net TXT \"v=spf1 a mx exists:%{l}.%{i}.example.org ~all\"\n"
    "example.net A 203.0.113.9\n"
    "nomail.example TXT \"v=spf1 -all\"\n"
    "_dmarc.example.org TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.example.net TXT \"v=DMARC1; p=quarantine; t=y\"\n"
    "bad.example SERVFAIL\n";

static const char policy_text[] =
    "ours:  accept if direction is originating or direction is relayed\n"
    "early: reject with spf at mail if spf is fail and spf.null\n"
    "helo:  reject with helo at mail if spf.helo is fail\n"
    "rcpt:  tempfail with dns at rcpt if rcpt.domain is \"later.example\"\n"
    "keep:  hold if header(\"Subject\") is \"hold\"\n"
    "seen:  tag \"X-Seen: {helo} {mailfrom} {from} {header(\\\"Subject\\\")}\"\n"
    "dmarc: reject with dmarc if dmarc.disposition is reject\n"
    "mark:  quarantine if dmarc is fail\n"
    "trap:  discard if mailfrom is \"trap@example.org\"\n";

static void
set_up(void)
{
	struct arena *a = arena_new(FUZZ_ARENA);
	char zone[FUZZ_PATH], policy[FUZZ_PATH];

	FUZZ_DEMAND(a != NULL);
	fuzz_keep_file(slice_c(zone_text), zone);
	fuzz_keep_file(slice_c(policy_text), policy);
	snapshot = fuzz_settings(a,
	    arena_printf(a,
		"Hostname " ID "\nAuthservID " ID "\n"
		"RelayHosts 198.51.100.0/24\nAddReceivedSPF yes\n"
		"LogWhy yes\nPolicyFile %s\nRepliesFile " CM_SRCDIR
		"/conf/replies.conf\nTestDNSData %s\n",
		policy, zone));
	arena_free(a);
}

static bool
deleted(const struct plan *plan, unsigned nth)
{
	for (size_t i = 0; i < plan->edits.n; i++)
		if (plan->edits.at[i].kind == EDIT_DELETE_HEADER &&
		    plan->edits.at[i].index == nth &&
		    slice_ieq(plan->edits.at[i].name,
			SL("Authentication-Results")))
			return true;
	return false;
}

/* What claims to be our result and is not from a trusted host goes. */
static void
demand_no_forged(struct arena *a, const struct engine_session *s,
    const struct plan *plan)
{
	const struct evaluation *ev = engine_evaluation(s);
	const struct message *m = engine_message(s);
	const struct header_field *f;

	if (plan->action != ACTION_ACCEPT || m == NULL || ev == NULL ||
	    ev->direction == DIRECTION_RELAYED)
		return;
	for (size_t i = 0; (f = header_list_get(&m->headers,
				SL("Authentication-Results"), i)) != NULL;
	     i++)
		if (authres_claim(a, f->value, SL(ID)) == AUTHRES_CLAIMS)
			FUZZ_DEMAND(deleted(plan, (unsigned)i + 1));
}

static struct engine_session *
begin(void)
{
	struct engine_session *s =
	    engine_session_new(snapshot_engine(snapshot), NULL);

	FUZZ_DEMAND(s != NULL);
	return s;
}

static void
do_connect(struct engine_session *s, struct slice rest)
{
	struct slice address = SL("");
	struct ip ip;

	(void)slice_cut(&rest, ' ', &address);
	if (!ip_parse(address, &ip))
		ip = (struct ip){ 0 };
	engine_connect(s, rest, &ip, 4711);
}

static void
do_field(struct arena *a, struct engine_session *s, struct slice rest)
{
	struct slice name = SL(""), value;
	char *p;

	(void)slice_cut(&rest, ':', &name);
	value = arena_copy(a, rest);
	p = unconst(value.p);
	for (size_t i = 0; p != NULL && i < value.n; i++)
		if (p[i] == '\v') /* stands for a fold */
			p[i] = '\n';
	engine_header(s, name, value);
}

static void
do_end(struct arena *a, struct engine_session *s)
{
	const struct plan *plan = engine_end(s);

	plan_demand(plan);
	FUZZ_DEMAND(plan->action != ACTION_CONTINUE);
	demand_no_forged(a, s, plan);
}

static void
do_event(struct arena *a, struct engine_session **s, char what,
    struct slice rest)
{
	if (what >= '0' && what <= '8')
		engine_macro(*s, (enum engine_macro)(what - '0'), rest);
	switch (what) {
	case 'C':
		do_connect(*s, rest);
		break;
	case 'H':
		engine_helo(*s, rest);
		break;
	case 'M':
		plan_demand(engine_mail(*s, rest, NULL, 0));
		break;
	case 'R':
		plan_demand(engine_rcpt(*s, rest, NULL, 0));
		break;
	case 'F':
		do_field(a, *s, rest);
		break;
	case 'E':
		engine_eoh(*s);
		break;
	case 'B':
		(void)engine_body(*s, rest);
		break;
	case '.':
		do_end(a, *s);
		break;
	case 'A':
		engine_abort(*s);
		break;
	case 'Q':
		engine_session_free(*s);
		*s = begin();
		break;
	default:
		break;
	}
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct engine_session *s;

	if (snapshot == NULL)
		set_up();
	s = begin();
	for (int i = 0; i < EVENTS_MAX && in.n > 0; i++) {
		struct slice line = fuzz_line(&in);

		if (line.n > 0)
			do_event(a, &s, line.p[0], slice_from(line, 1));
	}
	engine_session_free(s);
}
