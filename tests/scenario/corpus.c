/* SPDX-License-Identifier: BSD-2-Clause
 *
 * corpus: the directory is searched at each run, so that a new scenario is
 * played without being named anywhere but in the list of what is distributed.
 */
#include "scenario/corpus.h"

#include <glob.h>

#include "lib/tap.h"

void
corpus_each(int argc, char **argv, void (*play)(const char *path))
{
	glob_t found;

	for (int i = 1; i < argc; i++)
		play(argv[i]);
	if (argc > 1)
		return;
	if (!ok(glob(CM_SRCDIR "/tests/scenario/*.scn", 0, NULL, &found) == 0,
		"there are scenarios"))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		play(found.gl_pathv[i]);
	globfree(&found);
}

bool
corpus_open(struct arena *a, const char *path, const char *how,
    struct scenario *out)
{
	struct problems p;

	problems_init(&p, a);
	if (scenario_read(a, path, out, &p) == 0)
		return scenario_is_for(out, how);
	ok(false, "%s can be read", corpus_name(path));
	for (size_t i = 0; i < p.all.n; i++)
		note("%s:%u: %.*s", path, p.all.at[i].place.line,
		    SL_ARG(p.all.at[i].text));
	return false;
}

const char *
corpus_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}
