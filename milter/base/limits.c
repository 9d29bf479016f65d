/* SPDX-License-Identifier: BSD-2-Clause
 *
 * limits: the table, and what happens when a limit is met outside of any
 * message.
 */
#include "base/limits.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"

#define QUIET_MS 1000
#define TEXT_BYTES 512

const struct limit_info limit_infos[LIMIT_COUNT] = {
#define LIMITS_OF(title)
#define LIMIT(id, name_, most_, unit_, what_, beyond_) \
	[LIMIT_##id] = { .name = name_,                \
		.most = (most_),                       \
		.unit = unit_,                         \
		.what = what_,                         \
		.beyond = beyond_ },
#define LIMIT_OPTION(id, name_, option_, what_, beyond_) \
	[LIMIT_##id] = { .name = name_,                  \
		.option = option_,                       \
		.what = what_,                           \
		.beyond = beyond_ },
#include "base/limits.def"
#undef LIMITS_OF
#undef LIMIT
#undef LIMIT_OPTION
};

const char *
limit_word(enum limit l)
{
	return limit_infos[l].name;
}

static struct stat_counter *
counter(enum limit which)
{
	return stats_counter("limits_total", "limit",
	    slice_c(limit_word(which)), NULL, SL(""));
}

void
limits_count(enum limit which)
{
	stats_add(counter(which), 1);
}

uint64_t
limits_counted(enum limit which)
{
	return stats_get(counter(which));
}

void
limits_tell(enum limit which, const char *fmt, ...)
{
	static _Atomic int64_t told[LIMIT_COUNT];
	int64_t now = clock_mono_ms(), last = atomic_load(&told[which]);
	char text[TEXT_BYTES];
	va_list ap;

	limits_count(which);
	if ((last != 0 && now - last < QUIET_MS) ||
	    !atomic_compare_exchange_strong(&told[which], &last, now))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_text(LOG_LEVEL_WARN, "limit %s: %s", limit_word(which), text);
}
