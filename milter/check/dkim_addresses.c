/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_addresses: the field is compared with what mail/address_list writes.
 */
#include "check/dkim_addresses.h"

#include "base/err.h"
#include "mail/address_list.h"
#include "mail/chars.h"

/* A name of one label Sendmail completes by its own rules, and the last of
 * several may be the name of a network that it knows ways to. */
static bool
map_address(void *ctx, struct slice *local, struct slice *domain)
{
	(void)ctx;
	(void)local;
	if (slice_starts(*domain, SL("[")))
		return true;
	return slice_chr(*domain, '.') != SLICE_NONE &&
	    !slice_iends(*domain, SL(".uucp"));
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
dkim_addresses_written(struct arena *a, const struct header_field *f,
    bool exact, enum dkim_written *how, struct slice *value)
{
	int err;

	*how = DKIM_WRITTEN_SAME;
	if (address_list_field(f->name) == ADDRESS_FIELD_NONE)
		return 0;
	err =
	    address_list_write(a, f->name, f->value, map_address, NULL, value);
	if (err == ERR_NOMEM)
		return err;
	if (err != 0)
		*how = DKIM_WRITTEN_ODD;
	else if (!same_signed(f->value, *value, exact))
		*how = DKIM_WRITTEN_ANEW;
	return 0;
}
