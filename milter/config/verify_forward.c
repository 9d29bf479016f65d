/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verify_forward: what must hold between the options of forwarding.
 */
#include "config/verify.h"

#include "base/err.h"
#include "mail/domain.h"
#include "mail/sets.h"

/* True if it was set to something else than its default, as no dump of a
 * configuration does. */
static bool
is_changed(const struct config *c, enum option_id id)
{
	const struct given_vec *given = &c->given[id];
	const char *fallback = options[id].fallback;

	return c->is_set[id] &&
	    (fallback == NULL || given->n != 1 ||
		!slice_ieq(given->at[0].text, slice_c(fallback)));
}

/* Options that have no default and do nothing without SRSDomain. */
static void
verify_unused(const struct config *c, struct problems *p)
{
	static const enum option_id ids[] = { OPT_SRSSecretFile, OPT_SRSSocket,
		OPT_SRSExcludeDomains, OPT_SRSRewrite, OPT_SRSReverse };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (is_changed(c, ids[i]))
			problems_error(p, config_place_of(c, ids[i]),
			    "%s has no effect without SRSDomain",
			    options[ids[i]].name);
}

static void
verify_when(const struct config *c, struct problems *p)
{
	const struct forward_options *f = &c->engine.forward;

	if (f->when == SRS_NEEDED && set_count(f->outbound) == 0)
		problems_error(p, config_place_of(c, OPT_SRSWhen),
		    "SRSWhen: 'needed' wants to know our addresses: set "
		    "OutboundAddresses");
}

static void
verify_srs(const struct config *c, struct problems *p)
{
	const struct forward_options *f = &c->engine.forward;

	if (!domain_is_hostname(f->srs.domain))
		problems_error(p, config_place_of(c, OPT_SRSDomain),
		    "SRSDomain: '%.*s' is not a domain name",
		    SL_ARG(f->srs.domain));
	if (f->secret_file == NULL)
		problems_error(p, config_place_of(c, OPT_SRSDomain),
		    "SRSDomain: addresses cannot be made without "
		    "SRSSecretFile; chopmark srs secret makes a secret");
	/* 0: its value was refused already */
	if (f->srs.hash_length > 0 && f->srs.hash_min > f->srs.hash_length)
		problems_error(p, config_place_of(c, OPT_SRSHashMinimum),
		    "SRSHashMinimum is more than SRSHashLength: addresses that "
		    "we make would not be taken back");
	if (set_count(f->local_domains) == 0)
		problems_warn(p, config_place_of(c, OPT_SRSDomain),
		    "SRSDomain: with LocalDomains unset mail of our own users "
		    "is rewritten too");
	if (f->rewrite && set_count(f->local_domains) == 0)
		problems_error(p, config_place_of(c, OPT_SRSRewrite),
		    "SRSRewrite: without LocalDomains nobody knows which mail "
		    "leaves this host");
	verify_when(c, p);
}

int
config_verify_forward(struct arena *a, struct config *c, struct problems *p)
{
	struct forward_options *f = &c->engine.forward;
	struct socket_spec spec;
	int err;

	f->secret_uid = c->engine.check.sign.user;
	if (f->srs.domain.n == 0)
		verify_unused(c, p);
	else
		verify_srs(c, p);
	if (c->daemon.srs_socket == NULL)
		return 0;
	err = config_verify_socket_text(a, c, p, OPT_SRSSocket,
	    c->daemon.srs_socket, &spec);
	if (err == 0)
		config_verify_reach(c, p, OPT_SRSSocket, c->daemon.srs_socket,
		    &spec, "make addresses that we take back");
	return err == ERR_NOMEM ? err : 0;
}
