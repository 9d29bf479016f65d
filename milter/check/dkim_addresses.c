/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_addresses: the field is compared with what mail/address_list writes.
 */
#include "check/dkim_addresses.h"

#include "base/err.h"
#include "mail/address_list.h"
#include "mail/chars.h"

struct map {
	const struct dkim_route *route;
	bool sender;
	bool rewritten, unknown;
};

static bool
map_address(void *ctx, struct slice *local, struct slice *domain)
{
	struct map *m = ctx;
	struct mta_address address = { .kind = m->route->kind,
		.host = m->route->host,
		.sender = m->sender,
		.local = *local,
		.domain = *domain };

	switch (mta_config_rewrite(m->route->mta, m->route->arena, &address)) {
	case MTA_KEEPS:
		return domain->n > 0;
	case MTA_REWRITES:
		m->rewritten = true;
		*local = address.local;
		*domain = address.domain;
		return true;
	case MTA_UNKNOWN:
		m->unknown = true;
		return false;
	}
	return false;
}

/* The next octet of a value for comparison, or -1: white space of any kind is
 * one space, unless it is compared exactly; then a line ends in one way. */
static int
next_octet(struct slice *s, bool exact)
{
	size_t n = 1;
	int c;

	if (exact && slice_starts(*s, SL("\r\n")))
		*s = slice_from(*s, 1);
	if (s->n == 0)
		return -1;
	c = (unsigned char)s->p[0];
	if (!exact && char_is(s->p[0], CHAR_WSP | CHAR_EOL)) {
		while (n < s->n && char_is(s->p[n], CHAR_WSP | CHAR_EOL))
			n++;
		c = ' ';
	}
	*s = slice_from(*s, n);
	return c;
}

/* True if both values are the same in the canonical form that is signed. */
static bool
same_signed(struct slice x, struct slice y, bool exact)
{
	int c, d;

	if (!exact) {
		x = slice_trim(x);
		y = slice_trim(y);
	}
	do {
		c = next_octet(&x, exact);
		d = next_octet(&y, exact);
	} while (c == d && c >= 0);
	return c == d;
}

int
dkim_addresses_written(const struct dkim_route *r, const struct header_field *f,
    struct dkim_written *out)
{
	enum address_field field = address_list_field(f->name);
	struct map map = { .route = r,
		.sender = field == ADDRESS_FIELD_SENDER };
	struct slice value = slice_of(NULL, 0);
	int err;

	*out = (struct dkim_written){ .changes = false };
	if (field == ADDRESS_FIELD_NONE)
		return 0;
	err = address_list_write(r->arena, f->name, f->value, map_address, &map,
	    &value);
	if (err == ERR_NOMEM)
		return err;
	out->rewrites = map.rewritten || map.unknown;
	/* Postfix sees to addresses alone */
	out->changes = out->rewrites ||
	    (r->kind == MTA_SENDMAIL &&
		(err != 0 || !same_signed(f->value, value, r->exact)));
	if (err == 0 && !same_signed(f->value, value, r->exact))
		out->value = value;
	return 0;
}
