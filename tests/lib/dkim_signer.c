/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_signer: the signature is computed over the field with an empty b= at
 * its end, and fields are selected by the plainest loop, so that nothing of the
 * verifier's cleverness is shared but the canonicaliser.
 */
#include "lib/dkim_signer.h"

#include "lib/tap.h"

#define BIG ((size_t)32 << 20)

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "dkim_signer: %s\n", what);
	exit(99);
}

const char test_mail_usual[] =
    "Received: from mx.example.org (mx.example.org [192.0.2.1])\r\n"
    "\tby relay.example.org (Postfix) with ESMTPS id 4F00000000\r\n"
    "\tfor <user@local.test>; Mon, 02 Mar 2026 10:00:00 +0000 (UTC)\r\n"
    "From: \"Sales of Example\" <news@example.org>\r\n"
    "To: A User <user@local.test>\r\n"
    "Subject: =?utf-8?Q?Offer?= for you and\r\n everybody who reads it\r\n"
    "Date: Mon, 02 Mar 2026 09:59:57 +0000\r\n"
    "Message-ID: <1.2@app.example.org>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "List-Unsubscribe: <https://example.org/u?1>\r\n"
    "\r\n";

static void
add_field(struct test_mail *m, struct slice line)
{
	size_t colon = slice_chr(line, ':');

	if (header_list_add(&m->headers, slice_sub(line, 0, colon),
		slice_from(line, colon + 1), NULL) != 0)
		die("memory");
}

struct test_mail
test_mail_parse(struct arena *a, struct slice text)
{
	struct test_mail m = { .body = SL("") };
	size_t start = 0, i = 0;

	header_list_init(&m.headers, a);
	while (i + 1 < text.n) {
		if (text.p[i] != '\r' || text.p[i + 1] != '\n') {
			i++;
			continue;
		}
		if (i == start) {
			m.body = slice_from(text, i + 2);
			break;
		}
		i += 2;
		if (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'))
			continue;
		add_field(&m, slice_sub(text, start, i - 2 - start));
		start = i;
	}
	return m;
}

struct slice
test_mail_text(struct arena *a, const struct test_mail *m)
{
	struct buf b;

	buf_init(&b, a, BIG);
	for (size_t i = 0; i < m->headers.fields.n; i++) {
		buf_add(&b, m->headers.fields.at[i].raw);
		buf_adds(&b, "\r\n");
	}
	buf_adds(&b, "\r\n");
	buf_add(&b, m->body);
	return buf_slice(&b);
}

void
test_mail_prepend(struct arena *a, struct test_mail *m, const char *name,
    struct slice value)
{
	struct header_list old = m->headers;

	header_list_init(&m->headers, a);
	if (header_list_add(&m->headers, slice_c(name), value, NULL) != 0)
		die("memory");
	for (size_t i = 0; i < old.fields.n; i++)
		add_field(m, old.fields.at[i].raw);
}

static void
to_buf(void *ctx, const char *p, size_t n)
{
	buf_add(ctx, slice_of(p, n));
}

static enum canon
canon_part(const char *c, bool body)
{
	const char *slash = c != NULL ? strchr(c, '/') : NULL;

	if (c == NULL || (body && slash == NULL))
		return CANON_SIMPLE;
	return (body ? slash[1] : c[0]) == 'r' ? CANON_RELAXED : CANON_SIMPLE;
}

static void
hash(struct slice text, uint8_t out[SHA256_BYTES])
{
	struct sha256 *h = sha256_new();

	sha256_add(h, text.p, text.n);
	if (sha256_end(h, out) != 0)
		die("digest");
	sha256_free(h);
}

static struct slice
body_hash(struct arena *a, const struct dkim_signer *s, struct slice body)
{
	static struct canon_body c;
	struct buf b;
	struct slice text;
	uint8_t digest[SHA256_BYTES];

	buf_init(&b, NULL, BIG);
	canon_body_init(&c, canon_part(s->c, true), to_buf, &b);
	canon_body_add(&c, body.p, body.n);
	canon_body_end(&c);
	text = buf_slice(&b);
	if (s->limit != NULL)
		text = slice_sub(text, 0, (size_t)s->hash_limit);
	hash(text, digest);
	buf_fini(&b);
	return sig_base64(a, slice_of((const char *)digest, SHA256_BYTES));
}

static struct slice
tag_list(struct arena *a, const struct dkim_signer *s, struct slice bh)
{
	const char *fold = s->one_line ? " " : "\r\n\t";
	struct buf b;

	buf_init(&b, a, BIG);
	if (s->tags != NULL) {
		buf_adds(&b, s->tags);
		buf_add(&b, bh);
	} else {
		buf_printf(&b, " v=1; a=%s; ",
		    s->a != NULL                        ? s->a :
			key_kind(s->key) == KEY_ED25519 ? "ed25519-sha256" :
							  "rsa-sha256");
		if (s->c != NULL)
			buf_printf(&b, "c=%s; ", s->c);
		buf_printf(&b, "d=%s; s=%s;%sh=%s%s", s->d, s->s, fold, s->h,
		    s->extra != NULL ? s->extra : "");
		if (s->limit != NULL)
			buf_printf(&b, "; l=%s", s->limit);
		buf_printf(&b, ";%sbh=%.*s", fold, SL_ARG(bh));
	}
	if (s->before_b != NULL)
		buf_adds(&b, s->before_b);
	else
		buf_printf(&b, ";%sb=", fold);
	return buf_slice(&b);
}

/* The nth field from the bottom with this name, or NULL. */
static const struct header_field *
pick(const struct header_list *h, struct slice name, size_t nth)
{
	for (size_t i = h->fields.n; i > 0; i--)
		if (slice_ieq(h->fields.at[i - 1].name, name) && nth-- == 0)
			return &h->fields.at[i - 1];
	return NULL;
}

static void
add_selected(struct buf *b, enum canon how, const struct test_mail *m,
    const char *names)
{
	struct slice rest = slice_c(names), name, before, earlier;

	while (slice_cut(&rest, ':', &name)) {
		const struct header_field *f;
		size_t nth = 0;

		before = slice_of(names, (size_t)(name.p - names));
		while (slice_cut(&before, ':', &earlier))
			nth += slice_ieq(slice_trim(earlier), slice_trim(name));
		f = pick(&m->headers, slice_trim(name), nth);
		if (f != NULL)
			canon_header(b, how, f->raw, true);
	}
}

static struct slice
with_defaults(struct arena *a, const struct dkim_signer *given,
    struct dkim_signer *s, const struct test_mail *m)
{
	*s = *given;
	if (s->d == NULL)
		s->d = "example.org";
	if (s->s == NULL)
		s->s = "sel";
	if (s->h == NULL)
		s->h = "from:to:subject:date";
	return tag_list(a, s, body_hash(a, s, m->body));
}

struct slice
dkim_signer_value(struct arena *a, const struct dkim_signer *given,
    const struct test_mail *m)
{
	struct dkim_signer s;
	struct slice bare = with_defaults(a, given, &s, m);
	enum canon how = canon_part(s.c, false);
	/* b= goes with the white space around it (RFC 6376 section 3.7). */
	struct slice after = slice_c(s.after_b), sig;
	uint8_t digest[SHA256_BYTES];
	struct buf b;

	while (after.n > 0 && (uint8_t)after.p[0] <= ' ')
		after = slice_from(after, 1);
	buf_init(&b, a, BIG);
	add_selected(&b, how, m, s.h);
	canon_header(&b, how,
	    arena_printf(a, "%s:%.*s%.*s",
		s.name != NULL ? s.name : "DKIM-Signature",
		SL_ARG(slice_rtrim(bare)), SL_ARG(after)),
	    false);
	hash(buf_slice(&b), digest);
	if (sig_sign(a, s.key, digest, &sig) != 0)
		die("signing");
	sig = sig_base64(a, sig);
	buf_init(&b, a, BIG);
	buf_add(&b, bare);
	while (sig.n > 0) {
		buf_add(&b, slice_sub(sig, 0, s.one_line ? sig.n : 64));
		sig = slice_from(sig, s.one_line ? sig.n : 64);
		if (sig.n > 0)
			buf_adds(&b, "\r\n\t ");
	}
	if (s.after_b != NULL)
		buf_adds(&b, s.after_b);
	return buf_slice(&b);
}

void
dkim_signer_sign(struct arena *a, const struct dkim_signer *s,
    struct test_mail *m)
{
	test_mail_prepend(a, m, "DKIM-Signature", dkim_signer_value(a, s, m));
}

struct slice
dkim_signer_record(struct arena *a, const struct key *k)
{
	struct slice p = sig_base64(a, key_public_bytes(a, k));

	return arena_printf(a, "v=DKIM1; k=%s; p=%.*s",
	    key_kind(k) == KEY_ED25519 ? "ed25519" : "rsa", SL_ARG(p));
}
