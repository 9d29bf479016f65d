/* SPDX-License-Identifier: BSD-2-Clause
 *
 * finding, verdict: statements, their properties and their printed form.
 */
#include "check/finding.h"

#include "lib/tap.h"

static struct slice
print(struct arena *a, const struct finding *f)
{
	struct buf b;

	buf_init(&b, a, 65536);
	finding_print(f, &b);
	return buf_slice(&b);
}

static void
test_verdicts(void)
{
	enum verdict v;

	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		const char *word = verdict_word((enum verdict)i);

		ok(verdict_parse(slice_c(word), &v) && v == (enum verdict)i,
		    "%s is read back as itself", word);
	}
	ok(!verdict_parse(t_slice("passed"), &v),
	    "a longer word is no verdict");
	ok(verdict_parse(t_slice("PASS"), &v) && v == VERDICT_PASS,
	    "case does not matter");
}

static void
test_properties(struct arena *a)
{
	struct findings all = { .arena = a };
	struct finding *f;

	f = findings_add(&all, METHOD_SPF, VERDICT_FAIL, t_slice("why not"));
	ok(f != NULL && all.all.n == 1, "a finding is added");
	ok(finding_prop(&all, f, "smtp", "mailfrom", t_slice("a@b.example")) ==
		    0 &&
		finding_prop(&all, f, NULL, "mechanism", t_slice("-all")) == 0,
	    "properties are added");
	is_text(finding_get(f, t_slice("smtp.mailfrom")), "a@b.example",
	    "a property is found by ptype and name");
	is_text(finding_get(f, t_slice("mechanism")), "-all",
	    "a trace property is found by name");
	ok(finding_get(f, t_slice("mailfrom")).p == NULL,
	    "a property with ptype is not found without it");
	ok(finding_get(f, t_slice("smtp")).p == NULL, "a ptype is no property");
	is_text(print(a, f),
	    "spf fail reason=\"why not\" smtp.mailfrom=a@b.example mechanism=-all",
	    "it prints as one line");
}

static void
test_hostile_values(struct arena *a)
{
	struct findings all = { .arena = a };
	struct finding *f = findings_add(&all, METHOD_DKIM, VERDICT_NEUTRAL,
	    t_bytes("a\"b\\c\r\n\0\xff", 9));

	is_text(print(a, f),
	    "dkim neutral reason=\"a\\\"b\\\\c\\x0d\\x0a\\x00\\xff\"",
	    "quotes, controls and 8-bit are escaped");
}

static void
test_memory(void)
{
	struct arena *small = arena_new(64);
	struct findings all = { .arena = small };
	struct finding *f = NULL;

	for (int i = 0; i < 8; i++)
		f = findings_add(&all, METHOD_SPF, VERDICT_NONE, SL(""));
	ok(f == NULL, "an arena at its ceiling gives no finding");
	arena_free(small);
}

int
main(void)
{
	struct arena *a = t_arena();

	test_verdicts();
	test_properties(a);
	test_hostile_values(a);
	test_memory();
	return tap_done();
}
