/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/bench/micro [CASE]: the hot functions, each called some times. With a
 * case its work is done between two calls of nothing but measured(), for
 * callgrind to collect (micro.py); without one it lists the cases.
 */
#include "check/spf_record.h"
#include "lib/dkim_world.h"
#include "lib/tap.h"
#include "mail/from.h"
#include "mail/tags.h"

#define BODY ((size_t)256 << 10)
#define RUNS 20

struct world {
	struct arena *arena; /* reset for each run */
	struct slice base64, text;
	struct test_mail mail, signed_mail;
	struct dkim_world dkim;
	size_t sunk;
};

static const char signature[] =
    " v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel;\r\n"
    "\th=from:to:subject:date:message-id:mime-version:content-type;\r\n"
    "\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n"
    "\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR";

static const char spf[] =
    "v=spf1 ip4:198.51.100.0/25 ip4:203.0.113.64/26 include:_a.example.org "
    "ip6:2001:db8:77::/48 a:mail.example.org/28 mx include:%{l}._b.example.org "
    "~all";

static void
sink(void *ctx, const char *p, size_t n)
{
	size_t *sunk = ctx;

	*sunk += n + (size_t)(p[0] & 1);
}

static void
canon(struct world *w, enum canon how, struct slice body)
{
	static struct canon_body c;

	canon_body_init(&c, how, sink, &w->sunk);
	canon_body_add(&c, body.p, body.n);
	canon_body_end(&c);
}

static void
relaxed_base64(struct world *w)
{
	canon(w, CANON_RELAXED, w->base64);
}

static void
relaxed_text(struct world *w)
{
	canon(w, CANON_RELAXED, w->text);
}

static void
simple_text(struct world *w)
{
	canon(w, CANON_SIMPLE, w->text);
}

static void
header_relaxed(struct world *w)
{
	struct buf b;

	buf_init(&b, w->arena, (size_t)64 << 10);
	for (size_t i = 0; i < w->mail.headers.fields.n; i++)
		canon_header(&b, CANON_RELAXED,
		    w->mail.headers.fields.at[i].raw, true);
	w->sunk += b.n;
}

static void
author(struct world *w)
{
	struct from_field f;

	w->sunk += from_parse(w->arena, &w->mail.headers, &f) == 0;
}

static void
signature_tags(struct world *w)
{
	struct tag_vec tags;
	struct slice bad;

	w->sunk += tags_parse(w->arena, slice_c(signature), TAGS_STRICT, &tags,
		       &bad) == 0;
}

static void
spf_read(struct world *w)
{
	struct spf_record r;
	struct spf_flaw flaw;

	w->sunk += spf_record_read(slice_c(spf), &r, &flaw);
}

static void
dkim_small(struct world *w)
{
	struct evaluation *ev = dkim_world_run(&w->dkim, &w->signed_mail, 0);

	if (ev == NULL || ev->findings.all.n == 0 ||
	    ev->findings.all.at[0]->verdict != VERDICT_PASS)
		abort();
	dkim_world_done(ev);
}

static const struct {
	const char *name;
	void (*run)(struct world *w);
	size_t per; /* what one run handles: octets, or 1 */
} cases[] = {
	{ "canon-relaxed-base64", relaxed_base64, BODY },
	{ "canon-relaxed-text", relaxed_text, BODY },
	{ "canon-simple-text", simple_text, BODY },
	{ "canon-header-relaxed", header_relaxed, 1 },
	{ "from-parse", author, 1 },
	{ "tags-parse-signature", signature_tags, 1 },
	{ "spf-record-read", spf_read, 1 },
	{ "dkim-verify-2k", dkim_small, 1 },
};

/* What callgrind collects. */
__attribute__((noinline)) void measured(void (*run)(struct world *),
    struct world *w);

void
measured(void (*run)(struct world *), struct world *w)
{
	run(w);
}

static struct slice
body_of(struct arena *a, const char *line, size_t n)
{
	struct buf b;

	buf_init(&b, a, n + 200);
	while (b.n < n)
		buf_adds(&b, line);
	return buf_slice(&b);
}

static void
world_init(struct world *w)
{
	struct arena *a = t_arena();

	w->arena = arena_new((size_t)4 << 20);
	w->base64 = body_of(a,
	    "qL0cJ9vY1mZ4xT7nR2wE5kU8sB3fH6dA0gP+oViXlNyQjMzC/KhSuFbWpGtIrDe"
	    "a1b2c3d4e5f6\r\n",
	    BODY);
	w->text = body_of(a,
	    "the silver coin was  tested by the merchant and stamped in the "
	    "market \r\n",
	    BODY);
	w->mail = test_mail_parse(a, slice_c(test_mail_usual));
	w->mail.body = slice_sub(w->text, 0, 2048);
}

/* Apart, because keys take long to make. */
static void
world_keys(struct world *w)
{
	struct dkim_signer s = { .c = "relaxed/relaxed" };

	dkim_world_init(&w->dkim);
	dkim_world_open(&w->dkim);
	s.key = w->dkim.rsa;
	w->signed_mail = w->mail;
	dkim_signer_sign(t_arena(), &s, &w->signed_mail);
}

int
main(int argc, char **argv)
{
	static struct world w;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (argc < 2) {
			printf("%s %zu\n", cases[i].name, cases[i].per * RUNS);
			continue;
		}
		if (strcmp(cases[i].name, argv[1]) != 0)
			continue;
		world_init(&w);
		if (cases[i].run == dkim_small)
			world_keys(&w);
		cases[i].run(&w); /* what only the first one does */
		for (unsigned k = 0; k < RUNS; k++) {
			arena_reset(w.arena);
			measured(cases[i].run, &w);
		}
		if (cases[i].run == dkim_small)
			dkim_world_close(&w.dkim);
		arena_free(w.arena);
	}
	return 0;
}
