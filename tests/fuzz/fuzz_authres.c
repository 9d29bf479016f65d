/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_authres: Authentication-Results. What can be read can be written and read
 * again, with the same results; who it speaks for agrees with the reader; and
 * arbitrary values add nothing.
 */
#include "mail/authres.h"
#include "mail/scan.h"

#include "fuzz/fuzz.h"

static struct slice
written_anew(struct arena *a, const struct authres *r)
{
	struct authres_writer w;
	struct buf out;

	buf_init(&out, a, FUZZ_ARENA / 4);
	authres_begin(&w, &out, r->id);
	for (size_t i = 0; i < r->items.n; i++) {
		const struct authres_item *item = &r->items.at[i];

		authres_result(&w, arena_cstr(a, item->method),
		    arena_cstr(a, item->result), item->reason);
		for (size_t k = 0; k < item->props.n; k++)
			authres_prop(&w, arena_cstr(a, item->props.at[k].ptype),
			    arena_cstr(a, item->props.at[k].property),
			    item->props.at[k].value, true);
	}
	authres_end(&w);
	FUZZ_DEMAND(buf_ok(&out));
	return buf_slice(&out);
}

static void
demand_same(const struct authres *x, const struct authres *y)
{
	FUZZ_DEMAND(x->items.n == y->items.n);
	for (size_t i = 0; i < x->items.n; i++) {
		const struct authres_item *p = &x->items.at[i];
		const struct authres_item *q = &y->items.at[i];

		FUZZ_DEMAND(slice_eq(p->method, q->method) &&
		    slice_eq(p->result, q->result) && p->props.n == q->props.n);
		for (size_t k = 0; k < p->props.n; k++)
			FUZZ_DEMAND(
			    p->props.at[k].value.n > AUTHRES_VALUE_MAX ||
			    p->props.at[k].value.n == q->props.at[k].value.n);
	}
}

/* The input as the values of two properties, a reason and a comment. */
static void
write_hostile(struct arena *a, struct slice in)
{
	struct authres_writer w;
	struct authres r;
	struct buf out;
	size_t half = in.n / 2;

	buf_init(&out, a, 1 << 20);
	authres_begin(&w, &out, slice_sub(in, half, 300));
	authres_result(&w, "x", "pass", in);
	authres_prop(&w, "b", "c", slice_sub(in, 0, half), true);
	authres_prop(&w, "b", "c", slice_from(in, half), false);
	authres_comment(&w, in);
	authres_result(&w, "y", "fail", SL(""));
	authres_end(&w);
	FUZZ_DEMAND(buf_ok(&out) && authres_parse(a, buf_slice(&out), &r) == 0);
	FUZZ_DEMAND(r.items.n == 2 && r.items.at[0].props.n == 2 &&
	    r.items.at[1].props.n == 0);
	FUZZ_DEMAND((r.items.at[0].reason.n > 0) == (in.n > 0));
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct authres r, again;
	int err = authres_parse(a, in, &r);
	enum authres_claim claim = authres_claim(a, in, SL("mx.example.org"));

	FUZZ_DEMAND_ERR(err);
	write_hostile(a, in);
	if (err != 0)
		return;
	FUZZ_DEMAND(
	    claim != AUTHRES_OTHER || !slice_ieq(r.id, SL("mx.example.org")));
	/* A U-label that is none is not a readable id. */
	FUZZ_DEMAND(claim != AUTHRES_BROKEN || r.id.n > 1000 ||
	    r.version.n > 0 || in.n > 2000 || !scan_is_ascii(r.id));
	if (r.items.n > 0 && in.n < 4000) {
		FUZZ_DEMAND(authres_parse(a, written_anew(a, &r), &again) == 0);
		demand_same(&r, &again);
	}
}
