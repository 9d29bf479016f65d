/* SPDX-License-Identifier: BSD-2-Clause
 *
 * attack: see attack.h. Everything the DNS says to the attacks stands in one
 * zone, so that no attack pays for another one's.
 */
#include "hostile/attack.h"

#include <unistd.h>

#include "lib/tap.h"
#include "lib/test_keys.h"

#define DOMAINS 200

static const char line[] =
    "the silver coin was tested by the merchant and stamped in the market\r\n";

static void
add_key(struct attack_world *w, const char *selector, const char *domain,
    struct slice record)
{
	struct buf *zone = &w->scenario.zone;

	buf_printf(zone, "%s._domainkey.%s TXT", selector, domain);
	for (; record.n > 0; record = slice_from(record, 200))
		buf_printf(zone, " \"%.*s\"",
		    SL_ARG(slice_sub(record, 0, 200)));
	buf_adds(zone, "\n");
}

/* One TXT record of `n` octets: the text, then `repeat`, then `end`. */
static void
add_text(struct attack_world *w, const char *owner, const char *text,
    const char *repeat, const char *end, size_t n)
{
	struct slice s = attack_repeat(w->arena, repeat, n);

	/* Whole repetitions only. */
	s.n -= s.n % strlen(repeat);
	s = arena_printf(w->arena, "%s%.*s%s", text, SL_ARG(s), end);
	buf_printf(&w->scenario.zone, "%s TXT", owner);
	for (; s.n > 0; s = slice_from(s, 200))
		buf_printf(&w->scenario.zone, " \"%.*s\"",
		    SL_ARG(slice_sub(s, 0, 200)));
	buf_adds(&w->scenario.zone, "\n");
}

/* The key that we sign with ourselves, as long as the configuration is read. */
static void
write_key(struct attack_world *w, struct slice pem)
{
	int fd;

	(void)snprintf(w->key_path, sizeof(w->key_path),
	    "/tmp/chopmark-key-XXXXXX");
	fd = mkstemp(w->key_path);
	if (fd < 0 || write(fd, pem.p, pem.n) != (ssize_t)pem.n ||
	    close(fd) != 0)
		abort();
	buf_printf(&w->scenario.config,
	    "Domain example.org\nSelector sel\nKeyFile %s\n"
	    "RequireSafeKeys no\nNormalizeAddresses yes\n",
	    w->key_path);
}

static void
add_keys(struct attack_world *w)
{
	struct arena *a = w->arena;
	struct slice pem = test_rsa_pem(a, 2048, PEM_PKCS8), rsa, big, ed;

	write_key(w, pem);
	w->rsa = key_private(pem);
	w->big = key_private(test_rsa_pem(a, 4096, PEM_PKCS8));
	w->ed = key_private(test_ed25519_pem(a));
	if (w->rsa == NULL || w->big == NULL || w->ed == NULL)
		abort();
	rsa = dkim_signer_record(a, w->rsa);
	big = dkim_signer_record(a, w->big);
	ed = dkim_signer_record(a, w->ed);
	add_key(w, "sel", "example.org", rsa);
	add_key(w, "big", "example.org", big);
	add_key(w, "ed", "example.org", ed);
	/* Three that could verify, and do not. */
	for (unsigned i = 0; i < 3; i++) {
		struct key *key = key_private(test_rsa_pem(a, 2048, PEM_PKCS8));

		add_key(w, "three", "example.org", dkim_signer_record(a, key));
		key_free(key);
	}
	for (unsigned i = 0; i < DOMAINS; i++)
		add_key(w, "sel", arena_printf(a, "d%u.example", i).p, rsa);
}

/* Trees that keep to the ten lookups of RFC 7208 and to nothing else. */
static void
add_spf(struct attack_world *w)
{
	struct buf *zone = &w->scenario.zone;

	buf_adds(zone,
	    "example.org TXT \"v=spf1 ip4:192.0.2.9 -all\"\n"
	    "_dmarc.example.org TXT \"v=DMARC1; p=reject\"\n"
	    "mail.example.org TXT \"v=spf1 a -all\"\n"
	    "mail.example.org A 192.0.2.9\n"
	    "mxs.example TXT \"v=spf1 mx mx:m1.mxs.example mx:m2.mxs.example "
	    "mx:m3.mxs.example mx:m4.mxs.example mx:m5.mxs.example "
	    "mx:m6.mxs.example mx:m7.mxs.example mx:m8.mxs.example ptr "
	    "-all\"\n");
	for (unsigned i = 0; i < 10; i++)
		buf_printf(zone,
		    "9.2.0.192.in-addr.arpa PTR p%u.example\n"
		    "p%u.example A 192.0.2.200\n",
		    i, i);
	for (unsigned i = 0; i < 9; i++)
		for (unsigned k = 0; k < 10; k++) {
			if (i == 0)
				buf_printf(zone, "mxs.example MX %u", k);
			else
				buf_printf(zone, "m%u.mxs.example MX %u", i, k);
			buf_printf(zone,
			    " h%u-%u.mxs.example\n"
			    "h%u-%u.mxs.example A 192.0.2.201\n",
			    i, k, i, k);
		}
	/* Records that are none, and then two. */
	for (unsigned i = 0; i < 2000; i++)
		buf_printf(zone, "_dmarc.many.example TXT \"v=DMARC2;p%u\"\n",
		    i);
	for (unsigned i = 0; i < 1000; i++)
		buf_printf(zone, "_dmarc.more.example TXT \"v=DMARC1;p%u\"\n",
		    i);
	/* As much as is read, over as many records as there may be. */
	for (unsigned i = 0; i <= 10; i++) {
		const char *owner =
		    arena_printf(w->arena, "i%u.huge.example", i).p;
		const char *next = arena_printf(w->arena,
		    " include:i%u.huge.example -all", i + 1)
				       .p;

		add_text(w, owner, "v=spf1",
		    " ip4:198.51.100.1 ip6:2001:db8::1",
		    i == 10 ? " -all" : next, 2900);
	}
	add_text(w, "one.huge.example", "v=spf1", " ip4:198.51.100.1", " -all",
	    60000);
	/* Macros that take long, in ten terms; and in one that is too long. */
	add_text(w, "i0.macro.example", "v=spf1 exists:", "%{s128r-.+,/_=}",
	    ".x.macro.example include:i1.macro.example -all", 900);
	for (unsigned i = 1; i < 9; i++) {
		const char *owner =
		    arena_printf(w->arena, "i%u.macro.example", i).p;
		const char *next = arena_printf(w->arena,
		    ".x.macro.example include:i%u.macro.example -all", i + 1)
				       .p;

		add_text(w, owner, "v=spf1 include:", "%{s128r-.+,/_=}",
		    i == 8 ? ".x.macro.example -all" : next, 900);
	}
	add_text(w, "long.macro.example", "v=spf1 exists:", "%{s128r-.+,/_=}",
	    ".x.macro.example -all", 30000);
}

void
attack_world_open(struct attack_world *w, const char *config, const char *zone)
{
	*w = (struct attack_world){ .arena = arena_new((size_t)256 << 20) };
	buf_init(&w->scenario.config, w->arena, 65536);
	buf_init(&w->scenario.zone, w->arena, (size_t)16 << 20);
	buf_init(&w->scenario.policy, w->arena, 65536);
	buf_init(&w->scenario.replies, w->arena, 65536);
	buf_adds(&w->scenario.config,
	    "AuthservID mx.local.test\nARC verify\n"
	    "ARCTrustedSealers example.org\n");
	buf_adds(&w->scenario.policy,
	    "set roles {postmaster@, abuse@, news@, hostmaster@}\n"
	    "role: accept at rcpt if rcpt in roles\n"
	    "listed: tag \"X-List: yes\" if list.id is \"x\" "
	    "or header(\"X\") is \"y\"\n"
	    "again: tag \"X-Again: yes\" if header(\"X\") is \"a\" or "
	    "header(\"X\") is \"b\" or header(\"X\") is \"c\" or "
	    "header(\"x\") is \"d\" or header(\"x\") is \"e\"\n"
	    "odd: tag \"X-Odd: yes\" if indirect or rcpt.any in roles\n");
	buf_adds(&w->scenario.config, config);
	add_keys(w);
	add_spf(w);
	buf_adds(&w->scenario.zone, zone);
	stage_set(&w->stage, w->arena, &w->scenario);
	w->snapshot = stage_load(&w->stage, w->arena, NULL);
	stage_strike(&w->stage);
	(void)unlink(w->key_path);
	if (w->snapshot == NULL)
		abort();
}

void
attack_world_close(struct attack_world *w)
{
	snapshot_put(w->snapshot);
	key_free(w->rsa);
	key_free(w->big);
	key_free(w->ed);
	arena_free(w->arena);
}

struct slice
attack_repeat(struct arena *a, const char *text, size_t n)
{
	size_t len = strlen(text);
	char *p = arena_alloc(a, n + 1);

	if (p == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		p[i] = text[i % len];
	return slice_of(p, n);
}

void
attack_begin(struct arena *a, struct attack_message *m)
{
	*m = (struct attack_message){ .mail_from = "<news@example.org>",
		.helo = "mail.example.org",
		.rcpts = 1,
		.chunk = 65535,
		.mail = test_mail_parse(a, slice_c(test_mail_usual)) };
	m->mail.body = slice_c(line);
}

void
attack_field(struct attack_message *m, const char *name, struct slice value)
{
	if (header_list_add(&m->mail.headers, slice_c(name), value, NULL) != 0)
		abort();
}

void
attack_plain(struct attack_world *w, struct arena *a, size_t octets,
    struct attack_message *m)
{
	struct dkim_signer s = { .key = w->rsa, .c = "relaxed/relaxed" };
	size_t rest;

	attack_begin(a, m);
	rest = octets > 2048 ? octets - 1024 : 1024;
	m->mail.body = attack_repeat(a, line, rest - rest % (sizeof(line) - 1));
	dkim_signer_sign(a, &s, &m->mail);
}

size_t
attack_octets(const struct attack_message *m)
{
	return m->mail.headers.bytes + 2 * m->mail.headers.fields.n + 2 +
	    m->mail.body.n;
}

/* As the milter protocol hands a value over: folds are LF. */
static struct slice
without_cr(char *room, struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			room[n++] = s.p[i];
	return slice_of(room, n);
}

static void
feed(struct engine_session *s, const struct attack_message *m)
{
	const struct header_field_vec *all = &m->mail.headers.fields;
	struct slice rest = m->mail.body;
	char *room = malloc(m->mail.headers.bytes + 1);

	if (room == NULL)
		abort();
	for (size_t i = 0; i < all->n; i++)
		engine_header(s, all->at[i].name,
		    without_cr(room, all->at[i].value));
	free(room);
	engine_eoh(s);
	while (rest.n > 0 && engine_body(s, slice_sub(rest, 0, m->chunk)))
		rest = slice_from(rest, m->chunk < rest.n ? m->chunk : rest.n);
}

struct engine_session *
attack_run(const struct attack_world *w, const struct attack_message *m,
    const struct plan **plan)
{
	struct engine_session *s =
	    engine_session_new(snapshot_engine(w->snapshot), NULL);
	struct ip ip;
	char rcpt[40];

	if (s == NULL ||
	    !ip_parse(m->relay ? SL("192.0.2.20") : SL("192.0.2.9"), &ip))
		abort();
	engine_macro(s, ENGINE_HOSTNAME, SL("mx.local.test"));
	engine_connect(s, SL("mail.example.org"), &ip, 4321);
	engine_helo(s, slice_c(m->helo));
	if (m->own)
		engine_macro(s, ENGINE_AUTH_TYPE, SL("PLAIN"));
	(void)engine_mail(s, slice_c(m->mail_from), NULL, 0);
	for (unsigned i = 0; i < m->rcpts; i++) {
		(void)snprintf(rcpt, sizeof(rcpt), "<user%u@local.test>", i);
		(void)engine_rcpt(s, slice_c(rcpt), NULL, 0);
	}
	feed(s, m);
	*plan = engine_end(s);
	return s;
}
