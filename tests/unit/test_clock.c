/* SPDX-License-Identifier: BSD-2-Clause
 *
 * clock: dates both ways, deadlines, the clock of tests. Nothing here asserts
 * how long anything takes.
 */
#include "base/clock.h"

#include "base/err.h"
#include "lib/tap.h"

static void
test_format(void)
{
	static const struct {
		int64_t epoch;
		const char *mail, *iso;
	} v[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 +0000",
		    "1970-01-01T00:00:00Z" },
		{ 951825599, "Tue, 29 Feb 2000 11:59:59 +0000",
		    "2000-02-29T11:59:59Z" },
		{ 1795302019, "Sat, 21 Nov 2026 23:00:19 +0000",
		    "2026-11-21T23:00:19Z" },
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 +0000",
		    "9999-12-31T23:59:59Z" },
	};
	char text[CLOCK_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		clock_format_rfc5322(v[i].epoch, text);
		is_text(slice_c(text), v[i].mail, "%" PRId64 " as mail date",
		    v[i].epoch);
		clock_format_iso(v[i].epoch, text);
		is_text(slice_c(text), v[i].iso, "%" PRId64 " as ISO date",
		    v[i].epoch);
	}
	clock_format_rfc5322(INT64_MAX, text);
	ok(strlen(text) < CLOCK_TEXT, "a time beyond any calendar is harmless");
}

static void
test_day(void)
{
	static const struct {
		const char *text;
		int err;
		int64_t epoch;
	} v[] = {
		{ "1970-01-01", 0, 0 },
		{ "2026-11-21", 0, 1795219200 },
		{ "2000-02-29", 0, 951782400 },
		{ "2100-02-29", ERR_RANGE, 0 },
		{ "2026-02-30", ERR_RANGE, 0 },
		{ "2026-13-01", ERR_RANGE, 0 },
		{ "2026-00-01", ERR_RANGE, 0 },
		{ "2026-01-00", ERR_RANGE, 0 },
		{ "1969-12-31", ERR_RANGE, 0 },
		{ "2026-1-01", ERR_SYNTAX, 0 },
		{ "2026/01/01", ERR_SYNTAX, 0 },
		{ "20260101", ERR_SYNTAX, 0 },
		{ "2026-01-01 ", ERR_SYNTAX, 0 },
		{ "", ERR_SYNTAX, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		int64_t got = -1;
		int err = clock_parse_day(t_slice(v[i].text), &got);

		ok(err == v[i].err && got == (err == 0 ? v[i].epoch : -1),
		    "day '%s' is %s", v[i].text,
		    v[i].err == 0 ? "taken" : err_text(v[i].err));
	}
}

static void
test_deadline(void)
{
	struct deadline soon = deadline_in(1000), later = deadline_in(3600000);
	struct timespec ts = deadline_timespec((struct deadline){ 1234567 });

	ok(deadline_passed(deadline_in(0)), "a deadline of now has passed");
	ok(deadline_passed(deadline_in(-5)), "one before now too");
	ok(!deadline_passed(later) && deadline_left(later) <= 3600000 &&
		deadline_left(later) > 0,
	    "one in an hour has time left");
	ok(deadline_left(DEADLINE_NEVER) == INT64_MAX &&
		!deadline_passed(DEADLINE_NEVER),
	    "never does not pass");
	ok(deadline_in(INT64_MAX).at == INT64_MAX, "a far one does not wrap");
	ok(deadline_min(soon, later).at == soon.at &&
		deadline_min(DEADLINE_NEVER, soon).at == soon.at,
	    "the earlier of two");
	ok(ts.tv_sec == 1234 && ts.tv_nsec == 567000000L,
	    "a deadline as time of a condition variable");
	ok(deadline_timespec(DEADLINE_NEVER).tv_sec > 1000000,
	    "never is far away there too");
}

static void
test_fake(void)
{
	int64_t mono = clock_mono_ms();

	clock_fake(1000000000);
	ok(clock_epoch() == 1000000000 &&
		clock_epoch_ms() == INT64_C(1000000000000),
	    "a fake clock stands");
	ok(clock_mono_ms() >= mono, "the monotonic clock goes on");
	clock_fake(0);
	ok(clock_epoch() > 1700000000, "and the real one comes back");
}

int
main(void)
{
	test_format();
	test_day();
	test_deadline();
	test_fake();
	return tap_done();
}
