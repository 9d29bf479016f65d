/* SPDX-License-Identifier: BSD-2-Clause
 *
 * play: see play.h.
 */
#include "fault/play.h"

#include "check/spf_memo.h"

struct play {
	struct arena *a;
	const struct engine *engine;
	play_switch faults;
	struct outcome_vec *out;
	struct engine_session *session;
	bool refused; /* no session: everything is put off */
	bool open;    /* MAIL was accepted */
	unsigned rcpts, refused_rcpts;
};

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

static bool
all_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* Ids have 16 characters, seconds since 1970 ten digits. */
static struct slice
mask(struct arena *a, struct slice text)
{
	struct buf b;
	size_t i = 0;

	buf_init(&b, a, (size_t)1 << 20);
	while (i < text.n) {
		struct slice word;
		size_t n = 0;

		while (i + n < text.n && is_word(text.p[i + n]))
			n++;
		word = slice_sub(text, i, n > 0 ? n : 1);
		if (n == 16 || (n == 10 && all_digits(word)))
			buf_adds(&b, "*");
		else
			buf_add(&b, word);
		i += word.n;
	}
	if (!buf_ok(&b))
		abort();
	return buf_slice(&b);
}

/* A signature holds a time and so differs from one second to the next. */
static struct slice
plan_text(struct arena *a, const struct plan *plan)
{
	struct slice all, line = SL("");
	struct buf b, kept;

	buf_init(&b, a, (size_t)1 << 20);
	buf_init(&kept, a, (size_t)1 << 20);
	plan_print(plan, &b);
	all = buf_slice(&b);
	while (slice_cut(&all, '\n', &line)) {
		size_t sig = slice_search(line, SL("DKIM-Signature:"));
		size_t seal = slice_search(line, SL("ARC-"));

		if (sig != SLICE_NONE)
			line = slice_sub(line, 0, sig + 15);
		else if (seal != SLICE_NONE)
			line = slice_sub(line, 0, seal + 8);
		buf_add(&kept, line);
		buf_addc(&kept, '\n');
	}
	return mask(a, buf_slice(&kept));
}

static void
note_outcome(struct play *p, const struct plan *plan)
{
	struct outcome *last = &p->out->at[p->out->n - 1];

	p->faults(false);
	last->action = plan->action;
	last->text = plan_text(p->a, plan);
	p->faults(true);
}

/* Where the undisturbed run has an early refusal there is no message to send;
 * without the refusal an MTA would send one and get its answer then. */
static void
finish(struct play *p)
{
	if (p->open && (p->rcpts > 0 || p->refused_rcpts == 0))
		note_outcome(p, engine_end(p->session));
	p->open = false;
}

static void
end_session(struct play *p)
{
	finish(p);
	engine_session_free(p->session);
	p->session = NULL;
	p->open = p->refused = false;
}

static void
open_session(struct play *p, const struct scn_event *e)
{
	end_session(p);
	p->session = engine_session_new(p->engine, NULL);
	p->refused = p->session == NULL;
	if (p->refused)
		return;
	engine_macro(p->session, ENGINE_HOSTNAME, SL("mx.local.test"));
	engine_connect(p->session, e->name, &e->ip, 4321);
}

static bool
goes_on(const struct plan *plan)
{
	return plan->action == ACTION_CONTINUE || plan->action == ACTION_ACCEPT;
}

static void
play_mail(struct play *p, const struct scn_event *e)
{
	const struct plan *plan;

	struct outcome *o;

	finish(p);
	p->faults(false);
	o = outcome_vec_push(p->out, p->a);
	p->faults(true);
	if (o == NULL)
		abort();
	p->rcpts = p->refused_rcpts = 0;
	if (p->refused) {
		*o = (struct outcome){ .action = ACTION_TEMPFAIL,
			.text = SL("no session") };
		return;
	}
	plan = engine_mail(p->session, e->text, e->args.at, e->args.n);
	p->open = goes_on(plan);
	if (!p->open)
		note_outcome(p, plan);
}

static void
play_rcpt(struct play *p, const struct scn_event *e)
{
	const struct plan *plan;

	if (!p->open)
		return;
	plan = engine_rcpt(p->session, e->text, e->args.at, e->args.n);
	if (goes_on(plan))
		p->rcpts++;
	else if (p->refused_rcpts++ == 0 && p->rcpts == 0)
		note_outcome(p, plan);
}

static void
play_message(struct play *p, const struct scn_event *e)
{
	struct scn_message m;

	if (!p->open || p->rcpts == 0)
		return;
	p->faults(false);
	stage_cut(p->a, e->text, &m);
	p->faults(true);
	stage_feed(p->session, &m);
	note_outcome(p, engine_end(p->session));
	p->open = false;
}

static void
play_event(struct play *p, const struct scn_event *e)
{
	switch (e->kind) {
	case SCN_CONNECT:
		open_session(p, e);
		break;
	case SCN_MACRO:
		if (p->session != NULL &&
		    !stage_macro(p->session, e->name, e->text))
			abort();
		break;
	case SCN_HELO:
		if (p->session != NULL)
			engine_helo(p->session, e->text);
		break;
	case SCN_STARTTLS:
		if (p->session != NULL)
			engine_macro(p->session, ENGINE_TLS_VERSION,
			    SL("TLSv1.3"));
		break;
	case SCN_MAIL:
		play_mail(p, e);
		break;
	case SCN_RCPT:
		play_rcpt(p, e);
		break;
	case SCN_MESSAGE:
		play_message(p, e);
		break;
	case SCN_RSET:
		if (p->session != NULL)
			engine_abort(p->session);
		p->open = false;
		break;
	case SCN_RELOAD:
	case SCN_EXPECT:
		break;
	}
}

void
play_scenario(struct arena *a, const struct scenario *s, const struct engine *e,
    play_switch faults, struct outcome_vec *out)
{
	struct play p = { .a = a, .engine = e, .faults = faults, .out = out };

	spf_memo_forget(); /* the library is to be asked each time */
	faults(true);
	for (size_t i = 0; i < s->events.n; i++)
		play_event(&p, &s->events.at[i]);
	end_session(&p);
	faults(false);
}

bool
outcome_excusable(const struct outcome *got, const struct outcome *want)
{
	if (got->action == ACTION_TEMPFAIL)
		return true;
	return got->action == want->action && slice_eq(got->text, want->text);
}
