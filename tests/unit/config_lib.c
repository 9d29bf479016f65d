/* SPDX-License-Identifier: BSD-2-Clause
 *
 * config_lib: see config_lib.h.
 */
#include "unit/config_lib.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/test_config.XXXXXX";

void
config_lib_begin(void)
{
	if (mkdtemp(dir) == NULL)
		abort();
}

void
config_lib_end(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(dir);
}

const char *
config_lib_path(const char *name)
{
	return arena_printf(t_arena(), "%s/%s", dir, name).p;
}

void
config_lib_write(const char *name, const char *text)
{
	int fd =
	    open(config_lib_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		abort();
	(void)close(fd);
}

/* Text without the directory's name. */
static struct slice
without_dir(struct arena *a, struct slice s)
{
	struct buf out;
	size_t at;

	buf_init(&out, a, (size_t)1 << 20);
	while ((at = slice_search(s, slice_c(dir))) != SLICE_NONE) {
		buf_add(&out, slice_sub(s, 0, at));
		s = slice_from(s, at + sizeof(dir));
	}
	buf_add(&out, s);
	return buf_slice(&out);
}

struct reading *
config_lib_read(const char *text, const char *const *settings)
{
	struct arena *a = t_arena();
	struct reading *r = arena_zalloc(a, sizeof(*r));
	struct config_override overrides[8];
	struct config_source src = { .overrides = overrides };
	struct buf said;

	config_lib_write("chopmark.conf", text);
	src.path = config_lib_path("chopmark.conf");
	for (; settings != NULL && settings[src.n_overrides] != NULL;
	     src.n_overrides++)
		if (!config_override_parse(slice_c(settings[src.n_overrides]),
			&overrides[src.n_overrides]))
			abort();
	problems_init(&r->problems, a);
	r->err = config_read(a, &src, &r->config, &r->problems);
	buf_init(&said, a, (size_t)1 << 20);
	for (size_t i = 0; i < r->problems.all.n; i++) {
		problem_print(&r->problems.all.at[i], &said);
		buf_addc(&said, '\n');
	}
	r->said = without_dir(a, buf_slice(&said));
	return r;
}

struct slice
config_lib_given(const struct reading *r, enum option_id id)
{
	const struct given_vec *v = &r->config.given[id];
	struct buf out;

	buf_init(&out, t_arena(), (size_t)1 << 20);
	for (size_t i = 0; i < v->n; i++)
		buf_printf(&out, "%s%.*s", i > 0 ? "|" : "",
		    SL_ARG(v->at[i].text));
	return without_dir(t_arena(), buf_slice(&out));
}

void
config_lib_cases(const struct config_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reading *r = config_lib_read(cases[i].text, NULL);
		bool refused = strstr(cases[i].said, " error: ") != NULL;

		is_text(r->said, cases[i].said, "case %zu: what is said",
		    i + 1);
		ok((r->err != 0) == refused, "case %zu: %s", i + 1,
		    refused ? "refused" : "taken");
	}
}
