/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_tags: tag lists. What is strictly valid reads the same forgivingly, and
 * again when it is written out anew; values lie inside the input.
 */
#include "mail/tags.h"

#include "fuzz/fuzz.h"

static struct slice
written_anew(struct arena *a, const struct tag_vec *tags)
{
	struct buf out;

	buf_init(&out, a, FUZZ_ARENA / 8);
	for (size_t i = 0; i < tags->n; i++) {
		buf_add(&out, tags->at[i].name);
		buf_adds(&out, "=");
		buf_add(&out, tags->at[i].value);
		buf_adds(&out, ";");
	}
	FUZZ_DEMAND(buf_ok(&out));
	return buf_slice(&out);
}

static void
demand_same(const struct tag_vec *x, const struct tag_vec *y)
{
	FUZZ_DEMAND(x->n == y->n);
	for (size_t i = 0; i < x->n; i++)
		FUZZ_DEMAND(slice_eq(x->at[i].name, y->at[i].name) &&
		    slice_eq(x->at[i].value, y->at[i].value));
}

static void
read_values(struct arena *a, struct slice in, const struct tag_vec *tags)
{
	for (size_t i = 0; i < tags->n; i++) {
		struct slice v = tags->at[i].value, bytes;
		struct slice stripped = tags_strip_fws(a, v);
		uint64_t number;
		int err = tags_base64(a, v, &bytes);

		FUZZ_DEMAND(fuzz_inside(v, in));
		FUZZ_DEMAND(tags->at[i].name.n > 0);
		FUZZ_DEMAND(
		    tags_get(tags, tags->at[i].name) == &tags->at[i].value);
		FUZZ_DEMAND(stripped.n <= v.n);
		FUZZ_DEMAND_ERR(err);
		FUZZ_DEMAND(err != 0 ||
		    (bytes.n > 0 && (bytes.n + 2) / 3 * 4 == stripped.n));
		err = tags_number(v, 76, &number);
		FUZZ_DEMAND_ERR(err);
		FUZZ_DEMAND(err != 0 || number <= INT64_MAX);
	}
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct tag_vec strict, lenient, again;
	struct slice bad;
	int err = tags_parse(a, in, TAGS_STRICT, &strict, &bad);

	FUZZ_DEMAND_ERR(err);
	FUZZ_DEMAND_ERR(tags_parse(a, in, TAGS_LENIENT, &lenient, NULL));
	read_values(a, in, &lenient);
	if (err != 0) {
		FUZZ_DEMAND(fuzz_inside(bad, in));
		return;
	}
	read_values(a, in, &strict);
	demand_same(&strict, &lenient);
	FUZZ_DEMAND(tags_parse(a, written_anew(a, &strict), TAGS_STRICT, &again,
			NULL) == 0);
	demand_same(&strict, &again);
}
