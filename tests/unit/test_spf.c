/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_spf: SPF in the walk of a message: which identities are judged, what
 * the findings say, soft deadlines and lookups that begin early.
 */
#include "check/spf.h"

#include <unistd.h>

#include "base/err.h"
#include "check/check.h"
#include "lib/tap.h"

static char zone_path[] = "/tmp/chopmark-spf-XXXXXX";

static const char zone[] =
    "example.org TXT \"v=spf1 ip4:192.0.2.1 exp=why.example.org -all\"\n"
    "why.example.org TXT \"not %{i}\"\n"
    "mail.example.net TXT \"v=spf1 a -all\"\n"
    "mail.example.net A 192.0.2.1\n"
    "tree.example TXT \"v=spf1 include:a.tree.example a:h.tree.example"
    " mx:m.tree.example exists:%{i}.tree.example redirect=r.tree.example\"\n"
    "a.tree.example TXT \"v=spf1 include:b.tree.example -all\"\n"
    "b.tree.example TXT \"v=spf1 a:deep.tree.example -all\"\n"
    "r.tree.example TXT \"v=spf1 a:last.tree.example -all\"\n"
    "h.tree.example A 198.51.100.1\n"
    "m.tree.example MX 10 mx.tree.example\n"
    "mx.tree.example A 198.51.100.2\n"
    "deep.tree.example A 198.51.100.3\n"
    "last.tree.example A 192.0.2.1\n";

/* One message on its way; everything a check may touch. */
struct walk {
	struct resolver *resolver;
	struct check_options options;
	struct check_env env;
	struct session session;
	struct message message;
	struct evaluation ev;
};

static struct resolver *
new_resolver(const char *text, int delay_ms)
{
	struct resolver_options o = { .zone_file = zone_path,
		.timeout_ms = 10000,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY];
	struct resolver *r;
	FILE *f = fopen(zone_path, "w");

	if (f == NULL || fprintf(f, "$DELAY %d\n%s", delay_ms, text) < 0 ||
	    fclose(f) != 0)
		abort();
	r = resolver_new(&o, why);
	if (r == NULL) {
		note("%s", why);
		abort();
	}
	return r;
}

static void
finish(struct walk *w)
{
	arena_free(w->ev.arena);
	w->ev.arena = NULL;
}

/* The message before, if there was one, ends here. */
static void
begin(struct walk *w, const char *client, const char *helo, const char *from)
{
	struct arena *a = arena_new(1 << 20);

	finish(w);
	w->options.spf = (struct spf_options){ 10, 2, 20000 };
	w->env = (struct check_env){ .options = &w->options,
		.resolver = w->resolver };
	w->session = (struct session){ .hostname = SL("mx.example.com"),
		.helo = t_slice(helo) };
	w->message = (struct message){ .session = &w->session, .arena = a };
	w->ev = (struct evaluation){ .env = &w->env,
		.message = &w->message,
		.arena = a,
		.dns = dns_message_new(w->resolver, a, 20000, NULL),
		.findings = { .arena = a },
		.judged = true,
		.judged_helo = w->session.helo };
	if (client != NULL && !ip_parse(slice_c(client), &w->session.client))
		abort();
	w->ev.judged_client = w->session.client;
	if (w->ev.dns == NULL ||
	    address_parse_path(a, t_slice(from), &w->message.mail_from) != 0)
		abort();
}

static struct slice
finding_text(const struct walk *w, size_t i)
{
	struct buf b;

	if (i >= w->ev.findings.all.n)
		return SL("(no such finding)");
	buf_init(&b, w->ev.arena, 4096);
	finding_print(w->ev.findings.all.at[i], &b);
	return buf_slice(&b);
}

static void
test_findings(struct walk *w)
{
	begin(w, "192.0.2.9", "mail.example.net", "<a@example.org>");
	is_int(spf_mail(&w->ev), 0, "MAIL is taken");
	is_int(spf_end(&w->ev), 0, "the end is taken");
	is_int((int64_t)w->ev.findings.all.n, 2,
	    "two identities, two findings");
	is_text(finding_text(w, 0),
	    "spf fail reason=\"mail.example.net does not allow 192.0.2.9\" "
	    "smtp.helo=mail.example.net mechanism=-all "
	    "record=\"v=spf1 a -all\" domain=mail.example.net lookups=1 "
	    "voids=0 client=192.0.2.9",
	    "HELO");
	is_text(finding_text(w, 1),
	    "spf fail reason=\"example.org does not allow 192.0.2.9\" "
	    "smtp.mailfrom=a@example.org mechanism=-all "
	    "record=\"v=spf1 ip4:192.0.2.1 exp=why.example.org -all\" "
	    "domain=example.org lookups=0 voids=0 client=192.0.2.9 "
	    "explanation=\"not 192.0.2.9\"",
	    "MAIL FROM with its explanation");
	is_text(w->ev.spf.explainer, "example.org", "and whose it is");
	ok(!w->ev.findings.all.at[0]->hidden, "a HELO verdict is shown");
}

static void
test_helo(struct walk *w)
{
	begin(w, "192.0.2.1", "localhost", "<a@example.org>");
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "one-label HELO");
	is_int((int64_t)w->ev.findings.all.n, 1, "is no identity to judge");
	ok(w->ev.spf_helo.done && w->ev.spf_helo.verdict == VERDICT_NONE,
	    "and none for rules");
	ok(w->ev.spf.verdict == VERDICT_PASS, "MAIL FROM is judged");

	begin(w, "192.0.2.1", "[192.0.2.1]", "<a@example.org>");
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "literal HELO");
	is_int((int64_t)w->ev.findings.all.n, 1, "neither");

	begin(w, "192.0.2.1", "192.0.2.1", "<a@example.org>");
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "address as HELO");
	is_int((int64_t)w->ev.findings.all.n, 1, "neither");

	begin(w, "192.0.2.1", "nothing.example", "<a@example.org>");
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "HELO without SPF");
	ok(w->ev.findings.all.n == 2 && w->ev.findings.all.at[0]->hidden,
	    "is for the trace alone");
}

static void
test_null_sender(struct walk *w)
{
	begin(w, "192.0.2.1", "Mail.Example.Net", "<>");
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "null sender");
	ok(w->ev.spf.verdict == VERDICT_PASS, "is judged by HELO");
	ok(w->ev.spf.from_helo, "and says so");
	is_text(w->ev.spf.identity, "postmaster@mail.example.net", "as this");
	is_text(w->ev.spf_helo.identity, "Mail.Example.Net",
	    "the HELO identity is the name");

	begin(w, "192.0.2.1", "mail.example.net", "<root>");
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "no domain");
	ok(w->ev.spf.verdict == VERDICT_NONE && !w->ev.spf.from_helo,
	    "is none, not the HELO");
}

static void
test_not_judged(struct walk *w)
{
	begin(w, "192.0.2.9", "mail.example.net", "<a@example.org>");
	w->ev.judged = false;
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "own users' mail");
	is_int((int64_t)w->ev.findings.all.n, 0, "has no finding");
	is_int(spf_judge_mailfrom(&w->ev), 0, "a rule may ask");
	ok(w->ev.spf.done && w->ev.spf.verdict == VERDICT_NONE,
	    "and gets none");

	begin(w, NULL, "mail.example.net", "<a@example.org>");
	ok(spf_mail(&w->ev) == 0 && spf_end(&w->ev) == 0, "no client address");
	ok(w->ev.spf.verdict == VERDICT_NONE, "is none");
}

/* What a relay wrote into its Received is known at end of headers only. */
static void
test_client_changes(struct walk *w)
{
	begin(w, "192.0.2.9", "mail.example.net", "<a@example.org>");
	ok(spf_mail(&w->ev) == 0 && spf_judge_mailfrom(&w->ev) == 0,
	    "judged at MAIL");
	ok(w->ev.spf.verdict == VERDICT_FAIL, "by the relay's address");
	if (!ip_parse(SL("192.0.2.1"), &w->ev.judged_client))
		abort();
	ok(spf_end(&w->ev) == 0 && w->ev.spf.verdict == VERDICT_PASS,
	    "and again by the one it recorded");
	is_int(spf_judge_mailfrom(&w->ev), 0, "a third time");
	ok(w->ev.spf.verdict == VERDICT_PASS, "nothing has changed");
}

static void
test_soft_deadline(void)
{
	struct walk w = { .resolver = new_resolver(zone, 60) };

	begin(&w, "192.0.2.1", "localhost", "<a@tree.example>");
	is_int(spf_mail(&w.ev), 0, "lookups are slow");
	dns_message_soft_deadline(w.ev.dns, deadline_in(0));
	is_int(spf_judge_mailfrom(&w.ev), ERR_TIMEOUT,
	    "a soft deadline leaves it undecided");
	ok(!w.ev.spf.done && w.ev.spf.record.n == 0, "nothing is concluded");
	dns_message_soft_deadline(w.ev.dns, DEADLINE_NEVER);
	is_int(spf_judge_mailfrom(&w.ev), 0, "asked again at the end");
	ok(w.ev.spf.verdict == VERDICT_PASS, "it is decided");
	is_text(w.ev.spf.mechanism,
	    "redirect=r.tree.example a:last.tree.example", "to the last term");
	is_int(w.ev.spf.lookups, 8, "with every lookup counted once");
	finish(&w);
	resolver_free(w.resolver);
}

static void
test_time_limit(struct walk *w)
{
	begin(w, "192.0.2.1", "localhost", "<a@example.org>");
	w->options.spf.time_limit_ms = 0;
	is_int(spf_judge_mailfrom(&w->ev), 0, "no time at all");
	ok(w->ev.spf.verdict == VERDICT_TEMPERROR, "is temperror");
	is_text(w->ev.spf.reason, "time limit of 0 s reached", "and says so");
}

/* Waits until a name is answered without this message having asked for it. */
static bool
arrives(struct walk *w, const char *name, enum dns_type type)
{
	struct deadline until = deadline_in(10000);

	while (!dns_message_ready(w->ev.dns, slice_c(name), type)) {
		struct timespec nap = { 0, 1000000 };

		if (deadline_passed(until))
			return false;
		(void)nanosleep(&nap, NULL);
	}
	return true;
}

static const struct {
	const char *name;
	enum dns_type type;
} tree[] = {
	{ "tree.example", DNS_TXT },
	{ "a.tree.example", DNS_TXT },
	{ "b.tree.example", DNS_TXT },
	{ "r.tree.example", DNS_TXT },
	{ "h.tree.example", DNS_A },
	{ "m.tree.example", DNS_MX },
	{ "mx.tree.example", DNS_A },
	{ "deep.tree.example", DNS_A },
	{ "last.tree.example", DNS_A },
};

static void
test_early_lookups(void)
{
	struct walk w = { .resolver = new_resolver(zone, 1) };

	begin(&w, "192.0.2.1", "tree.example.", "<a@example.org>");
	spf_helo(&w.env, &w.session);
	for (size_t i = 0; i < ARRAY_LEN(tree); i++)
		ok(arrives(&w, tree[i].name, tree[i].type),
		    "HELO alone brings %s of %s", dns_type_name(tree[i].type),
		    tree[i].name);
	ok(arrives(&w, "192.0.2.1.tree.example", DNS_A),
	    "and what a macro makes");
	ok(!dns_message_ready(w.ev.dns, SL("h.tree.example"), DNS_AAAA),
	    "and no address of another family");
	finish(&w);
	resolver_free(w.resolver);
}

/* The record is in the cache, what it leads to is not: MAIL follows it. */
static void
test_cached_record(void)
{
	struct walk w = { .resolver = new_resolver(zone, 1) };
	const struct dns_answer *a;

	begin(&w, "2001:db8::1", "localhost", "<a@tree.example>");
	is_int(dns_message_get(w.ev.dns, SL("tree.example"), DNS_TXT, &a), 0,
	    "the record is known");
	is_int(dns_message_get(w.ev.dns, SL("a.tree.example"), DNS_TXT, &a), 0,
	    "so is one that it includes");
	is_int(spf_mail(&w.ev), 0, "MAIL");
	ok(arrives(&w, "h.tree.example", DNS_AAAA), "its hosts are asked for");
	ok(arrives(&w, "mx.tree.example", DNS_AAAA), "its mail hosts too");
	ok(arrives(&w, "deep.tree.example", DNS_AAAA),
	    "and those of the record three deep");
	ok(!dns_message_ready(w.ev.dns, SL("h.tree.example"), DNS_A),
	    "as the client's family needs them");
	finish(&w);
	resolver_free(w.resolver);
}

/* A tree of includes that would make thousands of lookups. */
static void
test_hostile_tree(void)
{
	static char text[32768];
	struct walk w = { 0 };
	size_t n = 0, known = 0;

	for (int i = 0; i < 6; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "l%d.example TXT \"v=spf1", i);
		for (int j = 0; j < 9; j++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    " include:l%d.example", i + 1);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "\"\n");
	}
	w.resolver = new_resolver(text, 1);
	begin(&w, "192.0.2.1", "localhost", "<a@l0.example>");
	is_int(spf_mail(&w.ev), 0, "MAIL from a hostile tree");
	ok(arrives(&w, "l1.example", DNS_TXT), "its first level is asked for");
	ok(arrives(&w, "l2.example", DNS_TXT), "what may count of the second");
	for (int i = 3; i < 6; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "l%d.example", i);
		known += dns_message_ready(w.ev.dns, slice_c(name), DNS_TXT);
	}
	is_int((int64_t)known, 0, "and nothing below");
	is_int(spf_judge_mailfrom(&w.ev), 0, "it is judged");
	ok(w.ev.spf.verdict == VERDICT_PERMERROR, "as permerror");
	finish(&w);
	resolver_free(w.resolver);
}

int
main(void)
{
	struct walk w = { 0 };
	int fd = mkstemp(zone_path);

	if (fd < 0 || close(fd) != 0)
		abort();
	w.resolver = new_resolver(zone, 0);
	test_findings(&w);
	test_helo(&w);
	test_null_sender(&w);
	test_not_judged(&w);
	test_client_changes(&w);
	test_time_limit(&w);
	test_soft_deadline();
	test_early_lookups();
	test_cached_record();
	test_hostile_tree();
	(void)unlink(zone_path);
	finish(&w);
	resolver_free(w.resolver);
	return tap_done();
}
