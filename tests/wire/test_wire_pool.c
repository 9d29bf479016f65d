/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The threads of a real chopmarkd: every session that waits has one, and those
 * that are free again are used again.
 */
#include <dirent.h>

#include "lib/tap.h"
#include "wire/setup.h"

#define SESSIONS 128
#define DELAY_MS 1000
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

	burst(f, 1000, SESSIONS, &answered);
	n = threads(f, before);
	ok(n > SESSIONS, "a thread for each that waits, and it stays");
	burst(f, 2000, SESSIONS / 2, &answered);
	m = threads(f, after);
	for (size_t i = 0; i < m; i++) {
		bool old = false;

		for (size_t k = 0; k < n; k++)
			old = old || before[k] == after[i];
		new += !old;
	}
	is_int(answered, SESSIONS / 2, "fewer sessions are served");
	ok(new < SESSIONS / 4, "by threads that were there (%zu new)", new);
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
	test_reuse(f);
	is_int(filter_stop(f), 0, "and it ends in good order");
	filter_free(f);
	return tap_done();
}
