/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sessions of a real chopmarkd that wait for the DNS do not wait for one
 * another, however many they are; and while nobody waits the thread that sees
 * to that sleeps.
 *
 * Nothing is judged by the clock: the name server keeps its answers back
 * until every session has asked for something that it can ask for only within
 * its callback at the end of the message, behind an earlier answer. One that
 * stood behind another would never ask. How long names that take a second keep
 * so many sessions is told in notes.
 */
#include <dirent.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "lib/dns_server.h"
#include "lib/tap.h"
#include "wire/setup.h"

#define MOST 1000
#define SLOW_MS 1000
#define CALM_MESSAGES 50
#define STEP_NS 2000000L
#define STEPS 30000   /* a minute */
#define KICKER "kick" /* the thread that sees to it */

/* %{p} is known once the names of the client are, and only to who judges. */
#define HELD "held.test"
#define ZONE                                                          \
	"sender.test TXT \"v=spf1 exists:%{l}.%{p}." HELD " ~all\"\n" \
	"9.2.0.192.in-addr.arpa PTR mail.example.net\n"               \
	"mail.example.net A 192.0.2.9\n"

static const unsigned crowds[] = { 4, 16, 64, 256, MOST };
static struct mta *sessions[MOST];

static struct filter *
filter_asking(const struct dns_server *dns)
{
	struct filter_texts t = { .network = true };
	char config[256];
	struct filter *f;

	(void)snprintf(config, sizeof(config),
	    "Nameservers %.*s\nDNSTimeout 1m\nMessageDNSBudget 5m\n",
	    SL_ARG(dns_server_address(dns)));
	t.config = config;
	f = filter_new(&t);
	if (!ok(filter_start(f), "chopmarkd serves"))
		exit(1);
	return f;
}

/* A message of user@domain, all but its end. */
static void
say(struct mta *m, const char *user, unsigned i, const char *domain)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "<%s%u@%s>", user, i, domain);
	mta_mail(m, text);
	mta_rcpt(m, "<b@local.test>");
	(void)snprintf(text, sizeof(text), " %s%u@%s", user, i, domain);
	mta_header(m, SL("From"), slice_c(text));
	mta_eoh(m);
	mta_body(m, SL("x\r\n"));
}

/* The end of all messages, in the same moment as far as we can. */
static void
ask_all(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!mta_end_ask(sessions[i]))
			break;
}

static void
open_sessions(const struct filter *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		sessions[i] = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
}

/* Takes the answers; how many hold `text`. */
static unsigned
take_answers(unsigned n, const char *text)
{
	unsigned good = 0;

	for (unsigned i = 0; i < n; i++) {
		struct mta_answer a = mta_end_wait(sessions[i]);

		good += a.verdict == MTA_CONTINUE &&
		    slice_search(mta_headers(sessions[i]), slice_c(text)) !=
			SLICE_NONE;
	}
	return good;
}

static void
close_sessions(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		mta_quit(sessions[i]);
		mta_close(sessions[i]);
	}
}

/* How often a thread has slept and woken; -1: it has another name, or does not
 * sleep now. */
static long
switches_of(const char *status, const char *thread)
{
	FILE *in = fopen(status, "re");
	char line[128];
	bool found = false;
	long n = 0;

	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		struct slice s = slice_trim(slice_c(line)), key;

		(void)slice_cut(&s, ':', &key);
		if (slice_eq(key, SL("Name")))
			found = slice_eq(slice_trim(s), slice_c(thread));
		else if (slice_eq(key, SL("State")))
			found = found && slice_starts(slice_trim(s), SL("S"));
		else if (slice_ends(key, SL("ctxt_switches")))
			n += strtol(slice_trim(s).p, NULL, 10);
	}
	if (in != NULL)
		(void)fclose(in);
	return found ? n : -1;
}

static long
find_switches(const struct filter *f, const char *thread)
{
	char tasks[64], status[384];
	struct dirent *e;
	long n = -1;
	DIR *d;

	(void)snprintf(tasks, sizeof(tasks), "/proc/%d/task", (int)f->pid);
	d = opendir(tasks);
	while (d != NULL && n < 0 && (e = readdir(d)) != NULL) {
		(void)snprintf(status, sizeof(status), "%s/%s/status", tasks,
		    e->d_name);
		n = switches_of(status, thread);
	}
	if (d != NULL)
		(void)closedir(d);
	return n;
}

/* Waits until that thread sleeps. -1: a minute passed. */
static long
switches(const struct filter *f, const char *thread)
{
	const struct timespec step = { .tv_nsec = STEP_NS };
	long n = -1;

	for (unsigned i = 0; i < STEPS && n < 0; i++) {
		if (i > 0)
			(void)nanosleep(&step, NULL);
		n = find_switches(f, thread);
	}
	return n;
}

static void
all_at_once(void)
{
	struct dns_server *dns = dns_server_start(SL(ZONE), 0);
	struct filter *f = filter_asking(dns);
	long slept = switches(f, KICKER);

	dns_server_hold(dns, SL(HELD));
	for (size_t k = 0; k < ARRAY_LEN(crowds); k++) {
		char user[16];

		(void)snprintf(user, sizeof(user), "u%zu-", k);
		open_sessions(f, crowds[k]);
		for (unsigned i = 0; i < crowds[k]; i++)
			say(sessions[i], user, i, "sender.test");
		ask_all(crowds[k]);
		ok(dns_server_await_held(dns, crowds[k]),
		    "%u sessions wait at the same time", crowds[k]);
		(void)dns_server_let_go(dns);
		is_int(take_answers(crowds[k], "spf=softfail"), crowds[k],
		    "and all go on");
		close_sessions(crowds[k]);
	}
	ok(switches(f, KICKER) > slept, "the thread that kicks was awake");
	is_int(filter_stop(f), 0, "and it ends in good order");
	filter_free(f);
	dns_server_stop(dns);
}

static void
slow_names(void)
{
	char zone[32];
	struct filter_texts t = { .zone = zone };
	struct filter *f;

	(void)snprintf(zone, sizeof(zone), "$DELAY %d\n", SLOW_MS);
	f = filter_new(&t);
	if (!ok(filter_start(f), "chopmarkd with names that take a second"))
		exit(1);
	for (size_t k = 0; k < ARRAY_LEN(crowds); k++) {
		int64_t begun;
		char domain[32];

		open_sessions(f, crowds[k]);
		begun = clock_mono_ms();
		for (unsigned i = 0; i < crowds[k]; i++) {
			(void)snprintf(domain, sizeof(domain), "c%zu-%u.test",
			    k, i);
			say(sessions[i], "u", i, domain);
		}
		ask_all(crowds[k]);
		is_int(take_answers(crowds[k], "spf=none"), crowds[k],
		    "%u sessions, each with names of its own", crowds[k]);
		note("%u sessions took %" PRId64 " ms", crowds[k],
		    clock_mono_ms() - begun);
		close_sessions(crowds[k]);
	}
	is_int(filter_stop(f), 0, "and it ends in good order");
	filter_free(f);
}

static void
nobody_waits(void)
{
	struct filter *f = filter_new(&setup_texts);
	long before, after;
	unsigned passed = 0;
	struct mta *m;

	if (!ok(filter_start(f), "chopmarkd that knows every name"))
		exit(1);
	before = switches(f, KICKER);
	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	for (unsigned i = 0; i < CALM_MESSAGES; i++)
		passed += setup_message(m, "a@good.test", "x").verdict ==
		    MTA_CONTINUE;
	after = switches(f, KICKER);
	is_int(passed, CALM_MESSAGES, "%d messages pass", CALM_MESSAGES);
	ok(before >= 0, "there is a thread that kicks");
	is_int(after, before, "it has slept all the time");
	mta_close(m);
	is_int(filter_stop(f), 0, "and it ends in good order");
	filter_free(f);
}

int
main(void)
{
	struct rlimit files = { 0 };

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	nobody_waits();
	all_at_once();
	slow_names();
	return tap_done();
}
