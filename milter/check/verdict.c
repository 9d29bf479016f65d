/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verdict: words and codes, both ways, from the one list.
 */
#include "check/verdict.h"

static const char *const words[] = {
#define VERDICT(code, word) [VERDICT_##code] = (word),
#include "check/verdicts.def"
#undef VERDICT
};

_Static_assert(ARRAY_LEN(words) == VERDICT_COUNT, "one word a verdict");

const char *
verdict_word(enum verdict v)
{
	return (unsigned)v < VERDICT_COUNT ? words[v] : "none";
}

bool
verdict_parse(struct slice word, enum verdict *out)
{
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		if (slice_ieq(word, slice_c(words[i]))) {
			*out = (enum verdict)i;
			return true;
		}
	return false;
}
