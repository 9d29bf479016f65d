/* SPDX-License-Identifier: BSD-2-Clause
 *
 * filter: see filter.h.
 */
#include "wire/filter.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/tap.h"

#define MAX_ARGS 16
#define STEP_NS 5000000L
#define STEPS 12000 /* a minute */

static void
pause_a_step(void)
{
	struct timespec step = { .tv_nsec = STEP_NS };

	(void)nanosleep(&step, NULL);
}

static void
write_file(const struct filter *f, const char *name, struct slice text)
{
	char path[96];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	out = fopen(path, "w");
	if (out == NULL || fwrite(text.p, 1, text.n, out) != text.n ||
	    fclose(out) != 0)
		abort();
}

void
filter_write(struct filter *f, const struct filter_texts *t)
{
	static const char shipped[] = CM_SRCDIR "/conf";
	struct buf b;

	buf_init(&b, NULL, (size_t)1 << 20);
	buf_adds(&b, t->config != NULL ? t->config : "");
	buf_printf(&b, "Socket unix:%s\nSocketMode 0600\nSyslog no\n",
	    f->socket);
	if (!t->network)
		buf_printf(&b, "TestDNSData %s/zone\n", f->dir);
	buf_adds(&b, "Hostname mx.local.test\n");
	buf_printf(&b, "PolicyFile %s/policy.conf\n",
	    t->policy != NULL ? f->dir : shipped);
	buf_printf(&b, "RepliesFile %s/replies.conf\n",
	    t->replies != NULL ? f->dir : shipped);
	if (geteuid() == 0)
		buf_printf(&b, "UserID %s\n", t->nobody ? "nobody" : "root");
	write_file(f, "chopmark.conf", buf_slice(&b));
	buf_fini(&b);
	write_file(f, "zone", slice_c(t->zone != NULL ? t->zone : ""));
	if (t->policy != NULL)
		write_file(f, "policy.conf", slice_c(t->policy));
	if (t->replies != NULL)
		write_file(f, "replies.conf", slice_c(t->replies));
}

struct filter *
filter_new(const struct filter_texts *t)
{
	struct arena *a = t_arena();
	struct filter *f = arena_zalloc(a, sizeof(*f));

	if (f == NULL)
		abort();
	f->arena = a;
	if (t->nobody)
		(void)umask(022);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/chopmark-wire-XXXXXX");
	if (mkdtemp(f->dir) == NULL || (t->nobody && chmod(f->dir, 0755) != 0))
		abort();
	(void)snprintf(f->socket, sizeof(f->socket), "%s/sock", f->dir);
	(void)snprintf(f->config, sizeof(f->config), "%s/chopmark.conf",
	    f->dir);
	write_file(f, "log", SL(""));
	filter_write(f, t);
	return f;
}

void
filter_free(struct filter *f)
{
	static const char *const names[] = { "chopmark.conf", "zone", "log",
		"policy.conf", "replies.conf", "sock", "pid" };

	if (f->pid > 0) {
		filter_signal(f, SIGKILL);
		(void)filter_wait(f);
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[96];

		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->dir);
}

static A_NORETURN void
become(const struct filter *f, const char *const *args, size_t n)
{
	const char *build = getenv("top_builddir");
	char program[512], log[96];
	char *argv[MAX_ARGS + 4];
	size_t k = 0;
	int fd;

	(void)snprintf(log, sizeof(log), "%s/log", f->dir);
	fd = open(log, O_WRONLY | O_APPEND);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 ||
	    dup2(fd, STDOUT_FILENO) < 0)
		_exit(99);
	(void)snprintf(program, sizeof(program), "%s/chopmarkd",
	    build != NULL ? build : ".");
	argv[k++] = program;
	for (size_t i = 0; i < n && i < MAX_ARGS; i++)
		argv[k++] = unconst(args[i]);
	argv[k++] = unconst("-c");
	argv[k++] = unconst(f->config);
	argv[k] = NULL;
	(void)execv(program, argv);
	fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(98);
}

static void
spawn(struct filter *f, const char *const *args, size_t n)
{
	(void)fflush(stdout);
	f->pid = fork();
	if (f->pid < 0)
		abort();
	if (f->pid == 0)
		become(f, args, n);
}

/* Still there? An ended one stays to be waited for. */
static bool
running(const struct filter *f)
{
	siginfo_t info = { 0 };

	return f->pid > 0 &&
	    waitid(P_PID, (id_t)f->pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
	    0 &&
	    info.si_pid == 0;
}

static unsigned
count(struct slice text, struct slice what)
{
	unsigned n = 0;

	for (;;) {
		size_t at = slice_search(text, what);

		if (at == SLICE_NONE)
			return n;
		n++;
		text = slice_from(text, at + what.n);
	}
}

bool
filter_start_with(struct filter *f, const char *const *args, size_t n,
    const char *serves)
{
	unsigned before = count(filter_log(f), slice_c(serves));

	spawn(f, args, n);
	if (filter_await(f, serves, before + 1))
		return true;
	filter_signal(f, SIGKILL);
	note("chopmarkd did not start (%d): %.*s", filter_wait(f),
	    SL_ARG(filter_log(f)));
	return false;
}

bool
filter_start(struct filter *f)
{
	static const char *const args[] = { "-f" };

	return filter_start_with(f, args, ARRAY_LEN(args), "serves unix:");
}

int
filter_run(struct filter *f, const char *const *args, size_t n)
{
	spawn(f, args, n);
	return filter_wait(f);
}

void
filter_signal(struct filter *f, int sig)
{
	if (f->pid > 0)
		(void)kill(f->pid, sig);
}

int
filter_wait(struct filter *f)
{
	int status = 0;

	while (waitpid(f->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	f->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

int
filter_stop(struct filter *f)
{
	int code;

	filter_signal(f, SIGTERM);
	code = filter_wait(f);
	if (code != 0) /* a sanitizer, for instance, has told why */
		note("chopmarkd ended with %d: %.*s", code,
		    SL_ARG(filter_log(f)));
	return code;
}

unsigned
filter_descriptors(const struct filter *f)
{
	char path[64];
	unsigned n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)f->pid);
	dir = opendir(path);
	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		(void)closedir(dir);
	return n;
}

static void
read_log(const struct filter *f, struct buf *b)
{
	char path[96], chunk[4096];
	size_t n;
	FILE *in;

	(void)snprintf(path, sizeof(path), "%s/log", f->dir);
	in = fopen(path, "r");
	while (in != NULL && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(b, slice_of(chunk, n));
	if (in != NULL)
		(void)fclose(in);
}

struct slice
filter_log(struct filter *f)
{
	struct buf b;

	buf_init(&b, f->arena, (size_t)16 << 20);
	read_log(f, &b);
	return buf_slice(&b);
}

bool
filter_await(struct filter *f, const char *text, unsigned nth)
{
	for (int i = 0; i < STEPS; i++) {
		bool alive = running(f);
		struct buf b;
		unsigned n;

		buf_init(&b, NULL, (size_t)16 << 20);
		read_log(f, &b);
		n = count(buf_slice(&b), slice_c(text));
		buf_fini(&b);
		if (n >= nth)
			return true;
		if (!alive)
			return false;
		pause_a_step();
	}
	return false;
}
