/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reply: the texts of refusals, as templates that are read and checked at
 * load (replies.conf) and rendered per message, so that no value, however
 * hostile, can make a wrong reply. DESIGN section 6.
 */
#ifndef CM_POLICY_REPLY_H
#define CM_POLICY_REPLY_H

#include "base/lines.h"
#include "check/facts.h"
#include "policy/plan.h"

struct replies;

struct reply_options {
	/* RepliesFile; NULL: the built-in ones (same text as shipped) */
	const char *file;
	struct slice help_url;  /* HelpURL template or empty */
	struct slice help_lang; /* HelpLang */
};

/* Names of the replies that a rule without `with` gives. They exist even if
 * the file does not define them. */
#define REPLY_DEFAULT_REJECT "reject"
#define REPLY_DEFAULT_TEMPFAIL "tempfail"

/* Reads and checks. NULL after reporting to p. */
struct replies *replies_load(struct arena *a, const struct reply_options *o,
    struct problems *p) A_MUST_USE;
/* True if there is a reply of this name; *code_class gets its code's first
 * digit ('4' suits tempfail, '5' reject). */
bool replies_has(const struct replies *r, struct slice name, char *code_class);
/* Offers every name to a nearest-spelling search. */
struct names_nearest;
void replies_nearest(const struct replies *r, struct names_nearest *near);
/* The first fact that a reply names and that cannot be known at a stage (it
 * would read "unknown"), or NULL. */
const struct fact *replies_late_fact(const struct replies *r, struct slice name,
    enum stage s);

/* What a template may name besides facts. */
struct reply_extra {
	struct slice rule; /* name of the rule */
	/* one line for humans, or empty: made from the findings */
	struct slice reason;
};

/* Renders into out (arena of the message). Never fails for bad input: values
 * are stripped to printable ASCII, cut with "...", lines are bounded to `line_max` octets
 * (480 at EOM, less at MAIL/RCPT). 0 or ERR_NOMEM. */
int replies_render(const struct replies *r, struct slice name,
    const struct fact_context *c, const struct reply_extra *x, size_t line_max,
    struct reply *out) A_MUST_USE;

/* Renders any one-line template with the same variables (QuarantineHeader,
 * tag "..."): compiled at load by reply_template_parse, which copies the text
 * and returns NULL after reporting to p. Rendering appends at most
 * REPLY_TEMPLATE_MAX octets of printable ASCII. 0 or ERR_NOMEM. */
#define REPLY_TEMPLATE_MAX ((size_t)900)
struct reply_template;
struct reply_template *reply_template_parse(struct arena *a, struct slice text,
    struct place at, struct problems *p);
int reply_template_render(const struct reply_template *t,
    const struct replies *r, const struct fact_context *c,
    const struct reply_extra *x, struct buf *out) A_MUST_USE;

/* A built-in reply for our own failures: 451 4.3.0 with id, never fails. */
void reply_internal(struct reply *out, struct arena *a, const char *id);

#endif
