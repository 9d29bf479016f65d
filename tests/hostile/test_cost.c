/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a hostile message may cost, held by counting: none of those that
 * worst.c measures makes us do more than this, whatever it is made of; and the
 * limits that it meets are named and counted.
 */
#include "base/limits.h"
#include "hostile/attack.h"
#include "hostile/work.h"
#include "lib/tap.h"

#define MEMORY ((size_t)16 << 20) /* MaximumMessageMemory */
#define QUESTIONS 400             /* MessageDNSLookups */
/* Five signatures with three keys each, by the library and by us; fifty seals,
 * the newest message signature and ten older ones. */
#define VERIFIED (5 * 3 * 2 + 50 + 1 + 10)
/* Header under signatures; and what each of them adds: its own field. */
#define SIGNED ((size_t)MOST_SIGNED_OCTETS + ((size_t)2 << 20))
/* Comments: 1 MB in From, four times 64 KB for each set that vouches; beside
 * that everything twice. */
#define WALKED ((size_t)3 << 20)
/* Three names of each signature, the authors, the ids of results. */
#define IDN (3 * 64 + 16 * 64 + MOST_RESULTS + 100)

static struct attack_world w;

static size_t
count_of(const char *words, uint64_t counts[LIMIT_COUNT], bool *known)
{
	struct slice rest = slice_c(words), word;
	size_t n = 0;

	*known = true;
	while (slice_cut(&rest, ',', &word)) {
		bool found = false;

		for (unsigned l = 0; l < LIMIT_COUNT; l++)
			if (slice_eq(slice_c(limit_word((enum limit)l)),
				word)) {
				found = true;
				n += limits_counted((enum limit)l) ==
				    counts[l] + 1;
			}
		*known = *known && found;
	}
	return n;
}

static size_t
words_in(const char *words)
{
	size_t n = words[0] != '\0';

	for (; *words != '\0'; words++)
		n += *words == ',';
	return n;
}

static void
check(const struct attack *attack)
{
	struct arena *a = arena_new((size_t)256 << 20);
	const char *words = attack->limits != NULL ? attack->limits : "";
	uint64_t counts[LIMIT_COUNT];
	struct attack_message m;
	const struct plan *plan;
	const struct evaluation *ev;
	struct engine_session *s;
	size_t octets, met, used, questions;
	struct limits all;
	bool known;

	attack_begin(a, &m);
	attack->make(&w, a, &m);
	octets = attack_octets(&m);
	for (unsigned l = 0; l < LIMIT_COUNT; l++)
		counts[l] = limits_counted((enum limit)l);
	memset(&work, 0, sizeof(work));
	s = attack_run(&w, &m, &plan);
	ev = engine_evaluation(s);
	used = arena_used(ev->arena);
	questions = dns_message_count(ev->dns);
	met = count_of(words, counts, &known);
	ok(work.verified <= VERIFIED && work.hashed <= 2 * octets + SIGNED &&
		work.canonical <= octets + SIGNED &&
		work.walked <= 2 * octets + WALKED && work.idn <= IDN &&
		questions <= QUESTIONS && used <= MEMORY,
	    "%s: bounded", attack->name);
	note("%zu octets: %zu verified, %zu hashed, %zu made canonical, %zu "
	     "walked, %zu IDN, %zu questions, %zu of memory",
	    octets, work.verified, work.hashed, work.canonical, work.walked,
	    work.idn, questions, used);
	ok(known && met == words_in(words), "%s: counts %s", attack->name,
	    words[0] != '\0' ? words : "no limit that it should");
	/* Objects of an arena lie apart under AddressSanitizer. */
	all = evaluation_limits(ev);
	ok(plan->action == ACTION_ACCEPT || plan->action == ACTION_REJECT ||
		limits_met(&all, LIMIT_MESSAGE_MEMORY),
	    "%s: has an answer of its own", attack->name);
	engine_session_free(s);
	arena_free(a);
}

/* Usual mail is far from all of it. */
static void
test_plain(void)
{
	struct arena *a = arena_new((size_t)64 << 20);
	struct attack_message m;
	const struct plan *plan;
	struct engine_session *s;
	struct limits met;

	attack_plain(&w, a, 100000, &m);
	memset(&work, 0, sizeof(work));
	s = attack_run(&w, &m, &plan);
	met = evaluation_limits(engine_evaluation(s));
	ok(met.met == 0, "a plain message meets no limit");
	ok(work.verified == 1 && work.hashed < 110000 && work.idn == 0,
	    "one signature, one look at the body");
	engine_session_free(s);
	arena_free(a);
}

int
main(void)
{
	attack_world_open(&w, "", "");
	test_plain();
	for (size_t i = 0; i < attacks_header_count; i++)
		check(&attacks_header[i]);
	for (size_t i = 0; i < attacks_checks_count; i++)
		check(&attacks_checks[i]);
	for (size_t i = 0; i < attacks_sign_count; i++)
		check(&attacks_sign[i]);
	attack_world_close(&w);
	return tap_done();
}
