/* SPDX-License-Identifier: BSD-2-Clause
 *
 * walk: one session and its messages, led step by step through the checks
 * and the policy. Nothing here judges: it keeps order, memory and failures.
 *
 * A failure of ours (memory, a limit, a library) is noted once and the
 * message goes on without checks until the next point where an answer is
 * possible, normally end-of-message: an answer at a stage that was negotiated
 * without replies would be lost.
 */
#include "base/err.h"
#include "base/log.h"
#include "check/arc_return.h"
#include "engine/engine_private.h"
#include "engine/id.h"

/* Who works beside the checks: for messages of failure and the timeline. */
static const char in_headers[] = "headers";
static const char in_signing[] = "signing";
static const char in_forwarding[] = "forwarding";
static const char in_policy[] = "policy";

void
walk_fail(struct engine_session *s, int err, const char *where)
{
	if (s->failed != 0)
		return;
	s->failed = err;
	s->failed_in = where;
	if (err == ERR_LIMIT) /* no failure of ours: the log line tells */
		return;
	stats_add(s->engine->counters.errors, 1);
	log_text(LOG_LEVEL_ERROR, "id=%s: message cannot be judged: %s in %s%s",
	    s->message != NULL ? s->message->id : s->session.id, err_text(err),
	    where,
	    err == ERR_NOMEM ?
		"; raise MemoryMax of the service or, for one large message, "
		"MaximumMessageMemory" :
		"");
}

static void
over(struct engine_session *s, enum limit limit, const char *where)
{
	limits_meet(&s->evaluation->limits, limit);
	walk_fail(s, ERR_LIMIT, where);
}

/* Forgets the message, finished or not. */
static void
drop(struct engine_session *s)
{
	s->message = NULL;
	s->evaluation = NULL;
	s->finished = s->accepted = s->refused = s->headers_done = false;
	s->failed = 0;
	s->unseen_results = 0;
	arena_reset(s->arena);
}

static bool
verifies(const struct engine_session *s)
{
	return s->engine->options.check.direction.verify;
}

void
engine_connect(struct engine_session *s, struct slice client_name,
    const struct ip *client, uint16_t port)
{
	const struct check_env *env = &s->engine->env;
	const struct timeline_mark whole =
	    timeline_begin(s->timeline, TIMELINE_CONNECT, NULL);

	s->session.client_name =
	    walk_keep_text(s, TEXT_CLIENT_NAME, client_name);
	s->session.client = ip_unmap(*client);
	s->session.client_port = port;
	for (size_t i = 0; i < checks_count && verifies(s); i++)
		if (checks[i].connect != NULL)
			checks[i].connect(env, &s->session);
	timeline_end(&whole);
}

void
engine_helo(struct engine_session *s, struct slice name)
{
	const struct check_env *env = &s->engine->env;
	const struct timeline_mark whole =
	    timeline_begin(s->timeline, TIMELINE_HELO, NULL);

	engine_abort(s); /* RFC 5321 section 4.1.4: HELO ends a transaction */
	s->session.helo = walk_keep_text(s, TEXT_HELO, name);
	for (size_t i = 0; i < checks_count && verifies(s); i++)
		if (checks[i].helo != NULL)
			checks[i].helo(env, &s->session);
	timeline_end(&whole);
}

/* Everything a message needs before its first step; 0 or ERR_NOMEM. */
static int
begin(struct engine_session *s)
{
	const struct check_options *o = &s->engine->options.check;
	struct message *m = arena_zalloc(s->arena, sizeof(*m));
	struct evaluation *ev = arena_zalloc(s->arena, sizeof(*ev));

	if (m == NULL || ev == NULL)
		return ERR_NOMEM;
	m->session = &s->session;
	m->arena = s->arena;
	memcpy(m->id, s->session.id, sizeof(m->id));
	if (s->session.messages++ > 0)
		id_make(m->id);
	m->begun_ms = clock_mono_ms();
	m->epoch = clock_epoch();
	header_list_init(&m->headers, s->arena);
	ev->env = &s->engine->env;
	ev->message = m;
	ev->arena = s->arena;
	ev->findings.arena = s->arena;
	ev->dns = dns_message_new(s->engine->resolver, s->arena,
	    o->message_budget_ms, &s->wait);
	ev->bodies = body_hashes_new(s->arena);
	if (ev->dns == NULL || ev->bodies == NULL)
		return ERR_NOMEM;
	dns_message_most(ev->dns, o->message_lookups);
	s->message = m;
	s->evaluation = ev;
	return 0;
}

static bool
has_param(const struct slice *params, size_t n, struct slice want)
{
	for (size_t i = 0; i < n; i++)
		if (slice_ieq(params[i], want))
			return true;
	return false;
}

static bool
checking(const struct engine_session *s)
{
	return s->failed == 0 && s->evaluation != NULL &&
	    s->evaluation->judged && !s->finished;
}

/* What came with a step: of MAIL, the end of headers and the end nothing. */
struct arrived {
	const struct recipient *rcpt;
	const struct header_field *field;
	struct slice chunk;
};

static bool
takes_part(const struct check *c, enum timeline_step step)
{
	switch (step) {
	case TIMELINE_MAIL:
		return c->mail != NULL;
	case TIMELINE_RCPT:
		return c->rcpt != NULL;
	case TIMELINE_HEADER:
		return c->header != NULL;
	case TIMELINE_EOH:
		return c->eoh != NULL;
	case TIMELINE_BODY:
		return c->body != NULL;
	case TIMELINE_END:
		return c->end != NULL;
	case TIMELINE_CONNECT:
	case TIMELINE_HELO:
	case TIMELINE_STEPS:
		break;
	}
	return false;
}

static int
run_check(struct evaluation *ev, const struct check *c, enum timeline_step step,
    const struct arrived *in)
{
	switch (step) {
	case TIMELINE_MAIL:
		return c->mail(ev);
	case TIMELINE_RCPT:
		return c->rcpt(ev, in->rcpt);
	case TIMELINE_HEADER:
		return c->header(ev, in->field);
	case TIMELINE_EOH:
		return c->eoh(ev);
	case TIMELINE_BODY:
		return c->body(ev, in->chunk);
	case TIMELINE_END:
		return c->end(ev);
	case TIMELINE_CONNECT:
	case TIMELINE_HELO:
	case TIMELINE_STEPS:
		break;
	}
	return 0;
}

/* One step of all checks, as long as the message is judged. */
static void
run_checks(struct engine_session *s, enum timeline_step step,
    const struct arrived *in)
{
	for (size_t i = 0; i < checks_count && checking(s); i++) {
		const struct check *c = &checks[i];
		struct timeline_mark part;
		int err;

		if (!takes_part(c, step))
			continue;
		part = timeline_begin(s->timeline, step, c->name);
		err = run_check(s->evaluation, c, step, in);
		timeline_end(&part);
		if (err != 0)
			walk_fail(s, err, c->name);
	}
}

/* No decision stands on something that found no memory and was left out,
 * wherever that was. */
static int
starved(const struct engine_session *s)
{
	return arena_failed(s->arena) ? ERR_NOMEM : 0;
}

/* Asks the rules at an early stage, if any stands there. */
static const struct plan *
decide_early(struct engine_session *s, enum stage stage, struct recipient *rcpt)
{
	const struct engine *e = s->engine;
	struct fact_context c = { .ev = s->evaluation,
		.stage = stage,
		.rcpt = rcpt };
	int err;

	plan_init(&s->plan, s->arena);
	if (s->failed != 0 || s->accepted ||
	    !(rules_need_stage(e->rules, STAGE_MAIL) ||
		rules_need_stage(e->rules, STAGE_RCPT)))
		return &s->plan;
	dns_message_soft_deadline(s->evaluation->dns, s->envelope);
	err = rules_decide(e->rules, e->replies, &c, &s->plan);
	dns_message_soft_deadline(s->evaluation->dns, DEADLINE_NEVER);
	if (err == 0)
		err = starved(s);
	if (err != 0) {
		walk_fail(s, err, "policy");
		plan_init(&s->plan, s->arena);
	} else if (s->plan.action == ACTION_ACCEPT) {
		s->accepted = true;
		s->accepted_rule = s->plan.rule;
		s->plan.action = ACTION_CONTINUE;
	} else if (s->plan.action != ACTION_CONTINUE) {
		if (rcpt != NULL)
			rcpt->refused = true;
		else
			s->refused = true;
		outcome_log_early(e, s->evaluation, &s->plan, stage, rcpt);
	}
	return &s->plan;
}

static const struct plan *
take_mail(struct engine_session *s, struct slice path,
    const struct slice *params, size_t n_params)
{
	struct message *m;
	int err;

	plan_init(&s->plan, s->arena);
	err = begin(s);
	m = s->message;
	if (err == 0 && s->lost != 0) /* who it is would be guessed */
		err = ERR_NOMEM;
	if (err == 0)
		err = address_parse_path(s->arena, path, &m->mail_from);
	if (err != 0) {
		walk_fail(s, err, "MAIL");
		return &s->plan;
	}
	m->auth_type = s->auth[0];
	m->auth_authen = s->auth[1];
	m->auth_author = s->auth[2];
	walk_keep_message_text(s, &m->queue_id, s->queue_id);
	s->queue_id = slice_of(NULL, 0);
	m->smtputf8 = has_param(params, n_params, SL("SMTPUTF8"));
	m->body8bit = has_param(params, n_params, SL("BODY=8BITMIME"));
	s->envelope = deadline_in(s->engine->options.check.envelope_wait_ms);
	direction_judge(s->evaluation);
	run_checks(s, TIMELINE_MAIL, NULL);
	return decide_early(s, STAGE_MAIL, NULL);
}

const struct plan *
engine_mail(struct engine_session *s, struct slice path,
    const struct slice *params, size_t n_params)
{
	const struct plan *plan;
	struct timeline_mark whole;

	engine_abort(s);
	if (s->timeline != NULL)
		timeline_next(s->timeline, s->session.messages == 0);
	whole = timeline_begin(s->timeline, TIMELINE_MAIL, NULL);
	plan = take_mail(s, path, params, n_params);
	timeline_end(&whole);
	return plan;
}

static const struct plan *
take_rcpt(struct engine_session *s, struct slice path)
{
	struct arrived in = { 0 };
	struct recipient *r;
	int err = ERR_NOMEM;

	plan_init(&s->plan, s->arena);
	if (s->message == NULL || s->finished)
		return &s->plan;
	if (s->message->rcpts.n >= s->engine->options.max_recipients) {
		over(s, LIMIT_RECIPIENTS, "RCPT");
		return &s->plan;
	}
	r = recipient_vec_push(&s->message->rcpts, s->arena);
	if (r != NULL)
		err = address_parse_path(s->arena, path, &r->path);
	if (err != 0) {
		walk_fail(s, err, "RCPT");
		return &s->plan;
	}
	in.rcpt = r;
	run_checks(s, TIMELINE_RCPT, &in);
	if (s->failed == 0 && (err = forwarding_rcpt(s, r)) != 0)
		walk_fail(s, err, "SRS");
	return r->refused ? &s->plan : decide_early(s, STAGE_RCPT, r);
}

const struct plan *
engine_rcpt(struct engine_session *s, struct slice path,
    const struct slice *params, size_t n_params)
{
	const struct timeline_mark whole =
	    timeline_begin(s->timeline, TIMELINE_RCPT, NULL);
	const struct plan *plan = take_rcpt(s, path);

	(void)params;
	(void)n_params;
	timeline_end(&whole);
	return plan;
}

static void
add_header(struct engine_session *s, struct slice name, struct slice value)
{
	struct message *m = s->message;
	struct arrived in = { 0 };
	int err = 0;

	m->header_bytes += name.n + value.n + 3;
	if (m->header_bytes > s->engine->options.max_header_bytes)
		over(s, LIMIT_HEADER_OCTETS, "header");
	else if (m->headers.fields.n == s->engine->options.max_header_fields)
		over(s, LIMIT_HEADER_FIELDS, "header");
	else if ((err = header_list_add(&m->headers, name, value, &in.field)) !=
	    0)
		walk_fail(s, err, "header");
	if (s->failed != 0) {
		s->unseen_results += labels_is_ours(name);
		return;
	}
	run_checks(s, TIMELINE_HEADER, &in);
}

void
engine_header(struct engine_session *s, struct slice name, struct slice value)
{
	struct timeline_mark whole;

	if (s->message == NULL || s->finished)
		return;
	whole = timeline_begin(s->timeline, TIMELINE_HEADER, NULL);
	if (s->failed == 0)
		add_header(s, name, value);
	else
		s->unseen_results += labels_is_ours(name);
	timeline_end(&whole);
}

/* The signature of our own users' mail. */
static void
begin_signing(struct engine_session *s)
{
	struct evaluation *ev = s->evaluation;
	struct timeline_mark part;
	int err;

	if (s->failed != 0 || ev->env->keys == NULL ||
	    ev->direction != DIRECTION_ORIGINATING)
		return;
	part = timeline_begin(s->timeline, TIMELINE_EOH, in_signing);
	err = dkim_sign_eoh(ev, labels_judged_author(s->engine, ev));
	timeline_end(&part);
	if (err != 0)
		walk_fail(s, err, in_signing);
}

void
engine_eoh(struct engine_session *s)
{
	struct evaluation *ev = s->evaluation;
	struct timeline_mark whole;
	int err;

	if (ev == NULL || s->finished || s->headers_done || s->failed != 0)
		return;
	whole = timeline_begin(s->timeline, TIMELINE_EOH, NULL);
	s->headers_done = true;
	err = from_parse(s->arena, &s->message->headers, &ev->from);
	if (err == 0)
		err = direction_eoh(ev);
	if (err != 0)
		walk_fail(s, err, "header");
	run_checks(s, TIMELINE_EOH, NULL);
	if (s->failed == 0 && ev->env->arc_sealer != NULL &&
	    (err = arc_return_eoh(ev, labels_returned(s->engine, ev))) != 0)
		walk_fail(s, err, "arc");
	begin_signing(s);
	timeline_end(&whole);
}

bool
engine_wants_body(const struct engine_session *s)
{
	return s->engine->counts_size ||
	    (s->failed == 0 && s->evaluation != NULL &&
		!body_hashes_idle(s->evaluation->bodies));
}

bool
engine_body(struct engine_session *s, struct slice chunk)
{
	const struct arrived in = { .chunk = chunk };
	struct timeline_mark whole;

	if (s->message == NULL || s->finished)
		return false;
	engine_eoh(s); /* a message without a header section */
	whole = timeline_begin(s->timeline, TIMELINE_BODY, NULL);
	s->message->body_bytes += chunk.n;
	run_checks(s, TIMELINE_BODY, &in);
	if (s->failed == 0 && !s->evaluation->judged &&
	    s->evaluation->sign_state == NULL)
		body_hashes_add(s->evaluation->bodies, chunk);
	if (s->failed == 0)
		dkim_sign_body(s->evaluation, chunk);
	timeline_end(&whole);
	return engine_wants_body(s);
}

/* What the rules say. */
static int
decide(struct engine_session *s)
{
	const struct engine *e = s->engine;
	struct fact_context c = { .ev = s->evaluation, .stage = STAGE_EOM };

	if (!s->accepted)
		return rules_decide(e->rules, e->replies, &c, &s->plan);
	s->plan.action = ACTION_ACCEPT;
	s->plan.rule = s->accepted_rule;
	return 0;
}

/* What is done to a message that is accepted: our labels, signatures and the
 * envelope. */
static int
finish(struct engine_session *s)
{
	const struct engine *e = s->engine;
	struct evaluation *ev = s->evaluation;
	struct timeline_mark part;
	int err = 0;

	s->failed_in = "arc";
	if (!s->plan.quarantine && !s->plan.hold)
		err = arc_note_override(ev);
	if (err != 0)
		return err;
	s->failed_in = in_headers;
	part = timeline_begin(s->timeline, TIMELINE_END, in_headers);
	err = labels_apply(e, ev, &s->plan);
	timeline_end(&part);
	if (err != 0)
		return err;
	s->failed_in = in_signing;
	part = timeline_begin(s->timeline, TIMELINE_END, in_signing);
	err = sign_apply(e, ev, &s->plan);
	timeline_end(&part);
	return err != 0 ? err : forwarding_apply(e, ev, &s->plan);
}

/* Facts, rules, labels: the plan of a message that could be judged. */
static int
conclude(struct engine_session *s)
{
	struct timeline_mark part;
	int err;

	s->evaluation->at_end = true;
	run_checks(s, TIMELINE_END, NULL);
	if (s->failed != 0)
		return s->failed;
	s->failed_in = "arc";
	err = arc_return_end(s->evaluation);
	if (err != 0)
		return err;
	s->failed_in = in_forwarding;
	part = timeline_begin(s->timeline, TIMELINE_END, in_forwarding);
	err = forwarding_judge(s->engine, s->evaluation);
	timeline_end(&part);
	if (err != 0)
		return err;
	s->failed_in = in_policy;
	part = timeline_begin(s->timeline, TIMELINE_END, in_policy);
	err = decide(s);
	timeline_end(&part);
	if (err == 0 && s->plan.action == ACTION_ACCEPT)
		err = finish(s);
	return err != 0 ? err : starved(s);
}

static void
note_limits(struct engine_session *s)
{
	struct evaluation *ev = s->evaluation;

	if (s->text_cut)
		limits_meet(&ev->limits, LIMIT_SESSION_TEXT);
	if (arena_full(s->arena))
		limits_meet(&ev->limits, LIMIT_MESSAGE_MEMORY);
	outcome_limits(ev);
}

const struct plan *
engine_end(struct engine_session *s)
{
	const struct timeline_mark whole =
	    timeline_begin(s->timeline, TIMELINE_END, NULL);
	int err;

	plan_init(&s->plan, s->arena);
	engine_eoh(s);
	if (s->message == NULL || s->evaluation == NULL)
		walk_fail(s, ERR_NOMEM, "MAIL");
	if (s->failed == 0) {
		err = conclude(s);
		if (err != 0)
			walk_fail(s, err, s->failed_in);
	}
	if (s->failed != 0)
		unjudged_conclude(s);
	if (s->evaluation != NULL) {
		note_limits(s);
		outcome_log(s->engine, s->evaluation, &s->plan);
	}
	s->finished = true;
	timeline_end(&whole);
	if (s->engine->options.log_timing && s->timeline != NULL &&
	    s->evaluation != NULL)
		outcome_log_timing(s->evaluation, s->timeline);
	return &s->plan;
}

void
engine_abort(struct engine_session *s)
{
	if (s->message != NULL && !s->finished && !s->refused)
		stats_add(s->engine->counters.aborted, 1);
	drop(s);
}
