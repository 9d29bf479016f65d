/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_keys_load: options become keys. Everything that could make us sign with
 * the wrong key, or for somebody else's domain, is an error here: an unsafe
 * file, a name without key, a "%" that would stand for any author's domain.
 */
#include "base/err.h"
#include "check/dkim_keys_private.h"
#include "crypt/key_file.h"
#include "mail/chars.h"
#include "mail/domain.h"
#include "mail/fold.h"
#include "mail/sets.h"

#define KEYS_MEMORY ((size_t)256 << 20)
#define GOOD_RSA_BITS 2048 /* RFC 8301 section 3.2: SHOULD */
#define HEAD_MAX ((size_t)2048)
#define WIDTH ((size_t)78)

/* RFC 6376 section 5.4.1 and RFC 8058 section 4. What a stranger must not be
 * able to add is oversigned. */
static const struct {
	const char *name;
	bool oversign;
} usual_names[] = {
	{ "From", true },
	{ "Sender", false },
	{ "Reply-To", true },
	{ "Subject", true },
	{ "Date", true },
	{ "Message-ID", true },
	{ "To", true },
	{ "Cc", true },
	{ "In-Reply-To", false },
	{ "References", false },
	{ "MIME-Version", true },
	{ "Content-Type", true },
	{ "Content-Transfer-Encoding", false },
	{ "List-Id", false },
	{ "List-Help", false },
	{ "List-Unsubscribe", false },
	{ "List-Unsubscribe-Post", false },
	{ "List-Subscribe", false },
	{ "List-Post", false },
	{ "List-Owner", false },
	{ "List-Archive", false },
};

/* Fields that change on the way, or that the receiver writes (RFC 6376
 * section 5.4.1, RFC 8601 section 5, RFC 8617 section 4.1.2). */
static const char *const never_signed[] = { "Return-Path", "Received",
	"Received-SPF", "Authentication-Results", "Bcc", "DKIM-Signature",
	"ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results" };

/* A key file, read once however many domains use it. */
struct loaded_file {
	struct slice path;
	const struct key *key; /* NULL: reported already */
};
VEC_DEFINE(loaded_files, struct loaded_file);

struct loading {
	struct dkim_keys *keys;
	struct arena *arena; /* of the keys */
	struct problems *problems;
	struct loaded_files files;
	unsigned least_bits;
};

static const struct place nowhere = { "KeyFile", 0 };

static void
free_key(void *key)
{
	key_free(key);
}

static struct key *
read_key(struct loading *l, const char *path, struct place at)
{
	const struct dkim_sign_options *o = l->keys->options;
	const struct key_rules rules = { .user = o->user,
		.safe = o->require_safe_keys,
		.least_bits = l->least_bits };
	char why[KEY_FILE_WHY];
	struct key *key = key_file_load(path, &rules, why);

	if (key == NULL)
		problems_error(l->problems, at, "%s", why);
	else if (key_kind(key) == KEY_RSA && key_bits(key) < GOOD_RSA_BITS)
		problems_warn(l->problems, at,
		    "%s: an RSA key of %u bits; %d is what receivers expect",
		    path, key_bits(key), GOOD_RSA_BITS);
	return key;
}

static const struct key *
load_file(struct loading *l, struct slice path, struct place at)
{
	struct loaded_file *slot;
	struct key *key;

	for (size_t i = 0; i < l->files.n; i++)
		if (slice_eq(l->files.at[i].path, path))
			return l->files.at[i].key;
	slot = loaded_files_push(&l->files, l->arena);
	if (slot == NULL)
		return NULL;
	slot->path = path;
	key = read_key(l, arena_cstr(l->arena, path), at);
	if (key != NULL && arena_hook(l->arena, free_key, key) != 0) {
		key_free(key);
		key = NULL;
	}
	slot->key = key;
	return key;
}

static const char *
canon_words(enum dkim_canon_pair c)
{
	switch (c) {
	case DKIM_RELAXED_RELAXED:
		return "relaxed/relaxed";
	case DKIM_RELAXED_SIMPLE:
		return "relaxed/simple";
	case DKIM_SIMPLE_RELAXED:
		return "simple/relaxed";
	case DKIM_SIMPLE_SIMPLE:
		return "simple/simple";
	}
	return "relaxed/relaxed";
}

/* What is the same in every signature of this key. */
static void
write_head(const struct loading *l, struct dkim_signing_key *k)
{
	const char *how = canon_words(l->keys->options->canon);
	struct fold f;
	struct buf b;

	buf_init(&b, l->arena, HEAD_MAX);
	fold_init(&f, &b, sizeof("DKIM-Signature:") - 1, WIDTH);
	fold_word(&f, SL("v=1;"));
	fold_word(&f,
	    key_kind(k->key) == KEY_RSA ? SL("a=rsa-sha256;") :
					  SL("a=ed25519-sha256;"));
	fold_word(&f, arena_printf(l->arena, "c=%s;", how));
	fold_word(&f, arena_printf(l->arena, "d=%.*s;", SL_ARG(k->domain)));
	fold_word(&f, arena_printf(l->arena, "s=%.*s;", SL_ARG(k->selector)));
	k->head = buf_slice(&b);
	k->head_column = f.column;
}

static bool
good_name(const struct loading *l, const char *what, struct slice name,
    struct place at)
{
	if (domain_is_hostname(name))
		return true;
	problems_error(l->problems, at, "%s: '%.*s' is not a domain name", what,
	    SL_ARG(slice_sub(name, 0, 200)));
	return false;
}

/* A new key for `domain`; NULL after reporting, or without memory. */
static struct dkim_signing_key *
add_key(struct loading *l, struct slice domain, struct slice selector,
    struct slice path, struct place at)
{
	struct slice ascii = domain_to_ascii(l->arena, domain);
	const struct key *key = load_file(l, path, at);
	struct dkim_signing_key **slot, *k;

	if (!good_name(l, "domain", ascii.p != NULL ? ascii : domain, at) ||
	    !good_name(l, "selector", selector, at) || key == NULL)
		return NULL;
	slot = dkim_signing_keys_push(&l->keys->all, l->arena);
	k = arena_zalloc(l->arena, sizeof(*k));
	if (slot == NULL || k == NULL)
		return NULL;
	*slot = k;
	k->domain = ascii;
	k->selector = arena_lower(l->arena, selector);
	k->file = arena_cstr(l->arena, path);
	k->key = key;
	k->dns_name = arena_printf(l->arena, "%.*s._domainkey.%.*s",
	    SL_ARG(k->selector), SL_ARG(k->domain));
	atomic_init(&k->published, DKIM_PUB_UNKNOWN);
	if (!domain_is_carryable(k->dns_name))
		problems_error(l->problems, at,
		    "'%.*s' is too long for the DNS", SL_ARG(k->dns_name));
	write_head(l, k);
	return k;
}

static void
add_entry(struct loading *l, struct dkim_key_entries *to, struct slice name,
    struct slice domain, struct dkim_signing_key *key)
{
	struct dkim_key_entry *slot =
	    key != NULL ? dkim_key_entries_push(to, l->arena) : NULL;

	if (slot != NULL)
		*slot = (struct dkim_key_entry){ name, domain, key };
}

/* ---- Domain, Selector, KeyFile ---- */

static void
load_pairs(struct loading *l)
{
	const struct dkim_sign_options *o = l->keys->options;
	size_t pairs = o->key_files.n;
	struct slice domain;
	struct place at;

	if (o->selectors.n != pairs)
		problems_error(l->problems, nowhere,
		    "every KeyFile needs its Selector: there are %zu and %zu",
		    o->key_files.n, o->selectors.n);
	else if ((pairs > 0) != (set_count(o->domains) > 0))
		problems_error(l->problems, nowhere,
		    "Domain, Selector and KeyFile go together");
	if (o->selectors.n != pairs)
		return;
	for (size_t i = 0; set_entry(o->domains, i, &domain, NULL, &at); i++)
		for (size_t n = 0; n < pairs; n++) {
			struct dkim_signing_key *k = add_key(l, domain,
			    o->selectors.at[n], o->key_files.at[n], at);

			if (k != NULL)
				add_entry(l, &l->keys->by_domain, SL(""),
				    k->domain, k);
		}
}

/* ---- KeyTable, SigningTable ---- */

/* "domain:selector:path". */
struct table_key {
	struct slice domain, selector, path;
};

static bool
cut_value(struct slice value, struct table_key *out)
{
	struct slice rest = value;

	return slice_cut(&rest, ':', &out->domain) &&
	    slice_cut(&rest, ':', &out->selector) && (out->path = rest).n > 0 &&
	    rest.p[0] == '/';
}

static void
load_key_table(struct loading *l)
{
	struct slice name, value;
	struct table_key t;
	struct place at;

	for (size_t i = 0;
	     set_entry(l->keys->options->key_table, i, &name, &value, &at);
	     i++) {
		if (!cut_value(value, &t))
			problems_error(l->problems, at,
			    "KeyTable: '%.*s': a key is written as "
			    "domain:selector:/path",
			    SL_ARG(slice_sub(name, 0, 200)));
		else if (!slice_eq(t.domain, SL("%")))
			add_entry(l, &l->keys->by_name, name, SL(""),
			    add_key(l, t.domain, t.selector, t.path, at));
	}
}

/* The one domain that a pattern of the SigningTable speaks of; "" if it could
 * be any, or several. */
static struct slice
pattern_domain(struct slice pattern)
{
	size_t sign = slice_rchr(pattern, '@');
	struct slice d = slice_from(pattern, sign == SLICE_NONE ? 0 : sign + 1);

	if (d.n == 0 || d.p[0] == '.' || slice_chr(d, '*') != SLICE_NONE ||
	    slice_chr(d, '.') == SLICE_NONE)
		return SL("");
	return d;
}

/* A key for "%", which stands for the author's domain. */
static void
load_percent(struct loading *l, struct slice name, const struct table_key *t,
    struct slice pattern, struct place at)
{
	struct slice domain = pattern_domain(pattern);
	struct dkim_signing_key *k;

	if (domain.n == 0) {
		problems_error(l->problems, at,
		    "SigningTable: '%.*s' with key '%.*s' would sign for "
		    "domains that are not yours: \"%%\" in the KeyTable needs "
		    "a pattern that names one domain",
		    SL_ARG(slice_sub(pattern, 0, 200)),
		    SL_ARG(slice_sub(name, 0, 200)));
		return;
	}
	k = add_key(l, domain, t->selector, t->path, at);
	if (k != NULL)
		add_entry(l, &l->keys->by_name, name, k->domain, k);
}

/* "list-id:ID": mail that a list of ours sends on. Its authors are anybody, so
 * the key must name a domain itself. */
static void
load_list_id(struct loading *l, struct slice name, struct slice id,
    struct place at)
{
	const struct dkim_key_entries *known = &l->keys->by_name;

	for (size_t i = 0; i < known->n; i++)
		if (slice_ieq(known->at[i].name, name) &&
		    known->at[i].domain.n == 0) {
			add_entry(l, &l->keys->by_list, id, SL(""),
			    known->at[i].key);
			return;
		}
	problems_error(l->problems, at,
	    "SigningTable: list-id:%.*s needs a key with a domain of its own",
	    SL_ARG(slice_sub(id, 0, 200)));
}

static void
load_signing_table(struct loading *l)
{
	const struct dkim_sign_options *o = l->keys->options;
	struct slice pattern, name, value;
	struct table_key t;
	struct place at;

	for (size_t i = 0; set_entry(o->signing_table, i, &pattern, &name, &at);
	     i++) {
		if (slice_starts(pattern, SL("!")))
			continue;
		if (name.n == 0)
			problems_error(l->problems, at,
			    "SigningTable: '%.*s' names no key",
			    SL_ARG(slice_sub(pattern, 0, 200)));
		else if (!set_map(o->key_table, name, &value))
			problems_error(l->problems, at,
			    "SigningTable: the key '%.*s' is not in KeyTable",
			    SL_ARG(slice_sub(name, 0, 200)));
		else if (slice_istarts(pattern, SL("list-id:")))
			load_list_id(l, name, slice_from(pattern, 8), at);
		else if (cut_value(value, &t) && slice_eq(t.domain, SL("%")))
			load_percent(l, name, &t, pattern, at);
	}
	if (set_count(o->key_table) > 0 && set_count(o->signing_table) == 0)
		problems_warn(l->problems, (struct place){ "KeyTable", 0 },
		    "without a SigningTable no key of it is used");
}

/* ---- SignHeaders, OversignHeaders ---- */

static struct dkim_sign_name *
find_name(struct dkim_sign_names *names, struct slice name)
{
	for (size_t i = 0; i < names->n; i++)
		if (slice_ieq(names->at[i].name, name))
			return &names->at[i];
	return NULL;
}

/* RFC 5322 section 3.6.8, without what would end the name in h=. */
static bool
is_field_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is(s.p[i], CHAR_VCHAR) || s.p[i] == ':' ||
		    s.p[i] == ';')
			return false;
	return s.n > 0;
}

static void
put_name(struct loading *l, const char *option, struct slice name,
    bool oversign)
{
	struct dkim_sign_names *names = &l->keys->names;
	struct dkim_sign_name *slot = find_name(names, name);

	for (size_t i = 0; i < ARRAY_LEN(never_signed); i++)
		if (slice_ieq(slice_c(never_signed[i]), name)) {
			problems_error(l->problems, (struct place){ option, 0 },
			    "%s changes on the way and is never signed",
			    never_signed[i]);
			return;
		}
	if (!is_field_name(name)) {
		problems_error(l->problems, (struct place){ option, 0 },
		    "'%.*s' is not the name of a header field",
		    SL_ARG(slice_sub(name, 0, 200)));
		return;
	}
	if (slot == NULL)
		slot = dkim_sign_names_push(names, l->arena);
	if (slot == NULL)
		return;
	slot->name = name;
	slot->oversign = slot->oversign || oversign;
}

static void
drop_name(struct dkim_sign_names *names, struct slice name, bool oversign_only)
{
	struct dkim_sign_name *slot = find_name(names, name);

	if (slot == NULL)
		return;
	slot->oversign = false;
	if (oversign_only)
		return;
	*slot = names->at[names->n - 1];
	names->n--;
}

/* A list: names, "*" for the usual ones, "-name" without this one, "+name"
 * or "name" with it. A list of only "+" and "-" changes the usual ones. */
static void
load_list(struct loading *l, const char *option, const struct slice_vec *list,
    bool oversign)
{
	bool usual = true;

	for (size_t i = 0; i < list->n; i++)
		usual = usual && list->at[i].n > 0 &&
		    slice_chr(SL("+-*"), list->at[i].p[0]) != SLICE_NONE;
	for (size_t i = 0; usual && i < ARRAY_LEN(usual_names); i++)
		if (usual_names[i].oversign || !oversign)
			put_name(l, option, slice_c(usual_names[i].name),
			    oversign);
	for (size_t i = 0; i < list->n; i++) {
		struct slice one = list->at[i];

		if (slice_eq(one, SL("*")))
			continue;
		if (slice_starts(one, SL("-")))
			drop_name(&l->keys->names, slice_from(one, 1),
			    oversign);
		else
			put_name(l, option,
			    slice_from(one, slice_starts(one, SL("+"))),
			    oversign);
	}
}

static void
load_names(struct loading *l)
{
	const struct dkim_sign_options *o = l->keys->options;

	load_list(l, "SignHeaders", &o->sign_headers, false);
	load_list(l, "OversignHeaders", &o->oversign_headers, true);
	/* RFC 6376 section 5.4: From must be signed; a second From is what a
	 * forger adds first. */
	put_name(l, "SignHeaders", SL("From"), true);
}

static void
sort(struct dkim_key_entries *entries)
{
	if (entries->n > 0)
		qsort(entries->at, entries->n, sizeof(entries->at[0]),
		    dkim_key_entry_compare);
}

struct dkim_keys *
dkim_keys_load(const struct dkim_sign_options *o, unsigned least_bits,
    struct problems *p)
{
	struct arena *a = arena_new(KEYS_MEMORY);
	struct dkim_keys *k = a != NULL ? arena_zalloc(a, sizeof(*k)) : NULL;
	struct loading l = { .keys = k,
		.arena = a,
		.problems = p,
		.least_bits = least_bits };
	unsigned before = p->errors;

	if (k == NULL) {
		arena_free(a);
		problems_error(p, nowhere, "%s", err_text(ERR_NOMEM));
		return NULL;
	}
	k->arena = a;
	k->options = o;
	load_names(&l);
	load_pairs(&l);
	load_key_table(&l);
	load_signing_table(&l);
	sort(&k->by_domain);
	sort(&k->by_name);
	sort(&k->by_list);
	if (arena_failed(a) && p->errors == before)
		problems_error(p, nowhere, "%s", err_text(ERR_NOMEM));
	if (p->errors == before)
		return k;
	arena_free(a);
	return NULL;
}
