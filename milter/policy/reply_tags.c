/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reply_tags: the table of reason tags.
 */
#include "policy/reply_tags.h"

const struct reply_tag reply_tags[REPLY_TAG_COUNT] = {
#define REPLY_TAG(code, tag_text, tag_help) \
	[REPLY_TAG_##code] = { .text = (tag_text), .help = (tag_help) },
#include "policy/reply_tags.def"
#undef REPLY_TAG
};

const struct reply_tag *
reply_tag_find(struct slice text)
{
	for (size_t i = 0; i < REPLY_TAG_COUNT; i++)
		if (slice_eq(text, slice_c(reply_tags[i].text)))
			return &reply_tags[i];
	return NULL;
}
