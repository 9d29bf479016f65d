/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/hostile/worst [WORD]: what each hostile message costs (those whose
 * name holds the word), beside a plain message of as many octets. CPU time of
 * the process, the best of a few runs; DNS answers come from memory.
 */
#include <time.h>

#include "base/log.h"
#include "hostile/attack.h"
#include "lib/tap.h"

static double
cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
silent(void *ctx, enum log_level level, struct slice line)
{
	(void)level;
	*(size_t *)ctx += line.n;
}

/* Milliseconds of one message, and the DNS answers it used. */
static double
measure(const struct attack_world *w, const struct attack_message *m,
    size_t *questions, enum action *action)
{
	double best = 0, begun = cpu_ms(), all = 0;

	for (unsigned i = 0; i < 9 && (i < 2 || all < 400); i++) {
		const struct plan *plan;
		struct engine_session *s;
		double t = cpu_ms();

		s = attack_run(w, m, &plan);
		*action = plan->action;
		*questions = engine_evaluation(s) != NULL ?
		    dns_message_count(engine_evaluation(s)->dns) :
		    0;
		engine_session_free(s);
		t = cpu_ms() - t;
		if (i == 1 || (i > 1 && t < best))
			best = t;
		all = cpu_ms() - begun;
	}
	return best;
}

/* What was found: an attack that misses its mark is no attack. */
static void
show_findings(const struct attack_world *w, const struct attack_message *m)
{
	const struct plan *plan;
	struct engine_session *s = attack_run(w, m, &plan);
	const struct evaluation *ev = engine_evaluation(s);
	struct buf b;

	buf_init(&b, NULL, (size_t)1 << 20);
	for (size_t i = 0; ev != NULL && i < ev->findings.all.n; i++) {
		buf_clear(&b);
		finding_print(ev->findings.all.at[i], &b);
		printf("    %.*s\n", SL_ARG(slice_sub(buf_slice(&b), 0, 240)));
	}
	buf_fini(&b);
	engine_session_free(s);
}

static void
show(struct attack_world *w, const struct attack *attack)
{
	struct arena *a = arena_new((size_t)256 << 20);
	struct attack_message m, plain;
	size_t questions, usual, octets;
	enum action action, unused;
	double ms, base;

	attack_begin(a, &m);
	attack->make(w, a, &m);
	octets = attack_octets(&m);
	attack_plain(w, a, octets, &plain);
	base = measure(w, &plain, &usual, &unused);
	ms = measure(w, &m, &questions, &action);
	printf("%-30s %9zu %9.3f %9.3f %7.1f %6zu  %s\n", attack->name, octets,
	    ms, base, ms / base, questions, action_word(action));
	if (getenv("WORST_WHY") != NULL)
		show_findings(w, &m);
	(void)fflush(stdout);
	arena_free(a);
}

int
main(int argc, char **argv)
{
	static struct attack_world w;
	static size_t sunk;
	const char *word = argc > 1 ? argv[1] : "";

	attack_world_open(&w, "", "");
	log_set_sink(silent, &sunk);
	printf("%-30s %9s %9s %9s %7s %6s\n", "message", "octets", "ms",
	    "plain ms", "times", "DNS");
	for (size_t i = 0; i < attacks_header_count; i++)
		if (strstr(attacks_header[i].name, word) != NULL)
			show(&w, &attacks_header[i]);
	for (size_t i = 0; i < attacks_checks_count; i++)
		if (strstr(attacks_checks[i].name, word) != NULL)
			show(&w, &attacks_checks[i]);
	for (size_t i = 0; i < attacks_sign_count; i++)
		if (strstr(attacks_sign[i].name, word) != NULL)
			show(&w, &attacks_sign[i]);
	attack_world_close(&w);
	return 0;
}
