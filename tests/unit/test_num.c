/* SPDX-License-Identifier: BSD-2-Clause
 *
 * num: numbers, sizes and durations, good and bad.
 */
#include "base/num.h"

#include "base/err.h"
#include "lib/tap.h"

typedef int (*parse_fn)(struct slice s, uint64_t max, uint64_t *out);

struct vector {
	const char *text;
	uint64_t max;
	int err;
	uint64_t value;
};

static void
run(const char *what, parse_fn parse, const struct vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t got = 4711;
		int err = parse(t_slice(v[i].text), v[i].max, &got);

		ok(err == v[i].err && got == (err == 0 ? v[i].value : 4711),
		    "%s '%s' (at most %" PRIu64 ") is %s", what, v[i].text,
		    v[i].max, v[i].err == 0 ? "taken" : err_text(v[i].err));
	}
}

static const struct vector numbers[] = {
	{ "0", 9, 0, 0 },
	{ "007", 9, 0, 7 },
	{ "9", 9, 0, 9 },
	{ "10", 9, ERR_RANGE, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, ERR_RANGE, 0 },
	{ "99999999999999999999", UINT64_MAX, ERR_RANGE, 0 },
	{ "000000000000000000001", 9, ERR_RANGE, 0 },
	{ "", 9, ERR_SYNTAX, 0 },
	{ "-1", 9, ERR_SYNTAX, 0 },
	{ "+1", 9, ERR_SYNTAX, 0 },
	{ " 1", 9, ERR_SYNTAX, 0 },
	{ "1 ", 9, ERR_SYNTAX, 0 },
	{ "0x1", 9, ERR_SYNTAX, 0 },
	{ "1e1", 9, ERR_SYNTAX, 0 },
};

static const struct vector sizes[] = {
	{ "12", 4096, 0, 12 },
	{ "2k", 4096, 0, 2048 },
	{ "4K", 4096, 0, 4096 },
	{ "5K", 4096, ERR_RANGE, 0 },
	{ "1m", UINT64_MAX, 0, UINT64_C(1) << 20 },
	{ "3G", UINT64_MAX, 0, UINT64_C(3) << 30 },
	{ "17179869184G", UINT64_MAX, ERR_RANGE, 0 },
	{ "1KB", UINT64_MAX, ERR_SYNTAX, 0 },
	{ "K", UINT64_MAX, ERR_SYNTAX, 0 },
	{ "1.5K", UINT64_MAX, ERR_SYNTAX, 0 },
	{ "1 K", UINT64_MAX, ERR_SYNTAX, 0 },
};

static const struct vector durations[] = {
	{ "5", UINT64_MAX, 0, 5000 },
	{ "0", UINT64_MAX, 0, 0 },
	{ "250ms", UINT64_MAX, 0, 250 },
	{ "90s", UINT64_MAX, 0, 90000 },
	{ "5m", UINT64_MAX, 0, 300000 },
	{ "1h30m", UINT64_MAX, 0, 5400000 },
	{ "1D", UINT64_MAX, 0, 86400000 },
	{ "1s500ms", UINT64_MAX, 0, 1500 },
	{ "2s", 1999, ERR_RANGE, 0 },
	{ "1s1s", 1999, ERR_RANGE, 0 },
	{ "999999999999999999d", UINT64_MAX, ERR_RANGE, 0 },
	{ "1h30", UINT64_MAX, ERR_SYNTAX, 0 },
	{ "s", UINT64_MAX, ERR_SYNTAX, 0 },
	{ "", UINT64_MAX, ERR_SYNTAX, 0 },
	{ "1w", UINT64_MAX, ERR_SYNTAX, 0 },
	{ "-5s", UINT64_MAX, ERR_SYNTAX, 0 },
};

int
main(void)
{
	run("number", num_parse, numbers, ARRAY_LEN(numbers));
	run("size", num_parse_size, sizes, ARRAY_LEN(sizes));
	run("duration", num_parse_duration, durations, ARRAY_LEN(durations));
	ok(num_add(SIZE_MAX, 1) == SIZE_MAX, "a sum stops at the largest size");
	ok(num_mul(SIZE_MAX / 2, 3) == SIZE_MAX, "so does a product");
	ok(num_add(2, 3) == 5 && num_mul(2, 3) == 6, "small ones are exact");
	return tap_done();
}
