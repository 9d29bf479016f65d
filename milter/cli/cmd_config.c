/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chopmark config: checks the configuration as the daemon would load it, or
 * prints it. The sample file and the manual's table come out here too, for
 * those who package them.
 */
#include <getopt.h>

#include "cli/cli.h"
#include "config/dump.h"

#define OUTPUT_MAX ((size_t)16 << 20)
#define PROBLEM_MEMORY ((size_t)4 << 20)
#define CONFIG_MEMORY ((size_t)1 << 30)

enum what { WHAT_CHECK, WHAT_DUMP, WHAT_SAMPLE, WHAT_MANUAL };

/* Writes out what is in the buffer, and frees it. */
static int
put(struct buf *out)
{
	bool good = buf_ok(out);

	if (good)
		(void)fwrite(buf_slice(out).p, 1, out->n, stdout);
	buf_fini(out);
	return good ? CLI_OK : CLI_SOFTWARE;
}

static int
generate(enum what what, bool shipped)
{
	const struct config_paths *paths =
	    shipped ? &config_paths_shipped : &config_paths_built;
	struct buf out;

	buf_init(&out, NULL, OUTPUT_MAX);
	if (what == WHAT_SAMPLE)
		dump_sample(paths, &out);
	else
		dump_manual(paths, &out);
	return put(&out);
}

static int
check(const struct config_source *src, struct problems *p)
{
	struct snapshot *s = snapshot_load(src, NULL, p);

	snapshot_put(s);
	if (cli_print_problems(p) > 0 || s == NULL)
		return CLI_CONFIG;
	printf("%s: no errors\n",
	    src->path != NULL ? src->path : "built-in defaults");
	return CLI_OK;
}

static int
dump(const struct config_source *src, struct problems *p)
{
	struct arena *a = arena_new(CONFIG_MEMORY);
	struct config *c = a != NULL ? arena_zalloc(a, sizeof(*c)) : NULL;
	int status = CLI_SOFTWARE;
	struct buf out;

	if (c != NULL) {
		buf_init(&out, NULL, OUTPUT_MAX);
		status = config_read(a, src, c, p) == 0 ? CLI_OK : CLI_CONFIG;
		(void)cli_print_problems(p);
		if (status == CLI_OK) {
			dump_values(c, &out);
			status = put(&out);
		}
	}
	arena_free(a);
	return status;
}

static int
load(enum what what, const struct cli_source *source)
{
	struct config_source src = cli_source_config(source);
	struct arena *a = arena_new(PROBLEM_MEMORY);
	struct problems p;
	int status;

	if (a == NULL)
		return CLI_SOFTWARE;
	problems_init(&p, a);
	status = what == WHAT_DUMP ? dump(&src, &p) : check(&src, &p);
	arena_free(a);
	return status;
}

int
cmd_config(int argc, char **argv)
{
	enum { OPTION_CONFIG = 256, OPTION_SHIPPED, OPTION_WHAT };
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, OPTION_CONFIG },
		{ "shipped", no_argument, NULL, OPTION_SHIPPED },
		{ "check", no_argument, NULL, OPTION_WHAT + WHAT_CHECK },
		{ "dump", no_argument, NULL, OPTION_WHAT + WHAT_DUMP },
		{ "sample", no_argument, NULL, OPTION_WHAT + WHAT_SAMPLE },
		{ "manual", no_argument, NULL, OPTION_WHAT + WHAT_MANUAL },
		{ NULL, 0, NULL, 0 },
	};
	struct cli_source source = { 0 };
	enum what what = WHAT_CHECK;
	bool shipped = false;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
		if (c == OPTION_CONFIG)
			source.path = optarg;
		else if (c == OPTION_SHIPPED)
			shipped = true;
		else if (c >= OPTION_WHAT)
			what = (enum what)(c - OPTION_WHAT);
		else if (c != 'o')
			return cli_usage("config",
			    "unknown option, or its value is missing: '%s'",
			    argv[optind - 1]);
		else if (!cli_source_set(&source, optarg))
			return cli_usage("config", "-o takes NAME=VALUE");
	}
	if (optind < argc)
		return cli_usage("config", "unexpected '%s'", argv[optind]);
	if (what == WHAT_SAMPLE || what == WHAT_MANUAL)
		return generate(what, shipped);
	return load(what, &source);
}
