/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_answer: see dns_answer.h. Layout of the block: struct dns_answer, the
 * records, the name, the reason with its NUL, then the text of each record.
 */
#include "dns/dns_answer.h"

#include "base/names.h"
#include "base/num.h"

#define MAX_WHY ((size_t)200)

static const struct name_code statuses[] = {
	{ "ok", DNS_OK },
	{ "nodata", DNS_NODATA },
	{ "nxdomain", DNS_NXDOMAIN },
	{ "tempfail", DNS_TEMPFAIL },
	{ "bogus", DNS_BOGUS },
};

static const struct name_code types[] = {
	{ "A", DNS_A },
	{ "CNAME", DNS_CNAME },
	{ "PTR", DNS_PTR },
	{ "MX", DNS_MX },
	{ "TXT", DNS_TXT },
	{ "AAAA", DNS_AAAA },
};

const char *
dns_status_name(enum dns_status s)
{
	return names_name(statuses, ARRAY_LEN(statuses), (int)s);
}

const char *
dns_type_name(enum dns_type t)
{
	return names_name(types, ARRAY_LEN(types), (int)t);
}

bool
dns_type_parse(struct slice s, enum dns_type *out)
{
	int code = names_code(types, ARRAY_LEN(types), s, -1);

	if (code < 0)
		return false;
	*out = (enum dns_type)code;
	return true;
}

void
dns_answer_get(const struct dns_answer *a)
{
	struct dns_answer *mine = unconst(a);

	refs_get(&mine->refs);
}

void
dns_answer_put(const struct dns_answer *a)
{
	struct dns_answer *mine = unconst(a);

	if (mine != NULL && refs_put(&mine->refs))
		free(mine);
}

static const char *
put_why(char **at, struct slice why)
{
	char *text = *at;

	for (size_t i = 0; i < why.n; i++)
		text[i] = why.p[i] >= 0x20 && why.p[i] < 0x7f ? why.p[i] : '?';
	text[why.n] = '\0';
	*at += why.n + 1;
	return text;
}

/* By preference (RFC 5321 section 5.1); the name makes the order of equals
 * the same on every host. */
static int
by_preference(const void *a, const void *b)
{
	const struct dns_record *x = a, *y = b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return slice_cmp(x->name, y->name);
}

struct dns_answer *
dns_answer_new(const struct dns_answer_spec *spec)
{
	size_t n = spec->status == DNS_OK ? spec->n : 0;
	struct slice why = slice_sub(spec->why, 0, MAX_WHY);
	size_t size = sizeof(struct dns_answer) + 1;
	struct dns_record *rr;
	struct dns_answer *a;
	char *at;

	if (n > DNS_MAX_RECORDS)
		return NULL;
	size = num_add(size, n * sizeof(*rr) + why.n);
	size = num_add(size, spec->name.n);
	for (size_t i = 0; i < n; i++)
		size = num_add(size,
		    num_add(spec->rr[i].text.n, spec->rr[i].name.n));
	a = malloc(size);
	if (a == NULL)
		return NULL;
	rr = (struct dns_record *)(a + 1);
	at = (char *)(rr + n);
	memset(a, 0, sizeof(*a));
	refs_init(&a->refs);
	a->status =
	    spec->status == DNS_OK && n == 0 ? DNS_NODATA : spec->status;
	a->type = spec->type;
	a->secure = spec->secure;
	a->ttl = spec->ttl;
	a->name = slice_put(&at, spec->name);
	a->why = put_why(&at, why);
	for (size_t i = 0; i < n; i++) {
		rr[i] = spec->rr[i];
		rr[i].text = slice_put(&at, spec->rr[i].text);
		rr[i].name = slice_put(&at, spec->rr[i].name);
	}
	if (spec->type == DNS_MX && n > 1)
		qsort(rr, n, sizeof(*rr), by_preference);
	a->n = n;
	a->rr = rr;
	return a;
}

struct dns_answer *
dns_answer_failed(struct slice name, enum dns_type type, const char *why,
    uint32_t ttl)
{
	struct dns_answer_spec spec = {
		.status = DNS_TEMPFAIL,
		.type = type,
		.name = name,
		.why = slice_c(why),
		.ttl = ttl,
	};

	return dns_answer_new(&spec);
}

size_t
dns_answer_size(const struct dns_answer *a)
{
	size_t size =
	    sizeof(*a) + a->n * sizeof(*a->rr) + a->name.n + strlen(a->why) + 1;

	for (size_t i = 0; i < a->n; i++)
		size += a->rr[i].text.n + a->rr[i].name.n;
	return size;
}
