/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_zone: finding answers in a zone; dns_zone_read.c reads it. Records are
 * sorted by their names read backwards with the dot as the lowest character,
 * so that everything below a name follows it directly.
 */
#include "dns/dns_zone.h"

#include "dns/dns_answer.h"
#include "dns/dns_zone_private.h"

#define MAX_CHAIN 8 /* CNAMEs behind each other */

int
zone_compare_names(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 1; i <= n; i++) {
		char x = a.p[a.n - i], y = b.p[b.n - i];

		if (x == y)
			continue;
		if (x == '.' || y == '.')
			return x == '.' ? -1 : 1;
		return (unsigned char)x < (unsigned char)y ? -1 : 1;
	}
	return a.n < b.n ? -1 : a.n > b.n ? 1 : 0;
}

/* Index of the first record whose name is not below `name`. */
static size_t
lower_bound(const struct dns_zone *z, struct slice name)
{
	size_t low = 0, high = z->all.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (zone_compare_names(z->all.at[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_below(struct slice name, struct slice above)
{
	return name.n > above.n && name.p[name.n - above.n - 1] == '.' &&
	    slice_ends(name, above);
}

/* Takes the run of records of one type that begins at `first`. */
static void
match_run(const struct dns_zone *z, size_t first, struct zone_match *out)
{
	const struct zone_record *r = &z->all.at[first];
	size_t n = 0;

	out->status = DNS_OK;
	out->rr = r;
	out->ttl = r->ttl;
	while (first + n < z->all.n && r[n].kind == ZONE_RECORD &&
	    r[n].type == r->type && slice_eq(r[n].name, r->name)) {
		if (r[n].ttl < out->ttl)
			out->ttl = r[n].ttl;
		n++;
	}
	out->n = n;
}

void
dns_zone_find(const struct dns_zone *z, struct slice name, enum dns_type type,
    struct zone_match *out)
{
	size_t at = lower_bound(z, name);
	size_t found = SLICE_NONE, alias = SLICE_NONE;
	bool exists = at < z->all.n && is_below(z->all.at[at].name, name);

	*out = (struct zone_match){ .status = DNS_NXDOMAIN,
		.kind = ZONE_RECORD,
		.ttl = DNS_ZONE_NEGATIVE_TTL };
	for (; at < z->all.n && slice_eq(z->all.at[at].name, name); at++) {
		const struct zone_record *r = &z->all.at[at];

		exists = true;
		if (r->kind != ZONE_RECORD) {
			if (r->type != 0 && r->type != type)
				continue;
			out->kind = r->kind;
			out->ttl = r->ttl;
			return;
		}
		if (r->type == type && found == SLICE_NONE)
			found = at;
		if (r->type == DNS_CNAME && alias == SLICE_NONE)
			alias = at;
	}
	if (found != SLICE_NONE) {
		match_run(z, found, out);
	} else if (alias != SLICE_NONE) {
		match_run(z, alias, out);
		out->alias = true;
	} else if (exists) {
		out->status = DNS_NODATA;
	}
}

static struct dns_answer *
make_answer(const struct zone_match *m, struct dns_answer_spec *spec)
{
	struct dns_record *rr = NULL;
	struct dns_answer *a;

	if (m->n > 0) {
		rr = calloc(m->n, sizeof(*rr));
		if (rr == NULL)
			return NULL;
		for (size_t i = 0; i < m->n; i++)
			rr[i] = m->rr[i].rr;
	}
	spec->status = m->status;
	spec->rr = rr;
	spec->n = m->n;
	a = dns_answer_new(spec);
	free(rr);
	return a;
}

static struct dns_answer *
make_fault(unsigned kind, struct dns_answer_spec *spec)
{
	spec->ttl = DNS_FAILURE_TTL;
	spec->status = DNS_TEMPFAIL;
	if (kind == ZONE_BOGUS) {
		spec->status = DNS_BOGUS;
		spec->why = SL("DNSSEC validation failed");
	} else {
		spec->why =
		    kind == ZONE_TIMEOUT ? SL("timeout") : SL("SERVFAIL");
	}
	return dns_answer_new(spec);
}

struct dns_answer *
dns_zone_answer(const struct dns_zone *z, const struct dns_key *k)
{
	struct dns_answer_spec spec = { .type = k->type,
		.name = dns_key_name(k),
		.ttl = UINT32_MAX };
	struct dns_key target = *k;
	struct zone_match m;

	for (unsigned i = 0; i <= MAX_CHAIN; i++) {
		struct dns_wire w;
		char plain[DNS_NAME_PLAIN];
		struct slice next;

		dns_zone_find(z, dns_key_name(&target), k->type, &m);
		if (m.kind != ZONE_RECORD && m.kind != ZONE_NXDOMAIN)
			return make_fault(m.kind, &spec);
		if (m.ttl < spec.ttl)
			spec.ttl = m.ttl;
		if (!m.alias)
			return make_answer(&m, &spec);
		/* A label with a dot inside has no name here: it exists in no
		 * zone file. */
		if (!dns_wire_from_text(m.rr->rr.name, &w) ||
		    !dns_wire_plain(&w, plain, &next) ||
		    !dns_key_init(&target, next, k->type)) {
			m = (struct zone_match){ .status = DNS_NXDOMAIN };
			return make_answer(&m, &spec);
		}
	}
	spec.why = SL("too many CNAMEs");
	spec.status = DNS_TEMPFAIL;
	spec.ttl = DNS_FAILURE_TTL;
	return dns_answer_new(&spec);
}
