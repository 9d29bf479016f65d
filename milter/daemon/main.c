/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chopmarkd: start order and exit codes. The order matters: the configuration
 * is read and told wrong on the terminal; then the fork; the socket and the
 * pid file as root; then the user; then everything that reads what a reload
 * will have to read again, and every thread.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <pthread.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "config/socket.h"
#include "config/verify.h"
#include "daemon/background.h"
#include "daemon/callbacks.h"
#include "daemon/kick.h"
#include "daemon/map_server.h"
#include "daemon/mta_io.h"
#include "daemon/notify.h"
#include "daemon/privs.h"
#include "daemon/publish.h"
#include "daemon/reload.h"
#include "daemon/sandbox.h"
#include "daemon/shortage.h"
#include "daemon/threads.h"

#define DEFAULT_FILE CM_CONFDIR "/chopmark.conf"
#define MEMORY ((size_t)64 << 20)
#define MAX_OVERRIDES 4
#define NO_THREAD                                                        \
	"no thread can be started: raise TasksMax or LimitNPROC of the " \
	"service"

struct run {
	struct arena *arena;
	struct problems problems;
	struct config_source source;
	struct config_override overrides[MAX_OVERRIDES];
	struct config config;
	struct privs privs;
	struct listener listener;
	struct listener map_listener; /* SRSSocket */
	struct map_server *map_server;
	char sandbox[SANDBOX_TEXT]; /* what stands, for the log */
	bool check_only;
	bool foreground;
	bool pid_written; /* only our own pid file is removed */
};

static int
usage(void)
{
	(void)fputs("usage: chopmarkd [-fnV] [-c FILE] [-p SOCKET] "
		    "[-P PIDFILE] [-u USER]\n",
	    stderr);
	return EX_USAGE;
}

static void
override(struct run *r, const char *name, const char *value)
{
	struct config_override *o = &r->overrides[r->source.n_overrides++];

	o->name = slice_c(name);
	o->value = slice_c(value);
}

/* -1: go on; else the exit code. */
static int
read_arguments(struct run *r, int argc, char **argv)
{
	const char *file = DEFAULT_FILE, *socket = NULL, *pid_file = NULL;
	const char *user = NULL;
	int c;

	while ((c = getopt(argc, argv, "c:fnp:P:u:V")) != -1) {
		switch (c) {
		case 'c':
			file = optarg;
			break;
		case 'f':
			r->foreground = true;
			break;
		case 'n':
			r->check_only = true;
			break;
		case 'p':
			socket = optarg;
			break;
		case 'P':
			pid_file = optarg;
			break;
		case 'u':
			user = optarg;
			break;
		case 'V':
			(void)puts("chopmarkd " PACKAGE_VERSION);
			return 0;
		default:
			return usage();
		}
	}
	if (optind < argc)
		return usage();
	r->source.overrides = r->overrides;
	if (socket != NULL)
		override(r, "Socket", socket);
	if (pid_file != NULL)
		override(r, "PidFile", pid_file);
	if (user != NULL)
		override(r, "UserID", user);
	r->source.path = config_absolute(r->arena, NULL, slice_c(file));
	return r->source.path != NULL ? -1 : EX_OSERR;
}

/* All that is wrong, one line each, where the operator looks at. */
static void
print_problems(const struct problems *p)
{
	for (size_t i = 0; i < p->all.n; i++) {
		const struct problem *one = &p->all.at[i];

		(void)fprintf(stderr, "%s", one->place.file);
		if (one->place.line > 0)
			(void)fprintf(stderr, ":%u", one->place.line);
		(void)fprintf(stderr, ": %s: %.*s\n",
		    one->fatal ? "error" : "warning", SL_ARG(one->text));
	}
	if (p->errors > 0)
		(void)fprintf(stderr, "%u error%s in the configuration\n",
		    p->errors, p->errors == 1 ? "" : "s");
}

static int
fatal(int code, const char *what)
{
	(void)fprintf(stderr, "chopmarkd: %s\n", what);
	return code;
}

static int
read_config(struct run *r)
{
	const struct daemon_options *d = &r->config.daemon;
	char why[PRIVS_WHY];
	unsigned gid;
	int err = config_read(r->arena, &r->source, &r->config, &r->problems);

	if (err != 0 || r->problems.errors > 0) {
		print_problems(&r->problems);
		return EX_CONFIG;
	}
	if (d->socket_group != NULL && privs_group(d->socket_group, &gid) != 0)
		problems_error(&r->problems,
		    config_place_of(&r->config, OPT_SocketGroup),
		    "SocketGroup: there is no group '%s'", d->socket_group);
	/* the default user is for root alone */
	if ((geteuid() == 0 || r->config.is_set[OPT_UserID]) &&
	    privs_resolve(d->user, &r->privs, why) != 0)
		problems_error(&r->problems,
		    config_place_of(&r->config, OPT_UserID), "%s", why);
	if (r->problems.errors == 0)
		return 0;
	print_problems(&r->problems);
	return EX_NOUSER;
}

/* Everything is built, as the user who will have to read it at a reload. */
static int
load(struct run *r)
{
	struct snapshot *s;

	problems_init(&r->problems, r->arena);
	s = snapshot_load(&r->source, NULL, &r->problems);
	print_problems(&r->problems);
	if (s == NULL)
		return EX_CONFIG;
	reload_install(s);
	return 0;
}

static int
open_socket(struct run *r, const char *where, struct listener *l)
{
	const struct daemon_options *d = &r->config.daemon;
	struct listen_options o = { .mode = d->socket_mode,
		.owner = r->privs.uid,
		.group = LISTEN_KEEP };
	struct socket_spec spec;
	char why[LISTEN_WHY];
	const char *wrong = "";

	if (socket_spec_parse(r->arena, slice_c(where), &spec, &wrong) != 0)
		return fatal(EX_CONFIG, wrong);
	o.socket = &spec;
	if (d->socket_group != NULL &&
	    privs_group(d->socket_group, &o.group) != 0)
		return fatal(EX_NOUSER,
		    "there is no group as SocketGroup says");
	if (d->socket_group == NULL && r->privs.name[0] != '\0')
		o.group = r->privs.gid;
	if (listen_open(&o, l, why) != 0)
		return fatal(EX_UNAVAILABLE, why);
	return 0;
}

static int
open_sockets(struct run *r)
{
	const struct daemon_options *d = &r->config.daemon;
	int code = open_socket(r, d->socket, &r->listener);

	if (code == 0 && d->srs_socket != NULL)
		code = open_socket(r, d->srs_socket, &r->map_listener);
	return code;
}

/* Before any thread and before what strangers write is read. */
static int
fence_in(struct run *r)
{
	const struct sandbox_needs needs = { .removed = {
						 r->listener.path,
						 r->map_listener.path,
						 r->config.daemon.pid_file,
					     } };

	return sandbox_enter(r->config.daemon.sandbox, &needs, r->sandbox);
}

/* What only root may do, and the end of being root. */
static int
enter(struct run *r)
{
	char why[BACKGROUND_WHY];
	int code = open_sockets(r);

	if (code != 0)
		return code;
	if (r->config.daemon.pid_file != NULL &&
	    pidfile_write(r->config.daemon.pid_file, why) != 0)
		return fatal(EX_CANTCREAT, why);
	r->pid_written = r->config.daemon.pid_file != NULL;
	(void)umask((mode_t)r->config.daemon.umask);
	if (privs_drop(&r->privs, why) != 0)
		return fatal(EX_OSERR, why);
	if (fence_in(r) != 0)
		return fatal(EX_OSERR, r->sandbox);
	return 0;
}

static void *
serve(void *unused)
{
	(void)unused;
	callbacks_run();
	reload_serving_ended();
	return NULL;
}

static int
start(struct run *r)
{
	struct snapshot *s;
	pthread_t thread;
	int code = load(r);

	if (code != 0)
		return code;
	if (threads_reserve() != 0)
		return fatal(EX_OSERR, NO_THREAD);
	mta_io_listen(r->listener.fd);
	if (callbacks_register(r->listener.fd) != 0)
		return fatal(EX_SOFTWARE, "libmilter cannot be started");
	s = reload_current();
	reload_log(s);
	publish_look(s, NULL);
	snapshot_put(s);
	if (publish_start() != 0)
		return fatal(EX_OSERR, NO_THREAD);
	if (kick_start(&r->listener) != 0)
		log_text(LOG_LEVEL_WARN,
		    "no helper for libmilter's pool: sessions may wait "
		    "for one another");
	if (r->map_listener.fd >= 0) {
		r->map_server = map_server_start(&r->map_listener);
		if (r->map_server == NULL)
			return fatal(EX_OSERR, "SRSSocket cannot be served");
	}
	if (pthread_create(&thread, NULL, serve, NULL) != 0)
		return fatal(EX_OSERR, NO_THREAD);
	(void)pthread_detach(thread);
	callbacks_await();
	log_text(LOG_LEVEL_INFO, "%s", r->sandbox);
	log_text(LOG_LEVEL_INFO, "chopmarkd %s serves %s", PACKAGE_VERSION,
	    r->config.daemon.socket);
	background_ready();
	notify_ready("Serving");
	return 0;
}

static int
check(struct run *r)
{
	char why[PRIVS_WHY];
	int code;

	if (privs_drop(&r->privs, why) != 0)
		return fatal(EX_OSERR, why);
	code = load(r);
	reload_install(NULL);
	if (code == 0)
		(void)printf("%s: good\n", r->source.path);
	return code;
}

static int
go_to_background(const struct run *r)
{
	if (r->foreground || !r->config.daemon.background || notify_wanted())
		return 0;
	if (!r->config.daemon.syslog)
		(void)fputs("chopmarkd: warning: with Syslog off nothing is "
			    "logged once the terminal is left\n",
		    stderr);
	if (background_begin() != 0)
		return fatal(EX_OSERR, "cannot go to the background");
	return 0;
}

/* 0 after a clean end; *clean as in reload_loop. */
static int
run(struct run *r, bool *clean)
{
	int code = read_config(r);

	if (code != 0)
		return code;
	if (r->check_only)
		return check(r);
	reload_block();
	threads_prepare();
	shortage_prepare();
	code = go_to_background(r);
	if (code != 0)
		return code;
	privs_prepare();
	code = enter(r);
	if (code == 0)
		code = start(r);
	if (code == 0)
		code = reload_loop(&r->source, &r->listener, clean);
	else
		listen_close(&r->listener);
	publish_stop();
	/* Sessions that are ending still make the MTA ask. */
	if (!map_server_stop(r->map_server))
		*clean = false;
	listen_close(&r->map_listener);
	if (r->pid_written)
		pidfile_remove(r->config.daemon.pid_file);
	return code;
}

int
main(int argc, char **argv)
{
	struct run r = { .listener = { .fd = -1 },
		.map_listener = { .fd = -1 },
		.privs = { .uid = PRIVS_NONE, .gid = PRIVS_NONE } };
	bool clean = true;
	int code;

	r.arena = arena_new(MEMORY);
	if (r.arena == NULL)
		return fatal(EX_OSERR, err_text(ERR_NOMEM));
	problems_init(&r.problems, r.arena);
	code = read_arguments(&r, argc, argv);
	if (code < 0)
		code = run(&r, &clean);
	else
		clean = true;
	if (!clean)
		_exit(code); /* sessions are still in our code */
	reload_install(NULL);
	arena_free(r.arena);
	return code;
}
