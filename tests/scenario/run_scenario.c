/* SPDX-License-Identifier: BSD-2-Clause
 *
 * run_scenario: plays scenarios in-process: the engine is fed by hand and its
 * plan is looked at. `run_scenario --export FILE` prints one as JSON; without
 * arguments every file of tests/scenario is played.
 */
#include "lib/delivered.h"
#include "lib/tap.h"
#include "scenario/corpus.h"
#include "scenario/export.h"
#include "scenario/observed.h"
#include "scenario/stage.h"

struct run {
	struct arena *a;
	const struct scenario *s;
	struct scn_stage stage;
	struct snapshot *snapshot;
	struct engine_session *session;
	struct slice helo;
	struct observed seen;
	struct header_list delivered;
};

static bool
load(struct run *r)
{
	struct snapshot *fresh = stage_load(&r->stage, r->a, r->snapshot);

	if (fresh == NULL)
		return false;
	engine_session_free(r->session);
	r->session = NULL;
	snapshot_put(r->snapshot);
	r->snapshot = fresh;
	return true;
}

/* What a plan looks like from outside. */
static void
observe(struct run *r, const struct plan *plan)
{
	struct observed *o = &r->seen;
	struct buf text;

	*o = (struct observed){ .code = SL("250"),
		.sees_decision = true,
		.rule = plan->rule,
		.action = plan->hold ? SL("hold") :
		    plan->quarantine ? SL("quarantine") :
				       slice_c(action_word(plan->action)) };
	buf_init(&text, r->a, (size_t)1 << 16);
	if (plan->reply.set) {
		o->code = slice_c(plan->reply.code);
		o->enhanced = slice_c(plan->reply.enhanced);
		for (size_t i = 0; i < plan->reply.lines.n; i++) {
			buf_adds(&text, i > 0 ? "\n" : "");
			buf_add(&text, plan->reply.lines.at[i]);
		}
	} else if (plan->action == ACTION_REJECT) {
		o->code = SL("550");
	} else if (plan->action == ACTION_TEMPFAIL) {
		o->code = SL("451");
	}
	o->text = buf_slice(&text);
	for (size_t i = 0; i < plan->tests.n; i++)
		if (slice_vec_add(&o->tests, r->a, plan->tests.at[i].rule) != 0)
			abort();
	if (engine_evaluation(r->session) != NULL)
		o->findings = &engine_evaluation(r->session)->findings;
}

static void
play_message(struct run *r, const struct scn_event *e)
{
	const struct plan *plan;
	struct scn_message m;

	stage_cut(r->a, e->text, &m);
	stage_feed(r->session, &m);
	plan = engine_end(r->session);
	observe(r, plan);
	if (plan->action == ACTION_ACCEPT &&
	    engine_message(r->session) != NULL) {
		if (delivered_headers(r->a,
			&engine_message(r->session)->headers, plan,
			&r->delivered) != 0)
			abort();
		r->seen.delivered = &r->delivered;
	}
}

static void
open_session(struct run *r, const struct scn_event *e)
{
	engine_session_free(r->session);
	r->session = engine_session_new(snapshot_engine(r->snapshot), NULL);
	if (r->session == NULL)
		abort();
	engine_macro(r->session, ENGINE_HOSTNAME, SL("mx.local.test"));
	engine_connect(r->session, e->name, &e->ip, 4321);
}

static void
check(struct run *r, const struct scn_event *e)
{
	struct slice why;
	enum observed_result res = observed_meets(&r->seen, e, r->a, &why);

	if (!ok(res == OBSERVED_YES, "%s:%u expect %.*s%s%.*s",
		corpus_name(r->s->file), e->place.line, SL_ARG(e->name),
		e->args.n > 0 ? " " : "",
		SL_ARG(e->args.n > 0 ? e->args.at[0] : SL(""))))
		note("found: %.*s", SL_ARG(why));
}

static void
play(struct run *r)
{
	for (size_t i = 0; i < r->s->events.n; i++) {
		const struct scn_event *e = &r->s->events.at[i];

		switch (e->kind) {
		case SCN_CONNECT:
			open_session(r, e);
			break;
		case SCN_MACRO:
			ok(stage_macro(r->session, e->name, e->text),
			    "%s:%u macro is known", r->s->file, e->place.line);
			break;
		case SCN_HELO:
			engine_helo(r->session, e->text);
			break;
		case SCN_STARTTLS:
			engine_macro(r->session, ENGINE_TLS_VERSION,
			    SL("TLSv1.3"));
			break;
		case SCN_MAIL:
			observe(r,
			    engine_mail(r->session, e->text, e->args.at,
				e->args.n));
			break;
		case SCN_RCPT:
			observe(r,
			    engine_rcpt(r->session, e->text, e->args.at,
				e->args.n));
			break;
		case SCN_MESSAGE:
			play_message(r, e);
			break;
		case SCN_RSET:
			engine_abort(r->session);
			break;
		case SCN_RELOAD:
			ok(load(r), "%s:%u reload", r->s->file, e->place.line);
			break;
		case SCN_EXPECT:
			check(r, e);
			break;
		}
	}
}

static void
play_file(const char *path)
{
	struct scenario s;
	struct run r = { .a = t_arena(), .s = &s };

	if (!corpus_open(r.a, path, "process", &s))
		return;
	stage_set(&r.stage, r.a, &s);
	if (ok(load(&r), "%s: configuration loads", corpus_name(path)))
		play(&r);
	engine_session_free(r.session);
	snapshot_put(r.snapshot);
	stage_strike(&r.stage);
}

static int export(const char *path)
{
	struct arena *a = t_arena();
	struct scenario s;
	struct problems p;

	problems_init(&p, a);
	if (scenario_read(a, path, &s, &p) != 0) {
		for (size_t i = 0; i < p.all.n; i++)
			fprintf(stderr, "%s:%u: %.*s\n", path,
			    p.all.at[i].place.line, SL_ARG(p.all.at[i].text));
		return 1;
	}
	return scenario_export(a, &s);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--export") == 0)
		return export(argv[2]);
	corpus_each(argc, argv, play_file);
	return tap_done();
}
