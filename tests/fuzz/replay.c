/* SPDX-License-Identifier: BSD-2-Clause
 *
 * replay: main of a fuzz target without libFuzzer. Runs every file of its seed
 * directory (tests/fuzz/seeds/NAME for the program fuzz_NAME, or the arguments),
 * each as it is, cut at every length, and with bytes exchanged in a fixed
 * pseudo-random way. A target that fails ends the program.
 */
#include <dirent.h>

#include "base/file.h"
#include "fuzz/fuzz.h"

#define MAX_SEED ((size_t)1 << 20)
#define MAX_CUTS ((size_t)400)
#define VARIATIONS ((size_t)200)

static uint64_t dice_state;

static size_t
dice(size_t n)
{
	dice_state = dice_state * UINT64_C(6364136223846793005) + 1;
	return (size_t)(dice_state >> 33) % n;
}

/* Cuts, and bytes exchanged for others of the same text or any. */
static unsigned
vary(struct slice seed)
{
	size_t cuts = MAX_CUTS / fuzz_slowness() + 1;
	size_t most = cuts + VARIATIONS / fuzz_slowness();
	size_t step = seed.n / cuts + 1;
	char *copy = malloc(seed.n + 1);
	unsigned runs = 0;

	if (copy == NULL)
		fuzz_fail(__FILE__, __LINE__, "memory");
	for (size_t n = 0; n < seed.n; n += step, runs++)
		fuzz_run(slice_sub(seed, 0, n));
	dice_state = seed.n;
	for (; runs < most && seed.n > 0; runs++) {
		memcpy(copy, seed.p, seed.n);
		for (size_t k = 1 + dice(4); k > 0; k--)
			copy[dice(seed.n)] = dice(2) == 0 ?
			    seed.p[dice(seed.n)] :
			    (char)dice(256);
		fuzz_run(slice_of(copy, seed.n));
	}
	free(copy);
	return runs;
}

static bool
replay_file(unsigned number, const char *path, const char *name)
{
	struct arena *a = arena_new(4 * MAX_SEED);
	char why[FILE_WHY] = "out of memory";
	struct slice text;
	bool good = a != NULL && file_read(a, path, MAX_SEED, &text, why) == 0;

	if (good) {
		fuzz_run(text);
		printf("ok %u - %s and %u variations\n", number, name,
		    vary(text));
	} else {
		printf("not ok %u - %s\n# %s\n", number, name, why);
	}
	fflush(stdout);
	arena_free(a);
	return good;
}

/* The seed directory of this program. */
static void
own_seeds(const char *program, char *out, size_t size)
{
	const char *top = getenv("top_srcdir");
	const char *base = strrchr(program, '/');

	base = base != NULL ? base + 1 : program;
	if (strncmp(base, "lt-", 3) == 0)
		base += 3;
	if (strncmp(base, "fuzz_", 5) == 0)
		base += 5;
	(void)snprintf(out, size, "%s/tests/fuzz/seeds/%s",
	    top != NULL ? top : CM_SRCDIR, base);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int
main(int argc, char **argv)
{
	struct dirent **list = NULL;
	char folder[2048], path[4096];
	unsigned failed = 0, tests = 0;
	int n;

	for (int i = 1; i < argc; i++)
		failed += !replay_file(++tests, argv[i], argv[i]);
	if (argc > 1) {
		printf("1..%u\n", tests);
		return failed > 0;
	}
	own_seeds(argv[0], folder, sizeof(folder));
	n = scandir(folder, &list, NULL, by_name);
	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.') {
			(void)snprintf(path, sizeof(path), "%s/%s", folder,
			    list[i]->d_name);
			failed += !replay_file(++tests, path, list[i]->d_name);
		}
		free(list[i]);
	}
	free(list);
	fuzz_run(slice_of("", 0));
	printf("1..%u\n", tests);
	return failed > 0 || tests == 0;
}
