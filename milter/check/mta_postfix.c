/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_postfix: what main.cf says of Postfix's clients, which change messages
 * behind the filter: generic(5) maps, header and body checks, conversion of
 * 8-bit text. What master.cf beside it sets for one service is told: which mail
 * that service will carry nobody knows here.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "check/mta_parts.h"
#include "mail/chars.h"

#define EXPANSIONS 16U /* of parameters in one value */

struct parameter {
	struct slice name, value;
	struct place place;
};
VEC_DEFINE(parameters, struct parameter);

struct reader {
	struct arena *a;
	const char *path;
	struct problems *p;
	struct mta_postfix *out;
	struct parameters all;
	bool mended;
};

/* ---- parameters ---- */

/* The last setting of a parameter counts. */
static const struct parameter *
find(const struct reader *r, struct slice name)
{
	for (size_t i = r->all.n; i > 0; i--)
		if (slice_eq(r->all.at[i - 1].name, name))
			return &r->all.at[i - 1];
	return NULL;
}

static int
read_parameters(struct reader *r, struct mta_lines *l)
{
	struct slice line;

	while (mta_lines_next(l, &line)) {
		size_t equals = slice_chr(line, '=');
		struct parameter *slot;

		if (equals == SLICE_NONE)
			continue;
		slot = parameters_push(&r->all, r->a);
		if (slot == NULL)
			return ERR_NOMEM;
		*slot = (struct parameter){ slice_trim(
						slice_sub(line, 0, equals)),
			slice_trim(slice_from(line, equals + 1)), l->place };
	}
	return 0;
}

static struct slice
parameter_value(const struct reader *r, struct slice name)
{
	struct slice path = slice_c(r->path);
	const struct parameter *p = find(r, name);

	if (p != NULL)
		return p->value;
	if (slice_eq(name, SL("config_directory")))
		return slice_sub(path, 0, slice_rchr(path, '/'));
	return slice_of(NULL, 0);
}

/* The value with its $name, ${name} and $(name) filled in; p NULL if there is
 * one that the file does not set. */
static struct slice
expand(const struct reader *r, struct slice value)
{
	for (unsigned i = 0; i < EXPANSIONS; i++) {
		size_t at = slice_chr(value, '$'), end = at + 1;
		struct slice name, filler;
		bool braced;

		if (at == SLICE_NONE)
			return value;
		braced = end < value.n &&
		    slice_chr(SL("{("), value.p[end]) != SLICE_NONE;
		end += braced;
		while (end < value.n &&
		    (char_is(value.p[end], CHAR_ALPHA | CHAR_DIGIT) ||
			value.p[end] == '_'))
			end++;
		name = slice_sub(value, at + 1 + braced, end - at - 1 - braced);
		filler = parameter_value(r, name);
		if (filler.p == NULL)
			return filler;
		value = arena_printf(r->a, "%.*s%.*s%.*s", (int)at, value.p,
		    SL_ARG(filler), SL_ARG(slice_from(value, end + braced)));
	}
	return slice_of(NULL, 0);
}

/* ---- maps ---- */

/* The text from which postmap makes a table, or which is the table; p NULL
 * if it has none. */
static struct slice
text_of_map(struct slice map)
{
	static const char *const types[] = { "hash", "btree", "lmdb", "cdb",
		"dbm", "sdbm", "texthash" };
	size_t colon;

	if (slice_starts(map, SL("proxy:")))
		map = slice_from(map, 6);
	colon = slice_chr(map, ':');
	for (size_t i = 0; i < ARRAY_LEN(types) && colon != SLICE_NONE; i++)
		if (slice_eq(slice_sub(map, 0, colon), slice_c(types[i])) &&
		    slice_starts(slice_from(map, colon + 1), SL("/")))
			return slice_from(map, colon + 1);
	return slice_of(NULL, 0);
}

static int
read_map(struct reader *r, const struct parameter *p, struct slice map)
{
	char why[FILE_WHY] = "its source is no text file";
	struct slice text = text_of_map(map);
	int err = ERR_NOTFOUND;

	if (text.p != NULL) {
		char *path = arena_cstr(r->a, text);

		err = path == NULL ?
		    ERR_NOMEM :
		    mta_table_read(&r->out->generic, r->a, path, why);
	}
	if (err == 0 || err == ERR_NOMEM)
		return err;
	problems_warn(r->p, p->place,
	    "%.*s: %.*s: %s; mail with addresses that it may hold is only "
	    "warned of",
	    SL_ARG(p->name), SL_ARG(slice_sub(map, 0, 100)), why);
	r->out->generic_unknown = true;
	return 0;
}

static int
read_maps(struct reader *r, struct slice name)
{
	const struct parameter *p = find(r, name);
	struct slice rest;
	int err = 0;

	if (p == NULL || p->value.n == 0)
		return 0;
	rest = expand(r, p->value);
	if (rest.p == NULL)
		return read_map(r, p, p->value);
	while (err == 0 && rest.n > 0) {
		size_t n = 0;

		while (n < rest.n && rest.p[n] != ',' &&
		    !char_is(rest.p[n], CHAR_WSP))
			n++;
		if (n > 0)
			err = read_map(r, p, slice_sub(rest, 0, n));
		rest = slice_from(rest, n + 1);
	}
	if (err == 0 && !r->mended)
		problems_warn(r->p, p->place,
		    "%.*s rewrites addresses behind the filter, which breaks "
		    "signatures: NormalizeAddresses helps",
		    SL_ARG(p->name));
	return err;
}

static const char *const maps[] = { "smtp_generic_maps", "lmtp_generic_maps" };
static const char *const checks[] = { "smtp_header_checks",
	"smtp_mime_header_checks", "smtp_nested_header_checks",
	"smtp_body_checks", "lmtp_header_checks", "lmtp_mime_header_checks",
	"lmtp_nested_header_checks", "lmtp_body_checks" };

/* What nobody can foresee. */
static void
warn_of_checks(const struct reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		const struct parameter *p = find(r, slice_c(checks[i]));

		if (p != NULL && p->value.n > 0)
			problems_warn(r->p, p->place,
			    "%s acts behind the filter: what it changes or "
			    "adds in signed mail may break the signature",
			    checks[i]);
	}
}

/* ---- master.cf ---- */

static bool
is_one_of(const char *const *names, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(name, slice_c(names[i])))
			return true;
	return false;
}

static void
read_setting(struct reader *r, struct place at, struct slice service,
    struct slice setting)
{
	size_t equals = slice_chr(setting, '=');
	struct slice name = slice_trim(slice_sub(setting, 0, equals)), value;

	if (equals == SLICE_NONE)
		return;
	value = slice_trim(slice_from(setting, equals + 1));
	if (slice_eq(name, SL("disable_mime_output_conversion")))
		r->out->keeps_8bit =
		    r->out->keeps_8bit && slice_ieq(value, SL("yes"));
	else if (value.n > 0 &&
	    (is_one_of(maps, ARRAY_LEN(maps), name) ||
		is_one_of(checks, ARRAY_LEN(checks), name)))
		problems_warn(r->p, at,
		    "%.*s of service %.*s acts behind the filter: what it "
		    "changes in signed mail may break the signature",
		    SL_ARG(name), SL_ARG(slice_sub(service, 0, 100)));
}

/* "service ... -o name=value -o { name = value with blanks } ..." */
static void
read_service(struct reader *r, struct place at, struct slice line)
{
	struct slice service, word;

	(void)mta_word(&line, &service);
	while (mta_word(&line, &word)) {
		if (!slice_starts(word, SL("-o")))
			continue;
		word = slice_from(word, 2);
		line = slice_trim(line);
		if (word.n == 0 && slice_starts(line, SL("{"))) {
			line = slice_from(line, 1);
			(void)slice_cut(&line, '}', &word);
		} else if (word.n == 0) {
			(void)mta_word(&line, &word);
		}
		read_setting(r, at, service, word);
	}
}

static int
read_services(struct reader *r)
{
	struct slice dir = parameter_value(r, SL("config_directory"));
	char why[FILE_WHY],
	    *path = arena_cstr(r->a,
		arena_printf(r->a, "%.*s/master.cf", SL_ARG(dir)));
	struct mta_lines l;
	struct slice line;
	int err =
	    path == NULL ? ERR_NOMEM : mta_lines_open(r->a, path, &l, why);

	if (err == ERR_NOMEM)
		return err;
	if (err == 0)
		while (mta_lines_next(&l, &line))
			read_service(r, l.place, line);
	else if (err != ERR_NOTFOUND)
		problems_warn(r->p, (struct place){ path, 0 },
		    "%s: what its services change behind the filter is not "
		    "known",
		    why);
	return 0;
}

int
mta_postfix_read(struct mta_lines *l, bool mended, struct problems *p,
    struct mta_postfix *out)
{
	struct reader r = { .a = l->arena,
		.path = l->place.file,
		.p = p,
		.out = out,
		.mended = mended };
	int err = read_parameters(&r, l);

	for (size_t i = 0; i < ARRAY_LEN(maps) && err == 0; i++)
		err = read_maps(&r, slice_c(maps[i]));
	if (err != 0)
		return err;
	mta_table_sort(&out->generic);
	warn_of_checks(&r);
	out->keeps_8bit =
	    slice_ieq(parameter_value(&r, SL("disable_mime_output_conversion")),
		SL("yes"));
	out->delimiters = parameter_value(&r, SL("recipient_delimiter"));
	return read_services(&r);
}

/* ---- addresses ---- */

/* The local-part without its extension. */
static struct slice
without_extension(const struct mta_postfix *f, struct slice local)
{
	for (size_t i = 1; i < local.n; i++)
		if (slice_chr(f->delimiters, local.p[i]) != SLICE_NONE)
			return slice_sub(local, 0, i);
	return local;
}

/* "user@domain" or "@domain"; what is more needs more than main.cf. */
static bool
set_address(struct mta_address *at, struct slice value)
{
	size_t split = slice_rchr(value, '@');

	for (size_t i = 0; i < value.n; i++)
		if (char_is(value.p[i], CHAR_WSP) || value.p[i] == ',')
			return false;
	if (split == SLICE_NONE || split + 1 == value.n)
		return false;
	if (split > 0)
		at->local = slice_sub(value, 0, split);
	at->domain = slice_from(value, split + 1);
	return true;
}

/* generic(5): the address in full, without its extension, a bare name if its
 * domain is local, the domain. */
enum mta_fate
mta_postfix_rewrite(const struct mta_postfix *f, struct arena *a,
    struct mta_address *at)
{
	struct slice base = without_extension(f, at->local);
	struct mta_address before = *at;
	const struct slice *value;

	if (f->generic_unknown)
		return MTA_UNKNOWN;
	if (f->generic.n == 0)
		return MTA_KEEPS;
	value = mta_table_find(&f->generic,
	    arena_printf(a, "%.*s@%.*s", SL_ARG(at->local),
		SL_ARG(at->domain)));
	if (value == NULL &&
	    (mta_table_find(&f->generic, at->local) != NULL ||
		mta_table_find(&f->generic, base) != NULL ||
		(base.n < at->local.n &&
		    mta_table_find(&f->generic,
			arena_printf(a, "%.*s@%.*s", SL_ARG(base),
			    SL_ARG(at->domain))) != NULL)))
		return MTA_UNKNOWN;
	if (value == NULL)
		value = mta_table_find(&f->generic,
		    arena_printf(a, "@%.*s", SL_ARG(at->domain)));
	if (value == NULL)
		return MTA_KEEPS;
	if (!set_address(at, *value))
		return MTA_UNKNOWN;
	return slice_eq(at->local, before.local) &&
		slice_eq(at->domain, before.domain) ?
	    MTA_KEEPS :
	    MTA_REWRITES;
}
