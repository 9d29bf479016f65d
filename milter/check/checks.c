/* SPDX-License-Identifier: BSD-2-Clause
 *
 * checks: the ordered table of everything that judges. DMARC stands behind
 * SPF and DKIM, whose results it reads.
 */
#include "check/check.h"

static int
bodies_body(struct evaluation *ev, struct slice chunk)
{
	body_hashes_add(ev->bodies, chunk);
	return 0;
}

const struct check checks[] = {
	{ .name = "iprev",
	    .connect = iprev_connect,
	    .mail = iprev_mail,
	    .eoh = iprev_eoh,
	    .end = iprev_end },
	{ .name = "spf",
	    .helo = spf_helo,
	    .mail = spf_mail,
	    .eoh = spf_eoh,
	    .end = spf_end },
	{ .name = "body", .body = bodies_body },
	{ .name = "dkim",
	    .header = dkim_verify_header,
	    .eoh = dkim_verify_eoh,
	    .end = dkim_verify_end },
	{ .name = "arc", .header = arc_header, .eoh = arc_eoh, .end = arc_end },
	{ .name = "dmarc",
	    .helo = dmarc_helo,
	    .mail = dmarc_mail,
	    .eoh = dmarc_eoh,
	    .end = dmarc_end },
};

const size_t checks_count = ARRAY_LEN(checks);
