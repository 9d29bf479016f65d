/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc: discovery, organisational domains, alignment, what applies; by
 * RFC 9989, and the traps into which others fell. Records come from a zone
 * file; libopendmarc is asked in every case and must agree.
 */
#include "check/dmarc.h"

#include <unistd.h>

#include "base/log.h"
#include "check/check.h"
#include "check/dmarc_lib.h"
#include "check/dmarc_walk.h"
#include "lib/tap.h"
#include "unit/dmarc_vectors.h"

static char zone_path[] = "/tmp/chopmark-zone-XXXXXX";
static unsigned bugs;

static enum verdict
verdict_of(struct slice *text)
{
	enum verdict v = VERDICT_NONE;
	struct slice word;

	if (!slice_cut(text, ' ', &word) || !verdict_parse(word, &v))
		ok(false, "the vector has a verdict");
	return v;
}

static void
set_identifiers(struct evaluation *ev, const struct dmarc_vector *v)
{
	struct slice list = t_slice(v->dkim), one = t_slice(v->spf);

	if (one.n > 0) {
		ev->spf.done = true;
		ev->spf.verdict = verdict_of(&one);
		ev->spf.domain = one;
	}
	while (slice_cut(&list, ',', &one)) {
		struct dkim_signature *sig =
		    dkim_signature_vec_push(&ev->dkim.signatures, ev->arena);

		if (sig == NULL)
			abort();
		sig->verdict = verdict_of(&one);
		sig->domain = one;
		sig->tried = true;
	}
	ev->dkim.done = true;
}

static void
set_from(struct evaluation *ev, const char *fields)
{
	struct slice rest = t_slice(fields), value;

	header_list_init(&ev->message->headers, ev->arena);
	while (slice_cut(&rest, '|', &value))
		if (header_list_add(&ev->message->headers, SL("From"), value,
			NULL) != 0)
			abort();
	if (from_parse(ev->arena, &ev->message->headers, &ev->from) != 0)
		abort();
}

static struct slice
or_dash(struct slice s)
{
	return s.n > 0 ? s : SL("-");
}

static struct slice
summary(struct arena *a, const struct dmarc_result *r)
{
	return arena_printf(a, "%s %s/%s %s %.*s %.*s",
	    verdict_word(r->verdict), dmarc_policy_word(r->published),
	    dmarc_policy_word(r->disposition),
	    r->spf_aligned && r->dkim_aligned ? "spf,dkim" :
		r->spf_aligned                ? "spf" :
		r->dkim_aligned               ? "dkim" :
						"no",
	    SL_ARG(or_dash(r->policy_domain)), SL_ARG(or_dash(r->org_domain)));
}

/* Runs all steps and leaves the evaluation for more questions. */
static struct evaluation *
judge(struct arena *a, const struct check_env *env,
    const struct dmarc_vector *v)
{
	struct evaluation *ev = arena_zalloc(a, sizeof(*ev));
	struct message *m = arena_zalloc(a, sizeof(*m));

	if (ev == NULL || m == NULL)
		abort();
	*ev = (struct evaluation){ .env = env,
		.message = m,
		.arena = a,
		.judged = true,
		.at_end = true };
	m->arena = a;
	ev->findings.arena = a;
	ev->dns = dns_message_new(env->resolver, a, 10000, NULL);
	if (ev->dns == NULL ||
	    address_parse_path(a, SL("<b@example.com>"), &m->mail_from) != 0)
		abort();
	set_from(ev, v->from);
	is_int(dmarc_mail(ev), 0, "%s: mail", v->name);
	set_identifiers(ev, v);
	is_int(dmarc_eoh(ev), 0, "%s: eoh", v->name);
	is_int(dmarc_end(ev), 0, "%s: end", v->name);
	return ev;
}

static void
test_table(const struct check_env *env, const struct dmarc_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct dmarc_vector *v = &t->at[i];
		struct arena *a = t_arena();
		struct evaluation *ev = judge(a, env, v);

		is_text(summary(a, &ev->dmarc), v->want, "%s: %s", t->name,
		    v->name);
		is_int(bugs, 0, "%s: %s: libopendmarc agrees", t->name,
		    v->name);
		bugs = 0;
	}
}

static void
test_findings(const struct check_env *env)
{
	static const struct dmarc_vector two = { "a@example.com, b@quar.com",
		"pass example.com", "", "", "two authors" };
	struct arena *a = t_arena();
	struct evaluation *ev = judge(a, env, &two);
	struct buf b;

	is_int((int64_t)ev->findings.all.n, 2,
	    "a finding for each author domain");
	ok(ev->findings.all.at[0]->hidden && !ev->findings.all.at[1]->hidden,
	    "the one that decides is shown");
	buf_init(&b, a, 4096);
	finding_print(ev->findings.all.at[0], &b);
	is_text(buf_slice(&b),
	    "dmarc pass header.from=example.com policy.dmarc=reject aligned=spf "
	    "policy-domain=example.com org-domain=example.com record=\"v=DMARC1; p=reject\" discovery=treewalk",
	    "a pass in print");
	buf_clear(&b);
	finding_print(ev->findings.all.at[1], &b);
	is_text(buf_slice(&b),
	    "dmarc fail reason=\"SPF passed for example.com: not aligned with quar.com\" header.from=quar.com "
	    "policy.dmarc=quarantine aligned=no disposition=quarantine policy-domain=quar.com org-domain=quar.com "
	    "record=\"v=DMARC1; p=quarantine\" discovery=treewalk",
	    "a fail in print");
}

static void
test_not_judged(const struct check_env *env)
{
	struct arena *a = t_arena();
	struct evaluation *ev = arena_zalloc(a, sizeof(*ev));
	struct message m = { .arena = a };

	if (ev == NULL)
		abort();
	*ev = (struct evaluation){ .env = env, .message = &m, .arena = a };
	ev->findings.arena = a;
	set_from(ev, "a@example.com");
	is_int(dmarc_end(ev), 0, "mail that is not judged");
	ok(!ev->dmarc.done && ev->findings.all.n == 0, "has no DMARC result");
}

static void
test_walk_names(void)
{
	struct slice out[DMARC_WALK_MAX];

	is_int((int64_t)dmarc_walk_names(SL("a.b.org"), out), 3,
	    "three names for three labels");
	is_text(out[2], "org", "down to the top level");
	is_int((int64_t)dmarc_walk_names(SL("a.b.c.d.e.f.g.org"), out), 8,
	    "eight names for eight labels");
	is_text(out[1], "b.c.d.e.f.g.org", "one label less");
	is_int((int64_t)dmarc_walk_names(SL("1.2.3.4.5.6.a.b.c.d.e.f.g.org"),
		   out),
	    8, "eight names for fourteen");
	is_text(out[1], "b.c.d.e.f.g.org", "cut to seven labels");
}

static size_t
questions(const struct evaluation *ev, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < dns_message_count(ev->dns); i++)
		n += slice_eq(dns_message_answer(ev->dns, i)->name,
		    slice_c(name));
	return n;
}

static void
test_questions(const struct check_env *env)
{
	static const struct dmarc_vector one = { "a@a.mail.example.com",
		"pass b.example.com", "pass c.example.com,pass c.example.com",
		"", "cousins" };
	static const struct dmarc_vector other = { "a@example.com",
		"pass evil.org", "pass evil.net", "", "strangers" };
	struct evaluation *ev = judge(t_arena(), env, &one);

	is_int((int64_t)questions(ev, "_dmarc.example.com"), 1,
	    "a name is asked for once");
	is_int((int64_t)questions(ev, "_dmarc.com"), 1, "the top level too");
	is_int((int64_t)questions(ev, "_dmarc.c.example.com"), 1,
	    "and each signer");
	ev = judge(t_arena(), env, &other);
	is_int((int64_t)questions(ev, "_dmarc.evil.org") +
		(int64_t)questions(ev, "_dmarc.evil.net"),
	    0, "strangers are not walked");
}

/* "a" and dots in front of .example.com, n octets in all. */
static void
test_long_name(const struct check_env *env)
{
	static const struct {
		size_t n;
		const char *want;
	} cases[] = { { 246, "fail" }, { 247, "fail" }, { 253, "fail" },
		{ 254, "fail" } };
	char text[300];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dmarc_vector v = { text, "", "", "", "a long name" };
		struct evaluation *ev;
		size_t n = cases[i].n;

		text[0] = 'a';
		text[1] = '@';
		for (size_t j = 0; j < n; j++)
			text[2 + j] = j % 2 == n % 2 ? '.' : 'a';
		text[2] = 'a';
		memcpy(text + 2 + n - 12, ".example.com", 13);
		ev = judge(t_arena(), env, &v);
		is_text(slice_c(verdict_word(ev->dmarc.verdict)), cases[i].want,
		    "an author domain of %zu octets", n);
	}
}

static void
test_null_sender(const struct check_env *env)
{
	static const char *const helos[] = { "example.com", "", "[192.0.2.1]",
		"b\303\274cher.example", "a b", "..", "\xff\xfe" };
	struct session s = { .helo = SL("") };

	for (size_t i = 0; i < ARRAY_LEN(helos); i++) {
		struct arena *a = t_arena();
		struct message m = { .arena = a, .session = &s };
		struct evaluation ev = { .env = env,
			.message = &m,
			.arena = a,
			.judged = true };

		s.helo = ev.judged_helo = t_slice(helos[i]);
		dmarc_helo(env, &s);
		ev.dns = dns_message_new(env->resolver, a, 1000, NULL);
		ok(ev.dns != NULL &&
			address_parse_path(a, SL("<>"), &m.mail_from) == 0 &&
			dmarc_mail(&ev) == 0,
		    "lookups begin for a null sender from \"%s\"", helos[i]);
	}
}

static void
test_memory(const struct check_env *env)
{
	unsigned done = 0, refused = 0;

	for (size_t limit = 1024; limit < 32768; limit += 512) {
		struct arena *a = arena_new(limit);
		struct message m = { .arena = a };
		struct evaluation ev = { .env = env,
			.message = &m,
			.arena = a,
			.judged = true,
			.at_end = true };
		int err = -1;

		ev.findings.arena = a;
		header_list_init(&m.headers, a);
		ev.dns = dns_message_new(env->resolver, a, 10000, NULL);
		if (ev.dns != NULL &&
		    header_list_add(&m.headers, SL("From"),
			SL("a@a.mail.example.com, b@quar.com"), NULL) == 0)
			err = from_parse(a, &m.headers, &ev.from);
		if (err == 0)
			err = dmarc_eoh(&ev);
		if (err == 0)
			err = dmarc_end(&ev);
		done += err == 0 && ev.dmarc.verdict == VERDICT_FAIL &&
		    ev.dmarc.disposition == DMARC_POLICY_REJECT;
		refused += err != 0 && !ev.dmarc.done;
		arena_free(a);
	}
	is_int(done + refused, 62,
	    "a small arena gives the right verdict or none");
	ok(done > 0 && refused > 0, "both of them (%u, %u)", done, refused);
}

static void
test_library(void)
{
	static const struct {
		struct dmarc_lib_facts facts;
		const char *want;
	} cases[] = {
		{ { SLICE_INIT("x.com"), "reject", false, false }, "reject" },
		{ { SLICE_INIT("x.com"), "quarantine", false, false },
		    "quarantine" },
		{ { SLICE_INIT("x.com"), "none", false, false }, "none" },
		{ { SLICE_INIT("x.com"), "reject", true, false }, "pass" },
		{ { SLICE_INIT("x.com"), "reject", false, true }, "pass" },
		{ { SLICE_INIT("a_b.example"), "reject", true, true }, "pass" },
		{ { SLICE_INIT("localhost"), "reject", false, false },
		    "reject" },
	};
	struct arena *a = t_arena();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *answer = "";

		is_int(dmarc_lib_ask(a, &cases[i].facts, &answer), 0,
		    "libopendmarc answers");
		is_text(slice_c(answer), cases[i].want, "libopendmarc: %s, %s",
		    cases[i].facts.author.p, cases[i].want);
	}
}

static void
catch_bug(void *ctx, enum log_level level, struct slice line)
{
	(void)ctx;
	(void)level;
	if (slice_search(line, SL("bug")) != SLICE_NONE)
		bugs++;
	note("%.*s", SL_ARG(line));
}

static struct resolver *
zone_resolver(void)
{
	struct resolver_options o = { .zone_file = zone_path,
		.timeout_ms = 5000,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY];
	struct resolver *r;
	int fd = mkstemp(zone_path);

	if (fd < 0 || write(fd, dmarc_zone, dmarc_zone_size) < 0 ||
	    close(fd) != 0)
		abort();
	r = resolver_new(&o, why);
	if (r == NULL)
		note("%s", why);
	(void)unlink(zone_path);
	return r;
}

int
main(void)
{
	struct check_options options = { .dmarc = { DMARC_TREE_WALK } };
	struct check_env env = { .options = &options };
	struct psl *psl = psl_load(NULL);
	int status;

	env.resolver = zone_resolver();
	env.psl = psl;
	log_set_sink(catch_bug, NULL);
	if (!ok(env.resolver != NULL && psl != NULL, "zone and list load"))
		return tap_done();
	test_walk_names();
	for (size_t i = 0; i < dmarc_tables_count; i++) {
		options.dmarc.discovery =
		    dmarc_tables[i].by_list ? DMARC_PSL : DMARC_TREE_WALK;
		test_table(&env, &dmarc_tables[i]);
	}
	options.dmarc.discovery = DMARC_TREE_WALK;
	test_findings(&env);
	test_not_judged(&env);
	test_questions(&env);
	test_library();
	test_long_name(&env);
	test_null_sender(&env);
	test_memory(&env);
	status = tap_done(); /* ends the messages before their resolver */
	resolver_free(env.resolver);
	psl_unload(psl);
	return status;
}
