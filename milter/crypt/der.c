/* SPDX-License-Identifier: BSD-2-Clause
 *
 * der: reading an RSA public key from DNS octet by octet, and writing it back
 * as SubjectPublicKeyInfo. Lengths are definite and minimal (X.690 section
 * 10.1).
 */
#include "crypt/der.h"

enum { TAG_INTEGER = 0x02, TAG_BIT_STRING = 0x03, TAG_SEQUENCE = 0x30 };

/* 1.2.840.113549.1.1.1, rsaEncryption, as a whole element; and NULL. */
static const char oid_rsa[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
static const char der_null[] = "\x05\x00";

static uint8_t
octet(struct slice s, size_t i)
{
	return (uint8_t)s.p[i];
}

/* Takes the length octets off *rest. */
static bool
take_length(struct slice *rest, size_t *out)
{
	size_t n, len = 0;

	if (rest->n == 0)
		return false;
	n = octet(*rest, 0);
	*rest = slice_from(*rest, 1);
	if (n < 0x80) {
		*out = n;
		return true;
	}
	n &= 0x7f;
	if (n < 1 || n > 3 || rest->n < n || octet(*rest, 0) == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		len = len << 8 | octet(*rest, i);
	*rest = slice_from(*rest, n);
	*out = len;
	return len >= 0x80;
}

/* Takes an element with this tag off *rest. */
static bool
take(struct slice *rest, uint8_t tag, struct slice *content)
{
	struct slice s = *rest;
	size_t len;

	if (s.n == 0 || octet(s, 0) != tag)
		return false;
	s = slice_from(s, 1);
	if (!take_length(&s, &len) || len > s.n)
		return false;
	*content = slice_sub(s, 0, len);
	*rest = slice_from(s, len);
	return true;
}

/* A positive odd INTEGER, its sign octet dropped. */
static bool
take_number(struct slice *rest, struct slice *out)
{
	struct slice s;

	if (!take(rest, TAG_INTEGER, &s) || s.n == 0 || octet(s, 0) >= 0x80)
		return false;
	if (octet(s, 0) == 0) {
		s = slice_from(s, 1);
		if (s.n == 0 || octet(s, 0) < 0x80)
			return false;
	}
	*out = s;
	return (octet(s, s.n - 1) & 1) != 0;
}

/* What stands inside the outer SEQUENCE of RSAPublicKey. */
static bool
parse_numbers(struct slice s, struct der_rsa *out)
{
	return take_number(&s, &out->n) && take_number(&s, &out->e) &&
	    s.n == 0 && out->n.n <= DER_RSA_MAX_BITS / 8 && out->n.n > 8 &&
	    out->e.n <= DER_RSA_MAX_E && (out->e.n > 1 || octet(out->e, 0) > 1);
}

/* What stands inside the outer SEQUENCE of SubjectPublicKeyInfo. */
static bool
parse_spki(struct slice s, struct der_rsa *out)
{
	struct slice algorithm, bits, key;
	struct slice oid = slice_of(oid_rsa, sizeof(oid_rsa) - 1);
	struct slice null = slice_of(der_null, sizeof(der_null) - 1);

	if (!take(&s, TAG_SEQUENCE, &algorithm) ||
	    !take(&s, TAG_BIT_STRING, &bits) || s.n != 0)
		return false;
	if (!slice_starts(algorithm, oid))
		return false;
	algorithm = slice_from(algorithm, oid.n);
	if (algorithm.n != 0 && !slice_eq(algorithm, null))
		return false;
	if (bits.n == 0 || octet(bits, 0) != 0) /* no unused bits */
		return false;
	bits = slice_from(bits, 1);
	return take(&bits, TAG_SEQUENCE, &key) && bits.n == 0 &&
	    parse_numbers(key, out);
}

bool
der_rsa_parse(struct slice der, struct der_rsa *out)
{
	struct slice inner;

	if (!take(&der, TAG_SEQUENCE, &inner) || der.n != 0 || inner.n == 0)
		return false;
	if (octet(inner, 0) == TAG_SEQUENCE)
		return parse_spki(inner, out);
	return parse_numbers(inner, out);
}

/* Octets of tag and length before a content of n octets (n < 65536). */
static size_t
head_size(size_t n)
{
	return n < 0x80 ? 2 : n < 0x100 ? 3 : 4;
}

static char *
put_head(char *p, uint8_t tag, size_t n)
{
	*p++ = (char)tag;
	if (n >= 0x100) {
		*p++ = (char)0x82;
		*p++ = (char)(n >> 8);
	} else if (n >= 0x80) {
		*p++ = (char)0x81;
	}
	*p++ = (char)(n & 0xff);
	return p;
}

/* Octets of an INTEGER's content: a sign octet keeps it positive. */
static size_t
number_size(struct slice v)
{
	return v.n + (octet(v, 0) >= 0x80 ? 1 : 0);
}

static char *
put_number(char *p, struct slice v)
{
	p = put_head(p, TAG_INTEGER, number_size(v));
	if (octet(v, 0) >= 0x80)
		*p++ = 0;
	memcpy(p, v.p, v.n);
	return p + v.n;
}

struct slice
der_rsa_spki(struct arena *a, const struct der_rsa *k)
{
	size_t oid = sizeof(oid_rsa) - 1, null = sizeof(der_null) - 1;
	size_t n = number_size(k->n), e = number_size(k->e);
	size_t numbers = head_size(n) + n + head_size(e) + e;
	size_t bits = 1 + head_size(numbers) + numbers;
	size_t algorithm = oid + null;
	size_t inner =
	    head_size(algorithm) + algorithm + head_size(bits) + bits;
	size_t all = head_size(inner) + inner;
	char *p, *start = arena_alloc(a, all);

	if (start == NULL)
		return slice_of(NULL, 0);
	p = put_head(start, TAG_SEQUENCE, inner);
	p = put_head(p, TAG_SEQUENCE, algorithm);
	memcpy(p, oid_rsa, oid);
	memcpy(p + oid, der_null, null);
	p = put_head(p + algorithm, TAG_BIT_STRING, bits);
	*p++ = 0;
	p = put_head(p, TAG_SEQUENCE, numbers);
	p = put_number(p, k->n);
	p = put_number(p, k->e);
	assert((size_t)(p - start) == all);
	return slice_of(start, all);
}
