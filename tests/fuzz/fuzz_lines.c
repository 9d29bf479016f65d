/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_lines: the ground under all configuration files. The first byte chooses
 * the flags.
 */
#include "base/lines.h"

#include "fuzz/fuzz.h"

void
fuzz_one(struct arena *a, struct slice in)
{
	unsigned flags = fuzz_byte(&in) & (LINES_JOIN | LINES_KEEP_HASH);
	struct line_vec lines;
	struct problems p;
	unsigned last = 0;
	int err;

	problems_init(&p, a);
	err = lines_parse(a, "input", in, flags, &lines, &p);
	FUZZ_DEMAND_ERR(err);
	FUZZ_DEMAND((err != 0) == (p.errors > 0));
	for (size_t i = 0; i < lines.n; i++) {
		struct slice rest = lines.at[i].text, word;
		bool quoted;

		FUZZ_DEMAND(rest.n > 0 && rest.n <= LINES_MAX_LINE);
		FUZZ_DEMAND(lines.at[i].place.line > last);
		last = lines.at[i].place.line;
		for (;;) {
			size_t before = rest.n;
			int got = lines_word(a, &rest, &word, &quoted);

			if (got <= 0)
				break;
			FUZZ_DEMAND(rest.n < before && word.n <= before);
		}
	}
	for (size_t i = 0; i < p.all.n; i++)
		FUZZ_DEMAND(p.all.at[i].text.n > 0);
}
