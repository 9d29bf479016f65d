/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_sign_field: the field is written up to its last tag, b=, hashed as it
 * stands, and the signature is put behind.
 */
#include "check/dkim_sign_field.h"

#include "base/err.h"
#include "check/dkim_headers.h"
#include "mail/canon.h"
#include "mail/fold.h"

#define CANONICAL_MAX ((size_t)64 << 20)
#define FIELD_MAX ((size_t)16384)
#define WIDTH ((size_t)78)
#define FIELD_NAME "DKIM-Signature:"

static enum canon
header_canon(const struct dkim_keys *k)
{
	switch (dkim_keys_options(k)->canon) {
	case DKIM_RELAXED_RELAXED:
	case DKIM_RELAXED_SIMPLE:
		return CANON_RELAXED;
	case DKIM_SIMPLE_RELAXED:
	case DKIM_SIMPLE_SIMPLE:
		return CANON_SIMPLE;
	}
	return CANON_RELAXED;
}

/* Sendmail adds these behind the filter when they are missing, which nobody
 * may have forbidden by signing their absence. */
static bool
may_come_later(struct slice name)
{
	return slice_ieq(name, SL("Date")) || slice_ieq(name, SL("Message-ID"));
}

int
dkim_sign_select(struct arena *a, const struct dkim_keys *k,
    const struct header_list *h, struct dkim_sign_input *out)
{
	const struct dkim_sign_names *names = dkim_keys_names(k);
	struct dkim_field selection = { 0 };
	struct dkim_headers index;
	struct slice_vec raws;
	struct buf b;
	int err = dkim_headers_index(a, h, &index);

	for (size_t i = 0; err == 0 && i < names->n; i++) {
		struct slice name = names->at[i].name;
		size_t n = dkim_headers_count(&index, name);

		if (names->at[i].oversign && (n > 0 || !may_come_later(name)))
			n++;
		if (n > DKIM_SIGN_NAMES - out->names.n)
			return ERR_LIMIT;
		while (err == 0 && n-- > 0)
			err = slice_vec_add(&out->names, a, name);
	}
	selection.names = out->names;
	if (err == 0)
		err = dkim_headers_select(a, &index, &selection, &raws);
	if (err != 0)
		return err;
	buf_init(&b, a, CANONICAL_MAX);
	for (size_t i = 0; i < raws.n; i++)
		canon_header(&b, header_canon(k), raws.at[i], true);
	out->headers = buf_slice(&b);
	return buf_ok(&b) ? 0 : ERR_NOMEM;
}

/* All but the signature itself. */
static void
write_tags(struct fold *f, struct arena *a, const struct dkim_keys *k,
    const struct dkim_sign_input *in)
{
	int64_t ttl = dkim_keys_options(k)->ttl_s;

	fold_word(f, arena_printf(a, "t=%" PRId64 ";", in->now));
	if (ttl > 0)
		fold_word(f, arena_printf(a, "x=%" PRId64 ";", in->now + ttl));
	fold_word(f, arena_printf(a, "bh=%.*s;", SL_ARG(in->body_hash)));
	fold_word(f, SL("h="));
	for (size_t i = 0; i < in->names.n; i++)
		fold_join(f,
		    arena_printf(a, "%.*s%c", SL_ARG(in->names.at[i]),
			i + 1 < in->names.n ? ':' : ';'));
	fold_word(f, SL("b="));
}

/* SHA-256 over the fields and the field that is being written (section 3.7). */
static int
digest(struct arena *a, const struct dkim_keys *k,
    const struct dkim_sign_input *in, struct slice value,
    uint8_t out[SHA256_BYTES])
{
	struct sha256 *sha;
	struct buf raw, line;
	int err;

	buf_init(&raw, a, FIELD_MAX);
	buf_init(&line, a, FIELD_MAX);
	buf_adds(&raw, FIELD_NAME);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n')
			buf_addc(&raw, '\r');
		buf_addc(&raw, value.p[i]);
	}
	canon_header(&line, header_canon(k), buf_slice(&raw), false);
	sha = sha256_new();
	if (sha == NULL || !buf_ok(&raw) || !buf_ok(&line)) {
		sha256_free(sha);
		return ERR_NOMEM;
	}
	sha256_add(sha, in->headers.p, in->headers.n);
	sha256_add(sha, line.p, line.n);
	err = sha256_end(sha, out);
	sha256_free(sha);
	return err;
}

int
dkim_sign_field(struct arena *a, const struct dkim_keys *k,
    const struct dkim_signing_key *key, const struct dkim_sign_input *in,
    struct slice *value)
{
	uint8_t hash[SHA256_BYTES];
	struct slice raw;
	struct fold f;
	struct buf b;
	int err;

	buf_init(&b, a, FIELD_MAX);
	buf_add(&b, key->head);
	fold_init(&f, &b, key->head_column, WIDTH);
	f.first = false;
	write_tags(&f, a, k, in);
	if (!buf_ok(&b))
		return ERR_NOMEM;
	err = digest(a, k, in, buf_slice(&b), hash);
	if (err == 0)
		err = sig_sign(a, key->key, hash, &raw);
	if (err != 0)
		return err;
	fold_break(&f, sig_base64(a, raw));
	*value = buf_slice(&b);
	return buf_ok(&b) && !arena_failed(a) ? 0 : ERR_NOMEM;
}
