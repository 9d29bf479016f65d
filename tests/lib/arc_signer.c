/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_signer: sets are stacked, so the fields that a seal covers are all ARC
 * fields from the bottom to the top.
 */
#include "lib/arc_signer.h"

#define BIG ((size_t)32 << 20)

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "arc_signer: %s\n", what);
	exit(99);
}

static bool
is_arc(const struct header_field *f)
{
	return slice_istarts(f->name, SL("ARC-"));
}

static unsigned
count_seals(const struct test_mail *m)
{
	return (unsigned)header_list_count(&m->headers, SL("ARC-Seal"));
}

static const char *
algorithm(const struct arc_signer *s)
{
	if (s->a != NULL)
		return s->a;
	return key_kind(s->key) == KEY_ED25519 ? "ed25519-sha256" :
						 "rsa-sha256";
}

static void
add_message(struct arena *a, const struct arc_signer *s, struct test_mail *m)
{
	const char *h = s->h != NULL ? s->h : "from:to:subject:date";
	const char *c = s->c != NULL ? s->c : "relaxed/relaxed";
	struct dkim_signer d = { .key = s->key,
		.name = "ARC-Message-Signature",
		.c = c,
		.h = h,
		.limit = s->limit,
		.hash_limit =
		    s->limit != NULL ? strtoull(s->limit, NULL, 10) : 0 };

	d.tags = arena_printf(a,
	    " i=%u; a=%s;%s%s%s d=%s; s=%s; h=%s%s%s%s;\r\n\tbh=", s->i,
	    algorithm(s), c[0] != '\0' ? " c=" : "", c, c[0] != '\0' ? ";" : "",
	    s->d, s->s, h, s->limit != NULL ? "; l=" : "",
	    s->limit != NULL ? s->limit : "",
	    s->ams_extra != NULL ? s->ams_extra : "")
		     .p;
	test_mail_prepend(a, m, d.name, dkim_signer_value(a, &d, m));
}

static struct slice
seal_digest(struct arena *a, const struct arc_signer *s,
    const struct test_mail *m, struct slice bare)
{
	const struct header_field_vec *all = &m->headers.fields;
	unsigned left = s->alone ? 2 : UINT_MAX;
	struct sha256 *sha = sha256_new();
	uint8_t *digest = arena_alloc(a, SHA256_BYTES);
	struct buf b;

	buf_init(&b, a, BIG);
	for (size_t i = all->n; i > 0; i--) {
		const struct header_field *f = &all->at[i - 1];

		if (is_arc(f) && (!s->alone || i <= left))
			canon_header(&b, CANON_RELAXED, f->raw, true);
	}
	canon_header(&b, CANON_RELAXED,
	    arena_printf(a, "ARC-Seal:%.*s", SL_ARG(bare)), false);
	sha256_add(sha, b.p, b.n);
	if (digest == NULL || sha256_end(sha, digest) != 0)
		die("digest");
	sha256_free(sha);
	return slice_of((const char *)digest, SHA256_BYTES);
}

static void
add_seal(struct arena *a, const struct arc_signer *s, struct test_mail *m)
{
	struct slice bare = arena_printf(a,
	    " i=%u; a=%s; d=%s;\r\n\ts=%s%s%s%s; b=", s->i, algorithm(s), s->d,
	    s->s, s->no_cv ? "" : "; cv=", s->no_cv ? "" : s->cv,
	    s->as_extra != NULL ? s->as_extra : "");
	struct slice digest = seal_digest(a, s, m, bare), sig;

	if (sig_sign(a, s->key, (const uint8_t *)digest.p, &sig) != 0)
		die("signing");
	sig = sig_base64(a, sig);
	test_mail_prepend(a, m, "ARC-Seal",
	    arena_printf(a, "%.*s%.*s", SL_ARG(bare), SL_ARG(sig)));
}

void
arc_signer_seal(struct arena *a, const struct arc_signer *given,
    struct test_mail *m)
{
	struct arc_signer s = *given;

	if (s.i == 0)
		s.i = count_seals(m) + 1;
	if (s.cv == NULL)
		s.cv = s.i == 1 ? "none" : "pass";
	if (s.d == NULL)
		s.d = "example.org";
	if (s.s == NULL)
		s.s = "sel";
	test_mail_prepend(a, m, "ARC-Authentication-Results",
	    arena_printf(a, " i=%u; %s", s.i,
		s.results != NULL ? s.results : "mx.example.net; spf=none"));
	add_message(a, &s, m);
	add_seal(a, &s, m);
}

void
arc_signer_chain(struct arena *a, const struct arc_signer *s, unsigned n,
    struct test_mail *m)
{
	for (unsigned i = 0; i < n; i++)
		arc_signer_seal(a, s, m);
}
