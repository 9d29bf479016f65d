/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_config: the option file. Nothing of it is acted upon; what is refused is
 * said.
 */
#include "config/parse.h"

#include "fuzz/fuzz.h"

void
fuzz_one(struct arena *a, struct slice in)
{
	struct config_source source = { 0 };
	struct config_override o;
	struct problems p;
	struct config *c = arena_zalloc(a, sizeof(*c));
	int err;

	FUZZ_DEMAND(c != NULL);
	/* Other files are not for a fuzzer to name. */
	if (slice_isearch(in, SL("include")) != SLICE_NONE)
		return;
	if (config_override_parse(in, &o))
		FUZZ_DEMAND(
		    fuzz_inside(o.name, in) && fuzz_inside(o.value, in));
	problems_init(&p, a);
	source.path = fuzz_file(in);
	err = config_read(a, &source, c, &p);
	FUZZ_DEMAND(err == 0 || err == ERR_CONFIG);
	FUZZ_DEMAND((err != 0) == (p.errors > 0));
}
