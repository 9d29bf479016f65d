/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_prefetch: see spf_prefetch.h. A walk goes from record to record as far
 * as answers are known; where one is not, a chase is left that goes on from
 * there in the DNS thread, with a copy of the values. Records are read on the
 * stack.
 */
#include "check/spf_prefetch.h"

#include "base/limits.h"
#include "check/client_names.h"
#include "check/spf_eval.h"
#include "mail/scan.h"

#define OPEN_MAX 16              /* known answers waiting to be followed */
#define TEXTS_MAX ((size_t)2048) /* longer values are not worth it */

/* An answer that is to be followed. */
struct todo {
	const struct dns_answer *answer;
	unsigned left;
	bool top; /* its explanation may be shown */
};

/* The values of a walk, for the DNS thread. */
struct spf_chaser {
	struct dns_chaser head;
	struct spf_values values;
	atomic_size_t octets; /* of records read so far */
	char texts[];
};

struct walk {
	struct dns_asker *asker;
	struct spf_values values;
	struct spf_chaser *ctx; /* of chases; made when first needed */
	size_t octets;          /* of records read before it was */
	bool shallow;           /* what is known is not followed */
	struct todo todo[OPEN_MAX];
	size_t n;
};

static void
chaser_free(struct dns_chaser *c)
{
	free(c);
}

/* NULL: no memory, or values that are too long. */
static struct spf_chaser *
chaser_of(struct walk *w)
{
	const struct spf_values *v = &w->values;
	struct spf_chaser *c;
	char *at;

	if (w->ctx != NULL)
		return w->ctx;
	if (v->local.n > TEXTS_MAX || v->sender_domain.n > TEXTS_MAX ||
	    v->helo.n > TEXTS_MAX)
		return NULL;
	c = malloc(sizeof(*c) + v->local.n + v->sender_domain.n + v->helo.n);
	if (c == NULL)
		return NULL;
	dns_chaser_init(&c->head, w->asker, chaser_free);
	at = c->texts;
	c->values = (struct spf_values){
		.local = slice_put(&at, v->local),
		.sender_domain = slice_put(&at, v->sender_domain),
		.helo = slice_put(&at, v->helo),
		.client = v->client,
	};
	atomic_init(&c->octets, w->octets);
	w->ctx = c;
	return c;
}

static enum dns_type
address_type(const struct walk *w)
{
	return w->values.client.family == 6 ? DNS_AAAA : DNS_A;
}

static void chase_top(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c);
static void chase_below(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c);

/* Asks for something that leads on: a record, or mail exchangers. */
static void
ask(struct walk *w, struct slice name, enum dns_type type, bool top,
    unsigned left)
{
	struct dns_chase c = { top ? chase_top : chase_below, NULL, left };
	const struct dns_answer *a = dns_asker_look(w->asker, name, type);
	struct spf_chaser *ctx;

	if (a == NULL) {
		ctx = chaser_of(w);
		c.ctx = ctx != NULL ? &ctx->head : NULL;
		a = dns_asker_begin(w->asker, name, type,
		    ctx != NULL ? &c : NULL);
	}
	if (a != NULL && !w->shallow && w->n < OPEN_MAX)
		w->todo[w->n++] = (struct todo){ a, left, top };
	else
		dns_answer_put(a);
}

/* The name that a term is about. False: it cannot be told now, or there is
 * none. */
static bool
find_name(struct walk *w, const struct spf_term *t, char room[SPF_NAME_ROOM],
    struct slice *out)
{
	const uint32_t sender = SPF_LETTER('s') | SPF_LETTER('l');

	*out = w->values.domain;
	if (t->spec.n == 0)
		return true;
	*out = t->spec;
	if (t->macros == 0)
		return true;
	if ((t->macros & SPF_LETTER('p')) != 0) {
		client_names_begin(w->asker, &w->values.client);
		return false;
	}
	/* RFC 8616 section 4: no name is made from such a local-part. */
	if ((t->macros & sender) != 0 && !scan_is_ascii(w->values.local))
		return false;
	*out = spf_macro_name(t->spec, &w->values, room);
	return slice_chr(*out, '\0') == SLICE_NONE;
}

static void
ask_for_term(struct walk *w, const struct spf_term *t, bool top, unsigned left)
{
	char room[SPF_NAME_ROOM];
	struct slice name;

	if (!find_name(w, t, room, &name))
		return;
	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_REDIRECT:
		if (spf_is_domain(name))
			ask(w, name, DNS_TXT, top && t->kind == SPF_REDIRECT,
			    left);
		break;
	case SPF_A:
		dns_asker_prefetch(w->asker, name, address_type(w));
		break;
	case SPF_MX:
		ask(w, name, DNS_MX, false, 0);
		break;
	case SPF_EXISTS:
		dns_asker_prefetch(w->asker, name, DNS_A);
		break;
	case SPF_PTR:
		client_names_begin(w->asker, &w->values.client);
		break;
	case SPF_EXP:
		dns_asker_prefetch(w->asker, name, DNS_TXT);
		break;
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_UNKNOWN:
		break;
	}
}

static bool
redirects(const struct spf_record *rec)
{
	return rec->redirect.text.n > 0 && !rec->has_all;
}

static void
ask_for_targets(struct walk *w, const struct spf_record *rec, bool top,
    unsigned left)
{
	unsigned terms = rec->counting + redirects(rec), used = 0;
	unsigned below = terms < left ? left - terms : 0;
	struct spf_term t;
	size_t at = 0;

	while (used < left && used < rec->counting &&
	    spf_record_next(rec, &at, &t)) {
		if (!spf_term_counts(&t))
			continue;
		used++;
		ask_for_term(w, &t, top, below);
	}
	if (used < left && redirects(rec))
		ask_for_term(w, &rec->redirect, top, below);
	if (top && rec->exp.text.n > 0)
		ask_for_term(w, &rec->exp, top, 0);
}

/* No more is read than an evaluation reads, by all chases together. */
static bool
may_read(struct walk *w, size_t octets)
{
	w->octets = w->ctx != NULL ?
	    atomic_fetch_add(&w->ctx->octets, octets) + octets :
	    w->octets + octets;
	return w->octets <= MOST_SPF_OCTETS;
}

static void
follow_record(struct walk *w, const struct todo *t)
{
	struct spf_record rec;
	struct spf_flaw flaw;
	struct slice text;

	if (spf_record_select(t->answer, &text) != 1 || !may_read(w, text.n) ||
	    !spf_record_read(text, &rec, &flaw))
		return;
	w->values.domain = t->answer->name;
	ask_for_targets(w, &rec, t->top, t->left);
}

/* Follows all that is known; its references are given back. */
static void
follow(struct walk *w)
{
	while (w->n > 0) {
		struct todo t = w->todo[--w->n];

		dns_asker_behind(w->asker, t.answer);
		if (t.answer->type == DNS_TXT)
			follow_record(w, &t);
		else if (t.answer->n <= MOST_SPF_NAMES)
			for (size_t i = 0; i < t.answer->n; i++)
				dns_asker_prefetch(w->asker,
				    t.answer->rr[i].name, address_type(w));
		dns_answer_put(t.answer);
	}
}

/* In the DNS thread. */
static void
chase(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c, bool top)
{
	struct spf_chaser *ctx = (struct spf_chaser *)c->ctx;
	struct walk w = { .asker = k, .values = ctx->values, .ctx = ctx };

	dns_answer_get(a);
	w.todo[w.n++] = (struct todo){ a, c->left, top };
	follow(&w);
}

static void
chase_top(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c)
{
	chase(k, a, c, true);
}

static void
chase_below(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c)
{
	chase(k, a, c, false);
}

static void
begin(struct dns_asker *k, const struct spf_values *v, unsigned left)
{
	struct walk w = { .asker = k, .values = *v };

	ask(&w, v->domain, DNS_TXT, true, left);
	follow(&w);
	if (w.ctx != NULL)
		dns_chaser_put(&w.ctx->head);
}

void
spf_prefetch_early(struct resolver *r, const struct spf_values *v,
    unsigned left)
{
	struct dns_asker k;

	dns_asker_of_nobody(&k, r);
	begin(&k, v, left);
}

void
spf_prefetch_domain(struct dns_message *m, const struct spf_values *v,
    unsigned left)
{
	struct dns_asker k;

	dns_asker_of_message(&k, m);
	begin(&k, v, left);
}

void
spf_prefetch_targets(struct dns_message *m, const struct spf_record *rec,
    const struct spf_values *v, unsigned left)
{
	struct dns_asker k;
	struct walk w = { .asker = &k, .values = *v, .shallow = true };

	dns_asker_of_message(&k, m);
	ask_for_targets(&w, rec, false, left);
	if (w.ctx != NULL)
		dns_chaser_put(&w.ctx->head);
}
