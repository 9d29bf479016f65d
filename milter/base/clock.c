/* SPDX-License-Identifier: BSD-2-Clause
 *
 * clock: the two clocks of the kernel, and dates in UTC.
 */
#include "base/clock.h"

#include "base/err.h"
#include "base/num.h"

static _Atomic int64_t fake_epoch;

static int64_t
read_us(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
read_ms(clockid_t id)
{
	return read_us(id) / 1000;
}

int64_t
clock_epoch_ms(void)
{
	int64_t fake = atomic_load_explicit(&fake_epoch, memory_order_relaxed);

	return fake != 0 ? fake * 1000 : read_ms(CLOCK_REALTIME);
}

int64_t
clock_epoch(void)
{
	return clock_epoch_ms() / 1000;
}

int64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_cpu_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
clock_coarse_ms(void)
{
	return read_ms(CLOCK_MONOTONIC_COARSE);
}

void
clock_fake(int64_t epoch)
{
	atomic_store(&fake_epoch, epoch);
}

struct deadline
deadline_in(int64_t ms)
{
	int64_t at;

	if (__builtin_add_overflow(clock_mono_ms(), ms, &at))
		at = INT64_MAX;
	return (struct deadline){ at };
}

int64_t
deadline_left(struct deadline d)
{
	int64_t now;

	if (d.at == INT64_MAX)
		return INT64_MAX;
	now = clock_mono_ms();
	return d.at > now ? d.at - now : 0;
}

bool
deadline_passed(struct deadline d)
{
	return deadline_left(d) == 0;
}

struct deadline
deadline_min(struct deadline a, struct deadline b)
{
	return a.at < b.at ? a : b;
}

struct timespec
deadline_timespec(struct deadline d)
{
	struct timespec ts;

	if (d.at == INT64_MAX) {
		ts.tv_sec = (time_t)(INT64_MAX / 1000);
		ts.tv_nsec = 0;
		return ts;
	}
	ts.tv_sec = (time_t)(d.at / 1000);
	ts.tv_nsec = (long)(d.at % 1000) * 1000000;
	return ts;
}

static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

void
clock_format_rfc5322(int64_t epoch, char out[CLOCK_TEXT])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(out, CLOCK_TEXT, "%s, %02d %s %04d %02d:%02d:%02d +0000",
	    days[tm.tm_wday % 7], tm.tm_mday, months[tm.tm_mon % 12],
	    (tm.tm_year + 1900) % 10000, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void
clock_format_iso(int64_t epoch, char out[CLOCK_TEXT])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}

int
clock_parse_day(struct slice s, int64_t *out)
{
	uint64_t year, month, day;
	struct tm tm = { 0 }, back;
	time_t t;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' ||
	    num_parse(slice_sub(s, 0, 4), 9999, &year) != 0 ||
	    num_parse(slice_sub(s, 5, 2), 99, &month) != 0 ||
	    num_parse(slice_sub(s, 8, 2), 99, &day) != 0)
		return ERR_SYNTAX;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return ERR_RANGE;
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	t = timegm(&tm);
	if (t == (time_t)-1 || gmtime_r(&t, &back) == NULL ||
	    back.tm_mday != (int)day)
		return ERR_RANGE;
	*out = (int64_t)t;
	return 0;
}
