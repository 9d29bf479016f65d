/* SPDX-License-Identifier: BSD-2-Clause
 *
 * engine: builds the immutable part once per snapshot: libraries, public
 * suffixes, replies, rules, counters.
 */
#include "engine/engine.h"

#include <unistd.h>

#include "base/err.h"
#include "check/arc_seal.h"
#include "check/mta_config.h"
#include "engine/engine_private.h"

#define ENGINE_MEMORY ((size_t)256 << 20)

static const struct place nowhere = { "chopmark", 0 };

static bool
load_hostname(struct engine *e)
{
	char name[256];

	if (e->options.hostname.n > 0) {
		e->hostname = arena_lower(e->arena, e->options.hostname);
		return e->hostname.p != NULL;
	}
	if (gethostname(name, sizeof(name)) != 0)
		(void)snprintf(name, sizeof(name), "localhost");
	name[sizeof(name) - 1] = '\0';
	e->hostname = arena_lower(e->arena, slice_c(name));
	return e->hostname.p != NULL;
}

static bool
load_policy(struct engine *e, struct problems *p)
{
	e->replies = replies_load(e->arena, &e->options.replies, p);
	if (e->replies == NULL)
		return false;
	e->rules = rules_load(e->arena, &e->options.rules, e->replies, p);
	if (e->rules == NULL)
		return false;
	e->options.check.iprev.enabled = e->options.check.iprev.enabled ||
	    rules_use_fact(e->rules, SL("iprev"));
	e->counts_size = rules_use_fact(e->rules, SL("size"));
	e->options.check.arc.seal_by_rule = rules_can_seal(e->rules);
	return true;
}

static bool
load_srs(struct engine *e, struct problems *p)
{
	const struct engine_options *o = &e->options;

	e->outbound = outbound_load(e->arena, o->forward.outbound,
	    &o->check.spf, e->hostname, p);
	if (e->outbound == NULL || o->forward.srs.domain.n == 0)
		return e->outbound != NULL;
	e->srs = srs_map_load(e->arena, &o->forward, e->outbound, p);
	return e->srs != NULL;
}

static bool
load_libraries(struct engine *e, struct problems *p)
{
	const struct check_options *o = &e->options.check;

	e->psl = psl_load(e->options.psl_file);
	if (e->psl == NULL) {
		problems_error(p, (struct place){ "PublicSuffixList", 0 },
		    "%s: no public suffix list",
		    e->options.psl_file != NULL ? e->options.psl_file :
						  "install publicsuffix");
		return false;
	}
	e->arc_sealer = arc_sealer_load(o, p);
	if (o->direction.sign && dkim_sign_configured(&o->sign)) {
		e->keys = dkim_keys_load(&o->sign, o->dkim.minimum_key_bits, p);
		e->mta = mta_config_load(e->arena, &o->sign.mta_files,
		    o->sign.mta_files_needed, o->sign.normalize_addresses, p);
		if (e->keys == NULL || e->mta == NULL)
			return false;
	}
	if (!o->direction.verify || !o->dkim.verify)
		return true;
	e->dkim = dkim_library_new(&o->dkim);
	if (e->dkim == NULL)
		problems_error(p, nowhere, "libopendkim cannot be started");
	return e->dkim != NULL;
}

/* The option that is most likely the cause; the configuration knows where it
 * stands. */
static struct place
resolver_place(const struct resolver_options *o)
{
	if (o->zone_file != NULL)
		return (struct place){ "TestDNSData", 0 };
	if (o->trust_anchor_file != NULL)
		return (struct place){ "TrustAnchorFile", 0 };
	return (struct place){ "Nameservers", 0 };
}

static bool
load_resolver(struct engine *e, struct resolver *shared, struct problems *p)
{
	char why[RESOLVER_WHY];

	e->resolver = shared;
	if (shared != NULL)
		return true;
	e->resolver = resolver_new(&e->options.resolver, why);
	if (e->resolver == NULL)
		problems_error(p, resolver_place(&e->options.resolver), "%s",
		    why);
	return e->resolver != NULL;
}

struct engine *
engine_new(const struct engine_options *o, struct resolver *resolver,
    struct problems *p)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct resolver *made = NULL;
	bool good;

	if (e != NULL)
		e->arena = arena_new(ENGINE_MEMORY);
	if (e == NULL || e->arena == NULL) {
		free(e);
		problems_error(p, nowhere, "%s", err_text(ERR_NOMEM));
		return NULL;
	}
	e->options = *o;
	good = load_hostname(e) && outcome_load(&e->counters) == 0;
	/* every part reports its own problems: all of them are told at once */
	good = load_policy(e, p) && good;
	good = load_srs(e, p) && good;
	good = load_libraries(e, p) && good;
	if (good && p->errors == 0) {
		good = load_resolver(e, resolver, p);
		made = resolver == NULL ? e->resolver : NULL;
	}
	if (arena_failed(e->arena) || (!good && p->errors == 0))
		problems_error(p, nowhere, "%s", err_text(ERR_NOMEM));
	if (!good || p->errors > 0) {
		resolver_free(made);
		engine_free(e);
		return NULL;
	}
	e->env = (struct check_env){ .options = &e->options.check,
		.resolver = e->resolver,
		.psl = e->psl,
		.dkim = e->dkim,
		.keys = e->keys,
		.mta = e->mta,
		.arc_sealer = e->arc_sealer };
	return e;
}

void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	arc_sealer_free(e->arc_sealer);
	dkim_library_free(e->dkim);
	dkim_keys_free(e->keys);
	psl_unload(e->psl);
	arena_free(e->arena);
	free(e);
}

const struct rules *
engine_rules(const struct engine *e)
{
	return e->rules;
}

const struct engine_options *
engine_options(const struct engine *e)
{
	return &e->options;
}

struct resolver *
engine_resolver(const struct engine *e)
{
	return e->resolver;
}

const struct srs_map *
engine_srs(const struct engine *e)
{
	return e->srs;
}

struct dkim_keys *
engine_keys(const struct engine *e)
{
	return e->keys;
}
