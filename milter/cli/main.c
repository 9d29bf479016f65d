/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chopmark: the operator's command. Finds the command in its table and hands
 * over; what commands share is here too.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);

static const struct command commands[] = {
	{ "check", "--ip ADDR --helo NAME --mail-from ADDR [option ...] [FILE]",
	    "Judge a stored message as if it arrived now.",
	    "  --ip ADDR          address of the client\n"
	    "  --helo NAME        what it said in HELO\n"
	    "  --mail-from ADDR   sender of the envelope, <> for none\n"
	    "  --rcpt ADDR        a recipient; may be repeated\n"
	    "  --name NAME        name of the client as the MTA knows it\n"
	    "  --auth USER        the client is authenticated as USER\n"
	    "  --daemon NAME      name of the MTA's service, {daemon_name}\n"
	    "  --zone FILE        DNS data from a file, not from the network\n"
	    "  --config FILE      configuration, default " CM_CONFDIR
	    "/chopmark.conf\n"
	    "  -o NAME=VALUE      one option; may be repeated\n"
	    "  --json             JSON in place of text\n"
	    "  --timing           also show when what came, and what waited\n"
	    "FILE is a message with LF or CRLF line ends, default standard "
	    "input.\n"
	    "Exit: 0 accept, 1 reject, 2 discard, 75 tempfail, 64 usage, "
	    "66 no input, 78 configuration.\n",
	    cmd_check },
	{ "config", "[--check | --dump] [option ...]",
	    "Check the configuration, or show the values in effect.",
	    "  --check            read everything, say what is wrong (default)\n"
	    "  --dump             print every option with its value\n"
	    "  --config FILE      configuration, default " CM_CONFDIR
	    "/chopmark.conf\n"
	    "  -o NAME=VALUE      one option; may be repeated\n"
	    "Exit: 0 no errors, 64 usage, 78 errors in the configuration.\n",
	    cmd_config },
	{ "key", "new SELECTOR DOMAIN [option ...] | check [option ...]",
	    "Make a key for DKIM, or compare our keys with the DNS.",
	    "new:\n"
	    "  --ed25519          an Ed25519 key in place of an RSA key\n"
	    "  --bits N           size of an RSA key, default 2048\n"
	    "  --directory DIR    where the key goes, default /etc/dkimkeys\n"
	    "check:\n"
	    "  --zone FILE        DNS data from a file, not from the network\n"
	    "  --config FILE      configuration, default " CM_CONFDIR
	    "/chopmark.conf\n"
	    "  -o NAME=VALUE      one option; may be repeated\n"
	    "new prints the record for the DNS. check prints a line for each "
	    "key.\n"
	    "Exit: 0 done, or all keys are good; 1 some are not, 75 the DNS "
	    "did not answer,\n"
	    "64 usage, 74 no file could be made, 78 configuration.\n",
	    cmd_key },
	{ "help", "[COMMAND]", "Explain a command.", "", cmd_help },
	{ "srs", "forward|reverse ADDRESS ... | secret",
	    "Rewrite addresses as SRS does, take them back, or make a secret.",
	    "  forward ADDRESS    the sender under which its mail is sent on\n"
	    "  reverse ADDRESS    whom mail to a rewritten address is for\n"
	    "  secret             print a new line for SRSSecretFile\n"
	    "  --time WHEN        as if it were YYYY-MM-DD, or seconds since "
	    "1970\n"
	    "  --config FILE      configuration, default " CM_CONFDIR
	    "/chopmark.conf\n"
	    "  -o NAME=VALUE      one option; may be repeated\n"
	    "Exit: 0 rewritten, 1 an address stays as it is, 64 usage, "
	    "78 configuration.\n",
	    cmd_srs },
	{ "version", "", "Say which version this is.", "", cmd_version },
};

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static void
print_commands(FILE *out)
{
	(void)fprintf(out, "usage: chopmark COMMAND [option ...]\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(out, "  %-9s %s\n", commands[i].name,
		    commands[i].help);
	(void)fprintf(out, "\nchopmark help COMMAND tells more.\n");
}

static int
unknown_command(const char *name)
{
	struct names_nearest near = names_nearest_to(slice_c(name));

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		names_nearest_try(&near, slice_c(commands[i].name));
	(void)fprintf(stderr, "chopmark: unknown command '%s'", name);
	if (near.best.n > 0)
		(void)fprintf(stderr, "; did you mean '%.*s'?",
		    SL_ARG(near.best));
	(void)fprintf(stderr, "\n");
	return CLI_USAGE;
}

static int
finish_output(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("chopmark: standard output");
		return CLI_IO;
	}
	return status;
}

static int
cmd_help(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		print_commands(stdout);
		return finish_output(CLI_OK);
	}
	c = find(argv[1]);
	if (c == NULL)
		return unknown_command(argv[1]);
	printf("usage: chopmark %s %s\n%s\n", c->name, c->synopsis, c->help);
	if (c->options[0] != '\0')
		printf("\n%s", c->options);
	return finish_output(CLI_OK);
}

static int
cmd_version(int argc, char **argv)
{
	if (argc > 1)
		return cli_usage("version", "unexpected '%s'", argv[1]);
	printf("chopmark %s\n", PACKAGE_VERSION);
	return finish_output(CLI_OK);
}

int
cli_usage(const char *command, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "chopmark %s: ", command);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\ntry: chopmark help %s\n", command);
	return CLI_USAGE;
}

bool
cli_source_set(struct cli_source *s, const char *text)
{
	if (s->n == ARRAY_LEN(s->overrides) ||
	    !config_override_parse(slice_c(text), &s->overrides[s->n]))
		return false;
	s->n++;
	return true;
}

struct config_source
cli_source_config(const struct cli_source *s)
{
	static const char installed[] = CM_CONFDIR "/chopmark.conf";
	struct config_source src = { .path = s->path,
		.overrides = s->overrides,
		.n_overrides = s->n };

	if (src.path == NULL && access(installed, F_OK) == 0)
		src.path = installed;
	return src;
}

unsigned
cli_print_problems(const struct problems *p)
{
	struct buf line;

	buf_init(&line, NULL, 65536);
	for (size_t i = 0; i < p->all.n; i++) {
		buf_clear(&line);
		problem_print(&p->all.at[i], &line);
		(void)fprintf(stderr, "%.*s\n", SL_ARG(buf_slice(&line)));
	}
	buf_fini(&line);
	return p->errors;
}

static bool
is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

int
main(int argc, char **argv)
{
	const struct log_options log = { .ident = "chopmark",
		.level = LOG_LEVEL_WARN };
	const struct command *c;

	log_open(&log);
	if (argc < 2) {
		print_commands(stderr);
		return CLI_USAGE;
	}
	if (is_help(argv[1]))
		return cmd_help(1, argv);
	if (strcmp(argv[1], "--version") == 0)
		return cmd_version(1, argv);
	c = find(argv[1]);
	if (c == NULL)
		return unknown_command(argv[1]);
	if (argc > 2 && is_help(argv[2]))
		return cmd_help(2, argv);
	return finish_output(c->run(argc - 1, argv + 1));
}
