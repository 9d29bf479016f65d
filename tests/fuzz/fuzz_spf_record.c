/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_spf_record: the gate in front of libspf2. Terms of an accepted record are
 * parts of it and hold nothing but what the grammar allows; macros that were
 * checked expand within bounds.
 */
#include "check/spf_record.h"

#include "check/spf_macro.h"
#include "fuzz/fuzz.h"

static void
demand_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		FUZZ_DEMAND(s.p[i] > 0x20 && s.p[i] < 0x7f);
}

static void
expand(struct slice s, bool tail)
{
	struct spf_values v = { .local = SL("lo.cal+part"),
		.sender_domain = SL("a.b.c.example"),
		.domain = SL("d.example"),
		.helo = SL("h.example"),
		.receiver = SL("r.example"),
		.validated = SL("v.example"),
		.epoch = 1700000000 };
	char out[300];
	uint32_t letters;

	FUZZ_DEMAND(ip_parse(SL("2001:db8::cb01"), &v.client));
	if (spf_macro_check(s, true, &letters))
		FUZZ_DEMAND(spf_macro_expand(s, &v, tail, out, 253) <= 253);
}

static void
walk(const struct spf_record *r, struct slice in)
{
	struct spf_term t;
	size_t at = 0, before = 0;

	while (spf_record_next(r, &at, &t)) {
		FUZZ_DEMAND(at > before);
		before = at;
		FUZZ_DEMAND(
		    fuzz_inside(t.text, in) && fuzz_inside(t.spec, t.text));
		FUZZ_DEMAND(t.kind != SPF_REDIRECT && t.kind != SPF_EXP);
		FUZZ_DEMAND(t.bits4 <= 32 && t.bits6 <= 128);
		FUZZ_DEMAND((t.kind == SPF_IP4) == (t.ip.family == 4));
		FUZZ_DEMAND((t.kind == SPF_IP6) == (t.ip.family == 6));
		demand_plain(t.text);
		expand(t.spec, true);
	}
}

void
fuzz_one(struct arena *a, struct slice in)
{
	struct spf_record r;
	struct spf_flaw flaw;

	(void)a;
	expand(in, false);
	/* Others are not selected in the first place. */
	if (!slice_istarts(in, SL("v=spf1")) || (in.n > 6 && in.p[6] != ' '))
		return;
	if (!spf_record_read(in, &r, &flaw)) {
		FUZZ_DEMAND(flaw.why != NULL && fuzz_inside(flaw.term, in));
		return;
	}
	walk(&r, in);
	demand_plain(r.redirect.text);
	demand_plain(r.exp.text);
}
