/* SPDX-License-Identifier: BSD-2-Clause
 *
 * unjudged: what becomes of a message that we failed to judge. A header that
 * is too large is its sender's fault and refused; else OnInternalError
 * decides, and whatever it says, no result that claims to be ours passes
 * (RFC 8601 section 5).
 */
#include "base/err.h"
#include "engine/engine_private.h"

static void
refuse(struct engine_session *s, enum action action, const char *code,
    const char *enhanced, const char *text)
{
	const char *id = s->message != NULL ? s->message->id : s->session.id;
	struct reply *r = &s->plan.reply;

	plan_init(&s->plan, s->arena);
	s->plan.action = action;
	memcpy(r->code, code, strlen(code) + 1);
	memcpy(r->enhanced, enhanced, strlen(enhanced) + 1);
	(void)snprintf(s->spare_text, sizeof(s->spare_text), "%.64s,%s %s",
	    s->engine->hostname.p, id, text);
	s->spare_line = slice_c(s->spare_text);
	r->lines = (struct slice_vec){ .at = &s->spare_line, .n = 1 };
	r->set = true;
}

/* Passes a message that we failed to judge, but not with results in it that
 * claim to be ours. False if those cannot be taken out. */
static bool
accept_unjudged(struct engine_session *s)
{
	plan_init(&s->plan, s->arena);
	s->plan.action = ACTION_ACCEPT;
	return s->evaluation != NULL &&
	    labels_remove_forged(s->engine, s->evaluation, s->unseen_results,
		&s->plan) == 0;
}

void
unjudged_conclude(struct engine_session *s)
{
	bool pass = s->engine->options.on_internal_error == INTERNAL_ACCEPT;
	const struct evaluation *ev = s->evaluation;

	if (s->failed == ERR_LIMIT && ev != NULL &&
	    limits_met(&ev->limits, LIMIT_RECIPIENTS))
		refuse(s, ACTION_TEMPFAIL, "452", "4.5.3",
		    "too many recipients");
	else if (s->failed == ERR_LIMIT)
		refuse(s, ACTION_REJECT, "552", "5.3.4",
		    "message header section too large");
	else if (!pass || !accept_unjudged(s))
		refuse(s, ACTION_TEMPFAIL, "451", "4.3.0",
		    "internal error, please try again later");
}
