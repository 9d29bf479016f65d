/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The end of a real chopmarkd by SIGTERM: sessions in hand, whatever they are
 * at, are served to their end; nobody new gets in; who does not end is cut off
 * after DrainTime.
 */
#include "lib/tap.h"
#include "wire/setup.h"

#include <signal.h>
#include <unistd.h>

static bool
logged(struct filter *f, const char *text)
{
	return slice_search(filter_log(f), slice_c(text)) != SLICE_NONE;
}

static struct filter *
serving(const struct filter_texts *t)
{
	struct filter *f = filter_new(t);

	if (!ok(filter_start(f), "chopmarkd serves"))
		exit(1);
	return f;
}

/* SIGTERM, as the test counts its sessions. */
static void
terminate(struct filter *f, const char *open)
{
	filter_signal(f, SIGTERM);
	ok(filter_await(f, open, 1), "SIGTERM: %s", open);
}

static void
between_commands(void)
{
	struct filter *f = serving(&setup_texts);
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	mta_mail(m, "<a@bad.test>");
	mta_rcpt(m, "<b@local.test>");
	terminate(f, "stopping; 1 sessions are open");
	ok(access(f->socket, F_OK) != 0, "the socket is gone");
	ok(mta_open(f->socket, MTA_POSTFIX) == NULL, "no new session");
	mta_header(m, SL("From"), SL(" a@bad.test"));
	mta_eoh(m);
	is_text(mta_reply(m, mta_end(m)), SETUP_REFUSAL,
	    "its message is judged to the end");
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "and another one, if the client has it");
	mta_quit(m);
	is_int(filter_wait(f), 0, "after its quit the filter ends with 0");
	mta_close(m);
	filter_free(f);
}

static void
in_a_body(void)
{
	struct filter *f = serving(&setup_texts);
	struct mta *m = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);

	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	mta_header(m, SL("From"), SL(" a@good.test"));
	mta_eoh(m);
	mta_body(m, SL("half of it\r\n"));
	terminate(f, "stopping; 1 sessions are open");
	mta_body(m, SL("and the rest\r\n"));
	setup_passes(mta_end(m), "a message in the middle of its body passes");
	ok(slice_search(mta_headers(m), SL("spf=pass")) != SLICE_NONE,
	    "judged");
	mta_quit(m);
	is_int(filter_wait(f), 0, "the filter ends with 0");
	mta_close(m);
	filter_free(f);
}

static void
waiting_for_the_dns(void)
{
	struct filter_texts t = { .zone = "$DELAY 700\nslow.test TXT \"v=spf1 "
					  "ip4:192.0.2.9 -all\"\n",
		.policy = "all: accept\n" };
	struct filter *f = serving(&t);
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	mta_mail(m, "<a@slow.test>");
	mta_rcpt(m, "<b@local.test>");
	mta_header(m, SL("From"), SL(" a@slow.test"));
	mta_eoh(m);
	(void)mta_end_ask(m);
	terminate(f, "stopping; 1 sessions are open");
	setup_passes(mta_end_wait(m),
	    "a message that waits for the DNS passes");
	ok(slice_search(mta_headers(m), SL("spf=pass")) != SLICE_NONE,
	    "judged by the answer it waited for");
	mta_quit(m);
	is_int(filter_wait(f), 0, "the filter ends with 0");
	mta_close(m);
	filter_free(f);
}

/* One that never ends, one in its body: neither holds us beyond the limit. */
static void
the_limit(void)
{
	struct filter_texts t = setup_texts;
	struct mta *idle, *body;
	struct filter *f;

	t.config = "DrainTime 500ms\n";
	f = serving(&t);
	idle = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	body = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	mta_mail(body, "<a@good.test>");
	mta_rcpt(body, "<b@local.test>");
	mta_header(body, SL("From"), SL(" a@good.test"));
	mta_eoh(body);
	mta_body(body, SL("half of it\r\n"));
	terminate(f, "stopping; 2 sessions are open");
	is_int(filter_wait(f), 0,
	    "sessions that do not end are not waited for");
	ok(logged(f, "2 sessions are cut off"), "and the log says so");
	is_int(mta_end(body).verdict, MTA_LOST,
	    "the MTA sees it, and defers the message");
	mta_close(idle);
	mta_close(body);
	filter_free(f);
}

static void
a_second_signal(void)
{
	struct filter *f = serving(&setup_texts);
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	terminate(f, "stopping; 1 sessions are open");
	filter_signal(f, SIGTERM);
	is_int(filter_wait(f), 0, "a second SIGTERM does not wait");
	ok(logged(f, "1 sessions are cut off"), "and says so");
	mta_close(m);
	filter_free(f);
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	between_commands();
	in_a_body();
	waiting_for_the_dns();
	the_limit();
	a_second_signal();
	return tap_done();
}
