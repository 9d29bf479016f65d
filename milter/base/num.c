/* SPDX-License-Identifier: BSD-2-Clause
 *
 * num: bounded readers of decimal numbers, sizes and durations.
 */
#include "base/num.h"

#include "base/err.h"

#define MAX_DIGITS ((size_t)20)

/* Takes leading digits off *s. */
static int
take_digits(struct slice *s, uint64_t *out)
{
	uint64_t value = 0;
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9') {
		uint64_t digit = (uint64_t)(s->p[n] - '0');

		if (n >= MAX_DIGITS ||
		    __builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return ERR_RANGE;
		n++;
	}
	if (n == 0)
		return ERR_SYNTAX;
	*s = slice_from(*s, n);
	*out = value;
	return 0;
}

int
num_parse(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t value;
	int err = take_digits(&s, &value);

	if (err != 0)
		return err;
	if (s.n != 0)
		return ERR_SYNTAX;
	if (value > max)
		return ERR_RANGE;
	*out = value;
	return 0;
}

int
num_parse_size(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t value, unit = 1;
	int err = take_digits(&s, &value);

	if (err != 0)
		return err;
	if (slice_ieq(s, SL("k")))
		unit = UINT64_C(1) << 10;
	else if (slice_ieq(s, SL("m")))
		unit = UINT64_C(1) << 20;
	else if (slice_ieq(s, SL("g")))
		unit = UINT64_C(1) << 30;
	else if (s.n != 0)
		return ERR_SYNTAX;
	if (__builtin_mul_overflow(value, unit, &value) || value > max)
		return ERR_RANGE;
	*out = value;
	return 0;
}

/* Takes a unit of time off *s and gives its milliseconds; 0 if there is none. */
static uint64_t
take_unit(struct slice *s)
{
	static const struct {
		struct slice name;
		uint64_t ms;
	} units[] = {
		{ SLICE_INIT("ms"), 1 },
		{ SLICE_INIT("s"), 1000 },
		{ SLICE_INIT("m"), 60000 },
		{ SLICE_INIT("h"), 3600000 },
		{ SLICE_INIT("d"), 86400000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (slice_istarts(*s, units[i].name)) {
			*s = slice_from(*s, units[i].name.n);
			return units[i].ms;
		}
	return 0;
}

int
num_parse_duration(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t total = 0, value, unit;
	bool first = true;

	do {
		int err = take_digits(&s, &value);

		if (err != 0)
			return err;
		unit = first && s.n == 0 ? 1000 : take_unit(&s);
		if (unit == 0)
			return ERR_SYNTAX;
		if (__builtin_mul_overflow(value, unit, &value) ||
		    __builtin_add_overflow(total, value, &total) || total > max)
			return ERR_RANGE;
		first = false;
	} while (s.n > 0);
	*out = total;
	return 0;
}
