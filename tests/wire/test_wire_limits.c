/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A real chopmarkd with more sessions than it shall have, in all and of one
 * client: those are put off, the others served, and the log tells. Headers
 * and recipients beyond their limits, as the client sees it. Sessions that cost
 * what they can leave others their turn.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/tap.h"
#include "wire/setup.h"

#define ENOUGH 10 /* the least that MaximumSessions may be */

/* A session that has come as far as CONNECT, and the answer there. */
static struct mta *
arrive(const struct filter *f, const char *client, enum mta_verdict *verdict)
{
	struct mta *m = mta_open(f->socket, MTA_POSTFIX);

	if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL)) {
		printf("Bail out! no session\n");
		exit(1);
	}
	mta_macro(m, "j", "mx.local.test");
	*verdict = mta_connect(m, "mail.example.net", client, 25001).verdict;
	return m;
}

static void
leave(struct mta *m)
{
	mta_quit(m);
	mta_close(m);
}

static bool
is_admitted(enum mta_verdict v)
{
	return v == MTA_QUIET || v == MTA_CONTINUE;
}

/* Whether there is room for one more; waits until the filter has seen that
 * others left. */
static bool
has_room(const struct filter *f, const char *client)
{
	struct timespec pause = { .tv_nsec = 10000000L };

	for (unsigned i = 0; i < 3000; i++) {
		enum mta_verdict v;

		leave(arrive(f, client, &v));
		if (is_admitted(v))
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

static bool
logs(struct filter *f, const char *text)
{
	return slice_search(filter_log(f), slice_c(text)) != SLICE_NONE;
}

static void
test_sessions(void)
{
	struct filter_texts texts = setup_quiet_texts;
	struct filter *f;
	struct mta *all[ENOUGH], *extra;
	unsigned admitted = 0;
	enum mta_verdict v;
	struct mta_answer a;

	texts.config = "MaximumSessions 10\n";
	f = filter_new(&texts);
	if (!filter_start(f))
		exit(1);
	for (unsigned i = 0; i < ENOUGH; i++) {
		all[i] = arrive(f, "192.0.2.9", &v);
		admitted += is_admitted(v);
	}
	is_int(admitted, ENOUGH, "as many sessions as there may be");
	extra = arrive(f, "192.0.2.9", &v);
	is_int(v, MTA_TEMPFAIL, "one more is put off");
	leave(extra);
	ok(logs(f, "limit sessions: 11 sessions at once"), "the log tells");
	a = setup_message(all[0], "a@good.test", "hello");
	setup_passes(a, "the others are served");
	leave(all[0]);
	ok(has_room(f, "192.0.2.9"), "when one leaves there is room again");
	for (unsigned i = 1; i < ENOUGH; i++)
		leave(all[i]);
	is_int(filter_stop(f), 0, "it ends well");
	filter_free(f);
}

static void
test_clients(void)
{
	struct filter_texts texts = setup_quiet_texts;
	struct filter *f;
	struct mta *six[2], *four[2];
	enum mta_verdict v;

	texts.config = "MaximumSessionsPerClient 2\nRelayHosts 192.0.2.20\n";
	f = filter_new(&texts);
	if (!filter_start(f))
		exit(1);
	for (unsigned i = 0; i < 2; i++) {
		four[i] = arrive(f, "192.0.2.9", &v);
		ok(is_admitted(v), "a client's session %u", i);
		six[i] = arrive(f, i == 0 ? "2001:db8::1" : "2001:db8::2", &v);
		ok(is_admitted(v), "an IPv6 network's session %u", i);
	}
	leave(arrive(f, "192.0.2.9", &v));
	is_int(v, MTA_TEMPFAIL, "a third one is put off");
	ok(logs(f, "limit client-sessions: 2 sessions of 192.0.2.9 at once"),
	    "the log tells");
	leave(arrive(f, "::ffff:192.0.2.9", &v));
	is_int(v, MTA_TEMPFAIL, "however its address is written");
	leave(arrive(f, "2001:db8::3", &v));
	is_int(v, MTA_TEMPFAIL, "a third one of that network, too");
	leave(arrive(f, "2001:db8:0:1::1", &v));
	ok(is_admitted(v), "another network comes in");
	leave(arrive(f, "192.0.2.10", &v));
	ok(is_admitted(v), "another client, too");
	leave(four[0]);
	ok(has_room(f, "192.0.2.9"), "when one leaves there is room again");
	for (unsigned i = 0; i < 5; i++) {
		struct mta *relay = arrive(f, "192.0.2.20", &v);

		if (i == 0)
			four[0] = relay;
		else
			leave(relay);
	}
	ok(is_admitted(v), "a relay of ours has any number");
	leave(four[0]);
	leave(four[1]);
	leave(six[0]);
	leave(six[1]);
	is_int(filter_stop(f), 0, "it ends well");
	filter_free(f);
}

static void
test_messages(void)
{
	static const char *const rcpts[] = { "<a@local.test>", "<b@local.test>",
		"<c@local.test>" };
	struct filter_texts texts = setup_quiet_texts;
	struct filter *f;
	struct mta *m;
	struct buf b;

	texts.config = "MaximumHeaderFields 100\nMaximumRecipients 2\n";
	f = filter_new(&texts);
	if (!filter_start(f))
		exit(1);
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	buf_init(&b, t_arena(), 65536);
	for (unsigned i = 0; i < 101; i++)
		buf_printf(&b, "X-%u: x\n", i);
	buf_adds(&b, "\nx\n");
	ok(slice_starts(mta_reply(m,
			    mta_message(m, "<a@good.test>", rcpts, 1,
				buf_slice(&b))),
	       SL("552 5.3.4 ")),
	    "a field too many: refused for good");
	ok(filter_await(f, "limits=header-fields", 1), "the log tells");
	ok(slice_starts(mta_reply(m,
			    mta_message(m, "<a@good.test>", rcpts, 3,
				SL("From: a@good.test\n\nx\n"))),
	       SL("452 4.5.3 ")),
	    "a recipient too many: put off");
	ok(filter_await(f, "limits=recipients", 1), "the log tells");
	setup_passes(mta_message(m, "<a@good.test>", rcpts, 2,
			 SL("From: a@good.test\n\nx\n")),
	    "as many as may be pass");
	leave(m);
	is_int(filter_stop(f), 0, "it ends well");
	filter_free(f);
}

/* Sends messages that take as long as one can, one after the other, until it is
 * killed. */
static A_NORETURN void
hog(const struct filter *f)
{
	static const char *const rcpts[] = { "<b@local.test>" };
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	struct buf b;

	buf_init(&b, NULL, (size_t)1 << 20);
	buf_adds(&b, "From: ");
	for (unsigned i = 0; i < 16000; i++)
		buf_adds(&b, "a@(");
	buf_adds(&b, "\n\nx\n");
	for (;;)
		(void)mta_message(m, "<a@good.test>", rcpts, 1, buf_slice(&b));
}

static void
test_fairness(void)
{
	struct filter *f = filter_new(&setup_quiet_texts);
	pid_t hogs[8];
	unsigned passed = 0;
	struct mta *m;

	if (!filter_start(f))
		exit(1);
	(void)fflush(stdout);
	for (size_t i = 0; i < ARRAY_LEN(hogs); i++) {
		hogs[i] = fork();
		if (hogs[i] == 0)
			hog(f);
	}
	ok(filter_await(f, "limits=from-addresses", ARRAY_LEN(hogs)),
	    "sessions that cost all they can");
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	for (unsigned i = 0; i < 50; i++) {
		enum mta_verdict v =
		    setup_message(m, "a@good.test", "usual").verdict;

		passed += v == MTA_CONTINUE || v == MTA_ACCEPT;
	}
	is_int(passed, 50, "another one has its turn among them");
	leave(m);
	for (size_t i = 0; i < ARRAY_LEN(hogs); i++) {
		(void)kill(hogs[i], SIGKILL);
		(void)waitpid(hogs[i], NULL, 0);
	}
	is_int(filter_stop(f), 0, "it ends well");
	filter_free(f);
}

int
main(void)
{
	test_sessions();
	test_clients();
	test_messages();
	test_fairness();
	return tap_done();
}
