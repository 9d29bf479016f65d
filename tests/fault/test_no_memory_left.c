/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_no_memory_left: a real chopmarkd whose process gets no more memory from
 * the system while many large messages are in hand. Each is judged or deferred,
 * or its connection ends, so that the MTA defers it; none passes unjudged, none
 * hangs, the process stays. With memory to be had again all is as before.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <signal.h>
#include <sys/resource.h>

#include "lib/tap.h"
#include "wire/setup.h"

#define SESSIONS 160
#define FIELDS 300 /* a kilobyte each */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

struct outcome {
	unsigned judged, deferred, lost, unjudged;
};

static struct mta *crowd[SESSIONS];

static bool
set_limit(const struct filter *f, enum __rlimit_resource which, bool tight)
{
	struct rlimit lim;

	if (prlimit(f->pid, which, NULL, &lim) != 0)
		return false;
	lim.rlim_cur = tight ? 1 : lim.rlim_max;
	return prlimit(f->pid, which, &lim, NULL) == 0;
}

/* A session with all of its header section in hand; false: it was ended. */
static bool
begin(struct mta *m)
{
	static char value[1000];

	memset(value, 'x', sizeof(value));
	if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL))
		return false;
	mta_connect(m, "mail.example.net", "192.0.2.9", 25001);
	mta_helo(m, "mail.example.net");
	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	mta_header(m, SL("From"), SL(" a@good.test"));
	for (int i = 0; i < FIELDS; i++)
		mta_header(m, SL("X-Field"), slice_of(value, sizeof(value)));
	return mta_eoh(m).verdict != MTA_LOST;
}

static void
count(struct outcome *o, struct mta *m, struct mta_answer a)
{
	struct slice reply = mta_reply(m, a);

	if (a.verdict == MTA_LOST)
		o->lost++;
	else if (slice_starts(reply, SL("4")))
		o->deferred++;
	else if (slice_search(mta_headers(m), SL("spf=pass")) != SLICE_NONE)
		o->judged++;
	else
		o->unjudged++;
}

static struct outcome
play(const struct filter *f)
{
	struct outcome o = { 0 };

	for (size_t i = 0; i < SESSIONS; i++) {
		crowd[i] = mta_open(f->socket, MTA_POSTFIX);
		if (begin(crowd[i]))
			continue;
		o.lost++;
		mta_close(crowd[i]);
		crowd[i] = NULL;
	}
	for (size_t i = 0; i < SESSIONS; i++) {
		if (crowd[i] != NULL)
			count(&o, crowd[i], mta_end(crowd[i]));
		mta_close(crowd[i]);
	}
	return o;
}

static void
all_are_judged(const struct filter *f)
{
	is_int(play(f).judged, SESSIONS, "all are judged");
}

static void
without(const struct filter *f, enum __rlimit_resource which, const char *name)
{
	struct outcome o;

	if (!ok(set_limit(f, which, true), "no more %s", name))
		return;
	o = play(f);
	note("%u judged, %u deferred, %u ended", o.judged, o.deferred, o.lost);
	is_int(o.judged + o.deferred + o.lost, SESSIONS,
	    "%d messages: each is judged, deferred or cut off", SESSIONS);
	is_int(o.unjudged, 0, "none passes unjudged");
	if (which == RLIMIT_DATA)
		ok(o.deferred + o.lost > 0, "memory was short indeed");
	ok(set_limit(f, which, false), "there is %s again", name);
	all_are_judged(f);
}

int
main(void)
{
	struct filter_texts t = setup_texts;
	struct filter *f;

	(void)signal(SIGPIPE, SIG_IGN);
	if (SANITIZED) {
		skip("a sanitizer needs address space without end",
		    "out of memory");
		return tap_done();
	}
	f = filter_new(&t);
	if (ok(filter_start(f), "chopmarkd serves")) {
		/* first: what was freed before serves anew */
		without(f, RLIMIT_DATA, "memory");
		ok(slice_search(filter_log(f), SL("raise MemoryMax")) !=
			SLICE_NONE,
		    "the log tells what to do");
		without(f, RLIMIT_AS, "address space");
		is_int(filter_stop(f), 0, "and it ends in good order");
	}
	filter_free(f);
	return tap_done();
}
