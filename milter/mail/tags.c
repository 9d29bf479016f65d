/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tags: a list is cut at its semicolons, which no value can hold, and every
 * piece is read by the grammar of RFC 6376 section 3.2.
 */
#include "mail/tags.h"

#include "base/err.h"
#include "mail/scan.h"

static struct slice
trim_fws(struct slice s)
{
	s = slice_from(s, scan_fws(s, 0));
	while (s.n > 0 && char_is(s.p[s.n - 1], CHAR_WSP | CHAR_EOL))
		s.n--;
	return s;
}

/* RFC 8616 section 5: names of domains, and the local-part in i=, may be
 * UTF-8. */
static bool
may_be_utf8(struct slice name)
{
	return name.n == 1 && slice_chr(SL("dis"), name.p[0]) != SLICE_NONE;
}

/* tag-value, already without semicolons. */
static bool
value_is_valid(struct slice v, bool utf8)
{
	size_t at = 0;

	while (at < v.n) {
		size_t next = scan_class(v, at, CHAR_VCHAR);

		if (next == at)
			next = scan_fws(v, at);
		if (next == at && utf8)
			next = scan_utf8(v, at);
		if (next == at)
			return false;
		at = next;
	}
	return true;
}

/* tag-spec. On failure *bad is its name, or all of it. */
static bool
read_tag(struct slice piece, struct tag *out, struct slice *bad)
{
	size_t name = scan_fws(piece, 0);
	size_t end = scan_tag_name(piece, name);
	size_t equals = scan_fws(piece, end);
	struct slice value;

	*bad = slice_trim(piece);
	if (end == name || equals == piece.n || piece.p[equals] != '=')
		return false;
	out->name = slice_sub(piece, name, end - name);
	*bad = out->name;
	value = slice_from(piece, equals + 1);
	if (!value_is_valid(value, may_be_utf8(out->name)))
		return false;
	out->value = trim_fws(value);
	return true;
}

static int
keep_tag(struct arena *a, struct tag_vec *out, const struct tag *tag)
{
	struct tag *slot;

	if (out->n == MOST_TAGS)
		return ERR_LIMIT;
	slot = tag_vec_push(out, a);
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = *tag;
	return 0;
}

int
tags_parse(struct arena *a, struct slice text, unsigned flags,
    struct tag_vec *out, struct slice *bad)
{
	bool lenient = (flags & TAGS_LENIENT) != 0;
	struct slice piece, unused;
	const char *end = text.p + text.n;

	if (bad == NULL)
		bad = &unused;
	*bad = SL("");
	*out = (struct tag_vec){ 0 };
	while (slice_cut(&text, ';', &piece)) {
		struct tag tag;
		bool good = read_tag(piece, &tag, bad);
		int err;

		/* FWS behind the last semicolon is everywhere in the field. */
		if (!good && piece.p + piece.n == end && out->n > 0 &&
		    scan_fws(piece, 0) == piece.n)
			break;
		if (good && tags_get(out, tag.name) != NULL)
			good = false;
		if (!good && lenient)
			continue;
		if (!good)
			return ERR_SYNTAX;
		err = keep_tag(a, out, &tag);
		if (err != 0)
			return err;
	}
	return out->n > 0 || lenient ? 0 : ERR_SYNTAX;
}

const struct slice *
tags_get(const struct tag_vec *tags, struct slice name)
{
	for (size_t i = 0; i < tags->n; i++)
		if (slice_eq(tags->at[i].name, name))
			return &tags->at[i].value;
	return NULL;
}

struct slice
tags_strip_fws(struct arena *a, struct slice v)
{
	char *p = arena_alloc(a, v.n);
	size_t n = 0;

	if (p == NULL)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < v.n; i++)
		if (!char_is(v.p[i], CHAR_WSP | CHAR_EOL))
			p[n++] = v.p[i];
	return slice_of(p, n);
}

/* The six bits of a base64 character. */
static unsigned
sextet(char c)
{
	/* clang-format off */
	static const uint8_t from_plus_on[] = { 62, 0, 0, 0, 63,
		52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 0, 0, 0, 0, 0, 0, 0,
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
		0, 0, 0, 0, 0, 0,
		26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,
		39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51 };
	/* clang-format on */

	return from_plus_on[c - '+'];
}

int
tags_base64(struct arena *a, struct slice v, struct slice *out)
{
	struct slice s = tags_strip_fws(a, v);
	size_t digits, n = 0;
	uint32_t bits = 0;
	char *p;

	*out = SL("");
	if (s.p == NULL)
		return ERR_NOMEM;
	digits = scan_class(s, 0, CHAR_BASE64);
	if (digits == 0 || s.n % 4 != 0 || s.n - digits > 2)
		return ERR_SYNTAX;
	for (size_t i = digits; i < s.n; i++)
		if (s.p[i] != '=')
			return ERR_SYNTAX;
	p = arena_alloc(a, digits);
	if (p == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < digits; i++) {
		bits = bits << 6 | sextet(s.p[i]);
		if (i % 4 != 0)
			p[n++] = (char)(bits >> (6 - i % 4 * 2) & 0xff);
	}
	*out = slice_of(p, n);
	return 0;
}

int
tags_number(struct slice v, size_t digits, uint64_t *out)
{
	uint64_t value = 0;

	if (v.n == 0 || v.n > digits || scan_class(v, 0, CHAR_DIGIT) != v.n)
		return ERR_SYNTAX;
	for (size_t i = 0; i < v.n; i++) {
		uint64_t digit = (uint64_t)(v.p[i] - '0');

		if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, digit, &value) ||
		    value > INT64_MAX) {
			value = INT64_MAX;
			break;
		}
	}
	*out = value;
	return 0;
}
