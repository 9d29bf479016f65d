/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_library_memory: the libraries under us get no memory, one request
 * after the other: the engine plays messages in a child each time, and what
 * becomes of them is listed by library. This program's malloc stands in front
 * of the C library's; requests of our own code are left alone, those are the
 * matter of test_no_memory. `-p NAME N` plays one scenario in this process with request N failing.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault/play.h"
#include "lib/quiet.h"
#include "lib/tap.h"
#include "scenario/corpus.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    !defined(__GLIBC__)
int
main(void)
{
	skip("a sanitizer or another C library owns malloc", "libraries");
	return tap_done();
}
#else

#define HANG 60 /* seconds after which a run counts as hanging */
#define LIBRARIES_MAX 16

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
extern const char __executable_start[], etext[];

/* In memory that parent and child share. */
struct failing {
	size_t count, target;
	void *caller;
};

static struct failing *shared;
static bool faults;

static bool
fails(void *caller)
{
	const char *at = caller;

	if (!faults || (at >= __executable_start && at < etext))
		return false;
	if (shared->count++ != shared->target)
		return false;
	shared->caller = caller;
	return true;
}

void *
malloc(size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL :
						    __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

/* What one library made of it. */
struct tally {
	char name[64];
	size_t points, right, put_off, changed, crashed;
};

static struct tally tallies[LIBRARIES_MAX];

static struct tally *
tally_of(void *caller)
{
	const char *name = "none", *slash;
	Dl_info info;
	size_t n;

	if (caller != NULL && dladdr(caller, &info) != 0)
		name = info.dli_fname;
	slash = strrchr(name, '/');
	name = slash != NULL ? slash + 1 : name;
	n = strcspn(name, ".");
	for (size_t i = 0; i < LIBRARIES_MAX; i++) {
		struct tally *t = &tallies[i];

		if (t->name[0] == '\0')
			(void)snprintf(t->name, sizeof(t->name), "%.*s", (int)n,
			    name);
		if (strlen(t->name) == n && strncmp(t->name, name, n) == 0)
			return t;
	}
	abort();
}

enum { CHILD_RIGHT, CHILD_PUT_OFF, CHILD_CHANGED };

static void
set_faults(bool on)
{
	faults = on;
}

static int
compare(const struct outcome_vec *got, const struct outcome_vec *want)
{
	int result = CHILD_RIGHT;

	for (size_t i = 0; i < got->n; i++) {
		const struct outcome *g = &got->at[i], *w = &want->at[i];

		if (!outcome_excusable(g, w)) {
			note("got: %s %.*s", action_word(g->action),
			    SL_ARG(g->text));
			note("want: %s %.*s", action_word(w->action),
			    SL_ARG(w->text));
			return CHILD_CHANGED;
		}
		if (!slice_eq(g->text, w->text))
			result = CHILD_PUT_OFF;
	}
	return result;
}

static void
play_point(const struct scenario *s, const struct snapshot *snap,
    const struct outcome_vec *want)
{
	struct tally *t;
	int status = 0;
	pid_t pid;

	shared->count = 0;
	shared->caller = NULL;
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct outcome_vec got = { 0 };

		(void)alarm(HANG);
		play_scenario(t_arena(), s, snapshot_engine(snap), set_faults,
		    &got);
		status = compare(&got, want);
		(void)fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	t = tally_of(shared->caller);
	t->points++;
	if (!WIFEXITED(status))
		t->crashed++;
	else if (WEXITSTATUS(status) == CHILD_RIGHT)
		t->right++;
	else if (WEXITSTATUS(status) == CHILD_PUT_OFF)
		t->put_off++;
	else
		t->changed++;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > CHILD_PUT_OFF)
		note("%s request %zu of %s", strrchr(s->file, '/') + 1,
		    shared->target, t->name);
}

/* Every request in a child, or request `only` here. */
static void
play_file(const char *name, bool one, size_t only)
{
	char path[256];
	struct arena *a = t_arena();
	struct outcome_vec want;
	struct snapshot *snap;
	struct scn_stage stage;
	struct scenario s;
	size_t n = 0;

	(void)snprintf(path, sizeof(path), CM_SRCDIR "/tests/scenario/%s.scn",
	    name);
	if (!corpus_open(a, path, "process", &s))
		return;
	stage_set(&stage, a, &s);
	snap = stage_load(&stage, a, NULL);
	if (!ok(snap != NULL, "%s: configuration loads", path))
		return;
	shared->target = SIZE_MAX;
	for (int i = 0; i < 2; i++) { /* the second finds its answers cached */
		want = (struct outcome_vec){ 0 };
		shared->count = 0;
		play_scenario(a, &s, snapshot_engine(snap), set_faults, &want);
		n = shared->count;
	}
	if (one) {
		shared->target = only;
		shared->count = 0;
		play_scenario(a, &s, snapshot_engine(snap), set_faults, &want);
	}
	for (size_t i = 0; !one && i < n; i++) {
		shared->target = i;
		play_point(&s, snap, &want);
	}
	snapshot_put(snap);
	stage_strike(&stage);
}

int
main(int argc, char **argv)
{
	static const char *const files[] = { "dkim-shapes", "spf-pass-and-fail",
		"dmarc", "own-users" };

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	quiet_log();
	if (argc == 4 && strcmp(argv[1], "-p") == 0)
		play_file(argv[2], true, strtoul(argv[3], NULL, 10));
	else
		for (size_t i = 0; i < ARRAY_LEN(files); i++)
			play_file(files[i], false, 0);
	for (size_t i = 0; i < LIBRARIES_MAX && tallies[i].points > 0; i++) {
		const struct tally *t = &tallies[i];

		ok(t->crashed == 0 && t->changed == 0,
		    "%s: %zu points: %zu right, %zu put off, %zu changed, "
		    "%zu crashed",
		    t->name, t->points, t->right, t->put_off, t->changed,
		    t->crashed);
	}
	return tap_done();
}
#endif
