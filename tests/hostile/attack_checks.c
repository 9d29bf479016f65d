/* SPDX-License-Identifier: BSD-2-Clause
 *
 * attack_checks: what costs in the checks: signatures, SPF, DMARC, ARC and
 * forged results.
 */
#include "hostile/attack.h"
#include "lib/arc_signer.h"

/* The same signature `n` times, at the end of the header section. */
static void
copies(struct arena *a, const struct dkim_signer *s, unsigned n,
    struct attack_message *m)
{
	struct slice value = dkim_signer_value(a, s, &m->mail);

	for (unsigned i = 0; i < n; i++)
		attack_field(m, "DKIM-Signature", value);
}

static void
signatures(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	const struct dkim_signer s = { .key = w->rsa, .c = "relaxed/relaxed" };

	copies(a, &s, 1000, m);
}

static void
signatures_ed(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	const struct dkim_signer s = { .key = w->ed,
		.s = "ed",
		.c = "relaxed/relaxed" };

	copies(a, &s, 1000, m);
}

static void
signatures_big(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	const struct dkim_signer s = { .key = w->big, .s = "big" };

	copies(a, &s, 1000, m);
}

static void
domains(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	for (unsigned i = 0; i < 200; i++) {
		const struct dkim_signer s = { .key = w->rsa,
			.d = arena_printf(a, "d%u.example", i).p };

		copies(a, &s, 5, m);
	}
}

static void
limits(struct arena *a, struct attack_message *m, size_t octets)
{
	m->mail.body = attack_repeat(a, "some text\r\n", octets);
	for (unsigned i = 0; i < 1000; i++)
		attack_field(m, "DKIM-Signature",
		    arena_printf(a,
			" v=1; a=ed25519-sha256; d=example.org; s=ed; "
			"h=from; l=%u; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5N"
			"MpJWZG3hSuFU=; b=AAAA",
			i * 100));
}

static void
limits_2m(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	limits(a, m, (size_t)2 << 20);
}

static void
limits_20m(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	limits(a, m, (size_t)20 << 20);
}

/* As much header as there may be, under five signatures of which none holds:
 * `text` decides whether our library or we judge. */
static void
signed_header(struct arena *a, struct attack_message *m, const char *selector,
    const char *text, const char *canon)
{
	struct buf h;

	buf_init(&h, a, 8192);
	for (unsigned i = 0; i < 5; i++)
		attack_field(m, arena_printf(a, "X%u", i).p,
		    attack_repeat(a, text, 90000));
	for (unsigned i = 0; i < 5; i++)
		buf_printf(&h, ":X%u", i);
	for (unsigned i = 0; i < 5; i++)
		attack_field(m, "DKIM-Signature",
		    arena_printf(a,
			" v=1; a=rsa-sha256; c=%s; d=example.org; s=%s; "
			"h=from%s; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5N"
			"MpJWZG3hSuFU=; b=%.*s",
			canon, selector, buf_cstr(&h),
			SL_ARG(attack_repeat(a, "QUJD", 344))));
}

static void
signed_words(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	signed_header(a, m, "three", "a ", "relaxed");
}

static void
signed_folds(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	signed_header(a, m, "three", "a\n ", "relaxed");
}

static void
signed_simple(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	signed_header(a, m, "three", "a\n ", "simple");
}

/* Fifteen thousand names in five lists. */
static void
names(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	struct slice h = attack_repeat(a, ":x", 2 * 255);

	(void)w;
	for (unsigned i = 0; i < 9000; i++)
		attack_field(m, "x", SL(" y"));
	for (unsigned i = 0; i < 64; i++)
		attack_field(m, "DKIM-Signature",
		    arena_printf(a,
			" v=1; a=rsa-sha256; c=relaxed; d=example.org; "
			"s=three; h=from%.*s; bh=47DEQpj8HBSa+/TImW+5JCeuQ"
			"eRkm5NMpJWZG3hSuFU=; b=QUJDQUJD",
			SL_ARG(h)));
}

static void
tags(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	for (unsigned i = 0; i < 15; i++)
		attack_field(m, "DKIM-Signature",
		    attack_repeat(a, "i=a;d=\xc3\xbc;", 32000));
}

/* ---- SPF and DMARC ---- */

static void
spf_hosts(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	m->mail_from = "<a@mxs.example>";
	m->helo = "mxs.example";
}

static void
spf_huge(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	m->mail_from = "<a@i0.huge.example>";
	m->helo = "i0.huge.example";
}

static void
spf_one(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	m->mail_from = "<a@one.huge.example>";
	m->helo = "one.huge.example";
}

/* Names that are none yet: each is asked of libidn2. */
static void
wide_domains(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	struct slice d = attack_repeat(a, "\xc3\xbc.", 600);

	(void)w;
	for (unsigned i = 0; i < 64; i++)
		attack_field(m, "DKIM-Signature",
		    arena_printf(a,
			" v=1; a=rsa-sha256; s=%.*s; d=%.*s; i=@%.*s; h=from; "
			"bh=AAAA; b=AAAA",
			SL_ARG(d), SL_ARG(d), SL_ARG(d)));
}

static void
spf_macros(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	m->mail_from = arena_printf(a, "<%.*s@i0.macro.example>",
	    SL_ARG(attack_repeat(a, "a-b.", 63)))
			   .p;
	m->helo = "i0.macro.example";
}

static void
spf_long(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	m->mail_from = "<a-b.c-d@long.macro.example>";
	m->helo = "long.macro.example";
}

static void
dmarc_deep(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	header_list_init(&m->mail.headers, a);
	attack_field(m, "From",
	    arena_printf(a, " a@%.*sw, a@%.*sx, a@%.*sy, a@%.*sz",
		SL_ARG(attack_repeat(a, "a.", 250)),
		SL_ARG(attack_repeat(a, "b.", 250)),
		SL_ARG(attack_repeat(a, "c.", 250)),
		SL_ARG(attack_repeat(a, "d.", 250))));
}

static void
dmarc_records(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	header_list_init(&m->mail.headers, a);
	attack_field(m, "From",
	    SL(" a@x.many.example, a@y.more.example, a@many.example, "
	       "a@more.example"));
}

/* ---- ARC and results ---- */

static void
chain(struct attack_world *w, struct arena *a, struct attack_message *m,
    const struct arc_signer *s)
{
	(void)w;
	arc_signer_chain(a, s, 50, &m->mail);
}

static void
arc(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	chain(w, a, m, &(struct arc_signer){ .key = w->rsa });
}

static void
arc_big(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	chain(w, a, m, &(struct arc_signer){ .key = w->big, .s = "big" });
}

static void
arc_ed(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	chain(w, a, m, &(struct arc_signer){ .key = w->ed, .s = "ed" });
}

static void
arc_signed(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	for (unsigned i = 0; i < 4; i++)
		attack_field(m, arena_printf(a, "X%u", i).p,
		    attack_repeat(a, "a ", 90000));
	chain(w, a, m,
	    &(struct arc_signer){ .key = w->rsa, .h = "from:x0:x1:x2:x3" });
}

/* What a trusted sealer took over from a stranger. */
static void
arc_results(struct attack_world *w, struct arena *a, struct attack_message *m,
    const char *text)
{
	struct slice results =
	    arena_printf(a, "x; %.*s", SL_ARG(attack_repeat(a, text, 60000)));

	for (unsigned i = 0; i < 7; i++)
		arc_signer_seal(a,
		    &(struct arc_signer){ .key = w->rsa, .results = results.p },
		    &m->mail);
}

static void
arc_comments(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	arc_results(w, a, m, "(");
}

static void
arc_quotes(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	arc_results(w, a, m, "\"\\");
}

static void
arc_items(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	arc_results(w, a, m, "a=b c=d (x);");
}

static void
forged(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	for (unsigned i = 0; i < 5000; i++)
		attack_field(m, "Authentication-Results",
		    SL(" mx.local.test; dkim=pass"));
}

static void
foreign(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	for (unsigned i = 0; i < 9000; i++)
		attack_field(m, "Authentication-Results",
		    SL(" m\xc3\xbc.example; none"));
}

static void
forged_comments(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	struct slice text = attack_repeat(a, "(", 2000);

	(void)w;
	for (unsigned i = 0; i < 240; i++)
		attack_field(m, "Authentication-Results", text);
}

const struct attack attacks_checks[] = {
	{ "1000 signatures, RSA 2048", signatures,
	    "signatures-read,signatures-verified" },
	{ "1000 signatures, Ed25519", signatures_ed,
	    "signatures-read,signatures-verified" },
	{ "1000 signatures, RSA 4096", signatures_big, NULL },
	{ "1000 signatures, 200 domains", domains,
	    "signatures-read,signatures-verified" },
	{ "1000 l=, 2 MB", limits_2m, "signatures-read,signatures-verified" },
	{ "1000 l=, 20 MB", limits_20m, "signatures-read,signatures-verified" },
	{ "450 KB signed, words", signed_words, NULL },
	{ "450 KB signed, folds", signed_folds, NULL },
	{ "450 KB signed, simple", signed_simple, NULL },
	{ "15,000 names in h=", names, NULL },
	{ "signatures of tags", tags, "signatures-octets" },
	{ "signatures of IDN", wide_domains, NULL },
	{ "SPF: 90 hosts", spf_hosts, NULL },
	{ "SPF: 11 records, 32 KB", spf_huge, NULL },
	{ "SPF: a record of 60 KB", spf_one, "spf-octets" },
	{ "SPF: macros", spf_macros, NULL },
	{ "SPF: 30 KB of macros", spf_long, "spf-spec" },
	{ "DMARC: four deep authors", dmarc_deep, NULL },
	{ "DMARC: 3000 records", dmarc_records, NULL },
	{ "ARC: 50 sets, RSA 2048", arc, "arc-older" },
	{ "ARC: 50 sets, RSA 4096", arc_big, "arc-older" },
	{ "ARC: 50 sets, Ed25519", arc_ed, "arc-older" },
	{ "ARC: 50 sets, 360 KB signed", arc_signed, "signed-octets" },
	{ "ARC: results of comments", arc_comments, "arc-results" },
	{ "ARC: results of quotes", arc_quotes, NULL },
	{ "ARC: results of items", arc_items, NULL },
	{ "5000 forged results", forged, "results" },
	{ "9000 foreign results, IDN", foreign, "results" },
	{ "forged results of comments", forged_comments, NULL },
};
const size_t attacks_checks_count = ARRAY_LEN(attacks_checks);
