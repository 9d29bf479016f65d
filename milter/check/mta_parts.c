/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_parts: see mta_parts.h.
 */
#include "check/mta_parts.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "mail/chars.h"
#include "mail/domain.h"

int
mta_lines_open(struct arena *a, const char *path, struct mta_lines *l,
    char *why)
{
	*l = (struct mta_lines){ .arena = a, .place = { path, 0 } };
	return file_read(a, path, LINES_MAX_FILE, &l->rest, why);
}

static bool
is_comment(struct slice line)
{
	line = slice_trim(line);
	return line.n == 0 || line.p[0] == '#';
}

/* True if the rest begins with a line that continues the one before, or that
 * is to be passed over within it. */
static bool
goes_on(const struct mta_lines *l)
{
	return l->rest.n > 0 && char_is(l->rest.p[0], CHAR_WSP);
}

bool
mta_lines_next(struct mta_lines *l, struct slice *out)
{
	struct slice line;
	struct buf joined;

	do {
		if (!slice_cut(&l->rest, '\n', &line))
			return false;
		l->line++;
	} while (is_comment(line));
	l->place.line = l->line;
	*out = slice_rtrim(line);
	if (!goes_on(l))
		return true;
	buf_init(&joined, l->arena, LINES_MAX_LINE);
	buf_add(&joined, *out);
	while (goes_on(l) && slice_cut(&l->rest, '\n', &line)) {
		l->line++;
		if (is_comment(line))
			continue;
		buf_addc(&joined, ' ');
		buf_add(&joined, slice_trim(line));
	}
	*out = buf_slice(&joined);
	return true;
}

bool
mta_word(struct slice *rest, struct slice *word)
{
	size_t n = 0;

	*rest = slice_trim(*rest);
	while (n < rest->n && !char_is(rest->p[n], CHAR_WSP))
		n++;
	*word = slice_sub(*rest, 0, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

int
mta_table_add(struct mta_table *t, struct arena *a, struct slice key,
    struct slice value)
{
	struct mta_entry *e = mta_table_push(t, a);

	if (e == NULL)
		return ERR_NOMEM;
	*e = (struct mta_entry){ key, value, t->n };
	return 0;
}

static int
by_key(const void *x, const void *y)
{
	const struct mta_entry *a = x, *b = y;
	int c = slice_icmp(a->key, b->key);

	return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

void
mta_table_sort(struct mta_table *t)
{
	if (t->n > 0)
		qsort(t->at, t->n, sizeof(t->at[0]), by_key);
}

const struct slice *
mta_table_find(const struct mta_table *t, struct slice key)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (slice_icmp(t->at[mid].key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n && slice_ieq(t->at[lo].key, key) ? &t->at[lo].value :
							    NULL;
}

int
mta_table_read(struct mta_table *t, struct arena *a, const char *path,
    char *why)
{
	struct mta_lines l;
	struct slice line;
	int err = mta_lines_open(a, path, &l, why);

	while (err == 0 && mta_lines_next(&l, &line)) {
		size_t n = 0;

		line = slice_trim(line);
		while (n < line.n && !char_is(line.p[n], CHAR_WSP))
			n++;
		err = mta_table_add(t, a, slice_sub(line, 0, n),
		    slice_trim(slice_from(line, n)));
	}
	return err;
}

bool
mta_table_has_domain(const struct mta_table *t, struct slice domain, bool below)
{
	while (domain.n > 0) {
		if (mta_table_find(t, domain) != NULL)
			return true;
		domain = below ? domain_parent(domain) : SL("");
	}
	return false;
}
