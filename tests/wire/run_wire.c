/* SPDX-License-Identifier: BSD-2-Clause
 *
 * run_wire: plays the scenarios over the milter protocol against a real
 * chopmarkd, once in Postfix's manner and once in Sendmail's. Findings cannot
 * be seen from here; replies, delivered headers and the log line can.
 */
#include <signal.h>

#include "base/names.h"
#include "lib/tap.h"
#include "scenario/corpus.h"
#include "wire/dialog.h"
#include "wire/filter.h"

struct run {
	struct arena *a;
	const struct scenario *s;
	struct filter *filter;
	struct dialog dialog;
	size_t logged; /* octets of the log before the last command */
	unsigned reloads;
};

static const char *
manner(enum mta_kind k)
{
	return k == MTA_POSTFIX ? "postfix" : "sendmail";
}

/* Reads the decision off the line that the last command left in the log. */
static void
see_decision(struct run *r)
{
	struct slice log = slice_from(filter_log(r->filter), r->logged), line;

	while (slice_cut(&log, '\n', &line))
		(void)dialog_decision(&r->dialog, line);
}

static void
see(struct run *r)
{
	ok(r->dialog.answer.verdict != MTA_LOST,
	    "%s: the filter keeps to the protocol", manner(r->dialog.kind));
	see_decision(r);
}

static void
connect_client(struct run *r, const struct scn_event *e)
{
	dialog_close(&r->dialog);
	if (!ok(dialog_connect(&r->dialog, r->filter->socket, "4QUEUEID", e),
		"%s: chopmarkd listens, and negotiation is accepted",
		manner(r->dialog.kind)))
		abort();
	see(r);
}

static void
reload(struct run *r)
{
	filter_signal(r->filter, SIGHUP);
	ok(filter_await(r->filter, "configuration read again", ++r->reloads),
	    "%s: reload", manner(r->dialog.kind));
}

static void
check(struct run *r, const struct scn_event *e)
{
	struct slice why;
	enum observed_result res =
	    observed_meets(&r->dialog.seen, e, r->a, &why);

	if (res == OBSERVED_UNSEEN)
		return;
	if (!ok(res == OBSERVED_YES, "%s: %s:%u expect %.*s",
		manner(r->dialog.kind), corpus_name(r->s->file), e->place.line,
		SL_ARG(e->name)))
		note("found: %.*s", SL_ARG(why));
}

static void
play_event(struct run *r, const struct scn_event *e)
{
	if (e->kind != SCN_EXPECT)
		r->logged = filter_log(r->filter).n;
	switch (e->kind) {
	case SCN_CONNECT:
		connect_client(r, e);
		break;
	case SCN_RELOAD:
		reload(r);
		break;
	case SCN_EXPECT:
		check(r, e);
		break;
	case SCN_MACRO:
	case SCN_HELO:
	case SCN_STARTTLS:
	case SCN_MAIL:
	case SCN_RCPT:
	case SCN_MESSAGE:
	case SCN_RSET:
		if (dialog_do(&r->dialog, e))
			see(r);
		break;
	}
}

static void
play(struct arena *a, const struct scenario *s, enum mta_kind kind)
{
	struct run r = { .a = a, .s = s, .dialog = { .a = a, .kind = kind } };
	struct buf config = s->config, zone = s->zone, policy = s->policy,
		   replies = s->replies;
	struct filter_texts t = { .config = buf_cstr(&config),
		.zone = buf_cstr(&zone),
		.policy = policy.n > 0 ? buf_cstr(&policy) : NULL,
		.replies = replies.n > 0 ? buf_cstr(&replies) : NULL };

	r.filter = filter_new(&t);
	if (ok(filter_start(r.filter), "%s: chopmarkd starts", s->file))
		for (size_t i = 0; i < s->events.n; i++)
			play_event(&r, &s->events.at[i]);
	dialog_close(&r.dialog);
	is_int(filter_stop(r.filter), 0, "chopmarkd ends well");
	filter_free(r.filter);
}

static void
play_file(const char *path)
{
	for (enum mta_kind k = MTA_POSTFIX; k <= MTA_SENDMAIL; k++) {
		struct arena *a = t_arena();
		struct scenario s;

		if (corpus_open(a, path, "wire", &s))
			play(a, &s, k);
	}
}

int
main(int argc, char **argv)
{
	corpus_each(argc, argv, play_file);
	return tap_done();
}
