/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What is asked of the MTA for what the configuration needs.
 */
#include "daemon/negotiate.h"

#include <libmilter/mfapi.h>

#include "lib/tap.h"

#define ALL_ACTIONS 0x1ffUL
#define ALL_STEPS 0x1fffffUL
#define OLD_ACTIONS 0x3fUL
#define OLD_STEPS 0x7fUL
/* libmilter plays "no reply" to every MTA and offers it always. */
#define NR_STEPS 0xff080UL

static const struct steps all = { .mail_replies = true,
	.rcpt_replies = true,
	.edits_headers = true,
	.adds_headers = true,
	.holds = true,
	.changes_from = true,
	.changes_rcpts = true,
	.needs_body = true };

static void
nothing_more_than_needed(void)
{
	struct steps want = { .adds_headers = true, .needs_body = true };
	struct negotiated n = negotiate(&want, false, ALL_ACTIONS, ALL_STEPS);

	is_int((int64_t)n.actions, SMFIF_ADDHDRS, "only needed edits");
	ok((n.steps & SMFIP_NR_MAIL) != 0 && (n.steps & SMFIP_NR_RCPT) != 0 &&
		(n.steps & SMFIP_NR_CONN) != 0 && (n.steps & SMFIP_NR_HDR) != 0,
	    "no reply where none is possible");
	ok((n.steps & (SMFIP_NR_BODY | SMFIP_NOBODY)) == 0 &&
		(n.steps & SMFIP_SKIP) != 0,
	    "the body is answered, or SKIP would be lost");
	ok((n.steps & (SMFIP_NODATA | SMFIP_NOUNKNOWN)) ==
		(SMFIP_NODATA | SMFIP_NOUNKNOWN),
	    "commands that we do not use are not sent");
	ok((n.steps & SMFIP_HDR_LEADSPC) != 0, "values come as they are");
	want.needs_body = false;
	n = negotiate(&want, false, ALL_ACTIONS, ALL_STEPS);
	ok((n.steps & SMFIP_NOBODY) != 0, "no body when nothing reads it");
}

static void
replies_where_rules_stand(void)
{
	struct negotiated n = negotiate(&all, true, ALL_ACTIONS, ALL_STEPS);

	ok(negotiated_reply(&n, SMFIP_NR_CONN) &&
		negotiated_reply(&n, SMFIP_NR_MAIL) &&
		negotiated_reply(&n, SMFIP_NR_RCPT),
	    "replies at connect, MAIL and RCPT");
	ok(!negotiated_reply(&n, SMFIP_NR_HELO) &&
		!negotiated_reply(&n, SMFIP_NR_EOH),
	    "but not at HELO and end of header");
	is_int((int64_t)n.actions,
	    SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_CHGFROM |
		SMFIF_ADDRCPT | SMFIF_DELRCPT,
	    "all edits");
}

static void
nothing_more_than_offered(void)
{
	struct negotiated n =
	    negotiate(&all, false, OLD_ACTIONS, OLD_STEPS | NR_STEPS);

	is_int((int64_t)(n.actions & ~OLD_ACTIONS), 0, "edits");
	is_int((int64_t)(n.steps & ~(OLD_STEPS | NR_STEPS)), 0, "steps");
	is_text(slice_c(negotiate_missing(&all, OLD_ACTIONS)),
	    "changing the envelope sender", "what is missing is named");
	ok(negotiate_missing(&all, ALL_ACTIONS) == NULL, "nothing is missing");
	n = negotiate(&all, false, 0, 0);
	is_int((int64_t)(n.actions | n.steps), 0, "an MTA without options");
}

int
main(void)
{
	nothing_more_than_needed();
	replies_where_rules_stand();
	nothing_more_than_offered();
	return tap_done();
}
