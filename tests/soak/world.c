/* SPDX-License-Identifier: BSD-2-Clause
 *
 * world: see world.h.
 */
#include "soak/world.h"

#include <glob.h>

#include "base/file.h"
#include "lib/tap.h"
#include "scenario/scenario_sign.h"

#define TEXT_MAX ((size_t)16 << 20)
#define SEED_MAX ((size_t)60000) /* goes into one packet */

/* All configuration is in the first one; the others have none. */
static const char *const files[] = {
	"soak/traffic.scn",
	"scenario/dmarc.scn",
	"scenario/dns-trouble.scn",
	"scenario/forged-flood.scn",
	"scenario/forged-results.scn",
	"scenario/from-trouble.scn",
	"scenario/hostile.scn",
	"scenario/real-mails.scn",
	"scenario/spf-pass-and-fail.scn",
};

/* Which seeds of tests/fuzz become what. */
static const struct {
	const char *target, *field;
} uses[] = {
	{ "address", "To" },
	{ "address", "" },
	{ "arc", "ARC-Seal" },
	{ "arc", "ARC-Message-Signature" },
	{ "authres", "Authentication-Results" },
	{ "authres", "ARC-Authentication-Results" },
	{ "canon", "Subject" },
	{ "dkim_field", "DKIM-Signature" },
	{ "dkim_lib", "DKIM-Signature" },
	{ "dmarc_record", "List-Id" },
	{ "domain", "Sender" },
	{ "engine", "X-Text" },
	{ "from", "From" },
	{ "header", "Date" },
	{ "received", "Received" },
	{ "session", "Received-SPF" },
	{ "spf_record", "Message-ID" },
	{ "srs", "" },
	{ "tags", "DKIM-Signature" },
};

/* A line with a line end before it, too, as buffers below hold them. */
static bool
has_line(const struct buf *b, struct slice line, const char *more)
{
	struct buf whole;
	bool found;

	buf_init(&whole, NULL, TEXT_MAX);
	buf_printf(&whole, "\n%.*s%s", SL_ARG(line), more);
	found = slice_search(buf_slice(b), buf_slice(&whole)) != SLICE_NONE;
	buf_fini(&whole);
	return found;
}

/* The records that the zone has not got yet. Two files must not mean different
 * things by one name. */
static bool
add_records(struct world *w, struct slice text)
{
	struct slice line;

	while (slice_cut(&text, '\n', &line)) {
		struct slice name = slice_sub(line, 0, slice_chr(line, ' '));

		if (has_line(&w->zone, line, "\n"))
			continue;
		if (slice_search(line, SL(" TXT ")) != SLICE_NONE &&
		    has_line(&w->zone, name, " TXT ")) {
			note("two files differ: %.*s", SL_ARG(line));
			return false;
		}
		buf_printf(&w->zone, "%.*s\n", SL_ARG(line));
	}
	return true;
}

static void
add_scripts(struct world *w, const char *file, const struct scn_event_vec *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct script *s;

		if (all->at[i].kind != SCN_CONNECT)
			continue;
		s = script_vec_push(&w->scripts, w->a);
		if (s == NULL)
			abort();
		s->file = file;
		s->events = &all->at[i];
		for (s->n = 1; i + s->n < all->n &&
		     all->at[i + s->n].kind != SCN_CONNECT;)
			s->n++;
	}
}

static bool
add_file(struct world *w, const char *name)
{
	struct slice path = arena_printf(w->a, CM_SRCDIR "/tests/%s", name);
	struct scenario s;
	struct problems p;

	problems_init(&p, w->a);
	if (scenario_read(w->a, path.p, &s, &p) != 0) {
		for (size_t i = 0; i < p.all.n; i++)
			note("%s:%u: %.*s", name, p.all.at[i].place.line,
			    SL_ARG(p.all.at[i].text));
		return false;
	}
	if (w->scripts.n > 0 && (s.config.n > 0 || s.policy.n > 0)) {
		note("%s wants a configuration of its own", name);
		return false;
	}
	buf_add(&w->config, buf_slice(&s.config));
	add_scripts(w, strrchr(name, '/') + 1, &s.events);
	return add_records(w, buf_slice(&s.zone));
}

/* The keys that take turns are all published from the start. */
static bool
add_turns(struct world *w)
{
	bool added = true;

	for (unsigned i = 0; i < WORLD_TURNS; i++) {
		struct scn_sign how = { .domain = SL("ours.example"),
			.selector = arena_printf(w->a, "turn%u", i) };
		struct scenario s = { 0 };

		buf_init(&s.config, w->a, TEXT_MAX);
		buf_init(&s.zone, w->a, TEXT_MAX);
		scenario_dkim_key(w->a, &s, &how);
		w->turns[i] = buf_slice(&s.config);
		added = add_records(w, buf_slice(&s.zone)) && added;
	}
	return added;
}

static void
add_seed(struct world *w, const char *path, const char *field)
{
	struct hostile *h;
	struct slice text;
	char why[FILE_WHY];

	if (file_read(w->a, path, TEXT_MAX, &text, why) != 0) {
		note("%s", why);
		return;
	}
	h = hostile_vec_push(&w->hostile, w->a);
	if (h == NULL)
		abort();
	h->name = slice_c(field);
	h->text = slice_sub(text, 0, SEED_MAX);
}

static bool
add_hostile(struct world *w)
{
	for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
		struct slice pattern = arena_printf(w->a,
		    CM_SRCDIR "/tests/fuzz/seeds/%s/*", uses[i].target);
		glob_t found;

		if (glob(pattern.p, 0, NULL, &found) != 0) {
			note("no seeds: %s", pattern.p);
			return false;
		}
		for (size_t k = 0; k < found.gl_pathc; k++)
			add_seed(w, found.gl_pathv[k], uses[i].field);
		globfree(&found);
	}
	buf_adds(&w->zone,
	    "hostile.example TXT \"v=spf1 ip4:192.0.2.1 ~all\"\n");
	return true;
}

bool
world_make(struct world *w, struct arena *a)
{
	*w = (struct world){ .a = a };
	buf_init(&w->config, a, TEXT_MAX);
	buf_init(&w->zone, a, TEXT_MAX);
	buf_adds(&w->zone, "# the zone of all scenarios\n");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!add_file(w, files[i]))
			return false;
	return add_turns(w) && add_hostile(w) && buf_ok(&w->config) &&
	    buf_ok(&w->zone);
}
