/* SPDX-License-Identifier: BSD-2-Clause
 *
 * facts_private.h: the getters behind the table of facts.c, for the facts
 * room alone. Each has the contract of fact->get.
 */
#ifndef CM_CHECK_FACTS_PRIVATE_H
#define CM_CHECK_FACTS_PRIVATE_H

#include "check/facts.h"

#define FACT_GETTER(name)                                               \
	int fact_##name(const struct fact_context *c, struct slice arg, \
	    struct fact_value *out)

/* facts_mail.c: what the MTA and the message say */
FACT_GETTER(direction);
FACT_GETTER(client);
FACT_GETTER(client_name);
FACT_GETTER(helo);
FACT_GETTER(mailfrom);
FACT_GETTER(mailfrom_domain);
FACT_GETTER(rcpt);
FACT_GETTER(rcpt_domain);
FACT_GETTER(rcpts);
FACT_GETTER(from);
FACT_GETTER(from_domain);
FACT_GETTER(from_error);
FACT_GETTER(authenticated);
FACT_GETTER(auth_user);
FACT_GETTER(daemon);
FACT_GETTER(tls);
FACT_GETTER(size);
FACT_GETTER(header);
FACT_GETTER(list_id);

/* facts_check.c: what the checks found */
FACT_GETTER(indirect);
FACT_GETTER(limits);
FACT_GETTER(iprev);
FACT_GETTER(spf);
FACT_GETTER(spf_domain);
FACT_GETTER(spf_helo);
FACT_GETTER(spf_record);
FACT_GETTER(spf_null);
FACT_GETTER(spf_mechanism);
FACT_GETTER(dkim);
FACT_GETTER(dkim_domains);
FACT_GETTER(dkim_aligned);
FACT_GETTER(dmarc);
FACT_GETTER(dmarc_policy);
FACT_GETTER(dmarc_disposition);
FACT_GETTER(dmarc_domain);
FACT_GETTER(arc);
FACT_GETTER(arc_sealer);
FACT_GETTER(arc_trusted);
FACT_GETTER(arc_saw_pass);
FACT_GETTER(arc_unsure);
FACT_GETTER(forward);
FACT_GETTER(forward_doomed);
FACT_GETTER(forward_reason);

#endif
