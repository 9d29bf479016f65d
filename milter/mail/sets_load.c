/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sets_load: entries and sources of sets, read once at load. Everything that
 * cannot be what its author meant is an error here, so that a look-up never
 * meets it.
 */
#include "base/err.h"
#include "base/names.h"
#include "base/num.h"
#include "mail/domain.h"
#include "mail/scan.h"
#include "mail/sets.h"
#include "mail/sets_private.h"

/* Everything that reading an entry needs besides the entry. */
struct loading {
	struct arena *arena;
	struct set *set;
	struct problems *problems;
	bool patterns; /* refile: "*" means something */
};

/* Kinds of source that opendkim and Postfix know and we do not. */
static const char *const unsupported[] = { "bdb", "btree", "cdb", "db", "dbm",
	"dsn", "erlang", "hash", "ldap", "ldapi", "ldaps", "lmdb", "lua", "mdb",
	"mysql", "odbx", "pcre", "pgsql", "postgresql", "regexp", "repute",
	"socket", "socketmap", "sqlite", "tcp", "texthash" };

struct set *
set_new(struct arena *a)
{
	return arena_zalloc(a, sizeof(struct set));
}

static struct slice
without_brackets(struct slice s)
{
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return slice_sub(s, 1, s.n - 2);
	return s;
}

/* A network with its host bits clear; false if it is none. */
static bool
read_net(struct slice text, struct ip_net *net)
{
	unsigned most;

	if (!ip_net_parse(without_brackets(text), net))
		return false;
	if (net->ip.family == 6 && net->bits >= 96) {
		struct ip v4 = ip_unmap(net->ip);

		if (v4.family == 4)
			*net = (struct ip_net){ v4, (uint8_t)(net->bits - 96) };
	}
	most = net->ip.family == 4 ? 32 : 128;
	for (unsigned i = net->bits; i < most; i++)
		net->ip.b[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
	return true;
}

/* Texts that nobody writes but as an address or a network: only digits, dots
 * and a slash, or only hex digits, colons and a slash. */
static bool
looks_like_net(struct slice s)
{
	bool dot = slice_chr(s, '.') != SLICE_NONE;
	bool colon = slice_chr(s, ':') != SLICE_NONE;
	struct ip_net unused;

	if (ip_net_parse(slice_sub(s, 0, slice_chr(s, '/')), &unused))
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (!char_is(s.p[i], colon ? CHAR_HEX : CHAR_DIGIT) &&
		    slice_chr(SL(".:/"), s.p[i]) == SLICE_NONE)
			return false;
	return dot || colon;
}

/* Both texts in a row, whatever bytes they hold. p == NULL: out of memory. */
static struct slice
join(struct arena *a, struct slice x, struct slice y)
{
	char *p = arena_alloc(a, num_add(x.n, y.n));

	if (p == NULL)
		return slice_of(NULL, 0);
	memcpy(p, x.p, x.n);
	memcpy(p + x.n, y.p, y.n);
	return slice_of(p, x.n + y.n);
}

/* The domain at the end of an entry also under its A-labels. `head` is what
 * stands before it: "", ".", "@" or "user@". */
static int
add_a_label(struct loading *l, struct slice head, struct slice domain)
{
	struct slice ascii, text;

	if (scan_is_ascii(domain))
		return 0;
	ascii = domain_to_ascii(l->arena, domain);
	if (ascii.p == NULL)
		return arena_failed(l->arena) ? ERR_NOMEM : 0;
	text = join(l->arena, head, ascii);
	return text.p == NULL ? ERR_NOMEM :
				set_add_text(l->arena, l->set, text);
}

/* "user@domain" with the quotes of user undone. */
static int
unquote_local(struct loading *l, struct slice *text, size_t *at)
{
	struct slice local =
	    address_local_unquoted(l->arena, slice_sub(*text, 0, *at));

	if (local.p == NULL)
		return ERR_NOMEM;
	if (local.p == text->p)
		return 0;
	*text = join(l->arena, local, slice_from(*text, *at));
	*at = local.n;
	return text->p == NULL ? ERR_NOMEM : 0;
}

static int
add_name(struct loading *l, struct slice text)
{
	size_t at = slice_rchr(text, '@');
	size_t domain;
	int err;

	if (slice_eq(text, SL("<>")))
		text = SL("");
	if (text.n > 1 && text.p[text.n - 1] == '.')
		text.n--;
	if (at != SLICE_NONE) {
		err = unquote_local(l, &text, &at);
		if (err != 0)
			return err;
	}
	err = set_add_text(l->arena, l->set, text);
	if (err != 0)
		return err;
	domain = at != SLICE_NONE ? at + 1 : slice_starts(text, SL("."));
	return add_a_label(l, slice_sub(text, 0, domain),
	    slice_from(text, domain));
}

/* "*@domain" is the same as "@domain", which the table can answer. */
static int
add_pattern(struct loading *l, struct slice text)
{
	struct set_pattern *slot;

	if (slice_starts(text, SL("*@")) &&
	    slice_chr(slice_from(text, 1), '*') == SLICE_NONE && text.n > 2)
		return add_name(l, slice_from(text, 1));
	slot = set_pattern_vec_push(&l->set->patterns, l->arena);
	if (slot == NULL)
		return ERR_NOMEM;
	slot->text = text;
	slot->item = l->set->items.n - 1;
	return 0;
}

static int
refuse(struct loading *l, struct place at, struct slice text, const char *why)
{
	problems_error(l->problems, at, "\"%.*s\": %s", SL_ARG(text), why);
	return ERR_CONFIG;
}

/* Checks the text behind "!"; the reason why it is refused, or NULL. */
static const char *
why_not(const struct loading *l, struct slice text, bool net)
{
	if (text.n == 0)
		return "an entry without text";
	if (net)
		return NULL;
	if (slice_eq(text, SL(".")) || slice_eq(text, SL("@")))
		return "no name in it";
	if (slice_chr(text, '@') == SLICE_NONE && looks_like_net(text))
		return "neither an IP address nor a network";
	if (!l->patterns && slice_chr(text, '*') != SLICE_NONE)
		return "\"*\" means something only in a refile: source (a "
		       "leading dot takes in everything below a domain)";
	return NULL;
}

static int
add_entry(struct loading *l, struct slice entry, struct slice value,
    struct place at)
{
	bool no = slice_starts(entry, SL("!"));
	struct slice text = no ? slice_trim(slice_from(entry, 1)) : entry;
	struct ip_net net;
	bool is_net = read_net(text, &net);
	const char *why = why_not(l, text, is_net);
	struct set_item *item;

	if (why != NULL)
		return refuse(l, at, entry, why);
	item = set_item_vec_push(&l->set->items, l->arena);
	if (item == NULL)
		return ERR_NOMEM;
	*item = (struct set_item){ arena_copy(l->arena, entry),
		arena_copy(l->arena, value), at, no };
	if (item->text.p == NULL || item->value.p == NULL)
		return ERR_NOMEM;
	l->set->map = l->set->map || value.n > 0;
	if (is_net)
		return set_add_net(l->arena, l->set, &net);
	text = slice_from(item->text, (size_t)(text.p - entry.p));
	return slice_chr(text, '*') != SLICE_NONE ? add_pattern(l, text) :
						    add_name(l, text);
}

int
set_add(struct arena *a, struct set *s, struct slice entry, struct slice value,
    struct place at, struct problems *p)
{
	struct loading l = { .arena = a, .set = s, .problems = p };

	return add_entry(&l, entry, value, at);
}

/* Takes an entry off *rest as lines_word does, but a quoted local-part keeps
 * its quotes and its domain. */
static int
take_entry(struct loading *l, struct slice *rest, struct slice *entry)
{
	struct slice whole = *rest;
	size_t end;
	bool quoted;
	int got = lines_word(l->arena, rest, entry, &quoted);

	if (got <= 0 || !quoted || rest->n == 0 || rest->p[0] != '@')
		return got;
	end = (size_t)(rest->p - whole.p);
	while (end < whole.n && !char_is(whole.p[end], CHAR_WSP))
		end++;
	*entry = slice_sub(whole, 0, end);
	*rest = slice_from(whole, end);
	return got;
}

/* One line of a file: a key and perhaps a value. */
static int
load_line(struct loading *l, const struct line *line)
{
	struct slice rest = line->text, key, value = SL(""), more;
	bool quoted;
	int got = take_entry(l, &rest, &key);

	if (got > 0)
		got = lines_word(l->arena, &rest, &value, &quoted);
	if (got > 0)
		got = lines_word(l->arena, &rest, &more, &quoted);
	if (got == ERR_SYNTAX)
		return refuse(l, line->place, line->text, "unclosed quote");
	if (got < 0)
		return got;
	if (got > 0)
		return refuse(l, line->place, more,
		    "more than a key and a value in one line");
	return add_entry(l, key, value, line->place);
}

static int
load_file(struct loading *l, struct slice path, struct place at)
{
	struct line_vec lines;
	const char *name = arena_cstr(l->arena, path);
	int err, first = 0;

	if (path.n == 0 || slice_chr(path, '\0') != SLICE_NONE)
		return refuse(l, at, path, "no path");
	if (name == NULL)
		return ERR_NOMEM;
	first = lines_read(l->arena, name, 0, &lines, l->problems);
	for (size_t i = 0; i < lines.n; i++) {
		err = load_line(l, &lines.at[i]);
		if (err == ERR_NOMEM)
			return err;
		if (err != 0)
			first = err;
	}
	return first;
}

/* Takes the part up to the next comma outside quotes off *rest. */
static struct slice
cut_item(struct slice *rest)
{
	bool quoted = false;
	struct slice part;
	size_t i = 0;

	while (i < rest->n && (quoted || rest->p[i] != ',')) {
		if (rest->p[i] == '"')
			quoted = !quoted;
		else if (quoted && rest->p[i] == '\\')
			i++;
		i++;
	}
	part = slice_sub(*rest, 0, i);
	*rest = slice_from(*rest, i + 1);
	return slice_trim(part);
}

static int
load_list(struct loading *l, struct slice list, struct place at)
{
	int first = 0;

	while (list.n > 0) {
		struct slice part = cut_item(&list), entry = part, rest = part;
		bool quote = part.n > 0 && part.p[0] == '"';
		int err = 0;

		if (part.n == 0)
			continue;
		if (quote)
			err = take_entry(l, &rest, &entry);
		if (err == ERR_SYNTAX || (quote && rest.n > 0))
			err =
			    refuse(l, at, part, "unclosed or misplaced quote");
		else if (err >= 0)
			err = add_entry(l, entry, SL(""), at);
		if (err == ERR_NOMEM)
			return err;
		if (err != 0)
			first = err;
	}
	return first;
}

/* The unsupported kind of this name, or NULL. */
static const char *
find_unsupported(struct slice kind)
{
	for (size_t i = 0; i < ARRAY_LEN(unsupported); i++)
		if (slice_ieq(kind, slice_c(unsupported[i])))
			return unsupported[i];
	return NULL;
}

/* The word in front of a colon, if the text is of the form "word:rest" and no
 * IPv6 address. */
static struct slice
source_kind(struct slice source)
{
	size_t end = scan_class(source, 0, CHAR_ALPHA);
	struct slice kind = slice_sub(source, 0, end);
	struct ip_net unused;

	if (end == 0 || end == source.n || source.p[end] != ':' ||
	    read_net(source, &unused))
		return SL("");
	if (looks_like_net(source) && find_unsupported(kind) == NULL)
		return SL("");
	return kind;
}

static int
refuse_kind(struct loading *l, struct slice kind, struct place at)
{
	struct names_nearest near = names_nearest_to(kind);
	const char *known = find_unsupported(kind);

	if (known != NULL) {
		problems_error(l->problems, at,
		    "%s: sources are not supported; use file:, refile: or csl:",
		    known);
		return ERR_CONFIG;
	}
	names_nearest_try(&near, SL("file"));
	names_nearest_try(&near, SL("refile"));
	names_nearest_try(&near, SL("csl"));
	problems_error(l->problems, at,
	    "unknown kind of source \"%.*s:\" (known are file:, refile: and "
	    "csl:)%s",
	    SL_ARG(kind), problems_hint(l->problems, near.best));
	return ERR_CONFIG;
}

static int
load_source(struct loading *l, struct slice source, struct place at)
{
	struct slice kind = source_kind(source);
	struct slice rest = slice_trim(slice_from(source, kind.n + 1));

	if (slice_ieq(kind, SL("file")))
		return load_file(l, rest, at);
	if (slice_ieq(kind, SL("refile"))) {
		l->patterns = true;
		return load_file(l, rest, at);
	}
	if (slice_ieq(kind, SL("csl")))
		return load_list(l, rest, at);
	if (kind.n > 0)
		return refuse_kind(l, kind, at);
	if (slice_starts(source, SL("/")))
		return load_file(l, source, at);
	if (slice_starts(source, SL("{"))) {
		if (!slice_ends(source, SL("}")))
			return refuse(l, at, source, "no closing brace");
		return load_list(l, slice_sub(source, 1, source.n - 2), at);
	}
	return load_list(l, source, at);
}

int
set_load(struct arena *a, struct slice source, struct place at,
    struct problems *p, struct set **out)
{
	struct loading l = { .arena = a, .set = set_new(a), .problems = p };
	int err;

	*out = NULL;
	if (l.set == NULL)
		return ERR_NOMEM;
	source = slice_trim(source);
	if (source.n == 0)
		return refuse(&l, at, source, "an empty source");
	err = load_source(&l, source, at);
	if (err == 0)
		*out = l.set;
	return err;
}
