/* SPDX-License-Identifier: BSD-2-Clause
 *
 * domain: comparing and cutting names; U-labels to A-labels by libidn2.
 */
#include "mail/domain.h"

#include <idn2.h>

#include "mail/scan.h"

#define LABEL_MAX 63

static struct slice
without_final_dot(struct slice d)
{
	return d.n > 0 && d.p[d.n - 1] == '.' ? slice_sub(d, 0, d.n - 1) : d;
}

bool
domain_eq(struct slice a, struct slice b)
{
	return slice_ieq(without_final_dot(a), without_final_dot(b));
}

bool
domain_within(struct slice d, struct slice parent)
{
	d = without_final_dot(d);
	parent = without_final_dot(parent);
	if (parent.n == 0 || !slice_iends(d, parent))
		return false;
	return d.n == parent.n || d.p[d.n - parent.n - 1] == '.';
}

unsigned
domain_labels(struct slice d)
{
	unsigned n = d.n > 0 ? 1 : 0;

	for (size_t i = 0; i < d.n; i++)
		if (d.p[i] == '.')
			n++;
	return n;
}

struct slice
domain_suffix(struct slice d, unsigned n)
{
	if (n == 0)
		return slice_from(d, d.n);
	for (size_t i = d.n; i > 0; i--)
		if (d.p[i - 1] == '.' && --n == 0)
			return slice_from(d, i);
	return d;
}

struct slice
domain_parent(struct slice d)
{
	size_t dot = slice_chr(d, '.');

	return slice_from(d, dot == SLICE_NONE ? d.n : dot + 1);
}

/* Every label is 1..63 octets, all of it at most 253. */
bool
domain_is_carryable(struct slice d)
{
	size_t start = 0;

	if (d.n == 0 || d.n > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i <= d.n; i++) {
		if (i < d.n && d.p[i] != '.')
			continue;
		if (i == start || i - start > LABEL_MAX)
			return false;
		start = i + 1;
	}
	return true;
}

bool
domain_is_hostname(struct slice d)
{
	if (!domain_is_carryable(d))
		return false;
	for (size_t i = 0; i < d.n; i++) {
		bool edge = i == 0 || i + 1 == d.n || d.p[i - 1] == '.' ||
		    d.p[i + 1] == '.';

		if (d.p[i] == '.' || d.p[i] == '_')
			continue;
		if (!char_is(d.p[i], CHAR_LDH) || (edge && d.p[i] == '-'))
			return false;
	}
	return true;
}

bool
domain_is_fqdn(struct slice d)
{
	return domain_is_carryable(d) && domain_labels(d) >= 2 && d.p[0] != '[';
}

/* The characters a name may have in mail: RFC 5322 dot-atom. Wider than host
 * names on purpose: whether such a name exists is for the DNS to say. */
static bool
is_plain(struct slice d)
{
	return domain_is_carryable(d) && scan_dot_atom(d, 0) == d.n;
}

static struct slice
lower_if_plain(struct arena *a, struct slice d)
{
	return is_plain(d) ? arena_lower(a, d) : slice_of(NULL, 0);
}

struct slice
domain_to_ascii(struct arena *a, struct slice d)
{
	struct slice out = { NULL, 0 };
	char *in, *ascii = NULL;

	if (scan_is_ascii(d))
		return lower_if_plain(a, without_final_dot(d));
	/* Generous: four bytes a character, mapping may drop some of them. */
	if (d.n > (size_t)4 * (DOMAIN_MAX + 1) || !scan_is_utf8(d) ||
	    slice_chr(d, '\0') != SLICE_NONE)
		return out;
	in = arena_cstr(a, d);
	if (in == NULL)
		return out;
	if (idn2_to_ascii_8z(in, &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
		out = lower_if_plain(a, without_final_dot(slice_c(ascii)));
	idn2_free(ascii);
	return out;
}
