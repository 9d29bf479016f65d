/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_keys: choosing keys for an author. Nobody but the author's domain
 * decides: what a message claims elsewhere gets no signature.
 */
#include "check/dkim_keys.h"

#include "base/err.h"
#include "check/dkim_keys_private.h"
#include "mail/domain.h"
#include "mail/sets.h"

bool
dkim_sign_configured(const struct dkim_sign_options *o)
{
	return set_count(o->domains) > 0 || o->key_files.n > 0 ||
	    set_count(o->key_table) > 0 || set_count(o->signing_table) > 0;
}

void
dkim_keys_free(struct dkim_keys *k)
{
	if (k != NULL)
		arena_free(k->arena);
}

struct dkim_signing_key *
dkim_keys_at(const struct dkim_keys *k, size_t i)
{
	return i < k->all.n ? k->all.at[i] : NULL;
}

const struct dkim_sign_names *
dkim_keys_names(const struct dkim_keys *k)
{
	return &k->names;
}

const struct dkim_sign_options *
dkim_keys_options(const struct dkim_keys *k)
{
	return k->options;
}

int
dkim_key_entry_compare(const void *a, const void *b)
{
	const struct dkim_key_entry *x = a, *y = b;
	int c = slice_icmp(x->name, y->name);

	return c != 0 ? c : slice_icmp(x->domain, y->domain);
}

/* The same name in the DNS: a domain that is listed twice. */
static bool
is_same(const struct dkim_signing_key *a, const struct dkim_signing_key *b)
{
	return a == b || slice_ieq(a->dns_name, b->dns_name);
}

/* Adds the keys of all entries with this name and domain. */
static int
add_matches(const struct dkim_key_entries *from, struct slice name,
    struct slice domain, struct arena *a, struct dkim_signing_keys *out)
{
	const struct dkim_key_entry want = { .name = name, .domain = domain };
	size_t lo = 0, hi = from->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (dkim_key_entry_compare(&from->at[mid], &want) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (;
	     lo < from->n && dkim_key_entry_compare(&from->at[lo], &want) == 0;
	     lo++) {
		struct dkim_signing_key **slot;
		bool known = false;

		for (size_t i = 0; i < out->n; i++)
			known = known || is_same(out->at[i], from->at[lo].key);
		if (known)
			continue;
		slot = dkim_signing_keys_push(out, a);
		if (slot == NULL)
			return ERR_NOMEM;
		*slot = from->at[lo].key;
	}
	return 0;
}

/* The keys of Domain: the author's own, or the nearest one above. */
static int
choose_by_domain(const struct dkim_keys *k, struct slice domain,
    struct arena *a, struct dkim_signing_keys *out)
{
	size_t before = out->n;

	while (domain.n > 0) {
		int err = add_matches(&k->by_domain, SL(""), domain, a, out);

		if (err != 0 || out->n > before || !k->options->subdomains)
			return err;
		domain = domain_parent(domain);
	}
	return 0;
}

static int
choose_by_table(const struct dkim_keys *k, const struct author *author,
    struct arena *a, struct dkim_signing_keys *out)
{
	struct slice local = author->mailbox.local, address, name;
	size_t next = 0;
	int err = 0;

	if (set_count(k->options->signing_table) == 0)
		return 0;
	address =
	    arena_printf(a, "%.*s@%.*s", SL_ARG(local), SL_ARG(author->domain));
	if (address.p == NULL)
		return ERR_NOMEM;
	while (err == 0 &&
	    set_map_next(k->options->signing_table, address, &next, &name)) {
		err = add_matches(&k->by_name, name, SL(""), a, out);
		if (err == 0)
			err = add_matches(&k->by_name, name, author->domain, a,
			    out);
	}
	return err;
}

int
dkim_keys_choose(const struct dkim_keys *k, struct arena *a,
    const struct author *author, struct dkim_signing_keys *out)
{
	int err;

	*out = (struct dkim_signing_keys){ 0 };
	if (author->domain.n == 0)
		return 0;
	err = choose_by_domain(k, author->domain, a, out);
	return err != 0 ? err : choose_by_table(k, author, a, out);
}

int
dkim_keys_choose_list(const struct dkim_keys *k, struct arena *a,
    struct slice list_id, struct dkim_signing_keys *out)
{
	return add_matches(&k->by_list, list_id, SL(""), a, out);
}

bool
dkim_keys_first_time(struct dkim_keys *k, unsigned kind, struct slice sender)
{
	uint64_t hash = slice_ihash(sender, kind + 1) | 1; /* 0: a free slot */
	atomic_uint_fast64_t *slot = &k->seen[(hash >> 1) % DKIM_SEEN_SLOTS];

	return atomic_exchange_explicit(slot, hash, memory_order_relaxed) !=
	    hash;
}
