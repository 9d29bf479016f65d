/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_feed: stored messages, as `chopmark check` reads them. The first byte is
 * the length of the pieces in which the file arrives; any length must tell the
 * engine the same. The engine is a stand-in that writes down what it is told.
 */
#include "cli/feed.h"

#include "fuzz/fuzz.h"

static struct buf *told;
static unsigned eohs;

void
engine_header(struct engine_session *s, struct slice name, struct slice value)
{
	(void)s;
	FUZZ_DEMAND(eohs == 0);
	FUZZ_DEMAND(slice_chr(name, '\n') == SLICE_NONE);
	for (size_t i = 0; i < value.n; i++)
		FUZZ_DEMAND(value.p[i] != '\n' ||
		    (i + 1 < value.n &&
			(value.p[i + 1] == ' ' || value.p[i + 1] == '\t')));
	buf_add(told, name);
	buf_addc(told, ':');
	buf_add(told, value);
	buf_addc(told, '\n');
}

void
engine_eoh(struct engine_session *s)
{
	(void)s;
	eohs++;
	buf_adds(told, "eoh\n");
}

bool
engine_body(struct engine_session *s, struct slice chunk)
{
	(void)s;
	FUZZ_DEMAND(eohs == 1 && chunk.n > 0 && chunk.n <= 65535);
	buf_add(told, chunk);
	return true;
}

static struct slice
fed(struct arena *a, struct slice file, size_t step)
{
	struct feed *f = feed_new(NULL);
	struct buf out;

	FUZZ_DEMAND(f != NULL);
	buf_init(&out, a, FUZZ_ARENA / 8);
	told = &out;
	eohs = 0;
	while (file.n > 0) {
		struct slice piece = slice_sub(file, 0, step);

		feed_add(f, piece);
		file = slice_from(file, piece.n);
	}
	FUZZ_DEMAND(feed_end(f) == 0 && buf_ok(&out) && eohs == 1);
	feed_free(f);
	return buf_slice(&out);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	size_t step = 1 + fuzz_number(&in, 64);

	FUZZ_DEMAND(slice_eq(fed(a, in, step), fed(a, in, in.n + 1)));
}
