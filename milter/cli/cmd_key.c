/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chopmark key: makes a key pair for DKIM, and compares the configured keys
 * with what the DNS serves.
 */
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/num.h"
#include "check/dkim_keys.h"
#include "cli/cli.h"
#include "crypt/key_make.h"
#include "crypt/sig.h"
#include "dns/dns_message.h"
#include "mail/domain.h"

#define MEMORY ((size_t)256 << 20)
#define KEY_DIRECTORY "/etc/dkimkeys"
#define USUAL_BITS 2048
#define LEAST_BITS 1024
#define STRING_MAX 250 /* octets of one string of a TXT record: at most 255 */

/* ---- key new ---- */

struct new_key {
	struct arena *arena;
	struct slice selector, domain;
	const char *directory;
	enum key_kind kind;
	unsigned bits;
};

static int
cannot(const char *path, const char *what)
{
	(void)fprintf(stderr, "chopmark key: %s: %s: %s\n", path, what,
	    strerror(errno));
	return CLI_IO;
}

/* Root gives the file to the daemon's group: it is read after the daemon has
 * become another user, and again at every reload. */
static int
hand_over(int fd, const char *path)
{
	const struct group *g;

	if (geteuid() != 0)
		return 0;
	g = getgrnam(CM_USER);
	if (g == NULL) {
		(void)fprintf(stderr,
		    "chopmark key: there is no group %s yet: give %s to the "
		    "daemon's user\n",
		    CM_USER, path);
		return 0;
	}
	if (fchown(fd, 0, g->gr_gid) != 0 || fchmod(fd, 0640) != 0)
		return cannot(path, "cannot be given to the daemon");
	return 0;
}

/* The usual directory is made if it is not there; any other must be. */
static int
need_directory(const char *path)
{
	const struct group *g = getgrnam(CM_USER);

	if (strcmp(path, KEY_DIRECTORY) != 0 || access(path, F_OK) == 0)
		return 0;
	if (mkdir(path, 0750) != 0)
		return cannot(path, "cannot be made");
	if (g != NULL && chown(path, (uid_t)-1, g->gr_gid) != 0)
		return cannot(path, "cannot be given to the daemon's group");
	return 0;
}

/* Never over a file that is there: it may be the key in use. */
static int
write_file(const char *path, struct slice pem)
{
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int status;

	if (fd < 0)
		return cannot(path, "cannot be made");
	status = hand_over(fd, path);
	if (status == 0 &&
	    (write(fd, pem.p, pem.n) != (ssize_t)pem.n || fsync(fd) != 0))
		status = cannot(path, "cannot be written");
	(void)close(fd);
	if (status != 0)
		(void)unlink(path);
	return status;
}

static void
print_record(const struct new_key *n, struct slice p)
{
	struct slice text = arena_printf(n->arena, "v=DKIM1; k=%s; p=%.*s",
	    n->kind == KEY_RSA ? "rsa" : "ed25519", SL_ARG(p));

	printf("%.*s._domainkey.%.*s. IN TXT (", SL_ARG(n->selector),
	    SL_ARG(n->domain));
	while (text.n > 0) {
		printf(" \"%.*s\"", SL_ARG(slice_sub(text, 0, STRING_MAX)));
		text = slice_from(text, STRING_MAX);
		printf(text.n > 0 ? "\n\t" : " )\n");
	}
}

/* What is left to do; on standard error, so that the record can be piped. */
static void
print_advice(const struct new_key *n, const char *path)
{
	struct slice unused;
	char why[FILE_WHY];

	(void)fprintf(stderr,
	    "\nThe key is in %s.\nPublish the record above, then add to "
	    "chopmark.conf:\n\n"
	    "Domain   %.*s\nSelector %.*s\nKeyFile  %s\n\n"
	    "and compare: chopmark key check\n",
	    path, SL_ARG(n->domain), SL_ARG(n->selector), path);
	if (file_read_secret(n->arena, path, 65536, (unsigned)-1, true, &unused,
		why) == 0)
		file_forget(unused);
	else
		(void)fprintf(stderr,
		    "\nAs it is the daemon will refuse the key: %s\n", why);
}

static int
make(struct new_key *n)
{
	struct key *key = key_generate(n->kind, n->bits);
	const char *path = arena_printf(n->arena, "%s/%.*s-%.*s.private",
	    n->directory, SL_ARG(n->domain), SL_ARG(n->selector))
			       .p;
	struct slice pem, p;
	int status = need_directory(n->directory);

	if (key == NULL || path == NULL)
		return CLI_SOFTWARE;
	pem = key_private_pem(n->arena, key);
	p = sig_base64(n->arena, key_public_bytes(n->arena, key));
	key_free(key);
	if (pem.n == 0 || p.n == 0)
		return CLI_SOFTWARE;
	if (status == 0)
		status = write_file(path, pem);
	file_forget(pem);
	if (status != 0)
		return status;
	print_record(n, p);
	(void)fflush(stdout);
	print_advice(n, path);
	return CLI_OK;
}

static int
make_named(struct new_key *n, const char *selector, const char *domain)
{
	struct slice ascii = domain_to_ascii(n->arena, slice_c(domain));

	n->selector = arena_lower(n->arena, slice_c(selector));
	n->domain = ascii;
	if (!domain_is_hostname(n->selector))
		return cli_usage("key", "'%s' is no name for a selector",
		    selector);
	if (!domain_is_hostname(ascii) || domain_labels(ascii) < 2)
		return cli_usage("key", "'%s' is no domain", domain);
	return make(n);
}

static int
run_new(int argc, char **argv)
{
	enum { OPTION_ED25519 = 256, OPTION_BITS, OPTION_DIR };
	static const struct option long_options[] = {
		{ "ed25519", no_argument, NULL, OPTION_ED25519 },
		{ "bits", required_argument, NULL, OPTION_BITS },
		{ "directory", required_argument, NULL, OPTION_DIR },
		{ NULL, 0, NULL, 0 },
	};
	struct new_key n = { .directory = KEY_DIRECTORY,
		.kind = KEY_RSA,
		.bits = USUAL_BITS };
	uint64_t bits;
	int c, status;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (c == OPTION_ED25519)
			n.kind = KEY_ED25519;
		else if (c == OPTION_DIR)
			n.directory = optarg;
		else if (c != OPTION_BITS ||
		    num_parse(slice_c(optarg), KEY_MAX_BITS, &bits) != 0 ||
		    bits < LEAST_BITS)
			return cli_usage("key", "unknown option or bad value");
		else
			n.bits = (unsigned)bits;
	}
	if (argc - optind != 2)
		return cli_usage("key", "new takes SELECTOR and DOMAIN");
	n.arena = arena_new(MEMORY);
	if (n.arena == NULL)
		return CLI_SOFTWARE;
	status = make_named(&n, argv[optind], argv[optind + 1]);
	arena_free(n.arena);
	return status;
}

/* ---- key check ---- */

static const char *
state_word(enum dkim_published s)
{
	switch (s) {
	case DKIM_PUB_UNKNOWN:
		return "unknown";
	case DKIM_PUB_GOOD:
		return "good";
	case DKIM_PUB_MISSING:
		return "missing";
	case DKIM_PUB_REVOKED:
		return "revoked";
	case DKIM_PUB_BROKEN:
		return "broken";
	case DKIM_PUB_DIFFERENT:
		return "different";
	}
	return "unknown";
}

/* One line a key; what its exit code would be. */
static int
check_one(struct arena *a, struct dns_message *m,
    const struct dkim_signing_key *key, int width)
{
	const struct dns_answer *answer;
	struct dkim_publication p;

	if (dns_message_get(m, key->dns_name, DNS_TXT, &answer) != 0 ||
	    dkim_published_judge(a, key->key, answer, &p) != 0)
		return CLI_SOFTWARE;
	printf("%-*.*s  %-9s  %s %u%s%.*s%s%s\n", width, SL_ARG(key->dns_name),
	    state_word(p.state),
	    key_kind(key->key) == KEY_RSA ? "rsa" : "ed25519",
	    key_bits(key->key), p.reason.n > 0 ? "  " : "", SL_ARG(p.reason),
	    p.testing ? "  t=y: verifiers take it for a test" : "",
	    p.several ? "  more than one key record stands there" : "");
	if (p.state == DKIM_PUB_UNKNOWN)
		return CLI_TEMPFAIL;
	return p.state == DKIM_PUB_GOOD && !p.testing && !p.several ?
	    CLI_OK :
	    CLI_REJECT;
}

static int
check_all(struct arena *a, const struct dkim_keys *keys, struct dns_message *m)
{
	const struct dkim_signing_key *key;
	int status = CLI_OK, width = 0;

	for (size_t i = 0; (key = dkim_keys_at(keys, i)) != NULL; i++) {
		dns_message_prefetch(m, key->dns_name, DNS_TXT);
		if ((int)key->dns_name.n > width)
			width = (int)key->dns_name.n;
	}
	for (size_t i = 0; (key = dkim_keys_at(keys, i)) != NULL; i++) {
		int one = check_one(a, m, key, width);

		/* what is wrong for sure counts more than what is unknown */
		if (one == CLI_SOFTWARE || status == CLI_OK ||
		    (status == CLI_TEMPFAIL && one == CLI_REJECT))
			status = one;
	}
	return status;
}

static int
check_with(struct arena *a, const struct config *c, struct problems *p)
{
	const struct check_options *o = &c->engine.check;
	struct dkim_keys *keys =
	    dkim_keys_load(&o->sign, o->dkim.minimum_key_bits, p);
	struct resolver *r = NULL;
	struct dns_message *m = NULL;
	char why[RESOLVER_WHY] = "";
	int status = CLI_CONFIG;

	(void)cli_print_problems(p);
	if (keys != NULL && dkim_keys_at(keys, 0) == NULL) {
		(void)fprintf(stderr,
		    "chopmark key: the configuration names no key\n");
	} else if (keys != NULL) {
		r = resolver_new(&c->engine.resolver, why);
		if (r != NULL)
			m = dns_message_new(r, a, o->message_budget_ms, NULL);
		if (m != NULL)
			status = check_all(a, keys, m);
		else
			(void)fprintf(stderr, "chopmark key: %s\n", why);
	}
	arena_reset(a); /* the message lets go of its answers */
	resolver_free(r);
	dkim_keys_free(keys);
	return status;
}

static int
check(const struct cli_source *source)
{
	struct config_source src = cli_source_config(source);
	struct arena *a = arena_new(MEMORY), *work = arena_new(MEMORY);
	struct config *c = a != NULL ? arena_zalloc(a, sizeof(*c)) : NULL;
	struct problems p;
	int status = CLI_SOFTWARE;

	if (c != NULL && work != NULL) {
		problems_init(&p, a);
		if (config_read(a, &src, c, &p) == 0) {
			status = check_with(work, c, &p);
		} else {
			(void)cli_print_problems(&p);
			status = CLI_CONFIG;
		}
	}
	arena_free(work);
	arena_free(a);
	return status;
}

static int
run_check(int argc, char **argv)
{
	enum { OPTION_CONFIG = 256, OPTION_ZONE };
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, OPTION_CONFIG },
		{ "zone", required_argument, NULL, OPTION_ZONE },
		{ NULL, 0, NULL, 0 },
	};
	struct cli_source source = { 0 };
	char zone[PATH_MAX + 16];
	int c;

	while ((c = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
		const char *setting = optarg;

		if (c == OPTION_CONFIG) {
			source.path = optarg;
			continue;
		}
		if (c == OPTION_ZONE) {
			(void)snprintf(zone, sizeof(zone), "TestDNSData=%s",
			    optarg);
			setting = zone;
		} else if (c != 'o') {
			return cli_usage("key",
			    "unknown option, or its value is missing: '%s'",
			    argv[optind - 1]);
		}
		if (!cli_source_set(&source, setting))
			return cli_usage("key", "-o takes NAME=VALUE");
	}
	if (optind < argc)
		return cli_usage("key", "unexpected '%s'", argv[optind]);
	return check(&source);
}

int
cmd_key(int argc, char **argv)
{
	opterr = 0;
	if (argc > 1 && strcmp(argv[1], "new") == 0)
		return run_new(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "check") == 0)
		return run_check(argc - 1, argv + 1);
	return cli_usage("key", "say 'new' or 'check'");
}
