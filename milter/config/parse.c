/* SPDX-License-Identifier: BSD-2-Clause
 *
 * parse: files are read line by line, an Include on an explicit stack; names
 * are looked up, values split. When all is read, defaults fill the gaps, every
 * value is applied, and what belongs together is compared.
 */
#include "config/parse.h"

#include <glob.h>
#include <unistd.h>

#include "base/err.h"
#include "config/foreign.h"
#include "config/locate.h"
#include "config/values.h"
#include "config/verify.h"

#define MAX_DEPTH ((size_t)8)   /* of Include */
#define MAX_FILES ((size_t)256) /* in all */

/* A file that is being read. */
struct frame {
	struct line_vec lines;
	size_t next;
	const char *dir;
	size_t depth;
};

/* What values from the command line say of their origin. */
static const char command_line[] = "command line";

struct parser {
	struct arena *arena;
	struct problems *problems;
	struct config *config;
	struct frame frames[MAX_FILES];
	size_t n_frames;
	size_t n_files;
};

const char *
config_absolute(struct arena *a, const char *dir, struct slice path)
{
	char cwd[PATH_MAX];

	if (path.n > 0 && path.p[0] == '/')
		return arena_cstr(a, path);
	if (dir == NULL) {
		if (getcwd(cwd, sizeof(cwd)) == NULL)
			return arena_cstr(a, path);
		dir = cwd;
	}
	return arena_printf(a, "%s/%.*s", strcmp(dir, "/") == 0 ? "" : dir,
	    SL_ARG(path))
	    .p;
}

bool
config_override_parse(struct slice text, struct config_override *out)
{
	size_t n = 0;

	text = slice_trim(text);
	while (n < text.n && text.p[n] != '=' && text.p[n] != ' ' &&
	    text.p[n] != '\t')
		n++;
	out->name = slice_sub(text, 0, n);
	text = slice_trim(slice_from(text, n));
	out->value =
	    slice_trim(slice_from(text, slice_starts(text, SL("=")) ? 1 : 0));
	return n > 0 && text.n > 0;
}

/* The directory of an absolute path. */
static const char *
directory_of(struct arena *a, const char *path)
{
	struct slice s = slice_c(path);
	size_t slash = slice_rchr(s, '/');

	return arena_cstr(a,
	    slash == 0 || slash == SLICE_NONE ? SL("/") :
						slice_sub(s, 0, slash));
}

/* Puts a file on the stack. */
static int
push_file(struct parser *ps, const char *path, size_t depth, struct place at)
{
	size_t told = ps->problems->all.n;
	struct frame *f;

	if (depth >= MAX_DEPTH || ps->n_files >= MAX_FILES) {
		problems_error(ps->problems, at,
		    depth >= MAX_DEPTH ?
			"Include goes deeper than %zu files: a loop?" :
			"Include reads more than %zu files",
		    depth >= MAX_DEPTH ? MAX_DEPTH : MAX_FILES);
		return ERR_CONFIG;
	}
	f = &ps->frames[ps->n_frames];
	*f = (struct frame){ .depth = depth };
	f->dir = directory_of(ps->arena, path);
	if (f->dir == NULL)
		return ERR_NOMEM;
	ps->n_files++;
	if (lines_read(ps->arena, path, 0, &f->lines, ps->problems) != 0 &&
	    f->lines.n == 0) {
		if (depth > 0)
			locate_at(ps->problems, told, at);
		return ERR_CONFIG;
	}
	ps->n_frames++;
	return 0;
}

/* All files that match, the first on top of the stack. */
static int
push_matches(struct parser *ps, const char *pattern, size_t depth,
    struct place at)
{
	bool wild = strpbrk(pattern, "*?[") != NULL;
	glob_t found = { 0 };
	int err = 0;

	if (!wild)
		return push_file(ps, pattern, depth, at);
	switch (glob(pattern, GLOB_ERR, NULL, &found)) {
	case 0:
		for (size_t i = found.gl_pathc; i > 0 && err == 0; i--)
			err = push_file(ps, found.gl_pathv[i - 1], depth, at);
		break;
	case GLOB_NOMATCH:
		break;
	default:
		problems_error(ps->problems, at, "Include: %s cannot be read",
		    pattern);
		err = ERR_CONFIG;
	}
	globfree(&found);
	return err;
}

static void
report_unknown(struct parser *ps, struct place at, struct slice name)
{
	const struct foreign_option *foreign = foreign_find(name);
	struct names_nearest near = names_nearest_to(name);
	struct slice bare = slice_sub(name, 0, slice_chr(name, '='));

	if (foreign != NULL) {
		problems_error(ps->problems, at, "%s is an option of %s: %s",
		    foreign->name, foreign->origin, foreign->instead);
		return;
	}
	if (bare.n > 0 && bare.p[bare.n - 1] == ':')
		bare.n--;
	if (bare.n < name.n && option_find(bare) != NULL) {
		problems_error(ps->problems, at,
		    "only white space stands between %.*s and its value",
		    SL_ARG(bare));
		return;
	}
	for (size_t i = 0; i < OPTION_COUNT; i++)
		names_nearest_try(&near, slice_c(options[i].name));
	problems_error(ps->problems, at, "unknown option '%.*s'%s",
	    SL_ARG(slice_sub(name, 0, 100)),
	    problems_hint(ps->problems, near.best));
}

/* "; the first is in FILE, line N", or nothing for the command line. */
static const char *
set_where(struct arena *a, const struct given_value *first)
{
	struct slice text;

	if (first == NULL || first->place.line == 0)
		return "";
	text = arena_printf(a, "; the first is in %s, line %u",
	    first->place.file, first->place.line);
	return text.p != NULL ? text.p : "";
}

/* True if a second value may come; else it is reported, or overridden. */
static bool
may_set(struct parser *ps, const struct config_option *o, struct place at)
{
	size_t id = (size_t)(o - options);
	const struct given_vec *given = &ps->config->given[id];
	const struct given_value *first = given->n > 0 ? &given->at[0] : NULL;

	if (!ps->config->is_set[id])
		return true;
	if (first != NULL && first->place.file == command_line &&
	    at.file != command_line)
		return false;
	if (option_is_list(o))
		return true;
	problems_error(ps->problems, at, "%s is set a second time%s", o->name,
	    set_where(ps->arena, first));
	return false;
}

/* One setting, wherever it came from. */
static int
take(struct parser *ps, const struct frame *f, struct place at,
    struct slice name, struct slice text)
{
	struct value_context c = { .arena = ps->arena,
		.problems = ps->problems,
		.dir = f != NULL ? f->dir : NULL,
		.place = at };
	const struct config_option *o = option_find(name);
	struct given_vec include = { 0 };
	size_t id;
	int err;

	if (o == NULL) {
		report_unknown(ps, at, name);
		return ERR_CONFIG;
	}
	id = (size_t)(o - options);
	if (o->flags & OPTION_INCLUDE) {
		if (f == NULL) {
			problems_error(ps->problems, at,
			    "Include stands in files only");
			return ERR_CONFIG;
		}
		err = values_split(&c, o, text, &include);
		return err != 0 ?
		    err :
		    push_matches(ps, include.at[0].text.p, f->depth + 1, at);
	}
	if (!may_set(ps, o, at))
		return 0;
	err = values_split(&c, o, text, &ps->config->given[id]);
	ps->config->is_set[id] = true;
	return err;
}

static int
read_files(struct parser *ps)
{
	while (ps->n_frames > 0) {
		size_t top = ps->n_frames - 1;
		struct frame *f = &ps->frames[top];
		const struct line *line;
		size_t n = 0;

		if (f->next == f->lines.n) {
			ps->n_frames--;
			continue;
		}
		line = &f->lines.at[f->next++];
		while (n < line->text.n && line->text.p[n] != ' ' &&
		    line->text.p[n] != '\t')
			n++;
		if (take(ps, f, line->place, slice_sub(line->text, 0, n),
			slice_from(line->text, n)) == ERR_NOMEM)
			return ERR_NOMEM;
	}
	return 0;
}

static int
read_overrides(struct parser *ps, const struct config_source *src)
{
	const struct place at = { command_line, 0 };

	for (size_t i = 0; i < src->n_overrides; i++)
		if (take(ps, NULL, at, src->overrides[i].name,
			src->overrides[i].value) == ERR_NOMEM)
			return ERR_NOMEM;
	return 0;
}

/* The default of an option that nobody set. */
static int
take_default(struct parser *ps, const char *dir, const struct config_option *o)
{
	struct value_context c = { .arena = ps->arena,
		.problems = ps->problems,
		.dir = dir };
	struct slice text = option_fallback(ps->arena, o, &config_paths_built);
	const char *beside;

	if (text.n == 0)
		return 0;
	if (o->flags & OPTION_BESIDE) {
		if (dir == NULL)
			return 0;
		beside = config_absolute(ps->arena, dir, text);
		if (beside == NULL)
			return ERR_NOMEM;
		if (access(beside, F_OK) != 0)
			return 0;
	}
	return values_split(&c, o, text, &ps->config->given[o - options]);
}

static int
apply_all(struct parser *ps, const char *dir)
{
	struct value_context c = { .arena = ps->arena,
		.problems = ps->problems };

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct config_option *o = &options[i];
		int err = 0;

		if (o->flags & OPTION_INCLUDE)
			continue;
		if (!ps->config->is_set[i])
			err = take_default(ps, dir, o);
		if (err == 0 &&
		    (ps->config->given[i].n > 0 || option_is_list(o)))
			err = values_apply(&c, o, &ps->config->given[i],
			    ps->config);
		if (err == ERR_NOMEM)
			return err;
	}
	return 0;
}

static int
read_all(struct parser *ps, const struct config_source *src)
{
	const char *path = NULL, *dir = NULL;
	int err = read_overrides(ps, src);

	if (err == 0 && src->path != NULL) {
		path = config_absolute(ps->arena, NULL, slice_c(src->path));
		dir = path != NULL ? directory_of(ps->arena, path) : NULL;
		if (dir == NULL)
			return ERR_NOMEM;
		err = push_file(ps, path, 0, (struct place){ path, 0 });
		if (err == 0)
			err = read_files(ps);
	}
	if (err != ERR_NOMEM)
		err = apply_all(ps, dir);
	return err != 0 ? err :
			  config_verify(ps->arena, ps->config, ps->problems);
}

int
config_read(struct arena *a, const struct config_source *src,
    struct config *out, struct problems *p)
{
	struct parser *ps = arena_zalloc(a, sizeof(*ps));
	unsigned before = p->errors;
	int err = ERR_NOMEM;

	memset(out, 0, sizeof(*out));
	if (ps != NULL) {
		ps->arena = a;
		ps->problems = p;
		ps->config = out;
		err = read_all(ps, src);
	}
	if (err == ERR_NOMEM)
		problems_error(p, (struct place){ src->path, 0 },
		    "out of memory");
	locate_problems(out, p);
	return p->errors > before ? ERR_CONFIG : 0;
}
