/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verdict: what a check says of a message. Generated from verdicts.def.
 */
#ifndef CM_CHECK_VERDICT_H
#define CM_CHECK_VERDICT_H

#include "base/slice.h"

enum verdict {
#define VERDICT(code, word) VERDICT_##code,
#include "check/verdicts.def"
#undef VERDICT
	VERDICT_COUNT
};

/* The RFC 8601 word. */
const char *verdict_word(enum verdict v);
/* false if it is none of ours. */
bool verdict_parse(struct slice word, enum verdict *out);

#endif
