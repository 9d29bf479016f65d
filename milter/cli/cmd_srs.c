/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chopmark srs: rewrites and takes back addresses as the daemon would, and
 * makes secrets.
 */
#include <getopt.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "cli/cli.h"
#include "dns/dns_message.h"
#include "srs/secrets.h"

#define MEMORY ((size_t)1 << 30)

enum way { WAY_FORWARD, WAY_REVERSE, WAY_SECRET, WAY_NONE };

struct request {
	struct cli_source source;
	enum way way;
	char **addresses; /* ended by NULL */
};

static enum way
way_of(const char *word)
{
	static const struct name_code ways[] = {
		{ "forward", WAY_FORWARD },
		{ "reverse", WAY_REVERSE },
		{ "secret", WAY_SECRET },
	};

	return (
	    enum way)names_code(ways, ARRAY_LEN(ways), slice_c(word), WAY_NONE);
}

static int
make_secret(struct arena *a)
{
	struct slice s = secrets_make(a);

	if (s.p == NULL)
		return CLI_SOFTWARE;
	printf("%.*s\n", SL_ARG(s));
	return CLI_OK;
}

/* The address, or why there is none. */
static int
answer(const struct srs_answer *r, const char *address)
{
	if (r->outcome == SRS_MAP_REWRITTEN) {
		printf("%.*s\n", SL_ARG(r->address));
		return CLI_OK;
	}
	(void)fprintf(stderr, "chopmark srs: %s: %s\n", address,
	    srs_outcome_word(r->outcome));
	return CLI_REJECT;
}

static int
lookup(const struct engine *e, enum way way, struct arena *a,
    const char *address, struct srs_answer *out)
{
	struct dns_message *dns = dns_message_new(engine_resolver(e), a,
	    engine_options(e)->check.message_budget_ms, NULL);
	struct mailbox m;
	int err = address_parse_path(a, slice_c(address), &m);

	if (err != 0 || dns == NULL)
		return ERR_NOMEM;
	if (way == WAY_REVERSE)
		return srs_map_rcpt(engine_srs(e), a, &m, out);
	return srs_map_sender(engine_srs(e), a, &m, dns, out);
}

static int
map_all(const struct engine *e, const struct request *r)
{
	struct arena *a = arena_new(MEMORY);
	int status = a != NULL ? CLI_OK : CLI_SOFTWARE;

	for (char **at = r->addresses; a != NULL && *at != NULL; at++) {
		struct srs_answer got;
		int one = CLI_SOFTWARE;

		if (lookup(e, r->way, a, *at, &got) == 0)
			one = answer(&got, *at);
		if (one > status)
			status = one;
		arena_reset(a);
	}
	arena_free(a);
	return status;
}

static int
with_engine(const struct request *r, struct arena *a)
{
	struct config_source src = cli_source_config(&r->source);
	struct problems p;
	struct snapshot *s;
	int status = CLI_CONFIG;

	problems_init(&p, a);
	s = snapshot_load(&src, NULL, &p);
	if (cli_print_problems(&p) > 0 || s == NULL)
		status = CLI_CONFIG;
	else if (engine_srs(snapshot_engine(s)) == NULL)
		(void)fprintf(stderr,
		    "chopmark srs: SRSDomain is not set in %s\n",
		    src.path != NULL ? src.path : "the built-in defaults");
	else
		status = map_all(snapshot_engine(s), r);
	snapshot_put(s);
	return status;
}

/* "2026-11-21" or seconds since 1970. */
static bool
set_time(const char *text)
{
	uint64_t n;
	int64_t at = 0;

	if (num_parse(slice_c(text), INT64_MAX, &n) == 0)
		at = (int64_t)n;
	else if (clock_parse_day(slice_c(text), &at) != 0)
		return false;
	if (at <= 0)
		return false;
	clock_fake(at);
	return true;
}

static int
run(const struct request *r)
{
	struct arena *a = arena_new(MEMORY);
	int status;

	if (a == NULL)
		return CLI_SOFTWARE;
	status = r->way == WAY_SECRET ? make_secret(a) : with_engine(r, a);
	arena_free(a);
	return status;
}

int
cmd_srs(int argc, char **argv)
{
	enum { OPTION_CONFIG = 256, OPTION_TIME };
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, OPTION_CONFIG },
		{ "time", required_argument, NULL, OPTION_TIME },
		{ NULL, 0, NULL, 0 },
	};
	struct request r = { .way = WAY_NONE };
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
		if (c == OPTION_CONFIG) {
			r.source.path = optarg;
		} else if (c == OPTION_TIME) {
			if (!set_time(optarg))
				return cli_usage("srs",
				    "--time takes YYYY-MM-DD or seconds since "
				    "1970");
		} else if (c != 'o') {
			return cli_usage("srs",
			    "unknown option, or its value is missing: '%s'",
			    argv[optind - 1]);
		} else if (!cli_source_set(&r.source, optarg)) {
			return cli_usage("srs", "-o takes NAME=VALUE");
		}
	}
	if (optind < argc)
		r.way = way_of(argv[optind++]);
	if (r.way == WAY_NONE)
		return cli_usage("srs", "forward, reverse or secret?");
	r.addresses = argv + optind;
	if ((optind < argc) == (r.way == WAY_SECRET))
		return cli_usage("srs",
		    r.way == WAY_SECRET ? "secret takes no address" :
					  "which address?");
	return run(&r);
}
