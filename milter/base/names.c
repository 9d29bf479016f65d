/* SPDX-License-Identifier: BSD-2-Clause
 *
 * names: table lookup both ways, and optimal string alignment distance for
 * spelling suggestions.
 */
#include "base/names.h"

#define MAX_NAME ((size_t)63)

int
names_code(const struct name_code *table, size_t n, struct slice name,
    int missing)
{
	for (size_t i = 0; i < n; i++)
		if (slice_ieq(slice_c(table[i].name), name))
			return table[i].code;
	return missing;
}

const char *
names_name(const struct name_code *table, size_t n, int code)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].code == code)
			return table[i].name;
	return "unknown";
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* One cell of the matrix: row i (of a), column j (of b), both from 1. */
static unsigned
cell(struct slice a, struct slice b, size_t i, size_t j,
    unsigned (*row)[MAX_NAME + 1])
{
	const unsigned *above = row[(i + 2) % 3], *two_above = row[(i + 1) % 3];
	char x = slice_lower(a.p[i - 1]), y = slice_lower(b.p[j - 1]);
	unsigned best = above[j - 1] + (x == y ? 0U : 1U);

	best = least(best, above[j] + 1);
	best = least(best, row[i % 3][j - 1] + 1);
	if (i > 1 && j > 1 && x == slice_lower(b.p[j - 2]) &&
	    y == slice_lower(a.p[i - 2]))
		best = least(best, two_above[j - 2] + 1);
	return best;
}

unsigned
names_distance(struct slice a, struct slice b)
{
	unsigned row[3][MAX_NAME + 1];

	if (a.n > MAX_NAME || b.n > MAX_NAME)
		return UINT_MAX;
	memset(row, 0, sizeof(row));
	for (size_t j = 0; j <= b.n; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		row[i % 3][0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++)
			row[i % 3][j] = cell(a, b, i, j, row);
	}
	return row[a.n % 3][b.n];
}

struct names_nearest
names_nearest_to(struct slice word)
{
	return (struct names_nearest){
		.word = word,
		.best = { NULL, 0 },
		.distance = UINT_MAX,
	};
}

void
names_nearest_try(struct names_nearest *near, struct slice candidate)
{
	unsigned allowed = near->word.n < 6 ? 1U : (unsigned)near->word.n / 3;
	unsigned d = names_distance(near->word, candidate);

	if (d <= allowed && d < near->distance && candidate.n > 0) {
		near->best = candidate;
		near->distance = d;
	}
}
