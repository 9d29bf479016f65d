/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dump: three texts made from the same table.
 */
#include "config/dump.h"

#include "base/limits.h"

/* A value the way the parser takes it back. */
static void
add_value(struct buf *out, struct slice v, bool quote)
{
	if (!quote) {
		buf_add(out, v);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, v.p[i]);
	}
	buf_addc(out, '"');
}

static bool
needs_quotes(struct slice v)
{
	static const char special[] = " \t\"\\#{},";

	if (v.n == 0 || slice_istarts(v, SL("csl:")))
		return true;
	for (size_t i = 0; i < v.n; i++)
		if (strchr(special, v.p[i]) != NULL)
			return true;
	return false;
}

void
dump_values(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct config_option *o = &options[i];
		const struct given_vec *given = &c->given[i];

		if (o->flags & OPTION_INCLUDE)
			continue;
		if (given->n == 0)
			buf_printf(out, "%s%s%s\n", c->is_set[i] ? "" : "# ",
			    o->name, c->is_set[i] ? " \"\"" : "");
		for (size_t k = 0; k < given->n; k++) {
			struct slice v = given->at[k].text;

			buf_printf(out, "%s ", o->name);
			add_value(out, v, needs_quotes(v));
			buf_addc(out, '\n');
		}
	}
}

/* Help text as comment lines of the sample file. */
static void
sample_option(const struct config_paths *paths, const struct config_option *o,
    struct arena *a, struct buf *out)
{
	struct slice value = option_fallback(a, o, paths);
	struct slice form = option_value_form(a, o);

	buf_printf(out, "\n# %s\n", o->help);
	if (value.n == 0) {
		buf_printf(out, "#%s <%.*s>\n", o->name, SL_ARG(form));
		return;
	}
	buf_printf(out, "#%s ", o->name);
	add_value(out, value, o->type == TYPE_TEXT && needs_quotes(value));
	buf_addc(out, '\n');
}

void
dump_sample(const struct config_paths *paths, struct buf *out)
{
	struct arena *a = arena_new((size_t)1 << 20);

	if (a == NULL) {
		out->bad = true;
		return;
	}
	buf_adds(out,
	    "# chopmark.conf: options of chopmarkd(8) and chopmark(1).\n"
	    "#\n"
	    "# Every option stands here with its default, or with the form of its value\n"
	    "# where it has none. Take the '#' away to change one; names are not\n"
	    "# case-sensitive. See chopmark.conf(5); check with: chopmark config --check\n");
	for (size_t i = 0; i < option_items_count; i++) {
		const struct option_item *item = &option_items[i];

		if (item->group != NULL)
			buf_printf(out, "\n\n### %s\n", item->group);
		else
			sample_option(paths, &options[item->id], a, out);
	}
	arena_free(a);
}

/* Text as mdoc: backslashes, and control characters at the start of a line. */
static void
mdoc_text(struct buf *out, struct slice s)
{
	if (s.n > 0 && (s.p[0] == '.' || s.p[0] == '\''))
		buf_adds(out, "\\&");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			buf_adds(out, "\\e");
		else if (s.p[i] == '-')
			buf_adds(out, "\\-");
		else
			buf_addc(out, s.p[i]);
	}
}

/* Sentences begin on lines of their own in mdoc. */
static void
mdoc_sentences(struct buf *out, struct slice s)
{
	size_t at;

	while ((at = slice_search(s, SL(". "))) != SLICE_NONE) {
		mdoc_text(out, slice_sub(s, 0, at + 1));
		buf_addc(out, '\n');
		s = slice_from(s, at + 2);
	}
	mdoc_text(out, s);
	buf_addc(out, '\n');
}

/* "yes | no" as words to type, other forms as something to fill in. */
static void
mdoc_form(struct buf *out, const struct config_option *o, struct slice form)
{
	bool first = true;
	struct slice word;

	if (o->type != TYPE_BOOL && o->type != TYPE_WORD) {
		buf_adds(out, " Ar ");
		buf_add(out, form);
		return;
	}
	while (slice_cut(&form, '|', &word)) {
		word = slice_trim(word);
		buf_printf(out, "%s Cm %.*s", first ? "" : " |", SL_ARG(word));
		first = false;
	}
}

static void
manual_option(const struct config_paths *paths, const struct config_option *o,
    struct arena *a, struct buf *out)
{
	struct slice value = option_fallback(a, o, paths);

	buf_printf(out, ".It Ic %s", o->name);
	mdoc_form(out, o, option_value_form(a, o));
	buf_addc(out, '\n');
	mdoc_sentences(out, slice_c(o->help));
	if (o->more != NULL)
		buf_printf(out, "%s\n", o->more);
	if (o->flags & OPTION_BESIDE) {
		buf_adds(out, "Default:\n.Pa ");
		mdoc_text(out, value);
		buf_adds(out,
		    "\nbeside the configuration file if there is one.\n");
	} else if (value.n > 0) {
		buf_adds(out, "Default:\n.Li ");
		add_value(out, value, slice_chr(value, ' ') != SLICE_NONE);
		buf_adds(out, " .\n");
	}
	if (option_is_list(o))
		buf_adds(out, "May be repeated.\n");
	if (o->flags & OPTION_RESTART)
		buf_adds(out, "A change takes a restart.\n");
}

static void
manual_limit(const struct limit_info *l, struct buf *out)
{
	buf_printf(out, ".It Li %s\n%s\n", l->name, l->what);
	if (l->option != NULL)
		buf_printf(out, "As\n.Cm %s\nsays.\n", l->option);
	else
		buf_printf(out, "At most %u %s.\n", l->most, l->unit);
	buf_printf(out, "Beyond:\n%s\n", l->beyond);
}

/* A limit's heading, or the limit. */
static const struct {
	const char *group;
	enum limit limit;
} limit_items[] = {
#define LIMITS_OF(title) { title, LIMIT_COUNT },
#define LIMIT(id, ...) { NULL, LIMIT_##id },
#define LIMIT_OPTION(id, ...) { NULL, LIMIT_##id },
#include "base/limits.def"
#undef LIMITS_OF
#undef LIMIT
#undef LIMIT_OPTION
};

static void
manual_limits(struct buf *out)
{
	bool open = false;

	buf_adds(out,
	    ".Sh LIMITS\n"
	    "What a stranger can make the filter do has limits, far from what "
	    "usual mail needs.\n"
	    "A message that goes beyond one of them bears its name in the log "
	    "line\n"
	    ".Pq Li limits= ,\n"
	    "rules know it as the variable\n"
	    ".Li limits\n"
	    "of\n"
	    ".Xr policy.conf 5 ,\n"
	    "and it is counted.\n");
	for (size_t i = 0; i < ARRAY_LEN(limit_items); i++) {
		if (limit_items[i].group == NULL) {
			manual_limit(&limit_infos[limit_items[i].limit], out);
			continue;
		}
		buf_printf(out, "%s.Ss %s\n.Bl -tag -width Ds\n",
		    open ? ".El\n" : "", limit_items[i].group);
		open = true;
	}
	buf_adds(out, ".El\n");
}

void
dump_manual(const struct config_paths *paths, struct buf *out)
{
	struct arena *a = arena_new((size_t)1 << 20);
	bool open = false;

	if (a == NULL) {
		out->bad = true;
		return;
	}
	for (size_t i = 0; i < option_items_count; i++) {
		const struct option_item *item = &option_items[i];

		if (item->group == NULL) {
			manual_option(paths, &options[item->id], a, out);
			continue;
		}
		if (open)
			buf_adds(out, ".El\n");
		buf_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", item->group);
		open = true;
	}
	buf_adds(out, ".El\n");
	manual_limits(out);
	arena_free(a);
}
