/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A real chopmarkd and sessions as MTAs lead them: every answer and edit, the
 * negotiation with old and new MTAs, several messages, repeated HELO, abort
 * at every step.
 */
#include "lib/tap.h"
#include "wire/setup.h"

static const char *
name_of(enum mta_kind kind)
{
	return kind == MTA_POSTFIX ? "Postfix" : "Sendmail";
}

static void
answers(const struct filter *f, enum mta_kind kind)
{
	struct mta *m = setup_session(f, kind, MTA_OFFER_FULL);
	struct mta_answer a;

	note("%s", name_of(kind));
	a = setup_message(m, "a@good.test", "hello");
	setup_passes(a, "a message passes");
	is_text(mta_field(m, "X-Seen", 1), " 192.0.2.9", "a field is added");
	ok(slice_istarts(mta_headers(m), SL("Authentication-Results:")),
	    "our results stand on top of all");
	ok(slice_search(mta_headers(m), SL("spf=pass")) != SLICE_NONE,
	    "and say what was found");

	a = setup_message(m, "a@bad.test", "hello");
	is_text(mta_reply(m, a), SETUP_REFUSAL, "a refusal, word by word");
	is_int((int64_t)m->edits.n, 0, "without edits");
	a = setup_message(m, "a@later.test", "hello");
	is_text(mta_reply(m, a), SETUP_LATER, "a temporary one");
	a = setup_message(m, "a@good.test", "drop me");
	is_int(a.verdict, MTA_DISCARD, "a discard");
	a = setup_message(m, "a@good.test", "hold me");
	setup_passes(a, "a held message passes");
	ok(m->hold.n > 0, "and is held");
	a = setup_message(m, "a@early.test", "hello");
	is_int(a.stage, 'M', "a refusal at MAIL");
	is_text(mta_reply(m, a), SETUP_REFUSAL, "with its text");
	a = setup_message(m, "a@good.test", "again");
	setup_passes(a, "a message after all that passes");
	ok(m->hold.p == NULL, "and nothing of the others sticks to it");
	mta_quit(m);
	mta_close(m);
}

static void
recipients(const struct filter *f)
{
	static const char *const some[] = { "<nobody@local.test>",
		"<b@local.test>" };
	static const char *const none[] = { "<nobody@local.test>" };
	static const char text[] = "From: a@good.test\n\nx\n";
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	struct mta_answer a;

	a = mta_message(m, "<a@good.test>", some, 2, slice_c(text));
	setup_passes(a, "one recipient of two refused: the message passes");
	is_int((int64_t)m->rcpts.n, 1, "to the other");
	a = mta_message(m, "<a@good.test>", none, 1, slice_c(text));
	is_int(a.stage, 'R', "all refused: it ends there");
	is_text(mta_reply(m, a), SETUP_REFUSAL, "with the text");
	a = setup_message(m, "a@good.test", "next");
	setup_passes(a, "the next message passes");
	mta_close(m);
}

/* What was negotiated for rules at the end alone. */
static void
quiet_negotiation(const struct filter *f)
{
	static const uint32_t quiet = MTA_NR_CONN | MTA_NR_HELO | MTA_NR_MAIL |
	    MTA_NR_RCPT | MTA_NR_HDR | MTA_NR_EOH | MTA_LEADSPC | MTA_NODATA |
	    MTA_NOUNKNOWN;
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	unsigned before;

	is_int((int64_t)(m->steps & quiet), quiet,
	    "no replies where no rule stands");
	is_int((int64_t)(m->steps & MTA_NR_BODY), 0, "but at the body");
	before = m->macros_sent;
	setup_passes(setup_message(m, "a@good.test", "x"), "a message passes");
	is_int(m->macros_sent - before, 1,
	    "macros come once, at the end of the message");
	is_text(mta_reply(m, setup_message(m, "a@bad.test", "x")),
	    SETUP_REFUSAL, "a refusal comes through");
	mta_close(m);
}

static void
old_offers(const struct filter *f, enum mta_kind kind)
{
	const struct {
		const char *what;
		struct mta_offer offer;
	} offers[] = {
		{ "version 2", MTA_OFFER_OLD },
		{ "no \"no reply\"", { 6, 0x1ff, 0x1fffff & ~0xff080U } },
		{ "no leading space", { 6, 0x1ff, 0x0fffff } },
		{ "no SKIP", { 6, 0x1ff, 0x1fffff & ~MTA_SKIP } },
		{ "no list of macros", { 6, 0x0ff, 0x1fffff } },
	};

	for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
		struct mta *m = setup_session(f, kind, offers[i].offer);

		note("%s, %s", name_of(kind), offers[i].what);
		setup_passes(setup_message(m, "a@good.test", "x"),
		    "a message passes");
		is_text(mta_field(m, "X-Seen", 1), " 192.0.2.9",
		    "fields have one space");
		is_text(mta_reply(m, setup_message(m, "a@bad.test", "x")),
		    SETUP_REFUSAL, "a refusal comes through");
		is_text(slice_c(m->error), "", "no broken protocol");
		mta_close(m);
	}
}

static void
less_editing(const struct filter *f)
{
	struct mta_offer offer = { 6, MTA_SETSYMLIST | MTA_CHGHDRS, 0x1fffff };
	struct mta *m = setup_session(f, MTA_POSTFIX, offer);

	setup_passes(setup_message(m, "a@good.test", "x"),
	    "an MTA that adds no fields: mail passes without");
	is_int((int64_t)m->edits.n, 0, "labels");
	is_text(mta_reply(m, setup_message(m, "a@good.test", "hold me")),
	    "451 4.7.1 Service unavailable - try again later",
	    "what must be held and cannot is tempfailed");
	mta_close(m);
}

static void
forged_results_go(const struct filter *f, enum mta_kind kind)
{
	static const char *const rcpts[] = { "<b@local.test>" };
	static const char text[] =
	    "Authentication-Results: mx.local.test; spf=pass\n"
	    "Authentication-Results: other.test; spf=fail\n"
	    "Authentication-Results: mx.local.test; dkim=pass\n"
	    "From: a@good.test\n"
	    "Authentication-Results: MX.local.test; dmarc=pass\n"
	    "\nx\n";
	struct mta *m = setup_session(f, kind, MTA_OFFER_FULL);

	setup_passes(mta_message(m, "<a@good.test>", rcpts, 1, slice_c(text)),
	    "a message with forged results passes");
	is_text(mta_field(m, "Authentication-Results", 2),
	    " other.test; spf=fail",
	    "of them only a stranger's is left below ours");
	ok(mta_field(m, "Authentication-Results", 3).p == NULL,
	    "however the MTA counts (%s)", name_of(kind));
	mta_close(m);
}

static void
helo_again(const struct filter *f)
{
	struct mta *m = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);

	mta_macro(m, "{tls_version}", "TLSv1.3");
	for (int i = 0; i < 3; i++)
		mta_helo(m, "second.example.net");
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "a message after HELO, STARTTLS and HELO passes");
	mta_mail(m, "<a@good.test>");
	mta_helo(m, "third.example.net");
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "a message after HELO in the middle of another passes");
	is_text(slice_c(m->error), "", "no broken protocol");
	mta_close(m);
}

enum step { AT_MAIL, AT_RCPT, AT_HEADER, AT_EOH, AT_BODY, STEPS };

/* A message up to and with that step. */
static void
go_to(struct mta *m, enum step last)
{
	static const char *const words[STEPS] = { "MAIL", "RCPT", "a header",
		"end of header", "body" };

	note("up to %s", words[last]);
	mta_mail(m, "<a@bad.test>");
	if (last >= AT_RCPT)
		mta_rcpt(m, "<b@local.test>");
	if (last >= AT_HEADER)
		mta_header(m, SL("From"), SL(" a@bad.test"));
	if (last >= AT_EOH)
		mta_eoh(m);
	if (last >= AT_BODY)
		mta_body(m, SL("x\r\n"));
}

static void
abort_at_every_step(const struct filter *f)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	for (int i = 0; i < STEPS; i++) {
		go_to(m, (enum step)i);
		mta_abort(m);
		setup_passes(setup_message(m, "a@good.test", "x"),
		    "the next message is judged by itself");
	}
	mta_abort(m);
	mta_abort(m);
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "abort without a message is harmless");
	for (int i = 0; i < STEPS; i++) {
		go_to(m, (enum step)i);
		mta_quit(m);
		mta_close(m);
		m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
		setup_passes(setup_message(m, "a@good.test", "x"),
		    "another session after a quit there");
	}
	mta_close(m);
}

static void
reconnects(const struct filter *f)
{
	struct mta *m = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);

	setup_passes(setup_message(m, "a@good.test", "x"), "first client");
	mta_quit_keep(m);
	mta_connect(m, "other.example.net", "192.0.2.77", 25002);
	mta_helo(m, "other.example.net");
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "second client on the same connection");
	is_text(mta_field(m, "X-Seen", 1), " 192.0.2.77",
	    "is not taken for the first");
	is_text(mta_reply(m, setup_message(m, "a@bad.test", "x")),
	    SETUP_REFUSAL, "and is judged");
	mta_close(m);
}

/* libmilter takes no notice of a new client in some states. */
static void
reconnects_unnoticed(const struct filter *f)
{
	static const char *const what[] = { "HELO", "a refusal", "an abort" };

	for (int i = 0; i < 3; i++) {
		struct mta *m = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);
		struct mta_answer a;

		if (i == 1)
			(void)setup_message(m, "a@bad.test", "x");
		if (i == 2) {
			(void)mta_mail(m, "<a@good.test>");
			mta_abort(m);
		}
		mta_quit_keep(m);
		mta_connect(m, "other.example.net", "192.0.2.77", 25002);
		a = setup_message(m, "a@good.test", "x");
		ok(a.verdict == MTA_LOST ||
			slice_eq(mta_field(m, "X-Seen", 1), SL(" 192.0.2.77")),
		    "after %s another client is not taken for the first",
		    what[i]);
		mta_close(m);
	}
}

static void
many_messages(const struct filter *f)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	unsigned good = 0, bad = 0;

	for (int i = 0; i < 50; i++) {
		good += setup_message(m, "a@good.test", "x").verdict ==
		    MTA_CONTINUE;
		bad += setup_message(m, "a@bad.test", "x").verdict == MTA_REPLY;
	}
	is_int(good, 50, "50 good messages of one session pass");
	is_int(bad, 50, "and the 50 bad ones between them do not");
	mta_close(m);
}

static unsigned
decisions(struct filter *f)
{
	static const char key[] = " action=";
	struct slice log = filter_log(f);
	unsigned n = 0;
	size_t at;

	while ((at = slice_search(log, slice_c(key))) != SLICE_NONE) {
		log = slice_from(log, at + sizeof(key) - 1);
		n++;
	}
	return n;
}

/* The log is an interface: a line for each message that came to a decision,
 * and none for one that the client gave up. */
static void
one_line_each(struct filter *f)
{
	static const char *const rcpts[] = { "<b@local.test>", "<c@local.test>",
		"<d@local.test>" };
	static const char text[] = "From: a@good.test\n\nx\n";
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	unsigned before = decisions(f);

	setup_message(m, "a@good.test", "accepted");
	setup_message(m, "a@bad.test", "refused");
	setup_message(m, "a@later.test", "put off");
	setup_message(m, "a@early.test", "refused at MAIL");
	setup_message(m, "a@good.test", "hold me");
	setup_message(m, "a@good.test", "drop me");
	mta_message(m, "<a@good.test>", rcpts, 3, slice_c(text));
	is_int(decisions(f) - before, 7, "seven messages leave seven lines");
	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	mta_abort(m);
	setup_message(m, "a@good.test", "after an abort");
	is_int(decisions(f) - before, 8, "one that was given up leaves none");
	mta_close(m);
}

int
main(void)
{
	struct filter *f = filter_new(&setup_texts);

	if (ok(filter_start(f), "chopmarkd serves")) {
		for (int kind = MTA_POSTFIX; kind <= MTA_SENDMAIL; kind++) {
			answers(f, (enum mta_kind)kind);
			old_offers(f, (enum mta_kind)kind);
			forged_results_go(f, (enum mta_kind)kind);
		}
		recipients(f);
		less_editing(f);
		helo_again(f);
		abort_at_every_step(f);
		reconnects(f);
		reconnects_unnoticed(f);
		many_messages(f);
		one_line_each(f);
		is_int(filter_stop(f), 0, "it ends by SIGTERM with 0");
	}
	filter_free(f);
	f = filter_new(&setup_quiet_texts);
	if (ok(filter_start(f), "another one serves")) {
		quiet_negotiation(f);
		old_offers(f, MTA_POSTFIX);
		is_int(filter_stop(f), 0, "and ends");
	}
	filter_free(f);
	return tap_done();
}
