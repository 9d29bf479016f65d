/* SPDX-License-Identifier: BSD-2-Clause
 *
 * address: reading is lenient (the MTA has accepted the path already),
 * address_is_valid() is strict.
 */
#include "mail/address.h"

#include "base/err.h"
#include "base/ip.h"
#include "mail/domain.h"
#include "mail/scan.h"

#define LOCAL_MAX 64 /* octets, RFC 5321 section 4.5.3.1.1 */

/* Offset of the last '@' outside quotes; of the last one at all when the
 * quotes do not close. */
static size_t
find_at_sign(struct slice s)
{
	size_t found = SLICE_NONE;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"') {
			size_t end = scan_lenient_quoted(s, i);

			if (end == i)
				return slice_rchr(s, '@');
			i = end - 1;
		} else if (s.p[i] == '@') {
			found = i;
		}
	}
	return found;
}

/* "@a,@b:user@c": the source route is ignored (RFC 5321 appendix C). */
static struct slice
without_route(struct slice s)
{
	size_t colon;

	if (s.n == 0 || s.p[0] != '@')
		return s;
	colon = slice_chr(s, ':');
	return colon == SLICE_NONE ? s : slice_from(s, colon + 1);
}

int
address_parse_path(struct arena *a, struct slice s, struct mailbox *out)
{
	size_t at;

	s = slice_trim(s);
	if (s.n > 0 && s.p[0] == '<') {
		s = slice_from(s, 1);
		if (s.n > 0 && s.p[s.n - 1] == '>')
			s.n--;
	}
	s = arena_copy(a, without_route(slice_trim(s)));
	if (s.p == NULL)
		return ERR_NOMEM;
	at = find_at_sign(s);
	out->text = s;
	out->local = slice_sub(s, 0, at);
	out->domain = slice_from(s, at == SLICE_NONE ? s.n : at + 1);
	if (out->domain.n > 0 && out->domain.p[out->domain.n - 1] == '.')
		out->domain.n--;
	return 0;
}

bool
address_is_null(const struct mailbox *m)
{
	return m->text.n == 0;
}

/* Quoted-string of RFC 5321: no folding, no control characters. */
static bool
is_smtp_quoted(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is(s.p[i], CHAR_CTL))
			return false;
	return s.n > 0 && scan_quoted_string(s, 0) == s.n;
}

static bool
is_valid_local(struct slice s)
{
	if (s.n == 0 || s.n > LOCAL_MAX)
		return false;
	return scan_dot_atom_utf8(s, 0) == s.n || is_smtp_quoted(s);
}

/* A host name in which labels may hold UTF-8 (RFC 6531 section 3.3). */
static bool
is_valid_domain(struct slice d)
{
	if (scan_is_ascii(d))
		return domain_is_hostname(d);
	for (size_t i = 0; i < d.n; i++)
		if (!char_is(d.p[i], CHAR_LDH | CHAR_HIGH) && d.p[i] != '.' &&
		    d.p[i] != '_')
			return false;
	return d.n <= (size_t)2 * DOMAIN_MAX && scan_dot_atom_utf8(d, 0) == d.n;
}

bool
address_is_valid(const struct mailbox *m)
{
	struct slice d = m->domain;
	struct ip ip;

	if (!is_valid_local(m->local))
		return false;
	if (d.n > 2 && d.p[0] == '[' && d.p[d.n - 1] == ']')
		return ip_parse(slice_sub(d, 1, d.n - 2), &ip);
	return is_valid_domain(d);
}

struct slice
address_local_unquoted(struct arena *a, struct slice local)
{
	char *p;

	if (local.n < 2 || local.p[0] != '"')
		return local;
	p = arena_alloc(a, local.n);
	if (p == NULL)
		return slice_of(NULL, 0);
	return slice_of(p, scan_unquote(local, p));
}

bool
address_eq(const struct mailbox *a, const struct mailbox *b, bool fold)
{
	if (!domain_eq(a->domain, b->domain))
		return false;
	return fold ? slice_ieq(a->local, b->local) :
		      slice_eq(a->local, b->local);
}
