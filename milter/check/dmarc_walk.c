/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_walk: lookups, remembered, and what follows from them.
 */
#include "check/dmarc_walk.h"

#include "base/err.h"
#include "mail/domain.h"

size_t
dmarc_walk_names(struct slice start, struct slice out[DMARC_WALK_MAX])
{
	struct slice at = start;
	size_t n = 0;

	while (at.n > 0 && n < DMARC_WALK_MAX) {
		out[n++] = at;
		/* Section 4.10: a long name is cut to seven labels at once. */
		if (domain_labels(at) > DMARC_WALK_MAX)
			at = domain_suffix(at, DMARC_WALK_MAX - 1);
		else
			at = domain_parent(at);
	}
	return n;
}

struct slice
dmarc_name(struct arena *a, struct slice domain)
{
	return arena_printf(a, "_dmarc.%.*s", SL_ARG(domain));
}

/* What a walk from `domain` will look up. */
static size_t
names_of(const struct dmarc_finder *f, struct slice domain,
    struct slice out[DMARC_WALK_MAX])
{
	if (f->psl == NULL)
		return dmarc_walk_names(domain, out);
	out[0] = domain;
	out[1] = psl_org_domain(f->psl, domain);
	return out[1].n == 0 || out[1].n == domain.n ? 1 : 2;
}

void
dmarc_prefetch(struct dmarc_finder *f, struct slice domain)
{
	struct slice names[DMARC_WALK_MAX];
	size_t n = names_of(f, domain, names);

	for (size_t i = 0; i < n; i++)
		dns_message_prefetch(f->dns, dmarc_name(f->a, names[i]),
		    DNS_TXT);
}

bool
dmarc_is_ready(struct dmarc_finder *f, struct slice domain)
{
	struct slice names[DMARC_WALK_MAX];
	size_t n = names_of(f, domain, names);

	for (size_t i = 0; i < n; i++)
		if (!dns_message_ready(f->dns, dmarc_name(f->a, names[i]),
			DNS_TXT))
			return false;
	return true;
}

/* Keeps the one record among the texts; several are none (section 4.10). */
static int
read_answer(struct arena *a, const struct dns_answer *answer,
    struct dmarc_entry *e)
{
	struct dmarc_record record;
	unsigned records = 0;

	e->failed =
	    answer->status == DNS_TEMPFAIL || answer->status == DNS_BOGUS;
	for (size_t i = 0; i < answer->n && records < 2; i++) {
		int err = dmarc_record_read(a, answer->rr[i].text, &record);

		if (err == ERR_NOMEM)
			return err;
		if (err == 0 && records++ == 0)
			e->record = record;
	}
	e->found = records == 1;
	return 0;
}

int
dmarc_find_entry(struct dmarc_finder *f, struct slice domain,
    const struct dmarc_entry **out)
{
	const struct dns_answer *answer;
	struct dmarc_entry *e, **slot;
	struct slice name;
	int err;

	for (size_t i = 0; i < f->entries.n; i++) {
		*out = f->entries.at[i];
		if (slice_eq((*out)->domain, domain))
			return 0;
	}
	name = dmarc_name(f->a, domain);
	e = arena_zalloc(f->a, sizeof(*e));
	if (name.p == NULL || e == NULL)
		return ERR_NOMEM;
	e->domain = domain;
	err = dns_message_get(f->dns, name, DNS_TXT, &answer);
	if (err == 0)
		err = read_answer(f->a, answer, e);
	if (err != 0)
		return err;
	slot = dmarc_entry_vec_push(&f->entries, f->a);
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = e;
	*out = e;
	return 0;
}

/* Section 4.10.2, from the longest name to the shortest. */
static void
choose_org(struct dmarc_walk *w)
{
	w->org = w->start;
	for (size_t i = 0; i < w->n; i++) {
		const struct dmarc_entry *e = w->entries[i];

		if (!e->found)
			continue;
		w->policy = e;
		w->org = e->domain;
		if (e->record.psd == DMARC_PSD_NO)
			return;
		if (e->record.psd == DMARC_PSD_YES && i > 0) {
			w->org = domain_suffix(w->start,
			    domain_labels(e->domain) + 1);
			break;
		}
	}
	/* The organisational domain's own record goes before the suffix's. */
	for (size_t i = 0; i < w->n; i++)
		if (w->entries[i]->found &&
		    slice_eq(w->entries[i]->domain, w->org))
			w->policy = w->entries[i];
}

static int
walk_tree(struct dmarc_finder *f, struct dmarc_walk *w)
{
	struct slice names[DMARC_WALK_MAX];
	size_t n = dmarc_walk_names(w->start, names);

	dmarc_prefetch(f, w->start);
	for (size_t i = 0; i < n; i++) {
		const struct dmarc_entry *e;
		int err = dmarc_find_entry(f, names[i], &e);

		if (err != 0)
			return err;
		w->entries[w->n++] = e;
		w->failed = w->failed || e->failed;
		if (e->found && e->record.psd != DMARC_PSD_UNKNOWN)
			break;
	}
	w->policy_failed = w->failed;
	choose_org(w);
	return 0;
}

/* RFC 7489 section 3.2: no DNS but for the record itself. */
static int
walk_list(struct dmarc_finder *f, struct dmarc_walk *w)
{
	int err;

	w->org = psl_org_domain(f->psl, w->start);
	if (w->org.n == 0)
		w->org = w->start; /* a public suffix stands for itself */
	err = dmarc_find_entry(f, w->org, &w->entries[0]);
	if (err != 0)
		return err;
	w->n = 1;
	w->policy_failed = w->entries[0]->failed;
	if (w->entries[0]->found)
		w->policy = w->entries[0];
	return 0;
}

int
dmarc_find_walk(struct dmarc_finder *f, struct slice domain,
    const struct dmarc_walk **out)
{
	struct dmarc_walk *w, **slot;
	int err;

	for (size_t i = 0; i < f->walks.n; i++) {
		*out = f->walks.at[i];
		if (slice_eq((*out)->start, domain))
			return 0;
	}
	w = arena_zalloc(f->a, sizeof(*w));
	if (w == NULL)
		return ERR_NOMEM;
	w->start = domain;
	err = f->psl != NULL ? walk_list(f, w) : walk_tree(f, w);
	if (err != 0)
		return err;
	slot = dmarc_walk_vec_push(&f->walks, f->a);
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = w;
	*out = w;
	return 0;
}
