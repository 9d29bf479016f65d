/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_canon: body canonicalisation. The first bytes choose how and where the
 * body is cut; any chunking gives the same, and the result is stable when it is
 * canonicalised again.
 */
#include "mail/canon.h"

#include "fuzz/fuzz.h"

static void
collect(void *ctx, const char *p, size_t n)
{
	FUZZ_DEMAND(n > 0);
	buf_add(ctx, slice_of(p, n));
}

/* step 0: in one piece. */
static struct slice
canonical(struct arena *a, enum canon how, struct slice body, size_t step)
{
	struct canon_body c;
	struct buf out;

	buf_init(&out, a, FUZZ_ARENA / 16);
	canon_body_init(&c, how, collect, &out);
	while (body.n > 0) {
		/* Memory of its own, so that a read over the end shows. */
		size_t n = step == 0 || step > body.n ? body.n : step;
		char *part = malloc(n);

		FUZZ_DEMAND(part != NULL);
		memcpy(part, body.p, n);
		canon_body_add(&c, part, n);
		free(part);
		body = slice_from(body, n);
	}
	canon_body_end(&c);
	FUZZ_DEMAND(buf_ok(&out) && c.out == out.n);
	return buf_slice(&out);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	enum canon how = fuzz_byte(&in) % 2 == 0 ? CANON_SIMPLE : CANON_RELAXED;
	size_t step = 1 + fuzz_byte(&in);
	struct slice once = canonical(a, how, in, 0);

	FUZZ_DEMAND(slice_eq(canonical(a, how, in, step), once));
	FUZZ_DEMAND(slice_eq(canonical(a, how, once, step), once));
	FUZZ_DEMAND(once.n <= in.n + 2);
	FUZZ_DEMAND(once.n == 0 || slice_ends(once, SL("\r\n")));
	FUZZ_DEMAND(!slice_ends(once, SL("\r\n\r\n")));
}
