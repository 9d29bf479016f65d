/* SPDX-License-Identifier: BSD-2-Clause
 *
 * options: the table made from options.def. Each field's type is compared
 * with the option's when this file is compiled.
 */
#include "config/options.h"

#include <syslog.h>

/* The offset of a field, if it has the type that the option's values have. */
#define FIELD(f) (((struct config *)NULL)->f)
#define AT(f, type) _Generic(FIELD(f), type : offsetof(struct config, f))
#define AT_BOOL(f) AT(f, bool)
#define AT_STRING(f) AT(f, const char *)
#define AT_PATH(f) AT(f, const char *)
#define AT_TEXT(f) AT(f, struct slice)
#define AT_UNSIGNED(f) AT(f, unsigned)
#define AT_COUNT(f) AT(f, size_t)
#define AT_BYTES(f) AT(f, size_t)
#define AT_MS(f) AT(f, int64_t)
#define AT_SECONDS(f) AT(f, int64_t)
#define AT_MODE(f) AT(f, unsigned)
#define AT_SET(f) AT(f, const struct set *)
#define AT_SERVERS(f) AT(f, struct slice_vec)
#define AT_WORDS(f) AT(f, struct slice_vec)
#define AT_PATHS(f) AT(f, struct slice_vec)
/* Enums are written as int. */
#define AT_WORD(f)                    \
	(offsetof(struct config, f) + \
	    0 * sizeof(char[sizeof(FIELD(f)) == sizeof(int) ? 1 : -1]))

static const struct name_code facilities[] = {
	{ "mail", LOG_MAIL },
	{ "daemon", LOG_DAEMON },
	{ "user", LOG_USER },
	{ "auth", LOG_AUTH },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

static const struct name_code log_formats[] = {
	{ "text", LOG_FORMAT_TEXT },
	{ "json", LOG_FORMAT_JSON },
};

static const struct name_code modes[] = {
	{ "v", MODE_VERIFY },
	{ "s", MODE_SIGN },
	{ "sv", MODE_BOTH },
	{ "vs", MODE_BOTH },
};

static const struct name_code canonicalizations[] = {
	{ "relaxed/relaxed", DKIM_RELAXED_RELAXED },
	{ "relaxed/simple", DKIM_RELAXED_SIMPLE },
	{ "simple/relaxed", DKIM_SIMPLE_RELAXED },
	{ "simple/simple", DKIM_SIMPLE_SIMPLE },
	/* RFC 6376 section 3.5: one word speaks of the header */
	{ "relaxed", DKIM_RELAXED_SIMPLE },
	{ "simple", DKIM_SIMPLE_SIMPLE },
};

static const struct name_code sandboxes[] = {
	{ "no", SANDBOX_NO },
	{ "yes", SANDBOX_YES },
	{ "require", SANDBOX_REQUIRE },
};

static const struct name_code internal_errors[] = {
	{ "tempfail", INTERNAL_TEMPFAIL },
	{ "accept", INTERNAL_ACCEPT },
};

static const struct name_code discoveries[] = {
	{ "treewalk", DMARC_TREE_WALK },
	{ "psl", DMARC_PSL },
};

static const struct name_code srs_whens[] = {
	{ "always", SRS_ALWAYS },
	{ "needed", SRS_NEEDED },
};

static const struct name_code srs_separators[] = {
	{ "=", '=' },
	{ "+", '+' },
	{ "-", '-' },
};

static const struct name_code srs_longs[] = {
	{ "rewrite", SRS_LONG_REWRITE },
	{ "keep", SRS_LONG_KEEP },
};

static const struct name_code arc_modes[] = {
	{ "off", ARC_OFF },
	{ "verify", ARC_VERIFY },
	{ "seal", ARC_SEAL_ALL },
};

const struct config_option options[OPTION_COUNT] = {
#define GROUP(title)
#define OPTION(id, kind, field, value, least, most, bits, line, text) \
	[OPT_##id] = { .name = #id,                                   \
		.type = TYPE_##kind,                                  \
		.offset = AT_##kind(field),                           \
		.fallback = value,                                    \
		.min = least,                                         \
		.max = most,                                          \
		.flags = bits,                                        \
		.help = line,                                         \
		.more = text },
#define OPTION_WORD(id, field, value, table, bits, line, text) \
	[OPT_##id] = { .name = #id,                            \
		.type = TYPE_WORD,                             \
		.offset = AT_WORD(field),                      \
		.fallback = value,                             \
		.flags = bits,                                 \
		.words = table,                                \
		.n_words = ARRAY_LEN(table),                   \
		.help = line,                                  \
		.more = text },
#include "config/options.def"
#undef GROUP
#undef OPTION
#undef OPTION_WORD
};

const struct option_item option_items[] = {
#define GROUP(title) { .group = title },
#define OPTION(name, ...) { .id = OPT_##name },
#define OPTION_WORD(name, ...) { .id = OPT_##name },
#include "config/options.def"
#undef GROUP
#undef OPTION
#undef OPTION_WORD
};
const size_t option_items_count = ARRAY_LEN(option_items);

const struct config_paths config_paths_built = { CM_CONFDIR, CM_RUNDIR,
	CM_USER };
const struct config_paths config_paths_shipped = { "/etc/chopmark",
	"/run/chopmark", "chopmark" };

const struct config_option *
option_find(struct slice name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (slice_ieq(slice_c(options[i].name), name))
			return &options[i];
	return NULL;
}

bool
option_is_list(const struct config_option *o)
{
	return o->type == TYPE_SET || o->type == TYPE_SERVERS ||
	    o->type == TYPE_WORDS || o->type == TYPE_PATHS;
}

static struct slice
words_form(struct arena *a, const struct config_option *o)
{
	struct buf b;

	buf_init(&b, a, 1024);
	for (size_t i = 0; i < o->n_words; i++)
		buf_printf(&b, "%s%s", i > 0 ? " | " : "", o->words[i].name);
	return buf_slice(&b);
}

struct slice
option_value_form(struct arena *a, const struct config_option *o)
{
	switch (o->type) {
	case TYPE_BOOL:
		return SL("yes | no");
	case TYPE_STRING:
	case TYPE_TEXT:
		return SL("text");
	case TYPE_PATH:
		return SL("path");
	case TYPE_UNSIGNED:
	case TYPE_COUNT:
		return SL("number");
	case TYPE_BYTES:
		return SL("size");
	case TYPE_MS:
	case TYPE_SECONDS:
		return SL("duration");
	case TYPE_MODE:
		return SL("octal");
	case TYPE_WORD:
		return words_form(a, o);
	case TYPE_SET:
		return SL("set");
	case TYPE_SERVERS:
		return SL("address, ...");
	case TYPE_WORDS:
		return SL("word, ...");
	case TYPE_PATHS:
		return SL("path, ...");
	}
	return SL("");
}

struct slice
option_fallback(struct arena *a, const struct config_option *o,
    const struct config_paths *paths)
{
	const struct {
		struct slice mark;
		const char *value;
	} marks[] = {
		{ SL("@rundir@"), paths->rundir },
		{ SL("@user@"), paths->user },
	};
	struct slice s = slice_c(o->fallback);
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		at = slice_search(s, marks[i].mark);
		if (s.p != NULL && at != SLICE_NONE)
			return arena_printf(a, "%.*s%s%.*s", (int)at, s.p,
			    marks[i].value,
			    SL_ARG(slice_from(s, at + marks[i].mark.n)));
	}
	return s;
}
