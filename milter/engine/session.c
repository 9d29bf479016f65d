/* SPDX-License-Identifier: BSD-2-Clause
 *
 * session: what an SMTP session keeps beside its messages, and what others may
 * ask of the message at hand. The steps are led by walk.c.
 */
#include "base/err.h"
#include "engine/engine_private.h"
#include "engine/id.h"

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
	/* Without memory for it a session goes on untimed. */
	if (e->options.log_timing)
		s->timeline = timeline_new();
	if (wait != NULL)
		s->wait = *wait;
	for (size_t i = 0; i < TEXT_COUNT; i++)
		buf_init(&s->texts[i], NULL, MOST_SESSION_TEXT);
	id_make(s->session.id);
	s->session.hostname = e->hostname;
	return s;
}

void
engine_session_free(struct engine_session *s)
{
	if (s == NULL)
		return;
	engine_abort(s);
	timeline_free(s->timeline);
	arena_free(s->arena);
	for (size_t i = 0; i < TEXT_COUNT; i++)
		buf_fini(&s->texts[i]);
	free(s);
}

struct slice
walk_keep_text(struct engine_session *s, enum session_text which,
    struct slice v)
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

void
walk_keep_message_text(struct engine_session *s, struct slice *where,
    struct slice v)
{
	if (v.n == 0 || slice_eq(*where, v))
		return;
	s->text_cut = s->text_cut || v.n > MOST_SESSION_TEXT;
	*where = arena_copy(s->arena, slice_sub(v, 0, MOST_SESSION_TEXT));
	if (where->p == NULL)
		walk_fail(s, ERR_NOMEM, "macros");
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
		to->mta_host = walk_keep_text(s, TEXT_HOSTNAME, v);
		if (s->engine->options.hostname.n == 0)
			to->hostname = to->mta_host;
		break;
	case ENGINE_DAEMON_NAME:
		to->daemon_name = walk_keep_text(s, TEXT_DAEMON_NAME, v);
		break;
	case ENGINE_MTA:
		to->mta = walk_keep_text(s, TEXT_MTA, v);
		break;
	case ENGINE_TLS_VERSION:
		to->tls_version = walk_keep_text(s, TEXT_TLS_VERSION, v);
		break;
	case ENGINE_TLS_CIPHER:
		to->tls_cipher = walk_keep_text(s, TEXT_TLS_CIPHER, v);
		break;
	case ENGINE_TLS_VERIFY:
		to->tls_verify = walk_keep_text(s, TEXT_TLS_VERIFY, v);
		break;
	case ENGINE_QUEUE_ID:
		if (msg != NULL && !s->finished)
			walk_keep_message_text(s, &msg->queue_id, v);
		else
			s->queue_id = walk_keep_text(s, TEXT_QUEUE_ID, v);
		break;
	case ENGINE_AUTH_TYPE:
		s->auth[0] = walk_keep_text(s, TEXT_AUTH_TYPE, v);
		break;
	case ENGINE_AUTH_AUTHEN:
		s->auth[1] = walk_keep_text(s, TEXT_AUTH_AUTHEN, v);
		break;
	case ENGINE_AUTH_AUTHOR:
		s->auth[2] = walk_keep_text(s, TEXT_AUTH_AUTHOR, v);
		break;
	}
}

bool
engine_keep_timeline(struct engine_session *s)
{
	if (s->timeline == NULL)
		s->timeline = timeline_new();
	return s->timeline != NULL;
}

const struct timeline *
engine_timeline(const struct engine_session *s)
{
	return s->timeline;
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
