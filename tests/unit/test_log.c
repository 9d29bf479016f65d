/* SPDX-License-Identifier: BSD-2-Clause
 *
 * log: no value can forge a line or a key, JSON stays JSON, long lines are cut.
 */
#include "base/log.h"

#include <jansson.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/tap.h"

struct caught {
	unsigned lines;
	enum log_level level;
	char text[16384];
	size_t n;
};

static void
catch_line(void *ctx, enum log_level level, struct slice line)
{
	struct caught *c = ctx;

	c->lines++;
	c->level = level;
	c->n = line.n < sizeof(c->text) ? line.n : 0;
	memcpy(c->text, line.p, c->n);
}

static struct caught caught;

static struct slice
last(void)
{
	return slice_of(caught.text, caught.n);
}

static void
use(enum log_format format, enum log_level level)
{
	struct log_options o = { .ident = "test",
		.level = level,
		.format = format };

	log_open(&o);
	memset(&caught, 0, sizeof(caught));
	log_set_sink(catch_line, &caught);
}

static void
test_text(void)
{
	char big[5000];

	use(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	log_text(LOG_LEVEL_WARN, "hello %d", 1);
	is_text(last(), "hello 1", "a free line");
	ok(caught.level == LOG_LEVEL_WARN, "with its level");
	log_text(LOG_LEVEL_INFO, "%s", "a\nb\r\x1b\x7f\t\xff\xc3\xa4");
	is_text(last(), "a\\x0ab\\x0d\\x1b\\x7f\\x09\\xff\xc3\xa4",
	    "control and stray bytes are escaped, UTF-8 stays");
	log_text(LOG_LEVEL_INFO, "%s",
	    "\xc2\x9b"
	    "31m \xe2\x80\xae \xe2\x80\xa8 \xed\xa0\x80 \xc0\x8a");
	is_text(last(),
	    "\\xc2\\x9b31m \\xe2\\x80\\xae \\xe2\\x80\\xa8 \\xed\\xa0\\x80 "
	    "\\xc0\\x8a",
	    "so is UTF-8 that steers a terminal, or is none");
	caught.lines = 0;
	log_text(LOG_LEVEL_DEBUG, "not this");
	is_int((int64_t)caught.lines, 0,
	    "a level over the limit is not written");
	ok(!log_enabled(LOG_LEVEL_DEBUG) && log_enabled(LOG_LEVEL_INFO),
	    "and is told so");
	memset(big, '\n', sizeof(big));
	log_text(LOG_LEVEL_INFO, "%.*s", (int)sizeof(big), big);
	ok(last().n <= 2048 && slice_ends(last(), SL("\\x0a...")),
	    "a long line is cut at a whole character and says so");
}

static void
test_fields(void)
{
	struct arena *a = t_arena();
	struct log_line l;

	use(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	log_line_begin(&l, a);
	is_text(log_line_text(&l), "", "no fields, no text");
	log_line_add(&l, "qid", t_slice("4ABC"));
	log_line_add(&l, "empty", t_slice(""));
	log_line_addf(&l, "n", "%d", 3);
	log_line_add(&l, "from", t_slice("a b"));
	log_line_add(&l, "evil", t_slice("x\nqid=\"FORGED\" \\ \xc3\xa4"));
	log_line_add(&l, "sign", t_slice("a=b"));
	is_text(log_line_text(&l),
	    "qid=4ABC n=3 from=\"a b\" evil=\"x\\x0aqid=\\\"FORGED\\\" \\\\ "
	    "\\xc3\\xa4\" sign=\"a=b\"",
	    "fields in order; no value can add a key or a line");
	log_line_write(&l, LOG_LEVEL_INFO);
	ok(caught.lines == 1 && slice_eq(last(), log_line_text(&l)),
	    "written as shown");
	log_line_write(&l, LOG_LEVEL_DEBUG);
	is_int((int64_t)caught.lines, 1, "but not at a level that is off");
}

static json_t *
parse(struct slice s)
{
	return json_loadb(s.p, s.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
	    NULL);
}

static void
test_json(void)
{
	struct arena *a = t_arena();
	struct log_line l;
	json_t *j;

	use(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	log_line_begin(&l, a);
	is_text(log_line_text(&l), "{}", "an empty object");
	log_line_add(&l, "qid", t_slice("4ABC"));
	log_line_add(&l, "evil",
	    t_bytes("x\"},{\"qid\":\"F\"\n\\\xff\0\xc3\xa4", 20));
	j = parse(log_line_text(&l));
	ok(j != NULL && json_object_size(j) == 2,
	    "two fields whatever the bytes");
	is_text(slice_c(json_string_value(json_object_get(j, "qid"))), "4ABC",
	    "the first value");
	ok(slice_starts(slice_c(json_string_value(json_object_get(j, "evil"))),
	       SL("x\"},{\"qid\":\"F\"\n\\")),
	    "the second comes back as it was");
	json_decref(j);
	log_line_add(&l, "more", t_slice("1"));
	j = parse(log_line_text(&l));
	ok(j != NULL && json_object_size(j) == 3,
	    "fields may follow a reading");
	json_decref(j);
	log_text(LOG_LEVEL_ERROR, "a \"quote\"\n");
	j = parse(last());
	ok(j != NULL, "a free line is an object too");
	is_text(slice_c(json_string_value(json_object_get(j, "text"))),
	    "a \"quote\"\n", "with its text");
	is_text(slice_c(json_string_value(json_object_get(j, "level"))),
	    "error", "and level");
	json_decref(j);
}

static void
test_cut(enum log_format format)
{
	const char *name = format == LOG_FORMAT_JSON ? "json" : "text";
	struct arena *a = t_arena(), *tiny = arena_new(300),
		     *none = arena_new(0);
	struct log_line l;
	struct slice s;
	char big[3000];
	json_t *j;

	use(format, LOG_LEVEL_INFO);
	memset(big, 'x', sizeof(big));
	log_line_begin(&l, a);
	for (int i = 0; i < 4; i++)
		log_line_add(&l, "key", slice_of(big, sizeof(big)));
	log_line_add(&l, "late", t_slice("1"));
	s = log_line_text(&l);
	ok(s.n <= 8192 && s.n > 6000, "%s: a long line is bounded", name);
	ok(slice_search(s, SL("late")) == SLICE_NONE,
	    "%s: the rest of the fields is dropped", name);
	ok(slice_ends(s,
	       format == LOG_FORMAT_JSON ? SL(",\"cut\":\"1\"}") :
					   SL(" cut=1")),
	    "%s: and that is said", name);
	log_line_begin(&l, tiny);
	log_line_add(&l, "a", t_slice("1"));
	log_line_add(&l, "key", slice_of(big, 400));
	s = log_line_text(&l);
	is_text(s,
	    format == LOG_FORMAT_JSON ? "{\"a\":\"1\",\"cut\":\"1\"}" :
					"a=1 cut=1",
	    "%s: without memory the line still closes", name);
	log_line_begin(&l, none);
	log_line_add(&l, "a", t_slice("1"));
	is_text(log_line_text(&l),
	    format == LOG_FORMAT_JSON ? "{\"cut\":\"1\"}" : "cut=1",
	    "%s: even with none at all", name);
	if (format == LOG_FORMAT_JSON) {
		j = parse(s);
		ok(j != NULL, "%s: a cut line parses", name);
		json_decref(j);
	}
	arena_free(tiny);
	arena_free(none);
}

/* What standard error gets, through a pipe. */
static void
test_stderr(void)
{
	int fds[2], saved = dup(STDERR_FILENO);
	char got[256];
	ssize_t n;

	use(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	log_set_sink(NULL, NULL);
	if (pipe(fds) != 0 || saved < 0)
		abort();
	(void)dup2(fds[1], STDERR_FILENO);
	log_text(LOG_LEVEL_WARN, "careful");
	log_text(LOG_LEVEL_INFO, "started");
	(void)dup2(saved, STDERR_FILENO);
	(void)close(fds[1]);
	(void)close(saved);
	n = read(fds[0], got, sizeof(got));
	(void)close(fds[0]);
	is_text(slice_of(got, n > 0 ? (size_t)n : 0),
	    "test: warning: careful\ntest: started\n",
	    "standard error gets identity, level and text");
}

int
main(void)
{
	test_text();
	test_fields();
	test_json();
	test_cut(LOG_FORMAT_TEXT);
	test_cut(LOG_FORMAT_JSON);
	test_stderr();
	return tap_done();
}
