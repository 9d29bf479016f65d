/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dump: what is written reads back to the same, and the table of options
 * holds what its readers rely on.
 */
#include "config/dump.h"

#include "config/foreign.h"
#include "unit/config_lib.h"

static struct slice
values(const struct reading *r)
{
	struct buf out;

	buf_init(&out, t_arena(), (size_t)1 << 20);
	dump_values(&r->config, &out);
	return buf_slice(&out);
}

static void
round_trip(const char *what, const char *text)
{
	struct reading *first = config_lib_read(text, NULL);
	struct slice dumped = values(first);
	struct reading *second =
	    config_lib_read(arena_cstr(t_arena(), dumped), NULL);

	is_text(second->said, "", "%s: a dump has no mistakes", what);
	is_text(values(second), arena_cstr(t_arena(), dumped),
	    "%s: it reads back to the same", what);
}

static void
test_round_trip(void)
{
	struct reading *r;

	config_lib_write("some hosts", "192.0.2.1\n");
	round_trip("defaults", "");
	round_trip("every type",
	    "Socket unix:/x y\nSocketMode 0600\nSyslog no\nSyslogFacility user\n"
	    "DNSTimeout 1s500ms\nMaximumHeaders 100K\nMinimumKeyBits 2048\n"
	    "InternalHosts \"\"\nRelayHosts 192.0.2.0/24, !192.0.2.7\n"
	    "RelayHosts \"file:some hosts\"\nNameservers [::1]@53\n"
	    "HelpURL \"a \\\"b\\\" \\\\ # c\"\nPolicyFile x.conf\n"
	    "QuarantineHeader X: {reason}\n");
	r = config_lib_read("InternalHosts \"\"\nRelayHosts ::1, ::2\n", NULL);
	ok(slice_search(values(r), SL("\nInternalHosts \"\"\n")) != SLICE_NONE,
	    "a list that was emptied is shown so");
	ok(slice_search(values(r), SL("\nRelayHosts ::1\nRelayHosts ::2\n")) !=
		SLICE_NONE,
	    "a list has a line for each entry");
	ok(slice_search(values(r), SL("\n# PidFile\n")) != SLICE_NONE,
	    "an option without value is a comment");
	ok(slice_search(values(r), SL("Include")) == SLICE_NONE,
	    "Include is no value");
}

/* Comment lines that are options, made active. */
static const char *
uncomment(struct slice sample)
{
	struct slice line;
	struct buf out;

	buf_init(&out, t_arena(), (size_t)1 << 20);
	while (slice_cut(&sample, '\n', &line))
		if (line.n > 1 && line.p[0] == '#' && line.p[1] >= 'A' &&
		    slice_search(line, SL(" <")) == SLICE_NONE)
			buf_printf(&out, "%.*s\n", SL_ARG(slice_from(line, 1)));
	return buf_cstr(&out);
}

static void
test_sample(void)
{
	struct reading *plain = config_lib_read("", NULL), *full;
	struct slice sample;
	struct buf out;
	bool all = true;

	buf_init(&out, t_arena(), (size_t)1 << 20);
	dump_sample(&config_paths_built, &out);
	sample = arena_copy(t_arena(), buf_slice(&out));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		all = all &&
		    slice_search(sample,
			arena_printf(t_arena(), "\n#%s ", options[i].name)) !=
			SLICE_NONE;
	ok(all, "the sample shows every option");
	full = config_lib_read(arena_cstr(t_arena(), sample), NULL);
	is_text(values(full), arena_cstr(t_arena(), values(plain)),
	    "as it is, it changes nothing");
	config_lib_write("policy.conf", "");
	config_lib_write("replies.conf", "");
	plain = config_lib_read("", NULL);
	full = config_lib_read(uncomment(sample), NULL);
	is_text(full->said, "", "every default in it can be made active");
	is_text(values(full), arena_cstr(t_arena(), values(plain)),
	    "and is the default");
}

static void
test_manual(void)
{
	struct slice line, text, more;
	struct buf out;
	bool all = true, good = true;

	buf_init(&out, t_arena(), (size_t)1 << 20);
	dump_manual(&config_paths_shipped, &out);
	text = more = buf_slice(&out);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		all = all &&
		    slice_search(text,
			arena_printf(t_arena(), ".It Ic %s ",
			    options[i].name)) != SLICE_NONE;
	ok(all, "the manual explains every option");
	while (slice_cut(&more, '\n', &line))
		good = good && line.n > 0;
	ok(good, "no line of it is empty");
	ok(slice_search(text, SL("/run/chopmark/chopmark.sock")) != SLICE_NONE,
	    "with the paths that are shipped");
}

static void
test_table(void)
{
	bool found = true, own = true, lines = true, defaults = true;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct config_option *o = &options[i];
		size_t n = strlen(o->help);

		found = found && option_find(slice_c(o->name)) == o;
		own = own && foreign_find(slice_c(o->name)) == NULL;
		lines = lines && n > 0 && n <= 80 && o->help[n - 1] == '.' &&
		    strchr(o->help, '\n') == NULL;
		if (o->max > 0)
			defaults =
			    defaults && o->min < o->max && o->fallback != NULL;
	}
	ok(found, "every option is found by its name");
	ok(own, "none of ours is told to be another filter's");
	ok(lines, "help is a sentence of one line");
	ok(defaults, "numbers have a range and a default");
	ok(foreign_find(t_slice("on-badsignature")) != NULL &&
		foreign_find(t_slice("On-Bad")) == NULL,
	    "options of others are found by their whole name");
}

int
main(void)
{
	config_lib_begin();
	test_round_trip();
	test_sample();
	test_manual();
	test_table();
	config_lib_end();
	return tap_done();
}
