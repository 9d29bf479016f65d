/* SPDX-License-Identifier: BSD-2-Clause
 *
 * template: one line of text with {variables}, compiled at load and filled in
 * per message. What a template makes is printable ASCII, bounded and one
 * line, whatever the values are. Used inside the policy room; others see
 * templates through reply.h. Compiled templates are immutable and shared.
 */
#ifndef CM_POLICY_TEMPLATE_H
#define CM_POLICY_TEMPLATE_H

#include "policy/reply.h"

#define TEMPLATE_MAX_PARTS 64            /* texts and variables of one line */
#define TEMPLATE_VALUE_MAX ((size_t)255) /* octets of one value */
#define TEMPLATE_LINE ((size_t)480)      /* octets of the longest reply line */

/* What a template may name besides facts; the names are in template.c. */
enum template_var {
	TEMPLATE_TEXT, /* no variable: literal text */
	TEMPLATE_FACT,
	TEMPLATE_HOST,
	TEMPLATE_ID,
	TEMPLATE_QID,
	TEMPLATE_EPOCH,
	TEMPLATE_TIME,
	TEMPLATE_TAG,
	TEMPLATE_REASON,
	TEMPLATE_RULE,
	TEMPLATE_HELP,
	TEMPLATE_LANG,
	TEMPLATE_SPF_EXP,
	TEMPLATE_DKIM_REASON,
	TEMPLATE_DMARC_RECORD
};

struct template_part {
	enum template_var var;
	struct slice text; /* TEXT; of a fact: its argument */
	const struct fact *fact;
};
VEC_DEFINE(template_part_vec, struct template_part);

struct reply_template {
	struct place place;
	struct template_part_vec parts;
	size_t literal; /* octets of all literal text */
};

/* Where the values of one rendering come from. */
struct template_source {
	const struct fact_context *context;
	const struct reply_extra *extra;
	struct slice tag;  /* of the reply, or empty */
	struct slice help; /* the finished URL, or empty */
	struct slice lang;
};

/* Appends one line of at most `max` octets: an empty value goes with the space
 * before it, a value of theirs that is more than one word stands in double
 * quotes, the longest ones are cut with "..." until all fits. 0 or ERR_NOMEM. */
int template_line(const struct reply_template *t,
    const struct template_source *s, size_t max, struct buf *out) A_MUST_USE;
/* The same for a URL: values are percent-encoded and cut at 96 octets. Over
 * `max` nothing is appended, for half a URL leads nowhere. */
int template_url(const struct reply_template *t,
    const struct template_source *s, size_t max, struct buf *out) A_MUST_USE;
/* The first fact that cannot be known at a stage, or NULL. */
const struct fact *template_late_fact(const struct reply_template *t,
    enum stage s);

/* What one variable stands for. */
struct template_value {
	struct slice text;
	bool theirs; /* quoted when it is more than one word */
	bool firm;   /* never cut */
};

/* As it is, any bytes. 0 or ERR_NOMEM. */
int template_value_raw(const struct template_source *s,
    const struct template_part *part, struct template_value *out) A_MUST_USE;
/* In the form in which it can be sent, `max` octets at most. 0 or ERR_NOMEM. */
int template_value(const struct template_source *s,
    const struct template_part *part, size_t max,
    struct template_value *out) A_MUST_USE;

/* Text as a stranger gave it, as printable ASCII in the arena: runs of other
 * bytes become one '?', over `max` octets it is cut with "...". Empty with
 * p == NULL when out of memory. */
struct slice template_printable(struct arena *a, struct slice s, size_t max);

#endif
