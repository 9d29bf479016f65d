/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_sendmail: the parts of sendmail.cf that tell of masquerading, as m4
 * writes them from MASQUERADE_AS, GENERICS_DOMAIN and the like; and what the
 * ruleset MasqHdr makes of an address. The rules themselves are not run: which
 * features they stem from shows in a few of them.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "check/mta_parts.h"
#include "mail/chars.h"

struct reader {
	struct mta_lines *l;
	struct problems *p;
	struct mta_sendmail *out;
	bool in_masquerading; /* in the ruleset MasqHdr */
	bool rule_of_locals;  /* the one that limited_masquerade leaves out */
	struct place masquerade, generics;
	const char *table; /* path of the text of the genericstable */
};

/* ---- the file ---- */

/* The name of a macro or class behind its letter: one character, or {more}. */
static struct slice
take_name(struct slice *line)
{
	size_t end = 1;
	struct slice name = slice_sub(*line, 0, 1);

	if (slice_starts(*line, SL("{"))) {
		end = slice_chr(*line, '}');
		if (end == SLICE_NONE)
			return SL("");
		name = slice_sub(*line, 1, end - 1);
		end++;
	}
	*line = slice_from(*line, end);
	return name;
}

static struct mta_table *
class_named(struct reader *r, struct slice name)
{
	static const char names[] = { [CLASS_M] = 'M',
		[CLASS_N] = 'N',
		[CLASS_E] = 'E',
		[CLASS_G] = 'G',
		[CLASS_W] = 'w' };

	for (size_t i = 0; i < ARRAY_LEN(names) && name.n == 1; i++)
		if (name.p[0] == names[i])
			return &r->out->classes[i];
	return NULL;
}

/* C{M}one two */
static int
read_class(struct reader *r, struct slice rest)
{
	struct mta_table *class = class_named(r, take_name(&rest));
	struct slice word;
	int err = 0;

	while (class != NULL && err == 0 && mta_word(&rest, &word)) {
		/* Macros: the host's own names, which are asked for anyway. */
		if (slice_chr(word, '$') != SLICE_NONE)
			continue;
		err = mta_table_add(class, r->l->arena, word, SL(""));
	}
	return err;
}

static int
add_file_of_class(struct reader *r, struct mta_table *class, const char *path,
    bool optional)
{
	char why[FILE_WHY];
	struct mta_lines l;
	struct slice line, word;
	int err = mta_lines_open(r->l->arena, path, &l, why);

	if (err == ERR_NOTFOUND && optional)
		return 0;
	if (err != 0 && err != ERR_NOMEM) {
		problems_warn(r->p, r->l->place,
		    "%s; addresses that depend on it are only warned of", why);
		r->out->classes_unknown = true;
		return 0;
	}
	while (err == 0 && mta_lines_next(&l, &line)) {
		line = slice_sub(line, 0, slice_chr(line, '#'));
		while (err == 0 && mta_word(&line, &word))
			err = mta_table_add(class, r->l->arena, word, SL(""));
	}
	return err;
}

/* F{M}-o /path %[^\#] */
static int
read_class_file(struct reader *r, struct slice rest)
{
	struct mta_table *class = class_named(r, take_name(&rest));
	struct slice word = SL("");
	bool optional = false;
	char *path;

	if (class == NULL)
		return 0;
	while (mta_word(&rest, &word) && slice_starts(word, SL("-")))
		optional = optional || slice_eq(word, SL("-o"));
	if (!slice_starts(word, SL("/"))) {
		problems_warn(r->p, r->l->place,
		    "a class that does not come from a file; addresses that "
		    "depend on it are only warned of");
		r->out->classes_unknown = true;
		return 0;
	}
	path = arena_cstr(r->l->arena, word);
	return path != NULL ? add_file_of_class(r, class, path, optional) :
			      ERR_NOMEM;
}

/* DMexample.org */
static void
read_macro(struct reader *r, struct slice rest)
{
	struct slice name = take_name(&rest);

	rest = slice_trim(rest);
	if (slice_eq(name, SL("M"))) {
		r->out->masquerade = rest;
		r->masquerade = r->l->place;
	} else if (slice_eq(name, SL("j"))) {
		/* what has macros in it the MTA tells better itself */
		r->out->host =
		    slice_chr(rest, '$') == SLICE_NONE ? rest : SL("");
	}
}

/* Kgenerics hash -o /etc/mail/genericstable: its text is beside it. */
static int
read_map(struct reader *r, struct slice rest)
{
	struct slice name, type, word;

	if (!mta_word(&rest, &name) || !slice_ieq(name, SL("generics")))
		return 0;
	r->out->generics = true;
	r->generics = r->l->place;
	if (!mta_word(&rest, &type) ||
	    (!slice_eq(type, SL("hash")) && !slice_eq(type, SL("btree")) &&
		!slice_eq(type, SL("dbm")) && !slice_eq(type, SL("cdb"))))
		return 0;
	while (mta_word(&rest, &word) && slice_starts(word, SL("-")))
		;
	if (!slice_starts(word, SL("/")))
		return 0;
	if (slice_ends(word, SL(".db")))
		word.n -= 3;
	r->table = arena_cstr(r->l->arena, word);
	return r->table != NULL ? 0 : ERR_NOMEM;
}

/* What the rules of MasqHdr show of the features they come from. */
static void
read_rule(struct reader *r, struct slice line)
{
	struct mta_sendmail *s = r->out;

	if (slice_istarts(line, SL("S"))) {
		r->in_masquerading = slice_starts(line, SL("SMasqHdr"));
		return;
	}
	if (!r->in_masquerading)
		return;
	if (slice_starts(line, SL("R$* < @ $* $=M . >")))
		s->entire_masquerade = true;
	if (slice_starts(line, SL("R$* < @ $=w . >")))
		r->rule_of_locals = true;
	if (slice_starts(line, SL("R$+ < @ $* $=G . >")))
		s->entire_generics = true;
}

/* Names are written as Sendmail does without this option. */
static void
read_option(const struct reader *r, struct slice rest)
{
	if (slice_istarts(slice_trim(rest), SL("MustQuoteChars")))
		problems_warn(r->p, r->l->place,
		    "MustQuoteChars: Sendmail quotes names in a way of its own "
		    "behind the filter, which breaks their signatures");
}

static int
read_line(struct reader *r, struct slice line)
{
	struct slice rest = slice_from(line, 1);

	switch (line.p[0]) {
	case 'C':
		return read_class(r, rest);
	case 'F':
		return read_class_file(r, rest);
	case 'D':
		read_macro(r, rest);
		break;
	case 'K':
		return read_map(r, rest);
	case 'O':
		read_option(r, rest);
		break;
	case 'M':
		/* the mailer's rulesets for recipients: envelope/header */
		r->out->all = r->out->all ||
		    slice_search(line, SL("R=EnvToSMTP/HdrFromSMTP")) !=
			SLICE_NONE;
		break;
	case 'S':
	case 'R':
		read_rule(r, line);
		break;
	default:
		break;
	}
	return 0;
}

static int
read_table(struct reader *r)
{
	struct mta_sendmail *s = r->out;
	char why[FILE_WHY] = "its source is no text file";
	int err = ERR_NOTFOUND;

	if (!s->generics)
		return 0;
	if (r->table != NULL)
		err = mta_table_read(&s->table, r->l->arena, r->table, why);
	if (err == 0 || err == ERR_NOMEM)
		return err;
	problems_warn(r->p, r->generics,
	    "genericstable: %s; mail with addresses that it may hold is only "
	    "warned of",
	    why);
	s->table_unknown = true;
	return 0;
}

int
mta_sendmail_read(struct mta_lines *l, bool mended, struct problems *p,
    struct mta_sendmail *out)
{
	struct reader r = { .l = l, .p = p, .out = out };
	struct slice line;
	int err = 0;

	while (err == 0 && mta_lines_next(l, &line))
		err = read_line(&r, line);
	if (err == 0)
		err = read_table(&r);
	out->limited = !r.rule_of_locals;
	for (size_t i = 0; i < ARRAY_LEN(out->classes); i++)
		mta_table_sort(&out->classes[i]);
	mta_table_sort(&out->table);
	if (err == 0 && !mended && out->masquerade.n > 0)
		problems_warn(p, r.masquerade,
		    "Sendmail masquerades senders as %.*s behind the filter, "
		    "which breaks their signatures: NormalizeAddresses helps",
		    SL_ARG(slice_sub(out->masquerade, 0, 253)));
	if (err == 0 && !mended && out->generics)
		problems_warn(p, r.generics,
		    "Sendmail rewrites senders by the genericstable behind the "
		    "filter, which breaks their signatures: "
		    "NormalizeAddresses helps");
	return err;
}

/* ---- addresses ---- */

static bool
has(const struct mta_sendmail *s, enum mta_class class, struct slice name,
    bool below)
{
	return mta_table_has_domain(&s->classes[class], name, below);
}

/* Names of this host that Sendmail puts into its class w. */
static bool
is_local(const struct mta_sendmail *s, struct slice host, struct slice domain)
{
	return has(s, CLASS_W, domain, false) || slice_ieq(domain, host);
}

/* The value of a genericstable: %0 is the key, %1 the local-part (or what
 * stood behind its plus). Empty with p NULL if there is more to it. */
static struct slice
fill_in(struct arena *a, struct slice value, struct slice key, struct slice arg)
{
	struct buf b;

	if (slice_chr(value, '%') == SLICE_NONE)
		return value;
	buf_init(&b, a, 1024);
	for (size_t i = 0; i < value.n; i++) {
		char next = i + 1 < value.n ? value.p[i + 1] : '\0';

		if (value.p[i] != '%') {
			buf_addc(&b, value.p[i]);
			continue;
		}
		if (next != '0' && next != '1')
			return slice_of(NULL, 0);
		buf_add(&b, next == '0' ? key : arg);
		i++;
	}
	return buf_ok(&b) ? buf_slice(&b) : slice_of(NULL, 0);
}

struct lookup {
	const struct mta_sendmail *s;
	struct arena *a;
	struct slice found; /* n 0: not yet */
	bool unknown;
};

static void
look(struct lookup *k, struct slice key, struct slice arg)
{
	const struct slice *value;

	if (k->found.n > 0 || k->unknown || key.p == NULL)
		return;
	value = mta_table_find(&k->s->table, key);
	if (value == NULL || value->n == 0)
		return;
	k->found = fill_in(k->a, *value, key, arg);
	k->unknown = k->found.p == NULL;
}

/* In the order of MasqHdr: in full, with what is behind a plus as a star and
 * left out, the domain, the local-part in the same ways. */
static void
look_up(struct lookup *k, struct slice local, struct slice domain)
{
	size_t plus = slice_chr(local, '+');
	struct slice base = slice_sub(local, 0, plus);
	struct slice detail =
	    plus == SLICE_NONE ? SL("") : slice_from(local, plus + 1);

	look(k, arena_printf(k->a, "%.*s@%.*s", SL_ARG(local), SL_ARG(domain)),
	    SL(""));
	if (plus != SLICE_NONE) {
		look(k,
		    arena_printf(k->a, "%.*s+*@%.*s", SL_ARG(base),
			SL_ARG(domain)),
		    detail);
		look(k,
		    arena_printf(k->a, "%.*s@%.*s", SL_ARG(base),
			SL_ARG(domain)),
		    SL(""));
	}
	look(k, arena_printf(k->a, "@%.*s", SL_ARG(domain)), local);
	look(k, local, SL(""));
	if (plus != SLICE_NONE) {
		look(k, arena_printf(k->a, "%.*s+*", SL_ARG(base)), detail);
		look(k, base, SL(""));
	}
}

/* The genericstable: sets an address in its place. True if that is all. */
static bool
apply_generics(const struct mta_sendmail *s, struct arena *a,
    struct mta_address *at, struct slice host, bool *unknown)
{
	struct lookup k = { .s = s, .a = a };
	size_t split;

	if (!s->generics ||
	    (at->domain.n > 0 &&
		!has(s, CLASS_G, at->domain, s->entire_generics)))
		return false;
	*unknown = s->table_unknown;
	look_up(&k, at->local, at->domain.n > 0 ? at->domain : host);
	*unknown = *unknown || k.unknown;
	if (*unknown || k.found.n == 0)
		return *unknown;
	split = slice_rchr(k.found, '@');
	at->local = slice_sub(k.found, 0, split);
	at->domain =
	    split == SLICE_NONE ? SL("") : slice_from(k.found, split + 1);
	return split != SLICE_NONE;
}

static void
apply_masquerade(const struct mta_sendmail *s, struct mta_address *at,
    struct slice host)
{
	bool bare = at->domain.n == 0;
	bool ours = bare || has(s, CLASS_M, at->domain, s->entire_masquerade) ||
	    (!s->limited && is_local(s, host, at->domain));
	bool exposed = mta_table_find(&s->classes[CLASS_E], at->local) != NULL;

	if (bare)
		at->domain = host;
	if (s->masquerade.n == 0 || !ours || exposed ||
	    (!bare && has(s, CLASS_N, at->domain, true)))
		return;
	at->domain = s->masquerade;
}

enum mta_fate
mta_sendmail_rewrite(const struct mta_sendmail *s, struct arena *a,
    struct mta_address *at)
{
	struct slice host = s->host.n > 0 ? s->host : at->host;
	struct mta_address before = *at;
	bool masquerades = s->masquerade.n > 0 || s->generics;
	bool unknown = false;

	if (slice_starts(at->domain, SL("[")))
		return MTA_KEEPS;
	if (slice_ieq(at->domain, SL("localhost")))
		at->domain = host;
	else if (at->domain.n > 0 &&
	    (slice_chr(at->domain, '.') == SLICE_NONE ||
		slice_iends(at->domain, SL(".uucp"))))
		return MTA_UNKNOWN;
	if (!at->sender && !s->all) {
		if (at->domain.n == 0)
			at->domain = host;
	} else if (!apply_generics(s, a, at, host, &unknown) && !unknown) {
		apply_masquerade(s, at, host);
	}
	if (unknown || (masquerades && s->classes_unknown) ||
	    slice_chr(at->domain, '.') == SLICE_NONE ||
	    slice_chr(at->domain, '$') != SLICE_NONE)
		return MTA_UNKNOWN;
	return slice_eq(at->local, before.local) &&
		slice_eq(at->domain, before.domain) ?
	    MTA_KEEPS :
	    MTA_REWRITES;
}
