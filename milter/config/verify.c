/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verify: options that contradict each other, and values whose grammar is not
 * that of a type.
 */
#include "config/verify.h"

#include <pwd.h>

#include "base/err.h"
#include "base/num.h"
#include "mail/domain.h"
#include "mail/sets.h"

struct place
config_place_of(const struct config *c, enum option_id id)
{
	if (c->given[id].n > 0 && c->given[id].at[0].place.file != NULL)
		return c->given[id].at[0].place;
	return (struct place){ "defaults", 0 };
}

/* Options that say how a local socket is made are idle on another one. */
static void
verify_socket_file(const struct config *c, struct problems *p,
    enum socket_kind kind)
{
	static const enum option_id ids[] = { OPT_SocketMode, OPT_SocketGroup };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (kind != SOCKET_UNIX && c->is_set[ids[i]])
			problems_warn(p, config_place_of(c, ids[i]),
			    "%s has no effect: the socket is not a local one",
			    options[ids[i]].name);
}

void
config_verify_reach(const struct config *c, struct problems *p,
    enum option_id id, const char *text, const struct socket_spec *spec,
    const char *harm)
{
	struct slice host = slice_c(spec->host != NULL ? spec->host : "");
	struct ip ip;

	if (spec->kind == SOCKET_UNIX && (c->daemon.socket_mode & 02) != 0)
		problems_warn(p, config_place_of(c, OPT_SocketMode),
		    "SocketMode %04o: every local user can %s",
		    c->daemon.socket_mode, harm);
	if (spec->kind != SOCKET_INET && spec->kind != SOCKET_INET6)
		return;
	if (!slice_ieq(host, SL("localhost")) &&
	    (!ip_parse(host, &ip) || !ip_is_loopback(&ip)))
		problems_warn(p, config_place_of(c, id),
		    "%s '%s': who can reach it can %s; leave only the MTA "
		    "through a packet filter",
		    options[id].name, text, harm);
}

int
config_verify_socket_text(struct arena *a, const struct config *c,
    struct problems *p, enum option_id id, const char *text,
    struct socket_spec *spec)
{
	const char *why;
	int err = socket_spec_parse(a, slice_c(text), spec, &why);

	if (err == ERR_NOMEM)
		return err;
	if (err != 0) {
		problems_error(p, config_place_of(c, id), "%s: '%s': %s",
		    options[id].name, text, why);
		return ERR_CONFIG;
	}
	return 0;
}

static int
verify_socket(struct arena *a, const struct config *c, struct problems *p)
{
	struct socket_spec spec;
	int err;

	if (c->daemon.socket == NULL) {
		problems_error(p, config_place_of(c, OPT_Socket),
		    "Socket must not be empty");
		return 0;
	}
	err = config_verify_socket_text(a, c, p, OPT_Socket, c->daemon.socket,
	    &spec);
	if (err == 0) {
		verify_socket_file(c, p, spec.kind);
		/* a client can be said to be one of our users */
		if (c->engine.check.direction.sign)
			config_verify_reach(c, p, OPT_Socket, c->daemon.socket,
			    &spec, "have mail signed");
	}
	return err == ERR_NOMEM ? err : 0;
}

static void
verify_names(struct config *c, struct problems *p)
{
	struct engine_options *e = &c->engine;
	struct slice id;

	if (e->hostname.n > 0 && !domain_is_hostname(e->hostname))
		problems_error(p, config_place_of(c, OPT_Hostname),
		    "Hostname: '%.*s' is not a host name", SL_ARG(e->hostname));
	if (slice_ieq(e->authserv_id, SL("HOSTNAME")))
		e->authserv_id = SL("");
	for (size_t i = 0; i < e->authserv_id.n; i++) {
		char b = e->authserv_id.p[i];

		if (b > ' ' && b < 0x7f && b != ';' && b != '"' && b != '\\')
			continue;
		problems_error(p, config_place_of(c, OPT_AuthservID),
		    "AuthservID: '%.*s' is not one word of printable ASCII",
		    SL_ARG(e->authserv_id));
		return;
	}
	for (size_t i = 0; set_entry(e->trusted_ids, i, &id, NULL, NULL); i++)
		if (!domain_is_hostname(id))
			problems_error(p,
			    config_place_of(c, OPT_TrustedAuthservIDs),
			    "TrustedAuthservIDs: '%.*s' is not a name: each "
			    "stands there in full",
			    SL_ARG(slice_sub(id, 0, 100)));
	if (set_count(e->trusted_ids) > 0 &&
	    set_count(e->check.direction.relay_hosts) == 0)
		problems_warn(p, config_place_of(c, OPT_TrustedAuthservIDs),
		    "TrustedAuthservIDs has no effect: such fields are believed "
		    "from clients in RelayHosts only, and there is none");
}

/* Sets that are asked for the client's address alone: a name would never
 * match, and its owner would not notice. */
static void
verify_addresses(const struct config *c, struct problems *p, enum option_id id,
    const struct set *s)
{
	struct slice entry;
	struct ip_net net;

	for (size_t i = 0; set_entry(s, i, &entry, NULL, NULL); i++) {
		if (slice_starts(entry, SL("!")))
			entry = slice_from(entry, 1);
		if (!ip_net_parse(entry, &net))
			problems_error(p, config_place_of(c, id),
			    "%s: '%.*s' is no address and no network such as "
			    "192.0.2.0/24",
			    options[id].name, SL_ARG(slice_sub(entry, 0, 100)));
	}
}

static void
verify_clients(const struct config *c, struct problems *p)
{
	const struct direction_options *d = &c->engine.check.direction;

	verify_addresses(c, p, OPT_PeerList, c->daemon.peers);
	verify_addresses(c, p, OPT_InternalHosts, d->internal_hosts);
	verify_addresses(c, p, OPT_RelayHosts, d->relay_hosts);
	verify_addresses(c, p, OPT_ReinjectHosts, d->reinject_hosts);
}

static void
verify_mode(struct config *c, struct problems *p)
{
	struct check_options *o = &c->engine.check;
	bool keys = dkim_sign_configured(&o->sign);

	o->direction.verify = c->mode != MODE_SIGN;
	o->direction.sign = c->mode != MODE_VERIFY && keys;
	o->dkim.verify = o->direction.verify;
	if (c->mode == MODE_VERIFY && keys)
		problems_warn(p, config_place_of(c, OPT_Mode),
		    "Mode v does not sign: the keys have no effect");
	if (c->mode == MODE_SIGN && !keys)
		problems_warn(p, config_place_of(c, OPT_Mode),
		    "nothing is signed: no key is named by Domain, Selector "
		    "and KeyFile, or by SigningTable and KeyTable");
}

/* Whose files of keys and secrets are safe: those of the user that the daemon
 * runs as, a name or a number; (unsigned)-1: there is none. */
static unsigned
uid_of(struct slice user)
{
	struct slice part = SL("");
	struct passwd entry, *found = NULL;
	char name[64], memory[4096];
	uint64_t n;

	if (!slice_cut(&user, ':', &part))
		return (unsigned)-1;
	(void)snprintf(name, sizeof(name), "%.*s", SL_ARG(part));
	if (getpwnam_r(name, &entry, memory, sizeof(memory), &found) == 0 &&
	    found != NULL)
		return entry.pw_uid;
	return num_parse(part, UINT_MAX - 1, &n) == 0 ? (unsigned)n :
							(unsigned)-1;
}

/* Those of the default may be missing, those of the operator not. */
static void
verify_signing(struct config *c)
{
	c->engine.check.sign.mta_files_needed = c->is_set[OPT_MTAConfig];
}

static void
verify_dns(struct config *c, struct problems *p)
{
	struct engine_options *e = &c->engine;
	int64_t budget = e->check.message_budget_ms;

	e->resolver.nameservers = c->nameservers.at;
	e->resolver.n_nameservers = c->nameservers.n;
	e->check.spf.max_lookups = MOST_SPF_LOOKUPS;
	e->check.spf.time_limit_ms = budget;
	if (budget == 0) /* refused already */
		return;
	if (e->resolver.timeout_ms > budget)
		problems_warn(p, config_place_of(c, OPT_DNSTimeout),
		    "DNSTimeout is longer than MessageDNSBudget, which ends "
		    "the lookup first");
	if (e->check.envelope_wait_ms > budget)
		problems_warn(p, config_place_of(c, OPT_EnvelopeDNSWait),
		    "EnvelopeDNSWait is longer than MessageDNSBudget");
	if (e->resolver.zone_file != NULL && c->nameservers.n > 0)
		problems_warn(p, config_place_of(c, OPT_Nameservers),
		    "Nameservers has no effect beside TestDNSData");
}

static void
verify_arc(const struct config *c, struct problems *p)
{
	const struct check_options *o = &c->engine.check;

	if (set_count(o->arc.later) == 0)
		return;
	if (set_count(o->direction.reinject_hosts) == 0)
		problems_error(p, config_place_of(c, OPT_ARCSealLater),
		    "ARCSealLater: nobody brings mail back to be sealed: set "
		    "ReinjectHosts");
	if (!c->engine.add_auth_results)
		problems_error(p, config_place_of(c, OPT_ARCSealLater),
		    "ARCSealLater: mail that comes back is known by our "
		    "results, and AddAuthResults is off");
}

static void
verify_memory(const struct config *c, struct problems *p)
{
	/* A field is kept as received, and unfolded where it is read. */
	if (c->engine.max_message_memory > 0 &&
	    c->engine.max_message_memory / 4 < c->engine.max_header_bytes)
		problems_error(p, config_place_of(c, OPT_MaximumMessageMemory),
		    "MaximumMessageMemory must be at least four times "
		    "MaximumHeaders");
}

int
config_verify(struct arena *a, struct config *c, struct problems *p)
{
	verify_mode(c, p);
	c->engine.check.sign.user = uid_of(slice_c(c->daemon.user));
	verify_signing(c);
	verify_names(c, p);
	verify_clients(c, p);
	verify_dns(c, p);
	verify_memory(c, p);
	verify_arc(c, p);
	if (config_verify_forward(a, c, p) != 0)
		return ERR_NOMEM;
	return verify_socket(a, c, p);
}
