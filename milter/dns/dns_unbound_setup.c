/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_unbound_setup: options of libunbound, in the order it wants them: all of
 * them before the first zone or question, which seals the configuration.
 */
#include "dns/dns_unbound_setup.h"

#include <poll.h>

#include <unbound.h>

#include "base/err.h"
#include "base/num.h"

#define CLASS_IN 1
#define START_ZONE "start.chopmark.invalid."
#define START_MS 5000

struct option {
	const char *name;
	const char *value;
};

static const struct option options[] = {
	{ "verbosity:", "0" },
	/* Our own cache stands in front: these hold delegations and keys. */
	{ "msg-cache-size:", "2m" },
	{ "rrset-cache-size:", "4m" },
	{ "key-cache-size:", "1m" },
	{ "neg-cache-size:", "512k" },
	{ "infra-cache-numhosts:", "2000" },
	/* The library's defaults are 16 and 2 sockets at once: a few dead
	 * servers would hold up everybody else. */
	{ "outgoing-range:", "1024" },
	{ "num-queries-per-thread:", "2048" },
	{ "outgoing-num-tcp:", "64" },
	{ "edns-buffer-size:", "1232" },
	/* A server that was away is tried again soon after. */
	{ "infra-host-ttl:", "60" },
	{ "infra-keep-probing:", "yes" },
	/* A local resolver may be the forwarder, PTR of private addresses may
	 * be asked. */
	{ "do-not-query-localhost:", "no" },
	{ "unblock-lan-zones:", "yes" },
	{ "insecure-lan-zones:", "yes" },
};

static int
set_option(struct ub_ctx *ctx, const char *name, const char *value,
    char why[RESOLVER_WHY])
{
	int err = ub_ctx_set_option(ctx, name, value);

	if (err == 0)
		return 0;
	(void)snprintf(why, RESOLVER_WHY, "libunbound refused %s %s: %s", name,
	    value, ub_strerror(err));
	return ERR_CONFIG;
}

/* "ip", "ip@port", "[ip6]@port" into the "ip@port" that libunbound takes. */
static bool
parse_server(struct slice s, char out[IP_TEXT + 8])
{
	struct slice addr = s, port = SL("53");
	size_t at = slice_rchr(s, '@');
	uint64_t number;
	char text[IP_TEXT];
	struct ip ip;

	if (at != SLICE_NONE) {
		addr = slice_sub(s, 0, at);
		port = slice_from(s, at + 1);
	}
	if (addr.n > 2 && addr.p[0] == '[' && addr.p[addr.n - 1] == ']')
		addr = slice_sub(addr, 1, addr.n - 2);
	if (!ip_parse(addr, &ip) || num_parse(port, 65535, &number) != 0 ||
	    number == 0)
		return false;
	(void)snprintf(out, IP_TEXT + 8, "%s@%u", ip_print(&ip, text),
	    (unsigned)number);
	return true;
}

static int
set_servers(struct ub_ctx *ctx, const struct resolver_options *o,
    char why[RESOLVER_WHY])
{
	char text[IP_TEXT + 8];
	int err;

	for (size_t i = 0; i < o->n_nameservers; i++) {
		if (!parse_server(o->nameservers[i], text)) {
			(void)snprintf(why, RESOLVER_WHY,
			    "Nameservers: '%.*s' is not an address (ip, "
			    "ip@port or [ip6]@port; names are not taken)",
			    SL_ARG(o->nameservers[i]));
			return ERR_CONFIG;
		}
		err = ub_ctx_set_fwd(ctx, text);
		if (err != 0) {
			(void)snprintf(why, RESOLVER_WHY,
			    "libunbound refused the server %s: %s", text,
			    ub_strerror(err));
			return ERR_CONFIG;
		}
	}
	if (o->n_nameservers > 0 || ub_ctx_resolvconf(ctx, NULL) == 0)
		return 0;
	(void)snprintf(why, RESOLVER_WHY,
	    "cannot read the system's name servers from /etc/resolv.conf; "
	    "set Nameservers");
	return ERR_CONFIG;
}

/* The library reads the file later and then says no more than "initialization
 * failure", so that it can be read is seen to here. */
static int
set_anchors(struct ub_ctx *ctx, const char *path, char why[RESOLVER_WHY])
{
	FILE *f;
	int err;

	if (path == NULL || path[0] == '\0')
		return set_option(ctx, "module-config:", "iterator", why);
	f = fopen(path, "re");
	if (f == NULL) {
		(void)snprintf(why, RESOLVER_WHY, "TrustAnchorFile %s: %s",
		    path, strerror(errno));
		return ERR_CONFIG;
	}
	(void)fclose(f);
	err = set_option(ctx, "module-config:", "validator iterator", why);
	if (err == 0 && (err = ub_ctx_add_ta_file(ctx, path)) != 0)
		(void)snprintf(why, RESOLVER_WHY, "TrustAnchorFile %s: %s",
		    path, ub_strerror(err));
	return err == 0 ? 0 : ERR_CONFIG;
}

/* Where the configuration is sealed, all that can still be wrong in it is the
 * contents of the trust anchors. */
static int
tell_start(const struct resolver_options *o, int err, char why[RESOLVER_WHY])
{
	if (err == UB_INITFAIL && o->trust_anchor_file != NULL &&
	    o->trust_anchor_file[0] != '\0')
		(void)snprintf(why, RESOLVER_WHY,
		    "TrustAnchorFile %s: not a file of DS or DNSKEY records",
		    o->trust_anchor_file);
	else
		(void)snprintf(why, RESOLVER_WHY,
		    "libunbound does not start: %s", ub_strerror(err));
	return ERR_LIBRARY;
}

/* Zones that libunbound answers by itself unless it is told not to
 * (RFC 6303, 6761, 7686, 8375); those of private addresses went by
 * unblock-lan-zones. */
static const char *const builtin_zones[] = {
	"localhost.",
	"127.in-addr.arpa.",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",
	"home.arpa.",
	"onion.",
	"test.",
	"invalid.",
};

static int
drop_builtin_zones(struct ub_ctx *ctx)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_LEN(builtin_zones) && err == 0; i++)
		err = ub_ctx_zone_remove(ctx, builtin_zones[i]);
	return err;
}

int
dns_unbound_setup(struct ub_ctx *ctx, const struct resolver_options *o,
    char why[RESOLVER_WHY])
{
	(void)ub_ctx_debugout(ctx, NULL); /* it has no business on stderr */
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (set_option(ctx, options[i].name, options[i].value, why) !=
		    0)
			return ERR_CONFIG;
	/* Forwarders do their own walk down the tree. */
	if (set_option(ctx, "qname-minimisation:", "no", why) != 0 ||
	    set_anchors(ctx, o->trust_anchor_file, why) != 0 ||
	    set_servers(ctx, o, why) != 0)
		return ERR_CONFIG;
	if (ub_ctx_async(ctx, 1) != 0) {
		(void)snprintf(why, RESOLVER_WHY,
		    "libunbound has no thread mode");
		return ERR_LIBRARY;
	}
	return 0;
}

static void
on_start(void *arg, int err, struct ub_result *result)
{
	int *done = arg;

	*done = err != 0 ? err : 1;
	ub_resolve_free(result);
}

int
dns_unbound_start(struct ub_ctx *ctx, const struct resolver_options *o,
    char why[RESOLVER_WHY])
{
	struct pollfd fd = { .events = POLLIN };
	int done = 0, err;

	/* The first of these calls seals the configuration. */
	err = ub_ctx_zone_add(ctx, START_ZONE, "static");
	if (err == 0 && o->n_nameservers > 0)
		err = drop_builtin_zones(ctx);
	if (err == 0)
		err = ub_resolve_async(ctx, START_ZONE, (int)DNS_TXT, CLASS_IN,
		    &done, on_start, NULL);
	fd.fd = ub_fd(ctx);
	while (err == 0 && done == 0)
		err = poll(&fd, 1, START_MS) > 0 ? ub_process(ctx) : UB_PIPE;
	if (err == 0 && done < 0)
		err = done;
	if (err == 0)
		err = ub_ctx_zone_remove(ctx, START_ZONE);
	return err == 0 ? 0 : tell_start(o, err, why);
}
