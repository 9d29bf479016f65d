/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_no_memory: every scenario is played once for each request for memory
 * that our own code makes in it, with this request failing, and once more with
 * this and all later ones failing. Nothing crashes or leaks, and each message
 * gets its right verdict or a temporary failure. The same for the loading of
 * the configuration: it is refused, or complete.
 *
 * Arguments: scenario files; without, all of tests/scenario.
 */
#include <unistd.h>

#include "fault/alloc.h"
#include "fault/play.h"
#include "lib/quiet.h"
#include "lib/tap.h"
#include "scenario/corpus.h"

#define MEMORY ((size_t)256 << 20)
#define COLD_STEP 3 /* loading takes its time */
#define HANG 120    /* seconds after which a run counts as hanging */

struct sweep {
	const struct scenario *s;
	struct scn_stage stage;
	struct snapshot *snapshot;
	struct outcome_vec want;
	bool cold; /* the cache of the DNS is empty in each run */
	size_t points, tempfailed, wrong;
};

static size_t all_points, loads;

static void
show(const char *what, const struct outcome *o)
{
	note("%s: %s %.*s", what, action_word(o->action), SL_ARG(o->text));
}

static void
compare(struct sweep *w, const struct outcome_vec *got, size_t first,
    size_t failing)
{
	bool put_off = false;

	for (size_t i = 0; i < got->n; i++) {
		put_off = put_off || got->at[i].action == ACTION_TEMPFAIL;
		if (outcome_excusable(&got->at[i], &w->want.at[i]))
			continue;
		if (w->wrong++ < 3) {
			note("message %zu, %s request %zu failing:", i + 1,
			    failing > 1 ? "every request from" : "only", first);
			show("got", &got->at[i]);
			show("want", &w->want.at[i]);
		}
	}
	w->points++;
	if (put_off)
		w->tempfailed++;
}

static void
reload(struct sweep *w, struct arena *a)
{
	snapshot_put(w->snapshot);
	w->snapshot = stage_load(&w->stage, a, NULL);
	if (w->snapshot == NULL)
		abort();
}

static void
play_point(struct sweep *w, size_t first, size_t failing)
{
	struct arena *a = arena_new(MEMORY);
	struct outcome_vec got = { 0 };

	if (a == NULL)
		abort();
	if (w->cold)
		reload(w, a);
	alloc_plan(first, failing);
	(void)alarm(HANG);
	play_scenario(a, w->s, snapshot_engine(w->snapshot), alloc_faults,
	    &got);
	(void)alarm(0);
	compare(w, &got, first, failing);
	arena_free(a);
}

/* The undisturbed run; how many requests it makes. */
static size_t
rehearse(struct sweep *w, struct arena *a)
{
	w->want = (struct outcome_vec){ 0 };
	alloc_plan(0, 0);
	play_scenario(a, w->s, snapshot_engine(w->snapshot), alloc_faults,
	    &w->want);
	return alloc_count();
}

static void
sweep_messages(struct sweep *w, struct arena *a)
{
	size_t cold = rehearse(w, a), warm = rehearse(w, a);

	for (size_t i = 0; i < warm; i++) {
		play_point(w, i, 1);
		play_point(w, i, SIZE_MAX);
	}
	w->cold = true;
	for (size_t i = 0; i < cold; i += COLD_STEP)
		play_point(w, i, 1);
	ok(w->wrong == 0 && w->points > 0,
	    "%s: %zu points, in %zu of them mail was put off, no wrong verdict",
	    strrchr(w->s->file, '/') + 1, w->points, w->tempfailed);
	all_points += w->points;
}

/* Each request for memory while the configuration is loaded. */
static void
sweep_load(const struct sweep *w, struct arena *a)
{
	size_t points = 0, refused = 0, silent = 0;
	struct snapshot *s;

	do {
		struct problems p;

		problems_init(&p, a);
		alloc_plan(points, 1);
		alloc_faults(true);
		s = snapshot_load(&w->stage.source, NULL, &p);
		alloc_faults(false);
		if (s == NULL)
			refused++;
		if (s == NULL && p.errors == 0)
			silent++;
		snapshot_put(s);
	} while (alloc_count() > points++);
	ok(refused > 0 && silent == 0,
	    "%zu points of loading: %zu times refused, %zu times without a "
	    "word",
	    points, refused, silent);
	all_points += points;
}

static void
play_file(const char *path)
{
	struct arena *a = t_arena();
	struct scenario s;
	struct sweep w = { .s = &s };

	if (!corpus_open(a, path, "process", &s))
		return;
	stage_set(&w.stage, a, &s);
	w.snapshot = stage_load(&w.stage, a, NULL);
	if (ok(w.snapshot != NULL, "%s: configuration loads", path))
		sweep_messages(&w, a);
	if (loads++ == 0)
		sweep_load(&w, a);
	snapshot_put(w.snapshot);
	stage_strike(&w.stage);
}

int
main(int argc, char **argv)
{
	quiet_log();
	corpus_each(argc, argv, play_file);
	note("%zu points in all", all_points);
	return tap_done();
}
