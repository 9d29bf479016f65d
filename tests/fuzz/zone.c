/* SPDX-License-Identifier: BSD-2-Clause
 *
 * zone: see zone.h.
 */
#include "fuzz/zone.h"

#include "dns/dns_zone.h"

#define LINES_MAX 64
#define LINE_MEMORY ((size_t)1 << 20)

/* Alone, and without a delay. */
static bool
is_good(struct slice line)
{
	struct arena *a = arena_new(LINE_MEMORY);
	struct dns_zone zone;
	struct problems p;
	bool good;

	FUZZ_DEMAND(a != NULL);
	problems_init(&p, a);
	good = slice_chr(line, '$') == SLICE_NONE &&
	    dns_zone_parse(a, "zone", line, NULL, &zone, &p) == 0;
	arena_free(a);
	return good;
}

struct resolver *
zone_resolver(struct arena *a, struct slice in)
{
	struct resolver_options o = { .timeout_ms = 1000,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY];
	struct resolver *r;
	struct buf text;

	buf_init(&text, a, FUZZ_ARENA / 4);
	for (unsigned i = 0; i < LINES_MAX && in.n > 0; i++) {
		struct slice line = fuzz_line(&in);

		if (!is_good(line))
			continue;
		buf_add(&text, line);
		buf_addc(&text, '\n');
	}
	o.zone_file = fuzz_file(buf_slice(&text));
	r = resolver_new(&o, why);
	if (r == NULL) { /* good lines may contradict each other */
		o.zone_file = fuzz_file(SL(""));
		r = resolver_new(&o, why);
	}
	FUZZ_DEMAND(r != NULL);
	return r;
}
