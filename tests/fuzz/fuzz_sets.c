/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_sets: data sets. The first line is what is looked for, the second a list;
 * each further line is one more entry of a set, which must then be found, unless
 * another entry excludes it.
 */
#include "mail/sets.h"

#include "fuzz/fuzz.h"

static void
ask_all(const struct set *s, struct arena *a, struct slice text)
{
	size_t next = 0, found = 0;
	struct mailbox m;
	struct slice value;
	struct ip ip;
	bool in;

	FUZZ_DEMAND(address_parse_path(a, text, &m) == 0);
	(void)set_has_address(s, &m);
	(void)set_has_domain(s, text);
	if (ip_parse(text, &ip))
		FUZZ_DEMAND(!set_has_ip(s, &ip) || set_has(s, text));
	in = set_has(s, text);
	FUZZ_DEMAND(set_map(s, text, &value) == in);
	while (set_map_next(s, text, &next, &value))
		found++;
	FUZZ_DEMAND((found > 0) == in && found <= set_count(s));
}

static bool
excludes(const struct set *s)
{
	struct slice key;

	for (size_t i = 0; set_entry(s, i, &key, NULL, NULL); i++)
		if (slice_starts(key, SL("!")))
			return true;
	return false;
}

void
fuzz_one(struct arena *a, struct slice in)
{
	const struct place at = { "input", 1 };
	struct slice text = fuzz_line(&in), list = fuzz_line(&in), key;
	struct set *s, *all = set_new(a);
	struct problems p;

	problems_init(&p, a);
	FUZZ_DEMAND(all != NULL);
	/* Files are not for a fuzzer to name. */
	if (slice_chr(list, '/') == SLICE_NONE &&
	    slice_chr(list, ':') == SLICE_NONE &&
	    set_load(a, list, at, &p, &s) == 0)
		ask_all(s, a, text);
	while (in.n > 0) {
		struct slice entry = fuzz_line(&in);
		int err = set_add(a, all, entry, SL("v"), at, &p);

		FUZZ_DEMAND_ERR(err);
	}
	ask_all(all, a, text);
	for (size_t i = 0; set_entry(all, i, &key, NULL, NULL); i++) {
		ask_all(all, a, key);
		if (!excludes(all) && slice_chr(key, '/') == SLICE_NONE &&
		    slice_chr(key, '[') == SLICE_NONE &&
		    slice_chr(key, '<') == SLICE_NONE &&
		    !slice_ends(key, SL("..")))
			FUZZ_DEMAND(set_has(all, key));
	}
}
