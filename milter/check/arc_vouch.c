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

/* Up to the next semicolon outside of quotes and comments. */
static size_t
item_end(struct slice s, size_t at)
{
	while (at < s.n && s.p[at] != ';') {
		size_t next = scan_lenient_quoted(s, at);

		if (next == at)
			next = scan_lenient_comment(s, at);
		at = next > at ? next : at + 1;
	}
	return at;
}

/* The end of a word; quotes and comments inside are part of it. */
static size_t
word_end(struct slice s, size_t at)
{
	while (at < s.n && scan_lenient_space(s, at) == at) {
		size_t next = scan_lenient_quoted(s, at);

		if (next == at)
			next = scan_lenient_comment(s, at);
		at = next > at ? next : at + 1;
	}
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
without_strays(struct arena *a, struct slice item)
{
	struct buf b;
	bool first = true;

	buf_init(&b, a, item.n * 2 + 1);
	for (size_t at = scan_lenient_space(item, 0), end; at < item.n;
	     at = scan_lenient_space(item, end)) {
		struct slice word;

		end = word_end(item, at);
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
add_item(struct arena *a, struct slice item, struct authres *out)
{
	struct authres one;
	struct authres_item *slot;
	int err = parse_item(a, item, &one);

	if (err == ERR_SYNTAX) {
		struct slice bare = without_strays(a, item);

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
	size_t end = item_end(text, 0); /* the id says nothing here */
	int err = 0;

	*out = (struct authres){ 0 };
	if (text.n > AUTHRES_BYTES_MAX)
		return 0;
	while (end < text.n && err == 0 && out->items.n < AUTHRES_ITEMS_MAX) {
		size_t at = end + 1;

		end = item_end(text, at);
		err = add_item(a, slice_sub(text, at, end - at), out);
	}
	return err;
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
