/* SPDX-License-Identifier: BSD-2-Clause
 *
 * values: one reader a type.
 */
#include "config/values.h"

#include "base/err.h"
#include "base/num.h"
#include "config/parse.h"
#include "mail/sets.h"

static int
bad(const struct value_context *c, const struct config_option *o,
    struct slice value, const char *what)
{
	problems_error(c->problems, c->place, "%s: '%.*s' is not %s", o->name,
	    SL_ARG(slice_sub(value, 0, 200)), what);
	return ERR_CONFIG;
}

/* Lists: entries are separated by commas or white space, "csl:" and braces
 * around them are taken off. */
static bool
is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t';
}

/* A data set source that stands for a whole file. */
static bool
is_source(struct slice s, size_t *path_at)
{
	static const char *const kinds[] = { "file:", "refile:" };

	*path_at = 0;
	if (s.n > 0 && s.p[0] == '/')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (slice_istarts(s, slice_c(kinds[i]))) {
			*path_at = strlen(kinds[i]);
			return true;
		}
	return false;
}

/* The same source with an absolute path. */
static struct slice
absolute_source(const struct value_context *c, struct slice s)
{
	size_t at;
	const char *path;

	if (!is_source(s, &at) || at == 0)
		return s;
	path = config_absolute(c->arena, c->dir, slice_from(s, at));
	if (path == NULL)
		return slice_of(NULL, 0);
	return arena_printf(c->arena, "%.*s%s", SL_ARG(slice_sub(s, 0, at)),
	    path);
}

static struct slice
strip_list_marks(struct slice s)
{
	s = slice_trim(s);
	if (slice_istarts(s, SL("csl:")))
		s = slice_trim(slice_from(s, 4));
	if (s.n >= 2 && s.p[0] == '{' && s.p[s.n - 1] == '}')
		s = slice_trim(slice_sub(s, 1, s.n - 2));
	return s;
}

static int
keep(const struct value_context *c, struct given_vec *out, struct slice text)
{
	struct given_value *slot;

	if (text.p == NULL)
		return ERR_NOMEM;
	slot = given_vec_push(out, c->arena);
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = (struct given_value){ c->place, text };
	return 0;
}

static int
split_entries(const struct value_context *c, struct slice s,
    struct given_vec *out)
{
	s = strip_list_marks(s);
	while (s.n > 0) {
		size_t n = 0;
		struct slice entry;

		while (n < s.n && !is_separator(s.p[n]))
			n++;
		entry = slice_sub(s, 0, n);
		if (n > 0 && keep(c, out, absolute_source(c, entry)) != 0)
			return ERR_NOMEM;
		s = slice_from(s, n < s.n ? n + 1 : n);
	}
	return 0;
}

/* A quoted text is one entry if it names a file, else a list of its own. */
static int
split_list(const struct value_context *c, const struct config_option *o,
    struct slice text, struct given_vec *out)
{
	struct slice word;
	bool quoted;
	size_t at;
	int got;

	if (text.n == 0 || text.p[0] != '"')
		return split_entries(c, text, out);
	got = lines_word(c->arena, &text, &word, &quoted);
	if (got < 0)
		return got == ERR_NOMEM ? got : bad(c, o, text, "quoted well");
	if (slice_trim(text).n > 0) {
		problems_error(c->problems, c->place,
		    "%s: quotes go around the whole list, or around none of it",
		    o->name);
		return ERR_CONFIG;
	}
	if (!is_source(word, &at))
		return split_entries(c, word, out);
	return keep(c, out, absolute_source(c, word));
}

static int
make_absolute(const struct value_context *c, struct given_vec *values,
    size_t from)
{
	for (size_t i = from; i < values->n; i++) {
		const char *path =
		    config_absolute(c->arena, c->dir, values->at[i].text);

		if (path == NULL)
			return ERR_NOMEM;
		values->at[i].text = slice_c(path);
	}
	return 0;
}

static int
split_one(const struct value_context *c, const struct config_option *o,
    struct slice text, struct slice *out)
{
	struct slice rest = text;
	bool quoted, free_text = o->type == TYPE_TEXT || o->type == TYPE_STRING;
	const char *path;
	int got = lines_word(c->arena, &rest, out, &quoted);

	if (got == ERR_NOMEM)
		return got;
	if (got == ERR_SYNTAX)
		return bad(c, o, text, "quoted well");
	if (slice_trim(rest).n > 0) {
		if (quoted || !free_text) {
			problems_error(c->problems, c->place,
			    "%s takes one value; '%.*s' is too much", o->name,
			    SL_ARG(slice_sub(slice_trim(rest), 0, 200)));
			return ERR_CONFIG;
		}
		*out = slice_trim(text);
	}
	if (o->type != TYPE_PATH || out->n == 0)
		return 0;
	path = config_absolute(c->arena, c->dir, *out);
	*out = slice_c(path);
	return path != NULL ? 0 : ERR_NOMEM;
}

int
values_split(const struct value_context *c, const struct config_option *o,
    struct slice text, struct given_vec *out)
{
	struct slice one;
	int err;

	text = slice_trim(text);
	if (text.n == 0) {
		problems_error(c->problems, c->place, "%s needs a value",
		    o->name);
		return ERR_CONFIG;
	}
	if (option_is_list(o)) {
		size_t before = out->n;

		err = split_list(c, o, text, out);
		return err != 0 || o->type != TYPE_PATHS ?
		    err :
		    make_absolute(c, out, before);
	}
	err = split_one(c, o, text, &one);
	return err != 0 ? err : keep(c, out, one);
}

/* Readers of one value each; `field` is the field of the option. */
static int
read_bool(const struct value_context *c, const struct config_option *o,
    struct slice v, void *field)
{
	static const struct name_code words[] = {
		{ "yes", 1 },
		{ "no", 0 },
		{ "true", 1 },
		{ "false", 0 },
		{ "on", 1 },
		{ "off", 0 },
		{ "1", 1 },
		{ "0", 0 },
	};
	int code = names_code(words, ARRAY_LEN(words), v, -1);
	bool yes = code == 1;

	if (code < 0)
		return bad(c, o, v, "yes or no");
	memcpy(field, &yes, sizeof(yes));
	return 0;
}

static int
read_string(const struct value_context *c, const struct config_option *o,
    struct slice v, void *field)
{
	const char *text = v.n > 0 ? arena_cstr(c->arena, v) : NULL;

	(void)o;
	if (v.n > 0 && text == NULL)
		return ERR_NOMEM;
	memcpy(field, &text, sizeof(text));
	return 0;
}

/* Milliseconds the way a human would write them. */
static const char *
duration_text(uint64_t ms, char out[32])
{
	if (ms % 86400000 == 0 && ms > 0)
		(void)snprintf(out, 32, "%" PRIu64 "d", ms / 86400000);
	else if (ms % 60000 == 0 && ms > 0)
		(void)snprintf(out, 32, "%" PRIu64 "m", ms / 60000);
	else if (ms % 1000 == 0)
		(void)snprintf(out, 32, "%" PRIu64 "s", ms / 1000);
	else
		(void)snprintf(out, 32, "%" PRIu64 "ms", ms);
	return out;
}

static const char *
size_text(uint64_t n, char out[32])
{
	if (n % 1048576 == 0 && n > 0)
		(void)snprintf(out, 32, "%" PRIu64 "M", n / 1048576);
	else if (n % 1024 == 0 && n > 0)
		(void)snprintf(out, 32, "%" PRIu64 "K", n / 1024);
	else
		(void)snprintf(out, 32, "%" PRIu64, n);
	return out;
}

/* What a type's numbers look like. */
struct number_form {
	int (*parse)(struct slice s, uint64_t max, uint64_t *out);
	const char *(*text)(uint64_t n, char out[32]);
	const char *what;
};

static const char *
plain_text(uint64_t n, char out[32])
{
	(void)snprintf(out, 32, "%" PRIu64, n);
	return out;
}

static const char *
octal_text(uint64_t n, char out[32])
{
	(void)snprintf(out, 32, "%04" PRIo64, n);
	return out;
}

static int
parse_octal(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (s.n == 0)
		return ERR_SYNTAX;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7')
			return ERR_SYNTAX;
		value = value * 8 + (uint64_t)(s.p[i] - '0');
		if (value > max)
			return ERR_RANGE;
	}
	*out = value;
	return 0;
}

static const struct number_form number_plain = { num_parse, plain_text,
	"a number" };
static const struct number_form number_size = { num_parse_size, size_text,
	"a size such as 4096, 64K or 2M" };
static const struct number_form number_duration = { num_parse_duration,
	duration_text, "a duration such as 500ms, 5s, 2m or 1h30m" };
static const struct number_form number_octal = { parse_octal, octal_text,
	"a mode in octal such as 0660" };

static int
read_number(const struct value_context *c, const struct config_option *o,
    struct slice v, const struct number_form *form, uint64_t *out)
{
	char least[32], most[32];
	int err = form->parse(v, UINT64_MAX, out);

	if (err == ERR_SYNTAX)
		return bad(c, o, v, form->what);
	if (err == 0 && *out >= o->min && *out <= o->max)
		return 0;
	problems_error(c->problems, c->place,
	    "%s: '%.*s' is out of range, %s to %s are allowed", o->name,
	    SL_ARG(slice_sub(v, 0, 200)), form->text(o->min, least),
	    form->text(o->max, most));
	return ERR_CONFIG;
}

static int
read_unsigned(const struct value_context *c, const struct config_option *o,
    struct slice v, const struct number_form *form, void *field)
{
	uint64_t n = 0;
	int err = read_number(c, o, v, form, &n);
	unsigned value = (unsigned)n;

	if (err == 0)
		memcpy(field, &value, sizeof(value));
	return err;
}

static int
read_size(const struct value_context *c, const struct config_option *o,
    struct slice v, const struct number_form *form, void *field)
{
	uint64_t n = 0;
	int err = read_number(c, o, v, form, &n);
	size_t value = (size_t)n;

	if (err == 0)
		memcpy(field, &value, sizeof(value));
	return err;
}

static int
read_duration(const struct value_context *c, const struct config_option *o,
    struct slice v, uint64_t unit, void *field)
{
	uint64_t n = 0;
	int err = read_number(c, o, v, &number_duration, &n);
	int64_t value = (int64_t)(n / unit);

	if (err == 0)
		memcpy(field, &value, sizeof(value));
	return err;
}

static int
read_word(const struct value_context *c, const struct config_option *o,
    struct slice v, void *field)
{
	int code = names_code(o->words, o->n_words, v, INT_MIN);
	struct names_nearest near = names_nearest_to(v);

	if (code != INT_MIN) {
		memcpy(field, &code, sizeof(code));
		return 0;
	}
	for (size_t i = 0; i < o->n_words; i++)
		names_nearest_try(&near, slice_c(o->words[i].name));
	problems_error(c->problems, c->place, "%s: '%.*s' is none of: %.*s%s",
	    o->name, SL_ARG(slice_sub(v, 0, 200)),
	    SL_ARG(option_value_form(c->arena, o)),
	    problems_hint(c->problems, near.best));
	return ERR_CONFIG;
}

/* Adds all entries of a loaded set to one that holds others too. */
static int
merge(const struct value_context *c, const struct set *from, struct set *into)
{
	struct slice key, value;
	struct place at;

	for (size_t i = 0; set_entry(from, i, &key, &value, &at); i++) {
		int err = set_add(c->arena, into, key, value, at, c->problems);

		if (err != 0)
			return err;
	}
	return 0;
}

/* One value of several: an entry, or a file of them. */
static int
add_value(const struct value_context *c, const struct config_option *o,
    const struct given_value *v, struct set *into)
{
	struct set *loaded;
	int err;

	if (slice_istarts(v->text, SL("refile:"))) {
		problems_error(c->problems, v->place,
		    "%s: a refile: source stands alone; use file:, or put the "
		    "other entries into the file",
		    o->name);
		return ERR_CONFIG;
	}
	err = set_load(c->arena, v->text, v->place, c->problems, &loaded);
	return err != 0 ? err : merge(c, loaded, into);
}

static int
read_set(const struct value_context *c, const struct config_option *o,
    const struct given_vec *values, void *field)
{
	struct set *set = NULL;
	const struct set *result;
	int err = 0, one;

	if (values->n == 1) {
		err = set_load(c->arena, values->at[0].text,
		    values->at[0].place, c->problems, &set);
	} else {
		set = set_new(c->arena);
		for (size_t i = 0; set != NULL && i < values->n; i++) {
			one = add_value(c, o, &values->at[i], set);
			err = one != 0 ? one : err;
			if (err == ERR_NOMEM)
				return err;
		}
	}
	if (err != 0 || set == NULL)
		return err != 0 ? err : ERR_NOMEM;
	result = set;
	memcpy(field, &result, sizeof(result));
	return 0;
}

/* "ip", "ip@port" or "[ip6]@port". */
static bool
is_server(struct slice s)
{
	size_t at = slice_chr(s, '@');
	struct slice ip = slice_sub(s, 0, at);
	struct ip parsed;
	uint64_t port;

	if (ip.n >= 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']')
		ip = slice_sub(ip, 1, ip.n - 2);
	if (!ip_parse(ip, &parsed))
		return false;
	return at == SLICE_NONE ||
	    (num_parse(slice_from(s, at + 1), 65535, &port) == 0 && port > 0);
}

static int
read_servers(const struct value_context *c, const struct config_option *o,
    const struct given_vec *values, void *field)
{
	struct slice_vec all = { 0 };
	int err = 0;

	for (size_t i = 0; i < values->n; i++) {
		struct value_context here = *c;

		here.place = values->at[i].place;
		if (!is_server(values->at[i].text))
			err = bad(&here, o, values->at[i].text,
			    "ip, ip@port or [ip6]@port");
		if (slice_vec_add(&all, c->arena, values->at[i].text) != 0)
			return ERR_NOMEM;
	}
	if (err == 0)
		memcpy(field, &all, sizeof(all));
	return err;
}

static int
read_words(const struct value_context *c, const struct given_vec *values,
    void *field)
{
	struct slice_vec all = { 0 };

	for (size_t i = 0; i < values->n; i++)
		if (slice_vec_add(&all, c->arena, values->at[i].text) != 0)
			return ERR_NOMEM;
	memcpy(field, &all, sizeof(all));
	return 0;
}

int
values_apply(const struct value_context *context, const struct config_option *o,
    const struct given_vec *values, struct config *config)
{
	void *field = (char *)config + o->offset;
	struct slice v = values->n > 0 ? values->at[0].text : SL("");
	struct value_context here = *context, *c = &here;

	if (values->n > 0)
		here.place = values->at[0].place;

	switch (o->type) {
	case TYPE_BOOL:
		return read_bool(c, o, v, field);
	case TYPE_STRING:
	case TYPE_PATH:
		return read_string(c, o, v, field);
	case TYPE_TEXT:
		memcpy(field, &v, sizeof(v));
		return 0;
	case TYPE_UNSIGNED:
		return read_unsigned(c, o, v, &number_plain, field);
	case TYPE_MODE:
		return read_unsigned(c, o, v, &number_octal, field);
	case TYPE_COUNT:
		return read_size(c, o, v, &number_plain, field);
	case TYPE_BYTES:
		return read_size(c, o, v, &number_size, field);
	case TYPE_MS:
		return read_duration(c, o, v, 1, field);
	case TYPE_SECONDS:
		return read_duration(c, o, v, 1000, field);
	case TYPE_WORD:
		return read_word(c, o, v, field);
	case TYPE_SET:
		return read_set(c, o, values, field);
	case TYPE_SERVERS:
		return read_servers(c, o, values, field);
	case TYPE_WORDS:
	case TYPE_PATHS:
		return read_words(c, values, field);
	}
	return ERR_BUG;
}
