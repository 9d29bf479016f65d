/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_wire_privs: what a real chopmarkd that serves still may do, as the
 * kernel tells it of every one of its threads: nothing of root is left, nothing
 * can be gained, the fences stand, and keys that only root can read are not
 * read, not even at a reload.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <dirent.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tap.h"
#include "lib/test_keys.h"
#include "wire/setup.h"

#define STATUS 4096

static bool
logged(struct filter *f, const char *text)
{
	return slice_search(filter_log(f), slice_c(text)) != SLICE_NONE;
}

/* The value of a line of a file "status" in /proc, or "". */
static struct slice
status_value(const char text[STATUS], const char *name)
{
	struct slice all = slice_c(text), line;

	while (slice_cut(&all, '\n', &line)) {
		if (!slice_starts(line, slice_c(name)))
			continue;
		line = slice_from(line, strlen(name));
		if (slice_starts(line, SL(":")))
			return slice_trim(slice_from(line, 1));
	}
	return SL("");
}

static bool
read_status(const char *path, char text[STATUS])
{
	FILE *in = fopen(path, "r");
	size_t n;

	if (in == NULL)
		return false;
	n = fread(text, 1, STATUS - 1, in);
	text[n] = '\0';
	(void)fclose(in);
	return n > 0;
}

/* How many threads do not have that value; all of them are asked. */
static unsigned
threads_without(const struct filter *f, const char *name, const char *value)
{
	char path[300], text[STATUS];
	unsigned n = 0, seen = 0;
	struct dirent *e;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)f->pid);
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/task/%s/status",
		    (int)f->pid, e->d_name);
		if (!read_status(path, text))
			continue; /* it has ended meanwhile */
		seen++;
		n += !slice_eq(status_value(text, name), slice_c(value));
	}
	if (dir != NULL)
		(void)closedir(dir);
	return seen > 0 ? n : 1;
}

static void
each_has(const struct filter *f, const char *name, const char *value,
    const char *what)
{
	is_int(threads_without(f, name, value), 0, "%s", what);
}

static void
nothing_of_root(const struct filter *f)
{
	const struct passwd *pw = getpwnam("nobody");
	char ids[64], groups[32];

	if (geteuid() != 0) {
		skip("needs root", "what is left of root");
		return;
	}
	(void)snprintf(ids, sizeof(ids), "%u\t%u\t%u\t%u", pw->pw_uid,
	    pw->pw_uid, pw->pw_uid, pw->pw_uid);
	each_has(f, "Uid", ids, "every thread is the user, in every way");
	(void)snprintf(ids, sizeof(ids), "%u\t%u\t%u\t%u", pw->pw_gid,
	    pw->pw_gid, pw->pw_gid, pw->pw_gid);
	each_has(f, "Gid", ids, "and of its group");
	(void)snprintf(groups, sizeof(groups), "%u", pw->pw_gid);
	each_has(f, "Groups", groups, "none of root's groups is left");
	each_has(f, "CapEff", "0000000000000000", "no capability");
	each_has(f, "CapPrm", "0000000000000000", "none that could be used");
	each_has(f, "CapInh", "0000000000000000", "none that is handed on");
}

static bool whole; /* both fences stand here */

static void
fences(struct filter *f)
{
	whole = logged(f, "Landlock (ABI") &&
	    logged(f, "system calls are filtered");
	each_has(f, "NoNewPrivs", "1", "no thread can gain a right");
	if (logged(f, "system calls are filtered"))
		each_has(f, "Seccomp", "2", "each has the filter of calls");
	else
		ok(logged(f, "no filter of system calls ("),
		    "that there is no filter of calls is told, with a reason");
	ok(logged(f, "sandbox: Landlock (ABI") || logged(f, "no Landlock ("),
	    "the log tells how the file fence stands");
}

static void
put_key(const char *path, uid_t owner)
{
	struct arena *a = t_arena();
	struct slice pem =
	    test_ed25519_seed_pem(a, SL("chopmark chopmark chopmark chopm"));
	FILE *out = fopen(path, "w");

	if (out == NULL || fwrite(pem.p, 1, pem.n, out) != pem.n ||
	    fclose(out) != 0 || chmod(path, 0600) != 0 ||
	    (geteuid() == 0 && chown(path, owner, (gid_t)-1) != 0))
		abort();
}

/* Keys are read as the user that has to read them again at a reload: one that
 * is root's alone is an error at the start, not a surprise weeks later. */
static void
keys_of_root(void)
{
	static const char *const serve[] = { "-f" };
	static const char *const check[] = { "-n" };
	struct filter_texts t = { .nobody = true };
	struct filter *f = filter_new(&t);
	char path[96], config[256];

	if (geteuid() != 0) {
		skip("needs root", "keys of root's");
		filter_free(f);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/key", f->dir);
	(void)snprintf(config, sizeof(config),
	    "Domain ours.example\nSelector s\nKeyFile %s\n", path);
	t.config = config;
	filter_write(f, &t);
	put_key(path, 0);
	is_int(filter_run(f, check, 1), 78, "-n: a key only root can read");
	is_int(filter_run(f, serve, 1), 78, "to serve, too");
	ok(logged(f, path), "the file is named");
	put_key(path, getpwnam("nobody")->pw_uid);
	is_int(filter_run(f, check, 1), 0, "-n: one of the user's is good");
	ok(filter_start(f), "and served with");
	put_key(path, 0);
	filter_signal(f, SIGHUP);
	ok(filter_await(f, "is refused, the old one stays", 1),
	    "taken away again, a reload is refused: no root is left in it");
	is_int(filter_stop(f), 0, "it ends");
	(void)unlink(path);
	filter_free(f);
}

static void
sandbox_off(void)
{
	struct filter_texts t = { .config = "Sandbox no\n" };
	struct filter *f = filter_new(&t);

	ok(filter_start(f), "Sandbox no: it serves");
	ok(logged(f, "Sandbox is off"), "and says so");
	each_has(f, "Seccomp", "0", "without the filter of calls");
	each_has(f, "NoNewPrivs", "1", "but still unable to gain a right");
	is_int(filter_stop(f), 0, "it ends");
	filter_free(f);
}

/* It serves behind both fences or not at all. */
static void
sandbox_required(void)
{
	static const char *const serve[] = { "-f" };
	struct filter_texts t = { .config = "Sandbox require\n" };
	struct filter *f = filter_new(&t);

	if (whole) {
		ok(filter_start(f), "Sandbox require: it serves");
		is_int(filter_stop(f), 0, "it ends");
	} else {
		is_int(filter_run(f, serve, 1), 71,
		    "Sandbox require: it does not start");
		ok(logged(f, "Sandbox require: ") &&
			logged(f, "with \"Sandbox yes\""),
		    "says what is missing, and how to do without");
	}
	filter_free(f);
}

int
main(void)
{
	struct filter_texts t = setup_texts;
	struct filter *f;

	(void)signal(SIGPIPE, SIG_IGN);
	if (geteuid() == 0 && getpwnam("nobody") == NULL) {
		skip("there is no user nobody", "privileges");
		return tap_done();
	}
	t.nobody = true;
	f = filter_new(&t);
	if (ok(filter_start(f), "chopmarkd serves")) {
		nothing_of_root(f);
		fences(f);
		is_int(filter_stop(f), 0, "it ends");
	}
	filter_free(f);
	keys_of_root();
	sandbox_off();
	sandbox_required();
	return tap_done();
}
