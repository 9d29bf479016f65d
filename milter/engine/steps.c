/* SPDX-License-Identifier: BSD-2-Clause
 *
 * steps: read off the options and the rules.
 */
#include "engine/steps.h"

struct steps
engine_steps(const struct engine *e)
{
	const struct engine_options *o = engine_options(e);
	const struct rules *r = engine_rules(e);

	return (struct steps){
		.mail_replies = rules_need_stage(r, STAGE_MAIL),
		.rcpt_replies = rules_need_stage(r, STAGE_RCPT) ||
		    engine_srs(e) != NULL, /* forged ones are refused */
		.edits_headers = true, /* forged results are always removed */
		.adds_headers = true,
		.holds = rules_can_hold(r),
		.changes_from = o->forward.rewrite,
		.changes_rcpts = o->forward.reverse,
		.needs_body = (o->check.direction.verify &&
				  (o->check.dkim.verify ||
				      o->check.arc.mode != ARC_OFF)) ||
		    engine_keys(e) != NULL || rules_use_fact(r, SL("size")),
	};
}
