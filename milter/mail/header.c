/* SPDX-License-Identifier: BSD-2-Clause
 *
 * header: each field is one copy in the arena; name and value point into it.
 */
#include "mail/header.h"

#include "base/err.h"
#include "mail/chars.h"

void
header_list_init(struct header_list *h, struct arena *a)
{
	*h = (struct header_list){ .arena = a };
}

/* An LF with no CR before it, as the milter protocol folds. */
static bool
is_lone_lf(struct slice s, size_t at)
{
	return s.p[at] == '\n' && (at == 0 || s.p[at - 1] != '\r');
}

static size_t
count_lone_lf(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (is_lone_lf(s, i))
			n++;
	return n;
}

static size_t
put_value(char *to, struct slice value)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		if (is_lone_lf(value, i))
			to[n++] = '\r';
		to[n++] = value.p[i];
	}
	return n;
}

int
header_list_add(struct header_list *h, struct slice name, struct slice value,
    const struct header_field **out)
{
	size_t n = name.n + 1 + value.n + count_lone_lf(value);
	char *p = arena_alloc(h->arena, n + 1);
	struct header_field *f;

	if (p == NULL)
		return ERR_NOMEM;
	f = header_field_vec_push(&h->fields, h->arena);
	if (f == NULL)
		return ERR_NOMEM;
	if (name.n > 0)
		memcpy(p, name.p, name.n);
	p[name.n] = ':';
	(void)put_value(p + name.n + 1, value);
	p[n] = '\0';
	f->raw = slice_of(p, n);
	f->name = slice_rtrim(slice_sub(f->raw, 0, name.n));
	f->value = slice_from(f->raw, name.n + 1);
	h->bytes += n;
	if (out != NULL)
		*out = f;
	return 0;
}

size_t
header_list_count(const struct header_list *h, struct slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->fields.n; i++)
		if (slice_ieq(h->fields.at[i].name, name))
			n++;
	return n;
}

const struct header_field *
header_list_get(const struct header_list *h, struct slice name, size_t nth)
{
	for (size_t i = 0; i < h->fields.n; i++)
		if (slice_ieq(h->fields.at[i].name, name) && nth-- == 0)
			return &h->fields.at[i];
	return NULL;
}

const struct header_field *
header_list_get_last(const struct header_list *h, struct slice name, size_t nth)
{
	for (size_t i = h->fields.n; i > 0; i--)
		if (slice_ieq(h->fields.at[i - 1].name, name) && nth-- == 0)
			return &h->fields.at[i - 1];
	return NULL;
}

/* CRLF (or a lone LF) with white space behind it: a fold. */
static size_t
fold_length(struct slice s, size_t at)
{
	size_t n = s.p[at] == '\r' && at + 1 < s.n && s.p[at + 1] == '\n';

	if (s.p[at + n] != '\n' || at + n + 1 >= s.n)
		return 0;
	return char_is(s.p[at + n + 1], CHAR_WSP) ? n + 1 : 0;
}

struct slice
header_unfold(struct arena *a, struct slice value)
{
	char *p = arena_alloc(a, value.n + 1);
	size_t n = 0;

	if (p == NULL)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < value.n;) {
		size_t fold = fold_length(value, i);

		if (fold > 0) {
			i += fold;
			continue;
		}
		p[n++] = char_is(value.p[i], CHAR_EOL) ? ' ' : value.p[i];
		i++;
	}
	p[n] = '\0';
	return slice_trim(slice_of(p, n));
}

bool
header_is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == ':')
			return false;
	return s.n > 0;
}
