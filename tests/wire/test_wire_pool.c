/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The threads of a real chopmarkd: sessions that wait for the DNS do not wait
 * for one another, and workers that ended are used again.
 */
#include <dirent.h>

#include "base/clock.h"
#include "lib/tap.h"
#include "wire/setup.h"

#define SESSIONS 256
#define DELAY_MS 1000
/* All at once are one delay or two. One after the other they would be two
 * hundred; without a kick libmilter's pool took eleven. */
#define PATIENCE_MS (6 * DELAY_MS)
#define THREADS 1024

/* Every session asks for names of its own, and all wait at the same time. */
static void
burst(const struct filter *f, unsigned first, unsigned sessions,
    unsigned *answered)
{
	static struct mta *m[SESSIONS];
	char domain[64];

	*answered = 0;
	for (unsigned i = 0; i < sessions; i++)
		m[i] = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	for (unsigned i = 0; i < sessions; i++) {
		(void)snprintf(domain, sizeof(domain), "<a@d%u.test>",
		    first + i);
		mta_mail(m[i], domain);
		mta_rcpt(m[i], "<b@local.test>");
		(void)snprintf(domain, sizeof(domain), " a@d%u.test",
		    first + i);
		mta_header(m[i], SL("From"), slice_c(domain));
		mta_eoh(m[i]);
		mta_body(m[i], SL("x\r\n"));
		if (!mta_end_ask(m[i]))
			break;
	}
	for (unsigned i = 0; i < sessions; i++) {
		struct mta_answer a = mta_end_wait(m[i]);

		*answered += a.verdict == MTA_CONTINUE &&
		    slice_search(mta_headers(m[i]), SL("spf=none")) !=
			SLICE_NONE;
	}
	for (unsigned i = 0; i < sessions; i++) {
		mta_quit(m[i]);
		mta_close(m[i]);
	}
}

static void
test_waiting(const struct filter *f)
{
	unsigned answered;
	int64_t begun = clock_mono_ms(), took;

	burst(f, 0, SESSIONS, &answered);
	took = clock_mono_ms() - begun;
	is_int(answered, SESSIONS, "%d sessions whose every name takes %d ms",
	    SESSIONS, DELAY_MS);
	ok(took < PATIENCE_MS, "do not wait for one another (%d ms)",
	    (int)took);
}

/* The ids of its threads; how many. */
static size_t
threads(const struct filter *f, long out[THREADS])
{
	char path[64];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)f->pid);
	d = opendir(path);
	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL && n < THREADS)
		if (e->d_name[0] != '.')
			out[n++] = strtol(e->d_name, NULL, 10);
	(void)closedir(d);
	return n;
}

static void
test_reuse(const struct filter *f)
{
	static long before[THREADS], after[THREADS];
	size_t n, m, new = 0;
	unsigned answered;

	burst(f, 1000, SESSIONS / 2, &answered);
	n = threads(f, before);
	ok(n > SESSIONS / 2, "a thread for each that waits, and it stays");
	burst(f, 2000, SESSIONS / 4, &answered);
	m = threads(f, after);
	for (size_t i = 0; i < m; i++) {
		bool old = false;

		for (size_t k = 0; k < n; k++)
			old = old || before[k] == after[i];
		new += !old;
	}
	is_int(answered, SESSIONS / 4, "fewer sessions are served");
	ok(new < SESSIONS / 8, "by threads that were there (%zu new)", new);
}

int
main(void)
{
	char zone[32];
	struct filter_texts t = { .zone = zone };
	struct filter *f;

	(void)snprintf(zone, sizeof(zone), "$DELAY %d\n", DELAY_MS);
	f = filter_new(&t);
	if (!ok(filter_start(f), "chopmarkd serves"))
		return 1;
	test_waiting(f);
	test_reuse(f);
	is_int(filter_stop(f), 0, "and it ends in good order");
	filter_free(f);
	return tap_done();
}
