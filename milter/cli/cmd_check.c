/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chopmark check: the same walk as in the daemon, with a file as MTA and a
 * printer in place of the plan's execution.
 */
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/feed.h"
#include "cli/print.h"
#include "cli/show.h"
#include "mail/sets.h"

#define OUTPUT_MAX ((size_t)64 << 20)
#define PROBLEM_MEMORY ((size_t)4 << 20)
#define MAX_RCPTS ((size_t)100)

struct wishes {
	const char *file; /* NULL: standard input */
	const char *ip, *helo, *mail_from, *name, *auth, *daemon;
	const char *rcpts[MAX_RCPTS];
	size_t n_rcpts;
	struct cli_source source;
	bool json;
	bool timing;
};

/* What the terminal shows while the DNS takes longer than a second. */
static void
wait_tick(void *ctx)
{
	bool *shown = ctx;

	if (isatty(STDERR_FILENO))
		(void)fputs(*shown ? "." : "chopmark: waiting for the DNS",
		    stderr);
	*shown = true;
}

static void
wait_end(void *ctx)
{
	bool *shown = ctx;

	if (*shown && isatty(STDERR_FILENO))
		(void)fputc('\n', stderr);
	*shown = false;
}

/* The envelope; a plan that ends the message early, or NULL. */
static const struct plan *
say_envelope(struct engine_session *s, const struct wishes *w,
    const struct ip *ip)
{
	char literal[IP_TEXT + 2], text[IP_TEXT];
	bool welcome = w->n_rcpts == 0;
	const struct plan *plan;

	(void)snprintf(literal, sizeof(literal), "[%s]", ip_print(ip, text));
	engine_macro(s, ENGINE_DAEMON_NAME, slice_c(w->daemon));
	engine_connect(s, slice_c(w->name != NULL ? w->name : literal), ip, 0);
	engine_helo(s, slice_c(w->helo));
	if (w->auth != NULL) {
		engine_macro(s, ENGINE_AUTH_TYPE, SL("PLAIN"));
		engine_macro(s, ENGINE_AUTH_AUTHEN, slice_c(w->auth));
	}
	plan = engine_mail(s, slice_c(w->mail_from), NULL, 0);
	if (plan->action != ACTION_CONTINUE)
		return plan;
	for (size_t i = 0; i < w->n_rcpts; i++) {
		plan = engine_rcpt(s, slice_c(w->rcpts[i]), NULL, 0);
		welcome = welcome || plan->action == ACTION_CONTINUE;
	}
	/* An MTA goes on while one recipient is left. */
	return welcome ? NULL : plan;
}

static int
say_message(struct engine_session *s, const char *path)
{
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	struct feed *f = feed_new(s);
	char chunk[8192];
	ssize_t n = -1;
	int err = f != NULL ? 0 : ERR_NOMEM;

	while (fd >= 0 && err == 0 &&
	    ((n = read(fd, chunk, sizeof(chunk))) > 0 ||
		(n < 0 && errno == EINTR)))
		if (n > 0)
			feed_add(f, slice_of(chunk, (size_t)n));
	if (err == 0 && (fd < 0 || n < 0)) {
		(void)fprintf(stderr, "chopmark check: ");
		perror(path != NULL ? path : "standard input");
		err = ERR_IO;
	}
	if (err == 0)
		err = feed_end(f);
	if (err != 0 && err != ERR_IO)
		(void)fprintf(stderr, "chopmark check: %s\n", err_text(err));
	feed_free(f);
	if (fd > STDIN_FILENO)
		(void)close(fd);
	return err;
}

static int
exit_of(const struct plan *p)
{
	switch (p->action) {
	case ACTION_ACCEPT:
		return CLI_OK;
	case ACTION_REJECT:
		return CLI_REJECT;
	case ACTION_DISCARD:
		return CLI_DISCARD;
	case ACTION_TEMPFAIL:
		return CLI_TEMPFAIL;
	case ACTION_CONTINUE:
		break;
	}
	return CLI_SOFTWARE;
}

static int
show(struct engine_session *s, const struct plan *plan, bool json)
{
	struct verdict_view view = { .session = s,
		.plan = plan,
		.colour = print_wants_colour() };
	int status = exit_of(plan);
	struct buf out;

	buf_init(&out, NULL, OUTPUT_MAX);
	if (json) {
		show_json(&view, &out);
	} else {
		show_text(&view, &out);
		show_timing(&view, &out);
	}
	if (buf_ok(&out))
		(void)fwrite(buf_slice(&out).p, 1, out.n, stdout);
	else
		status = CLI_SOFTWARE;
	buf_fini(&out);
	return status;
}

static int
judge(const struct snapshot *snapshot, const struct wishes *w,
    const struct ip *ip)
{
	bool shown = false;
	const struct dns_wait wait = { .tick = wait_tick,
		.end = wait_end,
		.ctx = &shown,
		.tick_ms = 1000 };
	struct engine_session *s =
	    engine_session_new(snapshot_engine(snapshot), &wait);
	const struct plan *plan;
	int status = CLI_NOINPUT;

	if (s == NULL || (w->timing && !engine_keep_timeline(s))) {
		engine_session_free(s);
		return CLI_SOFTWARE;
	}
	plan = say_envelope(s, w, ip);
	if (plan != NULL)
		status = show(s, plan, w->json);
	else if (say_message(s, w->file) == 0)
		status = show(s, engine_end(s), w->json);
	engine_session_free(s);
	return status;
}

static int
load_and_judge(const struct wishes *w, const struct ip *ip)
{
	struct config_source src = cli_source_config(&w->source);
	struct arena *a = arena_new(PROBLEM_MEMORY);
	struct snapshot *snapshot;
	struct problems p;
	int status = CLI_CONFIG;

	if (a == NULL)
		return CLI_SOFTWARE;
	problems_init(&p, a);
	snapshot = snapshot_load(&src, NULL, &p);
	(void)cli_print_problems(&p);
	if (snapshot != NULL) {
		if (set_has_ip(snapshot_daemon(snapshot)->peers, ip))
			(void)fprintf(stderr,
			    "chopmark check: the client is in PeerList, the "
			    "daemon would pass its mail on unseen\n");
		status = judge(snapshot, w, ip);
	}
	snapshot_put(snapshot);
	arena_free(a);
	return status;
}

enum {
	WISH_IP = 256,
	WISH_HELO,
	WISH_MAIL_FROM,
	WISH_RCPT,
	WISH_NAME,
	WISH_AUTH,
	WISH_DAEMON,
	WISH_ZONE,
	WISH_CONFIG,
	WISH_JSON,
	WISH_TIMING
};

static const struct option long_options[] = {
	{ "ip", required_argument, NULL, WISH_IP },
	{ "helo", required_argument, NULL, WISH_HELO },
	{ "mail-from", required_argument, NULL, WISH_MAIL_FROM },
	{ "rcpt", required_argument, NULL, WISH_RCPT },
	{ "name", required_argument, NULL, WISH_NAME },
	{ "auth", required_argument, NULL, WISH_AUTH },
	{ "daemon", required_argument, NULL, WISH_DAEMON },
	{ "zone", required_argument, NULL, WISH_ZONE },
	{ "config", required_argument, NULL, WISH_CONFIG },
	{ "json", no_argument, NULL, WISH_JSON },
	{ "timing", no_argument, NULL, WISH_TIMING },
	{ NULL, 0, NULL, 0 },
};

/* One option; NULL, or what is wrong with it. */
static const char *
take_wish(struct wishes *w, int c)
{
	struct config_override zone = { SL("TestDNSData"), slice_c(optarg) };

	switch (c) {
	case WISH_IP:
		w->ip = optarg;
		return NULL;
	case WISH_HELO:
		w->helo = optarg;
		return NULL;
	case WISH_MAIL_FROM:
		w->mail_from = optarg;
		return NULL;
	case WISH_RCPT:
		if (w->n_rcpts == MAX_RCPTS)
			return "too many recipients";
		w->rcpts[w->n_rcpts++] = optarg;
		return NULL;
	case WISH_NAME:
		w->name = optarg;
		return NULL;
	case WISH_AUTH:
		w->auth = optarg;
		return NULL;
	case WISH_DAEMON:
		w->daemon = optarg;
		return NULL;
	case WISH_ZONE:
		if (w->source.n == ARRAY_LEN(w->source.overrides))
			return "too many options";
		w->source.overrides[w->source.n++] = zone;
		return NULL;
	case WISH_CONFIG:
		w->source.path = optarg;
		return NULL;
	case WISH_JSON:
		w->json = true;
		return NULL;
	case WISH_TIMING:
		w->timing = true;
		return NULL;
	case 'o':
		return cli_source_set(&w->source, optarg) ?
		    NULL :
		    "-o takes NAME=VALUE, and not too often";
	default:
		return "unknown option, or its value is missing";
	}
}

int
cmd_check(int argc, char **argv)
{
	struct wishes w = { .n_rcpts = 0 };
	const char *wrong;
	struct ip ip;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
		wrong = take_wish(&w, c);
		if (wrong != NULL)
			return cli_usage("check", "%s: '%s'", wrong,
			    argv[optind - 1]);
	}
	if (w.ip == NULL || w.helo == NULL || w.mail_from == NULL)
		return cli_usage("check", "%s is needed: %s",
		    w.ip == NULL       ? "--ip" :
			w.helo == NULL ? "--helo" :
					 "--mail-from",
		    w.ip == NULL       ? "the address of the client" :
			w.helo == NULL ? "what the client said in HELO" :
					 "the sender, <> for none");
	if (!ip_parse(slice_c(w.ip), &ip))
		return cli_usage("check", "'%s' is not an IP address", w.ip);
	if (optind + 1 < argc)
		return cli_usage("check", "unexpected '%s'", argv[optind + 1]);
	if (optind < argc && strcmp(argv[optind], "-") != 0)
		w.file = argv[optind];
	return load_and_judge(&w, &ip);
}
