/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_headers: one sort per message, then a binary search per name.
 */
#include "check/dkim_headers.h"

#include "base/err.h"
#include "check/check.h"

#define MAX_CANONICAL ((size_t)4 << 20) /* octets of one field */

/* Both point into one array, so the addresses tell which stands higher. */
static int
by_name_from_bottom(const void *a, const void *b)
{
	const struct header_field *x = *(const struct header_field *const *)a;
	const struct header_field *y = *(const struct header_field *const *)b;
	int c = slice_icmp(x->name, y->name);

	if (c != 0)
		return c;
	return x > y ? -1 : x < y;
}

int
dkim_headers_index(struct arena *a, const struct header_list *h,
    struct dkim_headers *out)
{
	out->n = h->fields.n;
	out->at = arena_array(a, out->n, sizeof(*out->at));
	if (out->at == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < out->n; i++)
		out->at[i] = &h->fields.at[i];
	if (out->n > 0)
		qsort(out->at, out->n, sizeof(*out->at), by_name_from_bottom);
	return 0;
}

/* The first field with this name, or where it would stand. */
static size_t
find(const struct dkim_headers *h, struct slice name)
{
	size_t lo = 0, hi = h->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (slice_icmp(h->at[mid]->name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t
dkim_headers_count(const struct dkim_headers *h, struct slice name)
{
	size_t from = find(h, name), i = from;

	while (i < h->n && slice_ieq(h->at[i]->name, name))
		i++;
	return i - from;
}

/* How often a name stands in h= before the nth entry. */
static size_t
count_names(const struct slice_vec *names, size_t n, struct slice name)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += slice_ieq(names->at[i], name);
	return count;
}

/* The nth field from the bottom with this name, leaving out one; or NULL. */
static const struct header_field *
pick(const struct dkim_headers *h, struct slice name, size_t nth,
    struct slice leave_out)
{
	for (size_t i = find(h, name);
	     i < h->n && slice_ieq(h->at[i]->name, name); i++)
		if (h->at[i]->raw.p != leave_out.p && nth-- == 0)
			return h->at[i];
	return NULL;
}

int
dkim_headers_select(struct arena *a, const struct dkim_headers *h,
    const struct dkim_field *f, struct slice_vec *raws)
{
	*raws = (struct slice_vec){ 0 };
	for (size_t i = 0; i < f->names.n; i++) {
		struct slice name = f->names.at[i];
		const struct header_field *one =
		    pick(h, name, count_names(&f->names, i, name), f->raw);

		if (one != NULL && slice_vec_add(raws, a, one->raw) != 0)
			return ERR_NOMEM;
	}
	return 0;
}

size_t
dkim_headers_octets(const struct slice_vec *raws)
{
	size_t n = 0;

	for (size_t i = 0; i < raws->n; i++)
		n += raws->at[i].n;
	return n;
}

bool
dkim_headers_afford(struct evaluation *ev, const struct slice_vec *raws)
{
	size_t n = dkim_headers_octets(raws);

	if (n > MOST_SIGNED_OCTETS - ev->signed_octets) {
		limits_meet(&ev->limits, LIMIT_SIGNED_OCTETS);
		return false;
	}
	ev->signed_octets += n;
	return true;
}

/* The signature field without the text of b=, in one piece. */
static void
add_without_b(struct buf *b, const struct dkim_field *f)
{
	size_t from = (size_t)(f->b_text.p - f->raw.p);

	buf_add(b, slice_sub(f->raw, 0, from));
	buf_add(b, slice_from(f->raw, from + f->b_text.n));
}

int
dkim_headers_digest(const struct dkim_field *f, const struct slice_vec *raws,
    uint8_t out[SHA256_BYTES])
{
	struct sha256 *sha = sha256_new();
	struct buf line, bare;
	int err = ERR_NOMEM;

	buf_init(&line, NULL, MAX_CANONICAL);
	buf_init(&bare, NULL, MAX_CANONICAL);
	if (sha == NULL)
		goto out;
	for (size_t i = 0; i < raws->n; i++) {
		buf_clear(&line);
		canon_header(&line, f->header_canon, raws->at[i], true);
		if (!buf_ok(&line))
			goto out;
		sha256_add(sha, line.p, line.n);
	}
	buf_clear(&line);
	add_without_b(&bare, f);
	canon_header(&line, f->header_canon, buf_slice(&bare), false);
	if (!buf_ok(&bare) || !buf_ok(&line))
		goto out;
	sha256_add(sha, line.p, line.n);
	err = sha256_end(sha, out);
out:
	buf_fini(&line);
	buf_fini(&bare);
	sha256_free(sha);
	return err;
}

const char *
dkim_headers_surplus(const struct dkim_headers *h,
    const struct slice_vec *names)
{
	/* `always`: what every reader is shown; a second one is trouble even
	 * if no instance is signed. MIME's fields are here because they decide
	 * what is shown. */
	static const struct {
		const char *name;
		bool always;
	} singles[] = {
		{ "From", true },
		{ "Subject", true },
		{ "To", true },
		{ "Date", true },
		{ "Sender", false },
		{ "Reply-To", false },
		{ "Cc", false },
		{ "Message-ID", false },
		{ "In-Reply-To", false },
		{ "References", false },
		{ "MIME-Version", false },
		{ "Content-Type", false },
		{ "Content-Transfer-Encoding", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(singles); i++) {
		struct slice name = slice_c(singles[i].name);
		size_t present = dkim_headers_count(h, name);
		size_t covered;

		if (present < 2)
			continue;
		covered = count_names(names, names->n, name);
		if (covered < present && (covered > 0 || singles[i].always))
			return singles[i].name;
	}
	return NULL;
}
