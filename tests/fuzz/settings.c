/* SPDX-License-Identifier: BSD-2-Clause
 *
 * settings: see settings.h.
 */
#include "fuzz/settings.h"

#include "lib/quiet.h"

struct snapshot *
fuzz_settings(struct arena *a, struct slice config)
{
	char file[FUZZ_PATH];
	struct config_source source = { .path = file };
	struct problems p;
	struct snapshot *s;

	quiet_log();
	problems_init(&p, a);
	fuzz_keep_file(config, file);
	s = snapshot_load(&source, NULL, &p);
	for (size_t i = 0; i < p.all.n; i++)
		fprintf(stderr, "%s:%u: %.*s\n", p.all.at[i].place.file,
		    p.all.at[i].place.line, SL_ARG(p.all.at[i].text));
	FUZZ_DEMAND(s != NULL);
	return s;
}
