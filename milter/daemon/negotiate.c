/* SPDX-License-Identifier: BSD-2-Clause
 *
 * negotiate: see negotiate.h.
 *
 * "No reply" (SMFIP_NR_*) saves a round trip and a wake-up of the pool for
 * every command; libmilter plays it to an MTA that does not know it. A reply
 * at such a stage is silently swallowed, SKIP too, hence never NR_BODY. With "leading space" a
 * value is all that stands behind the colon; without it both MTAs eat one
 * space and simple header canonicalisation cannot be right.
 */
#include "daemon/negotiate.h"

#include <libmilter/mfapi.h>

struct negotiated
negotiate(const struct steps *want, bool connect_replies,
    unsigned long offered_actions, unsigned long offered_steps)
{
	unsigned long steps = SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NR_HELO |
	    SMFIP_NR_DATA | SMFIP_NR_UNKN | SMFIP_NR_HDR | SMFIP_NR_EOH |
	    SMFIP_HDR_LEADSPC;
	unsigned long actions = 0;

	if (!connect_replies)
		steps |= SMFIP_NR_CONN;
	if (!want->mail_replies)
		steps |= SMFIP_NR_MAIL;
	if (!want->rcpt_replies)
		steps |= SMFIP_NR_RCPT;
	steps |= want->needs_body ? SMFIP_SKIP : SMFIP_NOBODY;
	if (want->adds_headers)
		actions |= SMFIF_ADDHDRS;
	if (want->edits_headers)
		actions |= SMFIF_CHGHDRS;
	if (want->holds)
		actions |= SMFIF_QUARANTINE;
	if (want->changes_from)
		actions |= SMFIF_CHGFROM;
	if (want->changes_rcpts)
		actions |= SMFIF_ADDRCPT | SMFIF_DELRCPT;
	return (struct negotiated){ .actions = actions & offered_actions,
		.steps = steps & offered_steps };
}

bool
negotiated_reply(const struct negotiated *n, unsigned long nr_bit)
{
	return (n->steps & nr_bit) == 0;
}

const char *
negotiate_missing(const struct steps *want, unsigned long offered)
{
	if (want->adds_headers && (offered & SMFIF_ADDHDRS) == 0)
		return "adding header fields";
	if (want->edits_headers && (offered & SMFIF_CHGHDRS) == 0)
		return "removing header fields";
	if (want->holds && (offered & SMFIF_QUARANTINE) == 0)
		return "the quarantine queue";
	if (want->changes_from && (offered & SMFIF_CHGFROM) == 0)
		return "changing the envelope sender";
	if (want->changes_rcpts &&
	    (~offered & (SMFIF_ADDRCPT | SMFIF_DELRCPT)) != 0)
		return "changing recipients";
	return NULL;
}
