/* SPDX-License-Identifier: BSD-2-Clause
 *
 * timeline: see timeline.h.
 */
#include "engine/timeline.h"

#include "base/clock.h"

const char *
timeline_step_word(enum timeline_step s)
{
	static const char *const words[] = {
		[TIMELINE_CONNECT] = "connect",
		[TIMELINE_HELO] = "helo",
		[TIMELINE_MAIL] = "mail",
		[TIMELINE_RCPT] = "rcpt",
		[TIMELINE_HEADER] = "header",
		[TIMELINE_EOH] = "eoh",
		[TIMELINE_BODY] = "body",
		[TIMELINE_END] = "end",
	};

	_Static_assert(ARRAY_LEN(words) == TIMELINE_STEPS, "a word a step");
	return words[s];
}

struct timeline *
timeline_new(void)
{
	struct timeline *t = calloc(1, sizeof(*t));

	if (t != NULL)
		t->began_us = clock_mono_us();
	return t;
}

void
timeline_free(struct timeline *t)
{
	free(t);
}

void
timeline_next(struct timeline *t, bool first)
{
	size_t from = first ? TIMELINE_MAIL : TIMELINE_CONNECT;

	for (size_t s = from; s < TIMELINE_STEPS; s++)
		memset(t->parts[s], 0, sizeof(t->parts[s]));
	if (!first)
		t->began_us = clock_mono_us();
}

/* NULL: more parts than there is room for. */
static struct timeline_part *
part_of(struct timeline *t, enum timeline_step s, const char *name)
{
	struct timeline_part *p = t->parts[s];

	if (name == NULL)
		return p;
	for (size_t i = 1; i < TIMELINE_PARTS; i++) {
		if (p[i].name == NULL)
			p[i].name = name;
		if (p[i].name == name)
			return &p[i];
	}
	return NULL;
}

struct timeline_mark
timeline_start(struct timeline *t, enum timeline_step s, const char *name)
{
	return (struct timeline_mark){ part_of(t, s, name), clock_mono_us(),
		clock_cpu_us() };
}

void
timeline_stop(const struct timeline_mark *m)
{
	struct timeline_part *p = m->part;
	int64_t now = clock_mono_us();

	if (p->times++ == 0)
		p->from_us = m->wall_us;
	p->to_us = now;
	p->wall_us += now - m->wall_us;
	p->cpu_us += clock_cpu_us() - m->cpu_us;
}

static bool
lies_in(const struct dns_waited *w, const struct timeline_part *p)
{
	return p->times > 0 && p->from_us <= w->from_us && w->to_us <= p->to_us;
}

int64_t
timeline_waited_us(const struct timeline_part *p,
    const struct dns_waited_vec *waits)
{
	int64_t us = 0;

	for (size_t i = 0; i < waits->n; i++)
		if (lies_in(&waits->at[i], p))
			us += waits->at[i].to_us - waits->at[i].from_us;
	return us;
}

/* The innermost part in which a wait lies, or NULL. */
static const struct timeline_part *
who_waited(const struct timeline *t, const struct dns_waited *w,
    enum timeline_step *step)
{
	const struct timeline_part *best = NULL;

	for (size_t s = 0; s < TIMELINE_STEPS; s++)
		for (size_t i = 0; i < TIMELINE_PARTS; i++) {
			const struct timeline_part *p = &t->parts[s][i];

			if (!lies_in(w, p) ||
			    (best != NULL &&
				best->to_us - best->from_us <
				    p->to_us - p->from_us))
				continue;
			best = p;
			*step = (enum timeline_step)s;
		}
	return best;
}

bool
timeline_next_waiter(const struct timeline *t,
    const struct dns_waited_vec *waits, const struct dns_lookup *l, size_t *at,
    struct timeline_waiter *out)
{
	while (*at < waits->n) {
		const struct dns_waited *w = &waits->at[(*at)++];
		enum timeline_step step = TIMELINE_END;
		const struct timeline_part *who;

		if (w->type != l->type || !slice_eq(w->name, l->name))
			continue;
		who = who_waited(t, w, &step);
		*out = (struct timeline_waiter){ timeline_step_word(step),
			who != NULL && who->name != NULL ? who->name : "",
			w->to_us - w->from_us };
		return true;
	}
	return false;
}

size_t
timeline_longest_chain(const struct dns_lookup_vec *all, size_t *out,
    size_t most)
{
	size_t at = SLICE_NONE, n = 0;
	unsigned depth = 0;

	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].depth > depth) {
			depth = all->at[i].depth;
			at = i;
		}
	while (at != SLICE_NONE && n < most) {
		out[n++] = at;
		at = all->at[at].after;
	}
	return depth;
}
