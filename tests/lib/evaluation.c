/* SPDX-License-Identifier: BSD-2-Clause
 *
 * evaluation: see evaluation.h.
 */
#include "lib/evaluation.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "lib/tap.h"

A_NORETURN static void
bail(int err)
{
	printf("Bail out! fixture: %s\n", err_text(err));
	exit(1);
}

static void
must(int err)
{
	if (err != 0)
		bail(err);
}

void
t_mailfrom(struct t_evaluation *t, const char *path)
{
	must(address_parse_path(t->ev.arena, t_slice(path),
	    &t->message.mail_from));
}

struct recipient *
t_rcpt(struct t_evaluation *t, const char *path)
{
	struct recipient *r =
	    recipient_vec_push(&t->message.rcpts, t->ev.arena);

	if (r == NULL)
		bail(ERR_NOMEM);
	must(address_parse_path(t->ev.arena, t_slice(path), &r->path));
	return r;
}

void
t_header(struct t_evaluation *t, const char *name, const char *value)
{
	const struct header_field *f;
	struct slice v = arena_printf(t->ev.arena, " %s", value);

	must(header_list_add(&t->message.headers, t_slice(name), v, &f));
	t->ev.unfolded.n = 0; /* rules see what is there now */
}

void
t_author(struct t_evaluation *t, const char *mailbox, bool another)
{
	struct author *one;

	if (!another)
		t->ev.from.authors.n = 0;
	one = author_vec_push(&t->ev.from.authors, t->ev.arena);
	if (one == NULL)
		bail(ERR_NOMEM);
	must(address_parse_path(t->ev.arena, t_slice(mailbox), &one->mailbox));
	one->domain = one->mailbox.domain;
}

void
t_dkim(struct t_evaluation *t, const char *domain, enum verdict v)
{
	struct dkim_signature *s =
	    dkim_signature_vec_push(&t->ev.dkim.signatures, t->ev.arena);

	if (s == NULL)
		bail(ERR_NOMEM);
	*s = (struct dkim_signature){ .verdict = v,
		.domain = t_slice(domain),
		.tried = true };
	t->ev.dkim.done = true;
	if (t->ev.dkim.verdict != VERDICT_PASS)
		t->ev.dkim.verdict = v;
}

void
t_spf(struct t_evaluation *t, enum verdict v, const char *domain)
{
	t->ev.spf = (struct spf_result){ .done = true,
		.verdict = v,
		.domain = t_slice(domain),
		.record = t_slice("v=spf1 ip4:198.51.100.1 -all"),
		.mechanism = t_slice("-all") };
}

void
t_dmarc(struct t_evaluation *t, enum verdict v, enum dmarc_policy p)
{
	t->ev.dmarc = (struct dmarc_result){ .done = true,
		.verdict = v,
		.author_domain = t->ev.from.authors.at[0].domain,
		.policy_domain = t->ev.from.authors.at[0].domain,
		.published = p,
		.disposition = v == VERDICT_FAIL ? p : DMARC_POLICY_NONE };
}

void
t_evaluation_init(struct t_evaluation *t, struct arena *a)
{
	static struct psl *psl;

	if (psl == NULL)
		psl = psl_load(NULL);
	must(psl == NULL ? ERR_NOTFOUND : 0);
	clock_fake(T_EPOCH);
	*t = (struct t_evaluation){ 0 };
	t->message.arena = t->ev.arena = a;
	t->message.session = &t->session;
	memcpy(t->session.id, "0a1b2c3d4e5f6g7h", MESSAGE_ID_LEN);
	memcpy(t->message.id, t->session.id, MESSAGE_ID_LEN);
	t->session.hostname = t_slice("mx1.local.test");
	t->session.client_name = t_slice("mail.example.net");
	must(ip_parse(SL("192.0.2.9"), &t->session.client) ? 0 : ERR_BUG);
	t->session.helo = t_slice("mail.example.net");
	t->message.epoch = T_EPOCH;
	t->message.queue_id = t_slice("4XyZ");
	header_list_init(&t->message.headers, a);
	t->options.direction.verify = true;
	t->env.options = &t->options;
	t->env.psl = psl;
	t->ev.env = &t->env;
	t->ev.message = &t->message;
	t->ev.findings.arena = a;
	t->ev.judged = true;
	t->ev.judged_client = t->session.client;
	t->ev.spf.done = t->ev.spf_helo.done = t->ev.iprev.done = true;
	t_mailfrom(t, "<a@example.org>");
	(void)t_rcpt(t, "<b@local.test>");
	t_author(t, "a@example.org", false);
}

struct fact_context
t_context(struct t_evaluation *t, enum stage s)
{
	t->ev.at_end = s == STAGE_EOM;
	return (struct fact_context){ .ev = &t->ev,
		.stage = s,
		.rcpt = s == STAGE_RCPT ? &t->message.rcpts.at[0] : NULL };
}

static void
write_file(const char *text, char path[64])
{
	size_t n = strlen(text);
	int fd;

	(void)snprintf(path, 64, "policy-%ld-XXXXXX", (long)getpid());
	fd = mkstemp(path);
	must(fd < 0 || write(fd, text, n) != (ssize_t)n || close(fd) != 0 ?
		ERR_IO :
		0);
}

struct rules *
t_rules(const char *text, const struct rules_options *o,
    const struct replies *r, struct problems *p)
{
	struct rules_options options = { 0 };
	struct rules *rules;
	char path[64];

	if (o != NULL)
		options = *o;
	problems_init(p, t_arena());
	write_file(text, path);
	options.file = path;
	rules = rules_load(p->arena, &options, r, p);
	(void)unlink(path);
	return rules;
}

struct replies *
t_replies(const char *text, const struct reply_options *o, struct problems *p)
{
	struct reply_options options = { 0 };
	struct replies *replies;
	char path[64];

	if (o != NULL)
		options = *o;
	problems_init(p, t_arena());
	write_file(text, path);
	options.file = path;
	replies = replies_load(p->arena, &options, p);
	(void)unlink(path);
	return replies;
}

const struct replies *
t_shipped_replies(void)
{
	static struct replies *shipped;
	struct reply_options o = { 0 };
	struct problems p;

	problems_init(&p, t_arena());
	if (shipped == NULL)
		shipped = replies_load(p.arena, &o, &p);
	must(shipped == NULL ? ERR_CONFIG : 0);
	return shipped;
}

struct slice
t_problems(const struct problems *p)
{
	struct buf b;

	buf_init(&b, p->arena, 65536);
	for (size_t i = 0; i < p->all.n; i++)
		buf_printf(&b, "%u: %s: %.*s\n", p->all.at[i].place.line,
		    p->all.at[i].fatal ? "error" : "warning",
		    SL_ARG(p->all.at[i].text));
	return buf_slice(&b);
}
