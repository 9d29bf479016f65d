/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_header: fields as the MTA hands them over, unfolding, and header
 * canonicalisation, which is stable when done twice.
 */
#include "mail/header.h"

#include "fuzz/fuzz.h"
#include "mail/canon.h"

static struct slice
canonical(struct arena *a, enum canon how, struct slice raw)
{
	struct buf out;

	buf_init(&out, a, FUZZ_ARENA / 8);
	canon_header(&out, how, raw, false);
	FUZZ_DEMAND(buf_ok(&out));
	return buf_slice(&out);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	const struct header_field *f;
	struct slice name = fuzz_line(&in), flat, relaxed;
	struct header_list h;

	header_list_init(&h, a);
	FUZZ_DEMAND(header_list_add(&h, name, in, &f) == 0);
	FUZZ_DEMAND(
	    fuzz_inside(f->name, f->raw) && fuzz_inside(f->value, f->raw));
	FUZZ_DEMAND(header_list_count(&h, f->name) == 1);
	FUZZ_DEMAND(header_list_get(&h, f->name, 0) == f);
	FUZZ_DEMAND(header_list_get_last(&h, f->name, 0) == f);
	FUZZ_DEMAND(header_list_get(&h, f->name, 1) == NULL);
	flat = header_unfold(a, f->value);
	FUZZ_DEMAND(slice_chr(flat, '\r') == SLICE_NONE &&
	    slice_chr(flat, '\n') == SLICE_NONE);
	FUZZ_DEMAND(slice_eq(canonical(a, CANON_SIMPLE, f->raw), f->raw));
	relaxed = canonical(a, CANON_RELAXED, f->raw);
	FUZZ_DEMAND(relaxed.n <= f->raw.n);
	/* A line end that was no fold may have come to stand before a space. */
	if (slice_search(relaxed, SL("\r\n")) == SLICE_NONE)
		FUZZ_DEMAND(
		    slice_eq(canonical(a, CANON_RELAXED, relaxed), relaxed));
}
