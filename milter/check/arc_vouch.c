/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_vouch: a forwarder that changed a message broke its SPF and DKIM, but has
 * seen them whole. If it is trusted, what it saw may count.
 *
 * DMARC's own result decides; a field without one may still show SPF or DKIM
 * passing for the author's organisation.
 */
#include "check/arc_vouch.h"

#include "base/err.h"
#include "check/check.h"
#include "mail/authres.h"
#include "mail/domain.h"
#include "mail/scan.h"
#include "mail/sets.h"

/* ---- reading ---- */

/* Octets that may be walked through for nothing in the results of one set. */
#define WASTE_MAX ((size_t)4 * AUTHRES_BYTES_MAX)

struct reading {
	struct arena *arena;
	size_t wasted;
};

/* Behind a quoted string or comment at `at`, else behind its character. One that
 * does not close was walked through to the end for nothing: when that has been
 * done too often the rest is as good as unreadable, and nothing in it counts. */
static size_t
step(struct reading *r, struct slice s, size_t at)
{
	size_t next = scan_lenient_quoted(s, at);

	if (next == at)
		next = scan_lenient_comment(s, at);
	if (next > at)
		return next;
	if (s.p[at] == '"' || s.p[at] == '(')
		r->wasted += s.n - at;
	return r->wasted > WASTE_MAX ? s.n : at + 1;
}

/* Up to the next semicolon outside of quotes and comments. */
static size_t
item_end(struct reading *r, struct slice s, size_t at)
{
	while (at < s.n && s.p[at] != ';')
		at = step(r, s, at);
	return at;
}

/* The end of a word; quotes and comments inside are part of it. */
static size_t
word_end(struct reading *r, struct slice s, size_t at)
{
	while (at < s.n && scan_lenient_space(s, at) == at)
		at = step(r, s, at);
	return at;
}

/* "name=value" with no dot in the name: neither property nor reason. */
static bool
is_stray(struct slice word)
{
	size_t equals = slice_chr(word, '=');
	struct slice name = slice_sub(word, 0, equals);

	return equals != SLICE_NONE && slice_chr(name, '.') == SLICE_NONE &&
	    slice_chr(name, '(') == SLICE_NONE &&
	    !slice_ieq(name, SL("reason"));
}

/* The item without stray words behind its first. Empty with p == NULL when out of
 * memory. */
static struct slice
without_strays(struct reading *r, struct slice item)
{
	struct buf b;
	bool first = true;

	buf_init(&b, r->arena, item.n * 2 + 1);
	for (size_t at = scan_lenient_space(item, 0), end; at < item.n;
	     at = scan_lenient_space(item, end)) {
		struct slice word;

		end = word_end(r, item, at);
		word = slice_sub(item, at, end - at);
		if (!first && is_stray(word))
			continue;
		buf_addc(&b, ' ');
		buf_add(&b, word);
		first = first && word.p[0] == '(';
	}
	return buf_ok(&b) ? buf_slice(&b) : slice_of(NULL, 0);
}

/* Parses one item by putting an id in front. */
static int
parse_item(struct arena *a, struct slice item, struct authres *out)
{
	struct slice text = arena_printf(a, "x; %.*s", SL_ARG(item));

	return text.p != NULL ? authres_parse(a, text, out) : ERR_NOMEM;
}

static int
add_item(struct reading *r, struct slice item, struct authres *out)
{
	struct arena *a = r->arena;
	struct authres one;
	struct authres_item *slot;
	int err = parse_item(a, item, &one);

	if (err == ERR_SYNTAX) {
		struct slice bare = without_strays(r, item);

		err = bare.p != NULL ? parse_item(a, bare, &one) : ERR_NOMEM;
	}
	if (err == ERR_NOMEM)
		return err;
	if (err != 0 || one.items.n != 1)
		return 0;
	slot = authres_item_vec_push(&out->items, a);
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = one.items.at[0];
	return 0;
}

int
arc_results_read(struct arena *a, struct slice text, struct authres *out)
{
	struct reading r = { .arena = a };
	size_t end = item_end(&r, text, 0); /* the id says nothing here */

	*out = (struct authres){ 0 };
	if (text.n > AUTHRES_BYTES_MAX)
		return ERR_LIMIT;
	while (end < text.n) {
		size_t at = end + 1;
		int err;

		end = item_end(&r, text, at);
		if (r.wasted > WASTE_MAX || out->items.n == MOST_ARC_RESULTS)
			return ERR_LIMIT;
		err = add_item(&r, slice_sub(text, at, end - at), out);
		if (err != 0)
			return err;
	}
	return 0;
}

/* ---- judging ---- */

static struct slice
prop(const struct authres_item *item, const char *ptype, const char *name)
{
	for (size_t i = 0; i < item->props.n; i++) {
		const struct authres_prop *p = &item->props.at[i];

		if (slice_eq(p->ptype, slice_c(ptype)) &&
		    slice_eq(p->property, slice_c(name)))
			return p->value;
	}
	return slice_of(NULL, 0);
}

/* The domain of an address, or of a bare domain; "" if it is none. */
static struct slice
domain_of(struct arena *a, struct slice text)
{
	size_t at = slice_rchr(text, '@');

	return domain_to_ascii(a,
	    at == SLICE_NONE ? text : slice_from(text, at + 1));
}

static bool
aligned(const struct evaluation *ev, struct slice text, struct slice author)
{
	const struct psl *psl = ev->env->psl;
	struct slice d = domain_of(ev->arena, text), org;

	if (d.n == 0)
		return false;
	if (domain_eq(d, author))
		return true;
	if (psl == NULL)
		return false;
	org = psl_org_domain(psl, author);
	return org.n > 0 && domain_eq(org, psl_org_domain(psl, d));
}

/* SPF or DKIM passed for the author's organisation. */
static bool
item_vouches(const struct evaluation *ev, const struct authres_item *item,
    struct slice author)
{
	if (!slice_eq(item->result, SL("pass")))
		return false;
	if (slice_eq(item->method, SL("spf")))
		return aligned(ev, prop(item, "smtp", "mailfrom"), author);
	if (!slice_eq(item->method, SL("dkim")))
		return false;
	return aligned(ev, prop(item, "header", "d"), author) ||
	    aligned(ev, prop(item, "header", "i"), author);
}

static int
field_vouches(struct evaluation *ev, const struct arc_field *f,
    struct slice author, bool *yes)
{
	struct authres r;
	bool dmarc = false, passed = false;
	int err = arc_results_read(ev->arena, f->results, &r);

	if (err == ERR_LIMIT) { /* what was read counts */
		limits_meet(&ev->limits, LIMIT_ARC_RESULTS);
		err = 0;
	}
	*yes = false;
	for (size_t i = 0; err == 0 && i < r.items.n; i++) {
		const struct authres_item *item = &r.items.at[i];

		if (!slice_eq(item->method, SL("dmarc"))) {
			passed = passed || item_vouches(ev, item, author);
			continue;
		}
		dmarc = dmarc || !slice_eq(item->result, SL("none"));
		if (slice_eq(item->result, SL("pass")) &&
		    domain_eq(author,
			domain_of(ev->arena, prop(item, "header", "from"))))
			*yes = true;
	}
	*yes = *yes || (!dmarc && passed);
	return err;
}

int
arc_vouch(struct evaluation *ev, const struct arc_chain *c, bool *saw_pass)
{
	const struct set *trusted = ev->env->options->arc.trusted;
	const struct author_vec *authors = &ev->from.authors;
	int err = 0;

	*saw_pass = false;
	if (c->verdict != VERDICT_PASS || authors->n != 1 || ev->from.more ||
	    authors->at[0].domain.n == 0)
		return 0;
	for (unsigned i = c->n; i > 0 && err == 0 && !*saw_pass; i--) {
		const struct arc_set *s = &c->sets[i - 1];

		if (!set_has_domain(trusted, s->part[ARC_SEAL]->sig.domain))
			break;
		err = field_vouches(ev, s->part[ARC_RESULTS],
		    authors->at[0].domain, saw_pass);
	}
	return err;
}
