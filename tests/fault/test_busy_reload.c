/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_busy_reload: 100 reloads while 50 connections send. Each configuration
 * leaves its number in a message twice, by an option and by a rule in another
 * file: every message is answered, none bears two numbers, and new sessions
 * see new numbers. No descriptor stays behind; the memory is told.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"
#include "lib/tap.h"
#include "wire/setup.h"

#define SENDERS 10
#define CONNECTIONS 5 /* of each sender */
#define PER_CONNECTION 8
#define RELOADS 100
#define ROUNDS_MAX 50 /* of a sender: 20,000 messages in all */

/* Shared with the senders. */
struct tally {
	atomic_bool enough;
	atomic_uint sent, lost, mixed, newest;
	char why[256];
};

static struct tally *tally;

static void
texts(struct filter_texts *t, struct arena *a, unsigned number)
{
	*t = setup_texts;
	t->config = arena_printf(a, "AuthservID mx%u.local.test\n", number).p;
	t->policy =
	    arena_printf(a, "see: tag \"X-Number: mx%u.local.test\"\n", number)
		.p;
}

/* The number in the first word of a field; 0: there is none. */
static unsigned
number_in(struct slice field)
{
	struct slice digits = slice_trim(field);
	uint64_t n;

	if (!slice_starts(digits, SL("mx")))
		return 0;
	digits = slice_from(digits, 2);
	digits = slice_sub(digits, 0, slice_chr(digits, '.'));
	return num_parse(digits, UINT_MAX, &n) == 0 ? (unsigned)n : 0;
}

static void
note_loss(const struct mta *m, struct mta_answer answer)
{
	if (atomic_fetch_add(&tally->lost, 1) == 0)
		(void)snprintf(tally->why, sizeof(tally->why), "verdict %d, %s",
		    (int)answer.verdict,
		    m->error != NULL ? m->error : "no error");
}

static void
send_one(struct mta *m)
{
	struct mta_answer answer = setup_message(m, "a@good.test", "x");
	unsigned rule, option;

	atomic_fetch_add(&tally->sent, 1);
	if (answer.verdict != MTA_CONTINUE && answer.verdict != MTA_ACCEPT) {
		note_loss(m, answer);
		return;
	}
	rule = number_in(mta_field(m, "X-Number", 1));
	option = number_in(mta_field(m, "Authentication-Results", 1));
	if (rule == 0 || rule != option)
		atomic_fetch_add(&tally->mixed, 1);
	if (rule > atomic_load(&tally->newest))
		atomic_store(&tally->newest, rule);
}

/* A round: each of the connections sends in turn, then all are made anew. With
 * a moment between, and to a bound: the log is read over and over. */
static A_NORETURN void
be_sender(const struct filter *f)
{
	unsigned left = ROUNDS_MAX;

	while (!atomic_load(&tally->enough)) {
		struct mta *m[CONNECTIONS];

		for (size_t i = 0; i < CONNECTIONS; i++)
			m[i] = setup_session(f,
			    i % 2 != 0 ? MTA_POSTFIX : MTA_SENDMAIL,
			    MTA_OFFER_FULL);
		for (size_t k = 0; k < PER_CONNECTION; k++)
			for (size_t i = 0; left > 0 && i < CONNECTIONS; i++)
				send_one(m[i]);
		for (size_t i = 0; i < CONNECTIONS; i++) {
			mta_quit(m[i]);
			mta_close(m[i]);
		}
		left -= left > 0;
		(void)nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	_exit(0);
}

/* Resident kilobytes; 0: cannot be told. */
static unsigned long
memory(const struct filter *f)
{
	char path[64], line[128];
	unsigned long kb = 0;
	FILE *in;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)f->pid);
	in = fopen(path, "r");
	while (in != NULL && fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kb = strtoul(line + 6, NULL, 10);
	if (in != NULL)
		(void)fclose(in);
	return kb;
}

static unsigned
reload_all(struct filter *f)
{
	struct arena *a = t_arena();

	for (unsigned i = 1; i <= RELOADS; i++) {
		struct filter_texts t;

		texts(&t, a, i + 1);
		filter_write(f, &t);
		filter_signal(f, i % 2 != 0 ? SIGHUP : SIGUSR1);
		if (!filter_await(f, "configuration read again", i))
			return i;
	}
	return RELOADS;
}

static void
see_newest(const struct filter *f)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	send_one(m);
	is_int(atomic_load(&tally->newest), RELOADS + 1,
	    "a session begun now has the last configuration");
	mta_quit(m);
	mta_close(m);
}

int
main(void)
{
	pid_t senders[SENDERS];
	struct filter_texts t;
	struct filter *f;
	unsigned long kb;
	unsigned before;
	bool ended = true;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 1;
	texts(&t, t_arena(), 1);
	f = filter_new(&t);
	if (!ok(filter_start(f), "chopmarkd serves"))
		return tap_done();
	before = filter_descriptors(f);
	kb = memory(f);
	for (size_t i = 0; i < SENDERS; i++) {
		(void)fflush(stdout);
		senders[i] = fork();
		if (senders[i] == 0)
			be_sender(f);
	}
	is_int(reload_all(f), RELOADS, "%d reloads with %d connections",
	    RELOADS, SENDERS * CONNECTIONS);
	see_newest(f);
	atomic_store(&tally->enough, true);
	for (size_t i = 0; i < SENDERS; i++) {
		int status = 1;

		ended = waitpid(senders[i], &status, 0) == senders[i] &&
		    status == 0 && ended;
	}
	ok(ended, "no sender was turned away");
	ok(atomic_load(&tally->sent) > RELOADS, "%u messages were sent",
	    atomic_load(&tally->sent));
	if (!is_int(atomic_load(&tally->lost), 0, "every one was answered"))
		note("%s", tally->why);
	is_int(atomic_load(&tally->mixed), 0,
	    "none was judged by two configurations");
	for (int i = 0; i < 1000 && filter_descriptors(f) > before; i++)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 },
		    NULL);
	is_int(filter_descriptors(f), before, "no descriptor is left open");
	note("%lu kB resident at first, %lu kB after it", kb, memory(f));
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
	return tap_done();
}
