/* SPDX-License-Identifier: BSD-2-Clause
 *
 * shortage: see shortage.h.
 */
#include "daemon/shortage.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"

#define BETWEEN_MS 60000 /* two lines about the same */
#define LATELY_MS 1000

static const struct {
	const char *word, *text, *cure;
} known[SHORTAGES] = {
	[SHORTAGE_THREADS] = { "threads",
	    "no thread can be made, sessions wait for those there are",
	    "raise TasksMax or LimitNPROC of the service, or lower the number "
	    "of connections the MTA makes" },
	[SHORTAGE_DESCRIPTORS] = { "descriptors",
	    "a connection is not taken, the MTA defers its mail",
	    "raise LimitNOFILE of the service, or lower the number of "
	    "connections the MTA makes" },
	[SHORTAGE_MEMORY] = { "memory",
	    "a session cannot begin, the MTA defers its mail",
	    "raise MemoryMax of the service, or lower the number of "
	    "connections the MTA makes" },
};

static struct {
	struct stat_counter *counter;
	atomic_ullong since;  /* the last line */
	atomic_llong told;    /* when that was; 0: never */
	atomic_llong noticed; /* when it happened last; 0: never */
} state[SHORTAGES];

void
shortage_prepare(void)
{
	for (size_t i = 0; i < SHORTAGES; i++)
		state[i].counter = stats_counter("shortages_total", "of",
		    slice_c(known[i].word), NULL, SL(""));
}

void
shortage_tell(enum shortage what, int err)
{
	long long now = clock_mono_ms(), told = atomic_load(&state[what].told);
	unsigned long long n;

	if (state[what].counter != NULL)
		stats_add(state[what].counter, 1);
	atomic_fetch_add(&state[what].since, 1);
	atomic_store(&state[what].noticed, now);
	if ((told != 0 && now - told < BETWEEN_MS) ||
	    !atomic_compare_exchange_strong(&state[what].told, &told, now))
		return;
	n = atomic_exchange(&state[what].since, 0);
	log_text(LOG_LEVEL_ERROR, "%s (%s; %llu since this was last told): %s",
	    known[what].text, strerror(err), n, known[what].cure);
}

bool
shortage_lately(enum shortage what)
{
	long long at = atomic_load(&state[what].noticed);

	return at != 0 && clock_mono_ms() - at < LATELY_MS;
}
