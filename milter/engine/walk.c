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

static void
fail(struct engine_session *s, int err, const char *where)
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
	fail(s, ERR_LIMIT, where);
}

struct engine_session *
engine_session_new(const struct engine *e, const struct dns_wait *wait)
{
	struct engine_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->arena = arena_new(e->options.max_message_memory);
	if (s->arena == NULL) {
		free(s);
		return NULL;
	}
	s->engine = e;
	if (wait != NULL)
		s->wait = *wait;
	for (size_t i = 0; i < TEXT_COUNT; i++)
		buf_init(&s->texts[i], NULL, MOST_SESSION_TEXT);
	id_make(s->session.id);
	s->session.hostname = e->hostname;
	return s;
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

void
engine_session_free(struct engine_session *s)
{
	if (s == NULL)
		return;
	engine_abort(s);
	arena_free(s->arena);
	for (size_t i = 0; i < TEXT_COUNT; i++)
		buf_fini(&s->texts[i]);
	free(s);
}

static struct slice
keep_text(struct engine_session *s, enum session_text which, struct slice v)
{
	struct buf *b = &s->texts[which];

	buf_clear(b);
	buf_add(b, slice_sub(v, 0, MOST_SESSION_TEXT));
	s->text_cut = s->text_cut || v.n > MOST_SESSION_TEXT;
	if (buf_ok(b))
		s->lost &= ~(1U << which);
	else
		s->lost |= 1U << which;
	return buf_ok(b) ? buf_slice(b) : slice_of("", 0);
}

static void
keep_message_text(struct engine_session *s, struct slice *where, struct slice v)
{
	if (v.n == 0 || slice_eq(*where, v))
		return;
	s->text_cut = s->text_cut || v.n > MOST_SESSION_TEXT;
	*where = arena_copy(s->arena, slice_sub(v, 0, MOST_SESSION_TEXT));
	if (where->p == NULL)
		fail(s, ERR_NOMEM, "macros");
}

void
engine_macro(struct engine_session *s, enum engine_macro m, struct slice v)
{
	struct session *to = &s->session;
	struct message *msg = s->message;

	switch (m) {
	case ENGINE_HOSTNAME:
		if (v.n == 0)
			break;
		to->mta_host = keep_text(s, TEXT_HOSTNAME, v);
		if (s->engine->options.hostname.n == 0)
			to->hostname = to->mta_host;
		break;
	case ENGINE_DAEMON_NAME:
		to->daemon_name = keep_text(s, TEXT_DAEMON_NAME, v);
		break;
	case ENGINE_MTA:
		to->mta = keep_text(s, TEXT_MTA, v);
		break;
	case ENGINE_TLS_VERSION:
		to->tls_version = keep_text(s, TEXT_TLS_VERSION, v);
		break;
	case ENGINE_TLS_CIPHER:
		to->tls_cipher = keep_text(s, TEXT_TLS_CIPHER, v);
		break;
	case ENGINE_TLS_VERIFY:
		to->tls_verify = keep_text(s, TEXT_TLS_VERIFY, v);
		break;
	case ENGINE_QUEUE_ID:
		if (msg != NULL && !s->finished)
			keep_message_text(s, &msg->queue_id, v);
		else
			s->queue_id = keep_text(s, TEXT_QUEUE_ID, v);
		break;
	case ENGINE_AUTH_TYPE:
		s->auth[0] = keep_text(s, TEXT_AUTH_TYPE, v);
		break;
	case ENGINE_AUTH_AUTHEN:
		s->auth[1] = keep_text(s, TEXT_AUTH_AUTHEN, v);
		break;
	case ENGINE_AUTH_AUTHOR:
		s->auth[2] = keep_text(s, TEXT_AUTH_AUTHOR, v);
		break;
	}
}

void
engine_connect(struct engine_session *s, struct slice client_name,
    const struct ip *client, uint16_t port)
{
	const struct check_env *env = &s->engine->env;

	s->session.client_name = keep_text(s, TEXT_CLIENT_NAME, client_name);
	s->session.client = ip_unmap(*client);
	s->session.client_port = port;
	if (!s->engine->options.check.direction.verify)
		return;
	for (size_t i = 0; i < checks_count; i++)
		if (checks[i].connect != NULL)
			checks[i].connect(env, &s->session);
}

void
engine_helo(struct engine_session *s, struct slice name)
{
	const struct check_env *env = &s->engine->env;

	engine_abort(s); /* RFC 5321 section 4.1.4: HELO ends a transaction */
	s->session.helo = keep_text(s, TEXT_HELO, name);
	if (!s->engine->options.check.direction.verify)
		return;
	for (size_t i = 0; i < checks_count; i++)
		if (checks[i].helo != NULL)
			checks[i].helo(env, &s->session);
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
		fail(s, err, "policy");
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

const struct plan *
engine_mail(struct engine_session *s, struct slice path,
    const struct slice *params, size_t n_params)
{
	struct message *m;
	int err;

	engine_abort(s);
	plan_init(&s->plan, s->arena);
	err = begin(s);
	m = s->message;
	if (err == 0 && s->lost != 0) /* who it is would be guessed */
		err = ERR_NOMEM;
	if (err == 0)
		err = address_parse_path(s->arena, path, &m->mail_from);
	if (err != 0) {
		fail(s, err, "MAIL");
		return &s->plan;
	}
	m->auth_type = s->auth[0];
	m->auth_authen = s->auth[1];
	m->auth_author = s->auth[2];
	keep_message_text(s, &m->queue_id, s->queue_id);
	s->queue_id = slice_of(NULL, 0);
	m->smtputf8 = has_param(params, n_params, SL("SMTPUTF8"));
	m->body8bit = has_param(params, n_params, SL("BODY=8BITMIME"));
	s->envelope = deadline_in(s->engine->options.check.envelope_wait_ms);
	direction_judge(s->evaluation);
	for (size_t i = 0; i < checks_count && checking(s); i++)
		if (checks[i].mail != NULL &&
		    (err = checks[i].mail(s->evaluation)) != 0)
			fail(s, err, checks[i].name);
	return decide_early(s, STAGE_MAIL, NULL);
}

const struct plan *
engine_rcpt(struct engine_session *s, struct slice path,
    const struct slice *params, size_t n_params)
{
	struct recipient *r;
	int err = ERR_NOMEM;

	(void)params;
	(void)n_params;
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
		fail(s, err, "RCPT");
		return &s->plan;
	}
	for (size_t i = 0; i < checks_count && checking(s); i++)
		if (checks[i].rcpt != NULL &&
		    (err = checks[i].rcpt(s->evaluation, r)) != 0)
			fail(s, err, checks[i].name);
	if (s->failed == 0 && (err = forwarding_rcpt(s, r)) != 0)
		fail(s, err, "SRS");
	return r->refused ? &s->plan : decide_early(s, STAGE_RCPT, r);
}

static void
add_header(struct engine_session *s, struct slice name, struct slice value)
{
	const struct header_field *f;
	struct message *m = s->message;
	int err = 0;

	m->header_bytes += name.n + value.n + 3;
	if (m->header_bytes > s->engine->options.max_header_bytes)
		over(s, LIMIT_HEADER_OCTETS, "header");
	else if (m->headers.fields.n == s->engine->options.max_header_fields)
		over(s, LIMIT_HEADER_FIELDS, "header");
	else if ((err = header_list_add(&m->headers, name, value, &f)) != 0)
		fail(s, err, "header");
	if (s->failed != 0) {
		s->unseen_results += labels_is_ours(name);
		return;
	}
	for (size_t i = 0; i < checks_count && checking(s); i++)
		if (checks[i].header != NULL &&
		    (err = checks[i].header(s->evaluation, f)) != 0)
			fail(s, err, checks[i].name);
}

void
engine_header(struct engine_session *s, struct slice name, struct slice value)
{
	if (s->message == NULL || s->finished)
		return;
	if (s->failed == 0)
		add_header(s, name, value);
	else
		s->unseen_results += labels_is_ours(name);
}

void
engine_eoh(struct engine_session *s)
{
	struct evaluation *ev = s->evaluation;
	int err;

	if (ev == NULL || s->finished || s->headers_done || s->failed != 0)
		return;
	s->headers_done = true;
	err = from_parse(s->arena, &s->message->headers, &ev->from);
	if (err == 0)
		err = direction_eoh(ev);
	if (err != 0)
		fail(s, err, "header");
	for (size_t i = 0; i < checks_count && checking(s); i++)
		if (checks[i].eoh != NULL && (err = checks[i].eoh(ev)) != 0)
			fail(s, err, checks[i].name);
	if (s->failed == 0 && ev->env->arc_sealer != NULL &&
	    (err = arc_return_eoh(ev, labels_returned(s->engine, ev))) != 0)
		fail(s, err, "arc");
	if (s->failed == 0 && ev->env->keys != NULL &&
	    ev->direction == DIRECTION_ORIGINATING &&
	    (err = dkim_sign_eoh(ev, labels_judged_author(s->engine, ev))) != 0)
		fail(s, err, "signing");
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
	int err;

	if (s->message == NULL || s->finished)
		return false;
	engine_eoh(s); /* a message without a header section */
	s->message->body_bytes += chunk.n;
	for (size_t i = 0; i < checks_count && checking(s); i++)
		if (checks[i].body != NULL &&
		    (err = checks[i].body(s->evaluation, chunk)) != 0)
			fail(s, err, checks[i].name);
	if (s->failed == 0 && !s->evaluation->judged &&
	    s->evaluation->sign_state == NULL)
		body_hashes_add(s->evaluation->bodies, chunk);
	if (s->failed == 0)
		dkim_sign_body(s->evaluation, chunk);
	return engine_wants_body(s);
}

/* Facts, rules, labels: the plan of a message that could be judged. */
static int
conclude(struct engine_session *s)
{
	const struct engine *e = s->engine;
	struct evaluation *ev = s->evaluation;
	struct fact_context c = { .ev = ev, .stage = STAGE_EOM };
	int err;

	ev->at_end = true;
	for (size_t i = 0; i < checks_count && checking(s); i++)
		if (checks[i].end != NULL && (err = checks[i].end(ev)) != 0) {
			s->failed_in = checks[i].name;
			return err;
		}
	s->failed_in = "arc";
	err = arc_return_end(ev);
	if (err != 0)
		return err;
	s->failed_in = "forwarding";
	err = forwarding_judge(e, ev);
	if (err != 0)
		return err;
	s->failed_in = "policy";
	if (s->accepted) {
		s->plan.action = ACTION_ACCEPT;
		s->plan.rule = s->accepted_rule;
	} else {
		err = rules_decide(e->rules, e->replies, &c, &s->plan);
		if (err != 0)
			return err;
	}
	if (s->plan.action != ACTION_ACCEPT)
		return starved(s);
	s->failed_in = "arc";
	if (!s->plan.quarantine && !s->plan.hold &&
	    (err = arc_note_override(ev)) != 0)
		return err;
	s->failed_in = "headers";
	err = labels_apply(e, ev, &s->plan);
	if (err != 0)
		return err;
	s->failed_in = "signing";
	err = sign_apply(e, ev, &s->plan);
	if (err == 0)
		err = forwarding_apply(e, ev, &s->plan);
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
	int err;

	plan_init(&s->plan, s->arena);
	engine_eoh(s);
	if (s->message == NULL || s->evaluation == NULL)
		fail(s, ERR_NOMEM, "MAIL");
	if (s->failed == 0) {
		err = conclude(s);
		if (err != 0)
			fail(s, err, s->failed_in);
	}
	if (s->failed != 0)
		unjudged_conclude(s);
	if (s->evaluation != NULL) {
		note_limits(s);
		outcome_log(s->engine, s->evaluation, &s->plan);
	}
	s->finished = true;
	return &s->plan;
}

void
engine_abort(struct engine_session *s)
{
	if (s->message != NULL && !s->finished && !s->refused)
		stats_add(s->engine->counters.aborted, 1);
	drop(s);
}

const struct evaluation *
engine_evaluation(const struct engine_session *s)
{
	return s->evaluation;
}

int
engine_fact(struct engine_session *s, const struct fact *f, struct slice arg,
    struct fact_value *out)
{
	const struct fact_context c = { .ev = s->evaluation,
		.stage = STAGE_EOM };

	if (s->evaluation == NULL)
		return ERR_TIMEOUT;
	return fact_get(f, &c, arg, out);
}

const struct message *
engine_message(const struct engine_session *s)
{
	return s->message;
}

const struct session *
engine_smtp_session(const struct engine_session *s)
{
	return &s->session;
}
