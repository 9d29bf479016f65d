/* SPDX-License-Identifier: BSD-2-Clause
 *
 * outcome: the one log line a message leaves, in fixed order, and the
 * counters. The line is an interface: operators grep it, so keys are never
 * renamed and absent values are left out, not moved.
 */
#include "base/err.h"
#include "base/log.h"
#include "engine/engine_private.h"

static int
add_limit(struct evaluation *ev, enum limit limit)
{
	struct finding *f = findings_add(&ev->findings, METHOD_LIMIT,
	    VERDICT_NEUTRAL, SL("more than is taken"));

	if (f == NULL)
		return ERR_NOMEM;
	f->hidden = true;
	return finding_prop(&ev->findings, f, NULL, "name",
	    slice_c(limit_word(limit)));
}

void
outcome_limits(struct evaluation *ev)
{
	struct limits all = evaluation_limits(ev);

	for (unsigned l = 0; all.met != 0 && l < LIMIT_COUNT; l++) {
		if (!limits_met(&all, (enum limit)l))
			continue;
		limits_count((enum limit)l);
		/* Without memory the log line tells of it, and the counter. */
		(void)!add_limit(ev, (enum limit)l);
	}
}

/* "header-octets,signatures-read" */
static struct slice
limits_summary(const struct evaluation *ev)
{
	struct limits all = evaluation_limits(ev);
	struct buf b;

	if (all.met == 0)
		return SL("");
	buf_init(&b, ev->arena, 2048);
	for (unsigned l = 0; l < LIMIT_COUNT; l++)
		if (limits_met(&all, (enum limit)l))
			buf_printf(&b, "%s%s", b.n > 0 ? "," : "",
			    limit_word((enum limit)l));
	return buf_slice(&b);
}

int
outcome_load(struct engine_counters *c)
{
	for (unsigned m = 0; m < METHOD_COUNT; m++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			c->verdict[m][v] = stats_counter("findings_total",
			    "method", slice_c(method_word((enum method)m)),
			    "result", slice_c(verdict_word((enum verdict)v)));
	for (unsigned a = ACTION_CONTINUE; a <= ACTION_DISCARD; a++)
		c->action[a] = stats_counter("messages_total", "action",
		    slice_c(action_word((enum action)a)), NULL, SL(""));
	c->marked =
	    stats_counter("quarantined_total", NULL, SL(""), NULL, SL(""));
	c->held = stats_counter("held_total", NULL, SL(""), NULL, SL(""));
	c->errors =
	    stats_counter("internal_errors_total", NULL, SL(""), NULL, SL(""));
	c->aborted =
	    stats_counter("messages_aborted_total", NULL, SL(""), NULL, SL(""));
	c->signatures[KEY_RSA] = stats_counter("signatures_total", "algorithm",
	    SL("rsa-sha256"), NULL, SL(""));
	c->signatures[KEY_ED25519] = stats_counter("signatures_total",
	    "algorithm", SL("ed25519-sha256"), NULL, SL(""));
	for (unsigned u = DKIM_SIGN_YES + 1; u < DKIM_UNSIGNED_COUNT; u++)
		c->not_signed[u] = stats_counter("unsigned_total", "reason",
		    slice_c(dkim_unsigned_word((enum dkim_unsigned)u)), NULL,
		    SL(""));
	srs_long_counters_load(&c->long_senders, "filter");
	c->wait = stats_histogram("dns_wait_ms");
	return 0;
}

static void
count_signing(const struct engine_counters *c, const struct dkim_sign_result *r,
    const struct plan *plan)
{
	if (!r->considered || plan->action != ACTION_ACCEPT)
		return;
	if (r->why_not != DKIM_SIGN_YES)
		stats_add(c->not_signed[r->why_not], 1);
	for (size_t i = 0; i < r->keys.n; i++)
		stats_add(c->signatures[key_kind(r->keys.at[i]->key)], 1);
}

static void
count(const struct engine *e, const struct evaluation *ev,
    const struct plan *plan)
{
	const struct engine_counters *c = &e->counters;

	for (size_t i = 0; i < ev->findings.all.n; i++) {
		const struct finding *f = ev->findings.all.at[i];

		stats_add(c->verdict[f->method][f->verdict], 1);
	}
	count_signing(c, &ev->signing, plan);
	stats_add(c->action[plan->action], 1);
	if (plan->quarantine)
		stats_add(c->marked, 1);
	if (plan->hold)
		stats_add(c->held, 1);
	stats_observe(c->wait, dns_message_waited(ev->dns));
}

/* "pass:example.org,fail:list.example": at most eight signatures. */
static struct slice
dkim_summary(const struct evaluation *ev)
{
	const struct dkim_signature_vec *all = &ev->dkim.signatures;
	struct buf b;

	if (!ev->dkim.done)
		return SL("");
	if (all->n == 0)
		return slice_c(verdict_word(ev->dkim.verdict));
	buf_init(&b, ev->arena, 2048);
	for (size_t i = 0; i < all->n && i < 8; i++)
		buf_printf(&b, "%s%s:%.*s", i > 0 ? "," : "",
		    verdict_word(all->at[i].verdict),
		    SL_ARG(all->at[i].domain));
	if (all->n > 8)
		buf_printf(&b, ",+%zu", all->n - 8);
	return buf_slice(&b);
}

/* What all lines begin with. */
static void
add_identity(struct log_line *l, const struct evaluation *ev)
{
	const struct message *m = ev->message;
	const struct session *s = m->session;
	char ip[IP_TEXT];

	log_line_add(l, "qid", m->queue_id);
	log_line_add(l, "id", slice_c(m->id));
	log_line_add(l, "dir", slice_c(direction_word(ev->direction)));
	log_line_add(l, "client", slice_c(ip_print(&s->client, ip)));
	log_line_add(l, "name", s->client_name);
	log_line_add(l, "helo", s->helo);
	log_line_add(l, "auth", m->auth_authen);
	log_line_add(l, "from",
	    address_is_null(&m->mail_from) ? SL("<>") : m->mail_from.text);
	log_line_addf(l, "rcpts", "%zu", m->rcpts.n);
	if (m->rcpts.n > 0)
		log_line_add(l, "to", m->rcpts.at[0].path.text);
}

static void
add_verdicts(struct log_line *l, const struct evaluation *ev)
{
	if (ev->from.authors.n > 0)
		log_line_add(l, "author", ev->from.authors.at[0].mailbox.text);
	if (ev->from.error != FROM_OK)
		log_line_add(l, "from-error",
		    slice_c(from_error_word(ev->from.error)));
	if (ev->iprev.done && ev->iprev.verdict != VERDICT_NONE)
		log_line_add(l, "iprev",
		    slice_c(verdict_word(ev->iprev.verdict)));
	if (ev->spf.done) {
		log_line_add(l, "spf", slice_c(verdict_word(ev->spf.verdict)));
		log_line_add(l, "spf-by", ev->spf.mechanism);
	}
	if (ev->spf_helo.done)
		log_line_add(l, "spf-helo",
		    slice_c(verdict_word(ev->spf_helo.verdict)));
	log_line_add(l, "dkim", dkim_summary(ev));
	if (ev->dmarc.done) {
		log_line_add(l, "dmarc",
		    slice_c(verdict_word(ev->dmarc.verdict)));
		log_line_add(l, "aligned",
		    ev->dmarc.spf_aligned && ev->dmarc.dkim_aligned ?
			SL("spf,dkim") :
			ev->dmarc.spf_aligned  ? SL("spf") :
			ev->dmarc.dkim_aligned ? SL("dkim") :
						 SL("no"));
		if (ev->dmarc.record.n > 0)
			log_line_add(l, "policy",
			    slice_c(dmarc_policy_word(ev->dmarc.published)));
	}
	if (ev->arc.done)
		log_line_add(l, "arc", slice_c(verdict_word(ev->arc.verdict)));
	log_line_add(l, "sealer", ev->arc.sealer);
	log_line_add(l, "limits", limits_summary(ev));
}

/* "signed=example.org:s2026,example.org:ed" or "unsigned=no-key". */
static void
add_signing(struct log_line *l, const struct evaluation *ev)
{
	const struct dkim_sign_result *r = &ev->signing;
	struct buf b;

	if (!r->considered)
		return;
	buf_init(&b, ev->arena, 2048);
	for (size_t i = 0; i < r->keys.n && i < 8; i++)
		buf_printf(&b, "%s%.*s:%.*s", i > 0 ? "," : "",
		    SL_ARG(r->keys.at[i]->domain),
		    SL_ARG(r->keys.at[i]->selector));
	log_line_add(l, "signed", buf_slice(&b));
	log_line_add(l, "unsigned", slice_c(dkim_unsigned_word(r->why_not)));
}

/* Of mail that goes on: what the next hop will say, and what became of the
 * sender. */
static void
add_forward(struct log_line *l, const struct evaluation *ev)
{
	static const char *const fates[] = {
		[FORWARD_FINE] = "fine",
		[FORWARD_DOOMED_DMARC] = "doomed-dmarc",
		[FORWARD_DOOMED_SPF] = "doomed-spf",
	};

	if (ev->forward.forwarded)
		log_line_add(l, "forward", slice_c(fates[ev->forward.fate]));
	if (ev->forward.forwarded || ev->forward.leaves)
		log_line_add(l, "srs", slice_c(ev->forward.srs));
	if (ev->forward.is_long)
		log_line_add(l, "long", SL("yes"));
}

static void
add_decision(struct log_line *l, const struct evaluation *ev,
    const struct plan *plan)
{
	log_line_add(l, "rule", plan->rule);
	for (size_t i = 0; i < plan->tests.n; i++)
		log_line_addf(l, "test", "%.*s:%.*s",
		    SL_ARG(plan->tests.at[i].rule),
		    SL_ARG(plan->tests.at[i].action));
	log_line_add(l, "action",
	    plan->hold           ? SL("hold") :
		plan->quarantine ? SL("quarantine") :
				   slice_c(action_word(plan->action)));
	if (plan->reply.set)
		log_line_addf(l, "reply", "%s %s %.*s", plan->reply.code,
		    plan->reply.enhanced,
		    SL_ARG(plan->reply.tag.n > 0 ? plan->reply.tag :
						   plan->reply.lines.at[0]));
	add_forward(l, ev);
	if (ev->arc.sealed > 0)
		log_line_addf(l, "sealed", "%u", ev->arc.sealed);
	log_line_addf(l, "dns", "%zu", dns_message_count(ev->dns));
	log_line_addf(l, "waited", "%" PRId64, dns_message_waited(ev->dns));
	log_line_addf(l, "bytes", "%" PRIu64,
	    ev->message->header_bytes + ev->message->body_bytes);
	log_line_addf(l, "ms", "%" PRId64,
	    clock_mono_ms() - ev->message->begun_ms);
}

/* LogWhy: a line for each finding, tied to the message by its id. */
static void
log_findings(const struct evaluation *ev)
{
	for (size_t i = 0; i < ev->findings.all.n; i++) {
		struct log_line l;
		struct buf b;

		buf_init(&b, ev->arena, 4096);
		finding_print(ev->findings.all.at[i], &b);
		log_line_begin(&l, ev->arena);
		log_line_add(&l, "qid", ev->message->queue_id);
		log_line_add(&l, "id", slice_c(ev->message->id));
		log_line_add(&l, "why", buf_slice(&b));
		log_line_write(&l, LOG_LEVEL_INFO);
	}
}

void
outcome_log(const struct engine *e, const struct evaluation *ev,
    const struct plan *plan)
{
	struct log_line l;

	count(e, ev, plan);
	if (!log_enabled(LOG_LEVEL_INFO))
		return;
	log_line_begin(&l, ev->arena);
	add_identity(&l, ev);
	add_verdicts(&l, ev);
	if (plan->action == ACTION_ACCEPT)
		add_signing(&l, ev);
	add_decision(&l, ev, plan);
	log_line_write(&l, LOG_LEVEL_INFO);
	if (e->options.log_why)
		log_findings(ev);
}

void
outcome_log_early(const struct engine *e, const struct evaluation *ev,
    const struct plan *plan, enum stage stage, const struct recipient *rcpt)
{
	struct log_line l;

	stats_add(e->counters.action[plan->action], 1);
	if (!log_enabled(LOG_LEVEL_INFO))
		return;
	log_line_begin(&l, ev->arena);
	add_identity(&l, ev);
	log_line_add(&l, "at", slice_c(stage_word(stage)));
	if (rcpt != NULL)
		log_line_add(&l, "rcpt", rcpt->path.text);
	add_verdicts(&l, ev);
	add_decision(&l, ev, plan);
	log_line_write(&l, LOG_LEVEL_INFO);
}

/* A field of milliseconds, such as "12.345". */
static void
add_ms(struct log_line *l, const char *prefix, const char *name,
    const char *suffix, int64_t us)
{
	char key[64];

	(void)snprintf(key, sizeof(key), "%s%s%s", prefix, name, suffix);
	log_line_addf(l, key, "%" PRId64 ".%03d", us / 1000, (int)(us % 1000));
}

static int64_t
waited_us(const struct dns_waited_vec *waits)
{
	int64_t us = 0;

	for (size_t i = 0; i < waits->n; i++)
		us += waits->at[i].to_us - waits->at[i].from_us;
	return us;
}

void
outcome_log_timing(const struct evaluation *ev, const struct timeline *t)
{
	const struct timeline_part *end = t->parts[TIMELINE_END];
	size_t chain[TIMELINE_CHAIN];
	struct dns_lookup_vec all;
	struct log_line l;
	int64_t cpu = 0;

	if (!log_enabled(LOG_LEVEL_INFO) ||
	    dns_message_lookups(ev->dns, &all) != 0)
		return;
	log_line_begin(&l, ev->arena);
	log_line_add(&l, "qid", ev->message->queue_id);
	log_line_add(&l, "id", slice_c(ev->message->id));
	for (unsigned s = TIMELINE_HELO; s < TIMELINE_STEPS; s++) {
		const struct timeline_part *p = t->parts[s];

		cpu += p->cpu_us;
		if (p->times > 0)
			add_ms(&l, "t-",
			    timeline_step_word((enum timeline_step)s), "",
			    p->from_us - t->began_us);
	}
	add_ms(&l, "end", "-ms", "", end->wall_us);
	for (size_t i = 1; i < TIMELINE_PARTS && end[i].times > 0; i++)
		add_ms(&l, "", end[i].name, "-ms", end[i].wall_us);
	add_ms(&l, "cpu", "-ms", "", cpu);
	add_ms(&l, "wait", "-ms", "",
	    waited_us(dns_message_waited_for(ev->dns)));
	log_line_addf(&l, "lookups", "%zu", all.n);
	log_line_addf(&l, "chain", "%zu",
	    timeline_longest_chain(&all, chain, TIMELINE_CHAIN));
	log_line_write(&l, LOG_LEVEL_INFO);
}
