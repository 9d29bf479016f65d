/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show_timing: the timeline of a message as text: what each step and everyone
 * in it took, and every lookup with what it had to come behind and who waited
 * for it.
 */
#include "base/err.h"
#include "cli/print.h"
#include "cli/show.h"

#define STEP ((size_t)16) /* columns of a step's name */
#define TYPE ((size_t)6)  /* of a lookup's type */
#define MEMORY ((size_t)1 << 20)

/* Milliseconds with three digits behind the point, in ten columns. */
static void
add_ms(struct print *p, int64_t us)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%s%" PRId64 ".%03d",
	    us < 0 ? "-" : "", (us < 0 ? -us : us) / 1000,
	    (int)((us < 0 ? -us : us) % 1000));
	buf_printf(p->out, " %11s", text);
}

static void
show_part(struct print *p, const char *name, const struct timeline_part *part,
    int64_t zero_us, const struct dns_waited_vec *waits)
{
	int64_t waited = timeline_waited_us(part, waits);

	print_label(p, name, STEP);
	add_ms(p, part->from_us - zero_us);
	add_ms(p, part->wall_us);
	add_ms(p, part->cpu_us);
	add_ms(p, waited);
	if (part->times > 1)
		buf_printf(p->out, "  %u times", part->times);
	print_end(p);
}

static void
show_steps(struct print *p, const struct timeline *t,
    const struct dns_waited_vec *waits)
{
	char name[32];

	print_heading(p, "Timeline (ms)");
	print_label(p, "", STEP);
	buf_printf(p->out, " %11s %11s %11s %11s\n", "at", "took", "cpu",
	    "waited");
	for (unsigned s = 0; s < TIMELINE_STEPS; s++) {
		const struct timeline_part *parts = t->parts[s];

		if (parts[0].times == 0)
			continue;
		show_part(p, timeline_step_word((enum timeline_step)s), parts,
		    t->began_us, waits);
		for (size_t i = 1; i < TIMELINE_PARTS; i++) {
			if (parts[i].times == 0)
				continue;
			(void)snprintf(name, sizeof(name), "  %s",
			    parts[i].name);
			show_part(p, name, &parts[i], t->began_us, waits);
		}
	}
}

/* Who waited for a lookup: "end/spf 12.3". */
static void
show_waits(struct print *p, const struct timeline *t,
    const struct dns_waited_vec *waits, const struct dns_lookup *l)
{
	struct timeline_waiter w;
	const char *before = "  waited:";

	for (size_t at = 0; timeline_next_waiter(t, waits, l, &at, &w);
	     before = ",")
		buf_printf(p->out, "%s %s%s%s %" PRId64 ".%03d", before, w.step,
		    w.part[0] != '\0' ? "/" : "", w.part, w.took_us / 1000,
		    (int)(w.took_us % 1000));
}

static void
show_lookup(struct print *p, const struct timeline *t,
    const struct dns_waited_vec *waits, const struct dns_lookup *l)
{
	print_label(p, dns_type_name(l->type), TYPE);
	add_ms(p, l->began_us - t->began_us);
	if (l->ended_us >= 0)
		add_ms(p, l->ended_us - t->began_us);
	else
		buf_printf(p->out, " %11s", "never");
	buf_printf(p->out, " %5u  ", l->depth);
	print_text(p, l->name);
	show_waits(p, t, waits, l);
	print_end(p);
}

static void
show_chain(struct print *p, const struct dns_lookup_vec *all)
{
	size_t chain[TIMELINE_CHAIN], n;

	n = timeline_longest_chain(all, chain, TIMELINE_CHAIN);
	buf_printf(p->out, "  longest chain: %zu", n);
	for (size_t i = n; i > 0; i--) {
		const struct dns_lookup *l = &all->at[chain[i - 1]];

		buf_printf(p->out, "%s%s ", i == n ? ", " : " > ",
		    dns_type_name(l->type));
		print_text(p, l->name);
	}
	print_end(p);
}

void
show_timing(const struct verdict_view *v, struct buf *out)
{
	const struct timeline *t = engine_timeline(v->session);
	const struct evaluation *ev = engine_evaluation(v->session);
	struct print p = { .out = out, .colour = v->colour };
	const struct dns_waited_vec *waits;
	struct dns_lookup_vec all;

	if (t == NULL || ev == NULL)
		return;
	if (dns_message_lookups(ev->dns, &all) != 0) {
		out->bad = true;
		return;
	}
	waits = dns_message_waited_for(ev->dns);
	show_steps(&p, t, waits);
	print_heading(&p, "Lookups (ms)");
	print_label(&p, "", TYPE);
	buf_printf(out, " %11s %11s %5s\n", "asked", "answered", "chain");
	for (size_t i = 0; i < all.n; i++)
		show_lookup(&p, t, waits, &all.at[i]);
	show_chain(&p, &all);
}
