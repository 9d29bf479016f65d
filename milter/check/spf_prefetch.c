/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_prefetch: see spf_prefetch.h. The chase functions run in the DNS thread:
 * they read the record on the stack and only submit questions.
 */
#include "check/spf_prefetch.h"

#define MX_FOLLOWED 10 /* hosts of one mx term, as section 4.6.4 allows */
#define OPEN_MAX 16    /* cached records waiting to be followed */

static void chase_v4(struct resolver *r, const struct dns_answer *a,
    unsigned left);
static void chase_v6(struct resolver *r, const struct dns_answer *a,
    unsigned left);

/* Where questions go: to a message or, without one, to the resolver. */
struct asker {
	struct dns_message *message;
	struct resolver *resolver;
	bool v6;
};

static void
ask(const struct asker *k, struct slice name, enum dns_type type, bool chase,
    unsigned left)
{
	dns_chase_fn fn = !chase ? NULL : k->v6 ? chase_v6 : chase_v4;

	if (k->message != NULL)
		dns_message_prefetch(k->message, name, type, fn, left);
	else
		resolver_prefetch(k->resolver, name, type, fn, left);
}

static enum dns_type
address_type(const struct asker *k)
{
	return k->v6 ? DNS_AAAA : DNS_A;
}

static void
ask_for_term(const struct asker *k, const struct spf_term *t,
    struct slice domain, unsigned left)
{
	struct slice name = t->spec.n > 0 ? t->spec : domain;

	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_REDIRECT:
		ask(k, name, DNS_TXT, left > 0, left);
		break;
	case SPF_A:
		ask(k, name, address_type(k), false, 0);
		break;
	case SPF_MX:
		ask(k, name, DNS_MX, true, 1);
		break;
	case SPF_EXISTS:
		ask(k, name, DNS_A, false, 0);
		break;
	case SPF_PTR: /* wants the client's name: only where a rule asks */
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_UNKNOWN:
		break;
	}
}

static bool
redirects(const struct spf_record *rec)
{
	return rec->redirect.text.n > 0 && !rec->has_all;
}

static unsigned
count_terms(const struct spf_record *rec)
{
	return rec->counting + redirects(rec);
}

static void
ask_for_targets(const struct asker *k, const struct spf_record *rec,
    struct slice domain, unsigned left)
{
	unsigned terms = count_terms(rec), used = 0;
	unsigned below = terms < left ? left - terms : 0;
	struct spf_term t;
	size_t at = 0;

	while (used < left && used < rec->counting &&
	    spf_record_next(rec, &at, &t)) {
		if (!spf_term_counts(&t))
			continue;
		used++;
		if (t.macros == 0)
			ask_for_term(k, &t, domain, below);
	}
	if (used < left && redirects(rec) && rec->redirect.macros == 0)
		ask_for_term(k, &rec->redirect, domain, below);
}

static bool
read_answer(const struct dns_answer *a, struct spf_record *rec)
{
	struct spf_flaw flaw;
	struct slice text;

	return spf_record_select(a, &text) == 1 && text.n <= MOST_SPF_OCTETS &&
	    spf_record_read(text, rec, &flaw);
}

static void
follow(const struct asker *k, const struct dns_answer *a, unsigned left)
{
	struct spf_record rec;

	if (a->type == DNS_TXT && read_answer(a, &rec)) {
		ask_for_targets(k, &rec, a->name, left);
	} else if (a->type == DNS_MX && a->n <= MX_FOLLOWED) {
		for (size_t i = 0; i < a->n; i++)
			ask(k, a->rr[i].name, address_type(k), false, 0);
	}
}

static void
chase_v4(struct resolver *r, const struct dns_answer *a, unsigned left)
{
	follow(&(struct asker){ .resolver = r }, a, left);
}

static void
chase_v6(struct resolver *r, const struct dns_answer *a, unsigned left)
{
	follow(&(struct asker){ .resolver = r, .v6 = true }, a, left);
}

void
spf_prefetch_early(struct resolver *r, struct slice domain, bool v6,
    unsigned left)
{
	ask(&(struct asker){ .resolver = r, .v6 = v6 }, domain, DNS_TXT, true,
	    left);
}

void
spf_prefetch_targets(struct dns_message *m, const struct spf_record *rec,
    struct slice domain, bool v6, unsigned left)
{
	ask_for_targets(&(struct asker){ .message = m, .v6 = v6 }, rec, domain,
	    left);
}

/* A record that is to be followed. */
struct todo {
	struct slice name;
	unsigned left;
};

/* Adds the records that this one leads to. */
static size_t
add_below(const struct spf_record *rec, unsigned left, struct todo *todo,
    size_t n)
{
	unsigned terms = count_terms(rec), seen = 0;
	struct spf_term t;
	size_t at = 0;

	if (terms >= left)
		return n;
	while (n < OPEN_MAX && seen < rec->counting &&
	    spf_record_next(rec, &at, &t)) {
		seen += spf_term_counts(&t);
		if (t.kind == SPF_INCLUDE && t.macros == 0)
			todo[n++] = (struct todo){ t.spec, left - terms };
	}
	if (n < OPEN_MAX && redirects(rec) && rec->redirect.macros == 0)
		todo[n++] = (struct todo){ rec->redirect.spec, left - terms };
	return n;
}

void
spf_prefetch_domain(struct dns_message *m, struct slice domain, bool v6,
    unsigned left)
{
	const struct asker k = { .message = m, .v6 = v6 };
	struct todo todo[OPEN_MAX];
	const struct dns_answer *a;
	struct spf_record rec;
	size_t n = 1, octets = 0;

	todo[0] = (struct todo){ domain, left };
	ask(&k, domain, DNS_TXT, true, left);
	while (n > 0 && octets <= MOST_SPF_OCTETS) {
		struct todo next = todo[--n];

		if (!dns_message_ready(m, next.name, DNS_TXT) ||
		    dns_message_get(m, next.name, DNS_TXT, &a) != 0 ||
		    !read_answer(a, &rec))
			continue;
		octets += rec.text.n;
		ask_for_targets(&k, &rec, a->name, next.left);
		n = add_below(&rec, next.left, todo, n);
	}
}
