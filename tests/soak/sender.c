/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sender: plays sessions of the world one after the other, some of them badly,
 * and compares every answer with what the scenario expects.
 */
#include "soak/soak.h"

#include <unistd.h>

#define ARENA ((size_t)256 << 20)
#define TOKEN "@N@"
#define NAMES 5000 /* more than are remembered */

void
soak_sleep(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	if (ms > 0)
		(void)nanosleep(&t, NULL);
}

void
soak_wrong(struct soak *s, const char *fmt, ...)
{
	va_list ap;

	atomic_fetch_add(&s->wrong, 1);
	(void)pthread_mutex_lock(&s->lock);
	if (s->n_notes < SOAK_NOTES) {
		va_start(ap, fmt);
		(void)vsnprintf(s->notes[s->n_notes++], SOAK_NOTE, fmt, ap);
		va_end(ap);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

/* ---- one message ---- */

void
sender_pace(struct sender *c)
{
	struct soak *s = c->s;
	char id[WATCH_QUEUE_ID];
	double due;

	c->number = atomic_fetch_add(&s->numbers, 1);
	due = (double)c->number * 1000 / s->rate;
	soak_sleep(s->begun_ms + (int64_t)due - clock_mono_ms());
	watch_queue_id(c->number, id);
	mta_macro(c->d.mta, "i", id);
}

bool
sender_is_strict(const struct sender *c)
{
	return c->darkness % 2 == 0 &&
	    atomic_load(&c->s->darkness) == c->darkness;
}

static enum soak_outcome
outcome_of(const struct observed *o)
{
	if (slice_starts(o->code, SL("5")))
		return SOAK_REJECTED;
	if (slice_starts(o->code, SL("4")))
		return SOAK_DEFERRED;
	return slice_eq(o->action, SL("quarantine")) ? SOAK_MARKED :
						       SOAK_ACCEPTED;
}

void
sender_count(struct sender *c)
{
	struct slice line = watch_line(c->s->watch, c->number, c->a);

	if (line.p == NULL || !dialog_decision(&c->d, line))
		soak_wrong(c->s, "message %" PRIu64 " left no line in the log",
		    c->number);
	atomic_fetch_add(&c->s->outcomes[outcome_of(&c->d.seen)], 1);
	atomic_fetch_add(sender_is_strict(c) ? &c->s->strict : &c->s->lenient,
	    1);
}

/* Our own results of the message just delivered; "" if there are none. */
static struct slice
own_results(const struct sender *c)
{
	const struct header_field *f = NULL;

	if (c->d.seen.delivered != NULL)
		f = header_list_get(c->d.seen.delivered,
		    SL("Authentication-Results"), 0);
	return f != NULL ? f->value : SL("");
}

/* Without the DNS a message may be deferred, or say in its label what could
 * not be found out; ARC has no word for that but fail. */
static bool
is_deferral(const struct sender *c)
{
	struct slice results = own_results(c);

	if (slice_eq(c->d.seen.code, SL("451")))
		return slice_search(c->d.seen.text, SL("MI:DNS")) != SLICE_NONE;
	return slice_search(results, SL("temperror")) != SLICE_NONE ||
	    slice_search(results, SL("arc=fail")) != SLICE_NONE;
}

static void
check(struct sender *c, const struct script *script, const struct scn_event *e)
{
	struct slice why;

	if (observed_meets(&c->d.seen, e, c->a, &why) != OBSERVED_NO)
		return;
	if (!sender_is_strict(c) &&
	    (is_deferral(c) ||
		(e->expect == EXPECT_REPLY &&
		    slice_eq(e->name, c->d.seen.code))))
		return;
	soak_wrong(c->s, "%s:%u (%s, message %" PRIu64 "): found %.*s",
	    script->file, e->place.line,
	    c->d.kind == MTA_POSTFIX ? "postfix" : "sendmail", c->number,
	    SL_ARG(why));
}

/* ---- mischief ---- */

static void
hang_up(struct sender *c)
{
	mta_close(c->d.mta);
	c->d.mta = NULL;
	c->stopped = true;
	atomic_fetch_add(&c->s->aborted, 1);
}

/* A field in pieces, with a while between them. */
static void
dribble(struct sender *c)
{
	static const char field[] = "\0\0\0\x0dLX-Slow\0 yes\0";
	struct slice rest = slice_of(field, 17);

	while (rest.n > 0) {
		size_t n = 1 + soak_random(&c->seed, 6);

		if (!packet_write_raw(c->d.mta->fd, slice_sub(rest, 0, n)))
			return;
		rest = slice_from(rest, n);
		soak_sleep(soak_random(&c->seed, 15));
	}
}

/* Leaves at this step, in one of five manners. */
static bool
misbehave(struct sender *c, char step)
{
	static const char half[] = "\0\0\0\x40LSubject\0 hal";

	switch (soak_random(&c->seed, 5)) {
	case 0:
		if (packet_write_raw(c->d.mta->fd,
			slice_of(half, 2 + soak_random(&c->seed, 16))))
			soak_sleep(soak_random(&c->seed, 20));
		break;
	case 1:
		mta_abort(c->d.mta); /* and goes on in this session */
		atomic_fetch_add(&c->s->aborted, 1);
		c->stopped = true;
		return false;
	case 2:
		if (step == 'E' && mta_end_ask(c->d.mta))
			atomic_fetch_add(&c->s->left, 1);
		break;
	case 3:
		mta_abort(c->d.mta);
		break;
	default:
		break;
	}
	hang_up(c);
	return false;
}

static bool
go_on(void *ctx, char step)
{
	struct sender *c = ctx;

	if (c->slowly) {
		soak_sleep(soak_random(&c->seed, 25));
		if (step == 'L' && (c->d.mta->steps & MTA_NR_HDR) != 0 &&
		    soak_random(&c->seed, 3) == 0)
			dribble(c);
	}
	if (c->until_mischief < 0 || c->until_mischief-- > 0)
		return true;
	return misbehave(c, step);
}

/* ---- sessions ---- */

static void
begin_session(struct sender *c)
{
	arena_reset(c->a);
	c->darkness = atomic_load(&c->s->darkness);
	c->stopped = false;
	c->d.a = c->a;
	c->d.kind = soak_random(&c->seed, 2) == 0 ? MTA_POSTFIX : MTA_SENDMAIL;
	c->d.go_on = go_on;
	c->d.ctx = c;
	atomic_fetch_add(&c->s->sessions, 1);
}

static struct slice
with_number(struct sender *c, struct slice text)
{
	size_t at = slice_search(text, SL(TOKEN));

	if (at == SLICE_NONE)
		return text;
	return arena_printf(c->a, "%.*s%" PRIu64 "%.*s",
	    SL_ARG(slice_sub(text, 0, at)),
	    atomic_load(&c->s->sessions) % NAMES,
	    SL_ARG(slice_from(text, at + sizeof(TOKEN) - 1)));
}

bool
sender_connect(struct sender *c, const char *address, const char *name)
{
	struct scn_event e = { .kind = SCN_CONNECT, .name = slice_c(name) };

	if (!ip_parse(slice_c(address), &e.ip))
		abort();
	if (dialog_connect(&c->d, c->s->filter->socket, "none", &e))
		return true;
	soak_wrong(c->s, "no connection: %s",
	    c->d.mta != NULL ? c->d.mta->error : strerror(errno));
	return false;
}

bool
sender_say(struct sender *c, enum scn_kind kind, const char *text)
{
	struct scn_event e = { .kind = kind, .text = slice_c(text) };

	return dialog_do(&c->d, &e) && c->d.answer.verdict != MTA_LOST;
}

/* The message as it was delivered, with the body it came with. */
static struct slice
delivered(struct sender *c, struct slice sent)
{
	size_t body = slice_search(sent, SL("\r\n\r\n"));
	const struct header_list *h = c->d.seen.delivered;
	struct buf b;

	buf_init(&b, c->a, ARENA);
	for (size_t i = 0; i < h->fields.n; i++) {
		struct slice value = h->fields.at[i].value, line;

		buf_add(&b, h->fields.at[i].name);
		for (const char *sep = ":"; slice_cut(&value, '\n', &line);
		     sep = "\r\n")
			buf_printf(&b, "%s%.*s", sep, SL_ARG(line));
		buf_adds(&b, "\r\n");
	}
	buf_add(&b, slice_from(sent, body == SLICE_NONE ? sent.n : body + 2));
	return buf_slice(&b);
}

/* What we signed or sealed comes back from outside, and must be good. */
static void
send_back(struct sender *c, const struct script *script, struct slice sent)
{
	const struct header_field *sig =
	    header_list_get(c->d.seen.delivered, SL("DKIM-Signature"), 0);
	const struct header_field *seal =
	    header_list_get(c->d.seen.delivered, SL("ARC-Seal"), 0);
	struct scn_event message = { .kind = SCN_MESSAGE };
	struct dialog first = c->d;
	const char *want;

	if (sig != NULL &&
	    slice_search(sig->value, SL("d=ours.example")) != SLICE_NONE)
		want = "dkim=pass [^;]*header\\.d=ours\\.example";
	else if (seal != NULL &&
	    slice_search(seal->value, SL("d=seal.example")) != SLICE_NONE)
		want = slice_search(seal->value, SL("cv=fail")) != SLICE_NONE ?
		    "arc=fail" :
		    "arc=pass";
	else
		return;
	message.text = delivered(c, sent);
	c->d.mta = NULL;
	if (sender_connect(c, "198.51.100.99", "return.example") &&
	    sender_say(c, SCN_HELO, "return.example")) {
		sender_pace(c);
		if (sender_say(c, SCN_MAIL, "<a@return.example>") &&
		    sender_say(c, SCN_RCPT, "<postmaster@local.test>") &&
		    dialog_do(&c->d, &message) &&
		    c->d.answer.verdict != MTA_LOST) {
			sender_count(c);
			atomic_fetch_add(&c->s->returned, 1);
			if (sender_is_strict(c) &&
			    !scenario_match(slice_c(want), own_results(c)))
				soak_wrong(c->s,
				    "%s:%u came back, without %s: %.*s",
				    script->file, script->events->place.line,
				    want, SL_ARG(own_results(c)));
		} else if (!c->stopped) {
			soak_wrong(c->s, "lost on its way back");
		}
	}
	dialog_close(&c->d);
	c->d = first;
}

static void
play_event(struct sender *c, const struct script *script,
    const struct scn_event *given)
{
	struct scn_event e = *given;

	if (e.kind == SCN_EXPECT) {
		check(c, script, given);
		return;
	}
	e.text = e.kind == SCN_MESSAGE ? e.text : with_number(c, e.text);
	if (e.kind == SCN_MAIL)
		sender_pace(c);
	if (!dialog_do(&c->d, &e) || c->stopped)
		return;
	if (c->d.answer.verdict == MTA_LOST) {
		soak_wrong(c->s, "%s:%u: %s", script->file, e.place.line,
		    c->d.mta->error);
		c->stopped = true;
		return;
	}
	if (e.kind == SCN_MESSAGE)
		sender_count(c);
	if (c->d.seen.delivered != NULL && sender_is_strict(c) &&
	    soak_random(&c->seed, 4) == 0)
		send_back(c, script, e.text);
}

/* The scenario's session; what was stopped has nothing that is expected. */
static void
play(struct sender *c, const struct script *script)
{
	const struct scn_event *e = script->events;

	begin_session(c);
	if (!dialog_connect(&c->d, c->s->filter->socket, "none", e)) {
		soak_wrong(c->s, "no connection: %s",
		    c->d.mta != NULL ? c->d.mta->error : strerror(errno));
		dialog_close(&c->d);
		return;
	}
	for (size_t i = 1; i < script->n && c->d.mta != NULL; i++) {
		bool mail = e[i].kind == SCN_MAIL, rcpt = e[i].kind == SCN_RCPT;

		if (mail)
			c->stopped = false; /* aborted, and anew */
		if ((mail || rcpt) && !c->stopped && !go_on(c, 0))
			continue;
		if (!c->stopped ||
		    (e[i].kind != SCN_EXPECT && e[i].kind != SCN_RCPT &&
			e[i].kind != SCN_MESSAGE))
			play_event(c, script, &e[i]);
	}
	dialog_close(&c->d);
}

static void *
run(void *arg)
{
	struct sender *c = arg;
	const struct script_vec *scripts = &c->s->world.scripts;

	while (atomic_load(&c->s->numbers) < c->s->total) {
		uint32_t what = soak_random(&c->seed, 100);

		c->until_mischief = -1;
		c->slowly = false;
		if (what < 5) {
			begin_session(c);
			hostile_message(c);
		} else if (what < 7) {
			begin_session(c);
			hostile_stream(c);
		} else {
			if (what < 17)
				c->until_mischief =
				    (int)soak_random(&c->seed, 24);
			if (what == 17 || what == 18) {
				c->slowly = true;
				atomic_fetch_add(&c->s->slow, 1);
			}
			play(c,
			    &scripts->at[soak_random(&c->seed,
				(uint32_t)scripts->n)]);
		}
	}
	return NULL;
}

void
sender_start(struct sender *c, struct soak *s, unsigned nth)
{
	*c = (struct sender){ .s = s, .seed = 7919 * (nth + 1) };
	c->a = arena_new(ARENA);
	if (c->a == NULL || pthread_create(&c->thread, NULL, run, c) != 0)
		abort();
}

void
sender_join(struct sender *c)
{
	if (pthread_join(c->thread, NULL) != 0)
		abort();
	arena_free(c->a);
}
