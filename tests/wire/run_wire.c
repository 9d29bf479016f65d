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
#include "scenario/observed.h"
#include "wire/filter.h"
#include "wire/mta.h"

struct run {
	struct arena *a;
	const struct scenario *s;
	enum mta_kind kind;
	struct filter *filter;
	struct mta *mta;
	struct slice client; /* of the connection, for a second one */
	size_t logged;       /* octets of the log before the last command */
	struct observed seen;
	struct header_list delivered;
	unsigned reloads;
};

static const char *
manner(enum mta_kind k)
{
	return k == MTA_POSTFIX ? "postfix" : "sendmail";
}

/* The value of ` key=value` in a log line, quotes undone. */
static struct slice
log_value(struct arena *a, struct slice line, const char *key)
{
	struct slice want = arena_printf(a, " %s=", key), v;
	size_t at = slice_search(line, want);

	if (at == SLICE_NONE)
		return SL("");
	v = slice_from(line, at + want.n);
	return slice_sub(v, 0, slice_chr(v, ' '));
}

/* Reads the decision off the line that the last command left in the log. */
static void
see_decision(struct run *r)
{
	struct slice log = slice_from(filter_log(r->filter), r->logged), line;

	while (slice_cut(&log, '\n', &line)) {
		struct slice rest = line, t;

		if (slice_search(line, SL(" action=")) == SLICE_NONE)
			continue;
		r->seen.sees_decision = true;
		r->seen.rule = log_value(r->a, line, "rule");
		r->seen.action = log_value(r->a, line, "action");
		while ((t = log_value(r->a, rest, "test")).n > 0) {
			struct slice name = slice_sub(t, 0, slice_chr(t, ':'));

			if (slice_vec_add(&r->seen.tests, r->a, name) != 0)
				abort();
			rest = slice_from(rest, (size_t)(t.p - rest.p));
		}
	}
}

/* "550 5.7.1 text\n550 5.7.1 more" into its parts. */
static void
see_reply(struct run *r, struct slice reply)
{
	struct slice line;
	struct buf text;

	buf_init(&text, r->a, (size_t)1 << 16);
	r->seen.code = SL("250");
	r->seen.enhanced = SL("");
	while (slice_cut(&reply, '\n', &line)) {
		size_t sp;

		r->seen.code = slice_sub(line, 0, 3);
		line = slice_from(line, 4);
		sp = slice_chr(line, ' ');
		if (slice_chr(slice_sub(line, 0, sp), '.') == 1) {
			r->seen.enhanced = slice_sub(line, 0, sp);
			line = slice_from(line,
			    sp == SLICE_NONE ? line.n : sp + 1);
		}
		buf_adds(&text, text.n > 0 ? "\n" : "");
		buf_add(&text, line);
	}
	r->seen.text = buf_slice(&text);
}

static void
see(struct run *r, struct mta_answer answer)
{
	r->seen = (struct observed){ 0 };
	ok(answer.verdict != MTA_LOST, "%s: the filter keeps to the protocol",
	    manner(r->kind));
	see_reply(r, mta_reply(r->mta, answer));
	see_decision(r);
}

static void
see_delivered(struct run *r, struct mta_answer answer)
{
	if (answer.verdict != MTA_ACCEPT && answer.verdict != MTA_CONTINUE)
		return;
	header_list_init(&r->delivered, r->a);
	for (size_t i = 0; i < r->mta->headers.n; i++) {
		const struct mta_header *h = &r->mta->headers.at[i];

		if (!h->gone &&
		    header_list_add(&r->delivered, h->name, h->value, NULL) !=
			0)
			abort();
	}
	r->seen.delivered = &r->delivered;
}

static void
begin(struct run *r)
{
	r->logged = filter_log(r->filter).n;
}

static void
connect_client(struct run *r, const struct scn_event *e)
{
	char ip[IP_TEXT];

	if (r->mta != NULL) {
		mta_quit(r->mta);
		mta_close(r->mta);
	}
	r->mta = mta_open(r->filter->socket, r->kind);
	if (!ok(r->mta != NULL, "%s: chopmarkd listens", manner(r->kind)))
		abort();
	mta_macro(r->mta, "j", "mx.local.test");
	mta_macro(r->mta, "i", "4QUEUEID");
	ok(mta_negotiate(r->mta, MTA_OFFER_FULL), "%s: negotiation is accepted",
	    manner(r->kind));
	see(r,
	    mta_connect(r->mta,
		arena_cstr(r->a, e->name.n > 0 ? e->name : SL("unknown")),
		e->ip.family != 0 ? ip_print(&e->ip, ip) : NULL, 4321));
}

static const char *
command_args(struct run *r, const struct scn_event *e)
{
	struct buf b;

	buf_init(&b, r->a, (size_t)1 << 16);
	buf_add(&b, e->text);
	for (size_t i = 0; i < e->args.n; i++) {
		buf_addc(&b, ' ');
		buf_add(&b, e->args.at[i]);
	}
	return buf_cstr(&b);
}

/* DATA, the header section and the body as they stand. */
static struct mta_answer
send_message(struct run *r, struct slice text)
{
	struct slice rest = text;
	struct mta_answer a = mta_data(r->mta);

	while (rest.n > 0 && !slice_starts(rest, SL("\r\n"))) {
		size_t end = 0, colon;
		struct buf b;

		do {
			size_t eol =
			    slice_search(slice_from(rest, end), SL("\r\n"));

			end = eol == SLICE_NONE ? rest.n : end + eol + 2;
		} while (end < rest.n &&
		    (rest.p[end] == ' ' || rest.p[end] == '\t'));
		buf_init(&b, r->a, (size_t)1 << 26);
		for (size_t i = 0; i < end; i++)
			if (rest.p[i] != '\r')
				buf_addc(&b, rest.p[i]);
		buf_cut(&b, b.n - 1);
		colon = slice_chr(buf_slice(&b), ':');
		/* both MTAs take white space off a name */
		a = mta_header(r->mta,
		    slice_rtrim(slice_sub(buf_slice(&b), 0, colon)),
		    slice_from(buf_slice(&b),
			colon == SLICE_NONE ? b.n : colon + 1));
		rest = slice_from(rest, end);
	}
	(void)a;
	(void)mta_eoh(r->mta);
	if (rest.n >= 2)
		rest = slice_from(rest, 2);
	while (rest.n > 0 && !r->mta->body_skipped) {
		(void)mta_body(r->mta, slice_sub(rest, 0, 65535));
		rest = slice_from(rest, rest.n < 65535 ? rest.n : 65535);
	}
	return mta_end(r->mta);
}

static void
reload(struct run *r)
{
	filter_signal(r->filter, SIGHUP);
	ok(filter_await(r->filter, "configuration read again", ++r->reloads),
	    "%s: reload", manner(r->kind));
}

static void
check(struct run *r, const struct scn_event *e)
{
	struct slice why;
	enum observed_result res = observed_meets(&r->seen, e, r->a, &why);

	if (res == OBSERVED_UNSEEN)
		return;
	if (!ok(res == OBSERVED_YES, "%s: %s:%u expect %.*s", manner(r->kind),
		corpus_name(r->s->file), e->place.line, SL_ARG(e->name)))
		note("found: %.*s", SL_ARG(why));
}

static void
play_event(struct run *r, const struct scn_event *e)
{
	struct mta_answer a;

	if (e->kind != SCN_EXPECT)
		begin(r);
	switch (e->kind) {
	case SCN_CONNECT:
		connect_client(r, e);
		break;
	case SCN_MACRO:
		mta_macro(r->mta, arena_cstr(r->a, e->name),
		    arena_cstr(r->a, e->text));
		break;
	case SCN_HELO:
		see(r, mta_helo(r->mta, arena_cstr(r->a, e->text)));
		break;
	case SCN_STARTTLS:
		mta_macro(r->mta, "{tls_version}", "TLSv1.3");
		break;
	case SCN_MAIL:
		see(r, mta_mail(r->mta, command_args(r, e)));
		break;
	case SCN_RCPT:
		see(r, mta_rcpt(r->mta, command_args(r, e)));
		break;
	case SCN_MESSAGE:
		a = send_message(r, e->text);
		see(r, a);
		see_delivered(r, a);
		break;
	case SCN_RSET:
		mta_abort(r->mta);
		break;
	case SCN_RELOAD:
		reload(r);
		break;
	case SCN_EXPECT:
		check(r, e);
		break;
	}
}

static void
play(struct arena *a, const struct scenario *s, enum mta_kind kind)
{
	struct run r = { .a = a, .s = s, .kind = kind };
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
	if (r.mta != NULL) {
		mta_quit(r.mta);
		mta_close(r.mta);
	}
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
