/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reply_tags: the stable short names of the reasons for which mail is
 * refused ("MI:SPF"), generated from reply_tags.def. Pure, any thread.
 */
#ifndef CM_POLICY_REPLY_TAGS_H
#define CM_POLICY_REPLY_TAGS_H

#include "base/slice.h"

enum reply_tag_code {
#define REPLY_TAG(code, text, help) REPLY_TAG_##code,
#include "policy/reply_tags.def"
#undef REPLY_TAG
	REPLY_TAG_COUNT
};

struct reply_tag {
	const char *text; /* "MI:SPF" */
	const char *help; /* half a sentence */
};

extern const struct reply_tag reply_tags[REPLY_TAG_COUNT];

/* NULL if there is no such tag; case counts, as others match it by text. */
const struct reply_tag *reply_tag_find(struct slice text);

#endif
