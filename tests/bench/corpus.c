/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/bench/corpus DIR: what the load generator plays. Writes signed
 * messages (DIR/m/NNNN), one line about each (DIR/index: file, size class,
 * kind, client, HELO, MAIL FROM, and what DKIM, SPF and DMARC must come to),
 * the zone "org" with everything that may be asked (DIR/org.zone, master file
 * format), and one private key for the peers that sign (DIR/key.pem).
 *
 * 200 domains, each with a key of its own. SPF of a domain takes 1, 4 or 11
 * lookups. The kinds of message and their share are in kinds[].
 */
#include <sys/stat.h>

#include "base/num.h"
#include "lib/dkim_signer.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

#define DOMAINS 200
#define MEMORY ((size_t)192 << 20)
#define HEADERS "from:to:subject:date:message-id:mime-version:content-type"

struct size_class {
	const char *name;
	size_t octets;
	unsigned count;
};

static const struct size_class sizes[] = {
	{ "2k", 2 << 10, DOMAINS },
	{ "20k", 20 << 10, DOMAINS },
	{ "200k", 200 << 10, 40 },
	{ "2m", 2 << 20, 20 },
	{ "20m", 20 << 20, 4 },
};

/* One signature: canonicalisation, whose (the author's or the sending
 * service's), with which key. */
struct signing {
	const char *c;
	bool service;
	bool ed25519;
};

struct kind {
	const char *name;
	unsigned share; /* of 20 messages */
	struct signing by[8];
	unsigned n;
	bool text;    /* words and blanks instead of base64 */
	bool changed; /* the body after signing: DKIM must not pass */
	bool away;    /* from a client that SPF does not know */
};

static const struct kind kinds[] = {
	{ "p1", 7, { { "relaxed/relaxed", false, false } }, 1, 0, 0, 0 },
	{ "tx", 3, { { "relaxed/relaxed", false, false } }, 1, 1, 0, 0 },
	{ "s1", 1, { { "simple/simple", false, false } }, 1, 0, 0, 0 },
	{ "rs", 2, { { "relaxed/simple", false, false } }, 1, 0, 0, 0 },
	{ "e2", 2,
	    { { "relaxed/relaxed", false, false },
		{ "relaxed/relaxed", false, true } },
	    2, 0, 0, 0 },
	{ "m2", 2,
	    { { "relaxed/relaxed", false, false },
		{ "relaxed/relaxed", true, false } },
	    2, 1, 0, 0 },
	{ "ns", 1, { { NULL, false, false } }, 0, 0, 0, 0 },
	{ "fg", 1, { { "relaxed/relaxed", false, false } }, 1, 0, 1, 0 },
	{ "aw", 1, { { "relaxed/relaxed", false, false } }, 1, 1, 0, 1 },
};

struct world {
	const char *dir;
	struct key *rsa[DOMAINS];
	struct key *ed;
	struct key *service;
	FILE *index;
	unsigned files;
	uint64_t seed;
};

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "corpus: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint32_t
next(struct world *w)
{
	w->seed = w->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(w->seed >> 33);
}

static FILE *
open_file(const struct world *w, const char *name)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	f = fopen(path, "w");
	if (f == NULL)
		die(path);
	return f;
}

static void
put(FILE *f, struct slice text)
{
	if (fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
		die("write");
}

/* ---- the zone ---- */

static void
zone_text(struct buf *z, const char *name, struct slice text)
{
	buf_printf(z, "%s IN TXT", name);
	do {
		buf_printf(z, " \"%.*s\"", SL_ARG(slice_sub(text, 0, 200)));
		text = slice_from(text, 200);
	} while (text.n > 0);
	buf_addc(z, '\n');
}

static void
zone_spf(struct buf *z, unsigned d)
{
	static const unsigned includes[] = { 0, 3, 10 };
	unsigned n = includes[d % 3];
	char name[64];
	struct buf record;

	buf_init(&record, NULL, 4096);
	buf_adds(&record, "v=spf1");
	for (unsigned i = 0; i < n; i++)
		buf_printf(&record, " include:_s%u.d%03u.org", i, d);
	buf_adds(&record, " ip4:192.0.2.0/24 -all");
	(void)snprintf(name, sizeof(name), "d%03u.org.", d);
	zone_text(z, name, buf_slice(&record));
	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "_s%u.d%03u.org.", i, d);
		zone_text(z, name,
		    SL("v=spf1 ip4:198.51.100.0/25 ip4:203.0.113.64/26 "
		       "ip6:2001:db8:77::/48 ~all"));
	}
	buf_fini(&record);
}

static void
zone_write(struct world *w, struct arena *a)
{
	struct buf z;

	buf_init(&z, NULL, (size_t)4 << 20);
	buf_adds(&z,
	    "$ORIGIN org.\n$TTL 3600\n"
	    "@ IN SOA ns.org. host.ns.org. 1 3600 900 604800 300\n"
	    "@ IN NS ns.org.\nns IN A 127.0.0.1\n");
	for (unsigned d = 0; d < DOMAINS; d++) {
		char name[64];

		buf_printf(&z,
		    "d%03u IN A 192.0.2.1\nd%03u IN MX 10 mx.d%03u\n", d, d, d);
		buf_printf(&z, "mx.d%03u IN A 192.0.2.1\n", d);
		zone_spf(&z, d);
		(void)snprintf(name, sizeof(name), "_dmarc.d%03u.org.", d);
		zone_text(&z, name,
		    SL("v=DMARC1; p=reject; rua=mailto:dmarc@reports.org"));
		(void)snprintf(name, sizeof(name), "sel._domainkey.d%03u.org.",
		    d);
		zone_text(&z, name, dkim_signer_record(a, w->rsa[d]));
		(void)snprintf(name, sizeof(name), "ed._domainkey.d%03u.org.",
		    d);
		zone_text(&z, name, dkim_signer_record(a, w->ed));
	}
	zone_text(&z, "sel._domainkey.service.org.",
	    dkim_signer_record(a, w->service));
	if (!buf_ok(&z))
		die("zone");
	put(open_file(w, "org.zone"), buf_slice(&z));
	buf_fini(&z);
}

/* ---- messages ---- */

static void
head(struct world *w, struct buf *b, unsigned d, bool text)
{
	unsigned n = next(w);

	buf_printf(b,
	    "Received: from mx.d%03u.org (mx.d%03u.org [192.0.2.%u])\r\n"
	    "\tby relay.d%03u.org (Postfix) with ESMTPS id 4F%08X\r\n"
	    "\tfor <user@local.test>; Mon, 02 Mar 2026 10:00:0%u +0000 (UTC)\r\n",
	    d, d, d % 200 + 1, d, n, n % 10);
	buf_printf(b,
	    "Received: by app.d%03u.org with HTTP id %u; Mon, 02 Mar 2026 "
	    "09:59:58 +0000\r\n",
	    d, n);
	buf_printf(b,
	    "From: \"Sales of %u\" <news@d%03u.org>\r\n"
	    "To: A User <user@local.test>\r\n"
	    "Reply-To: <answers-%u@d%03u.org>\r\n"
	    "Subject: =?utf-8?Q?Offer_%u?= for you and\r\n"
	    " everybody who reads it\r\n"
	    "Date: Mon, 02 Mar 2026 09:59:57 +0000\r\n"
	    "Message-ID: <%u.%u@app.d%03u.org>\r\n",
	    d, d, n, d, n, n, d, d);
	buf_printf(b,
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Transfer-Encoding: %s\r\n"
	    "X-Mailer: Mailer 7.%u\r\n"
	    "X-Campaign: c%u-%u\r\n"
	    "Feedback-ID: %u:%u:d%03u\r\n"
	    "List-Unsubscribe: <https://d%03u.org/u?%u>\r\n"
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
	    text ? "text/plain; charset=utf-8" : "application/octet-stream",
	    text ? "8bit" : "base64", n % 50, n, d, n, d, d, d, n);
}

static void
body_base64(struct world *w, struct buf *b, size_t octets)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
				  "stuvwxyz0123456789+/";
	char line[78];

	while (b->n + sizeof(line) <= octets) {
		for (size_t i = 0; i < 76; i++)
			line[i] = set[next(w) & 63];
		line[76] = '\r';
		line[77] = '\n';
		buf_add(b, slice_of(line, sizeof(line)));
	}
}

static void
body_text(struct world *w, struct buf *b, size_t octets)
{
	static const char *const words[] = { "the", "of", "silver", "a",
		"merchant", "and", "stamped", "coin", "into", "is", "market",
		"trade", "weight", "in", "tested", "by" };
	size_t start = b->n;

	while (b->n + 16 <= octets) {
		uint32_t r = next(w);

		buf_adds(b, words[r & 15]);
		if (b->n - start > 62 + (r >> 8) % 10) {
			buf_adds(b, (r & 0x70) == 0 ? " \r\n" : "\r\n");
			start = b->n;
		} else {
			buf_adds(b, (r & 0x1f0) == 0 ? "  " : " ");
		}
	}
	buf_adds(b, "\r\n");
}

static void
sign(struct world *w, struct arena *a, const struct kind *k, unsigned d,
    struct test_mail *m)
{
	char domain[32];

	(void)snprintf(domain, sizeof(domain), "d%03u.org", d);
	for (unsigned i = 0; i < k->n; i++) {
		struct dkim_signer s = { .key = w->rsa[d],
			.c = k->by[i].c,
			.d = domain,
			.s = "sel",
			.h = HEADERS };

		if (k->by[i].service) {
			s.key = w->service;
			s.d = "service.org";
		}
		if (k->by[i].ed25519) {
			s.key = w->ed;
			s.s = "ed";
		}
		dkim_signer_sign(a, &s, m);
	}
}

static void
write_message(struct world *w, const struct size_class *size,
    const struct kind *k, unsigned d)
{
	struct arena *a = arena_new(MEMORY);
	struct buf b;
	struct test_mail m;
	struct slice text;
	char name[32];
	bool passes = k->n > 0 && !k->changed;

	if (a == NULL)
		die("memory");
	buf_init(&b, NULL, (size_t)32 << 20);
	head(w, &b, d, k->text);
	buf_adds(&b, "\r\n");
	if (k->text)
		body_text(w, &b, size->octets);
	else
		body_base64(w, &b, size->octets);
	m = test_mail_parse(a, buf_slice(&b));
	sign(w, a, k, d, &m);
	text = test_mail_text(a, &m);
	if (k->changed) {
		char *octet = unconst(text.p + text.n - 10);

		*octet ^= 1;
	}
	(void)snprintf(name, sizeof(name), "m/%04u", w->files++);
	put(open_file(w, name), text);
	fprintf(w->index,
	    "%s %s %s %s mx.d%03u.org bounce@d%03u.org %s %s %s\n", name,
	    size->name, k->name, k->away ? "192.0.3.77" : "192.0.2.77", d, d,
	    passes       ? "pass" :
		k->n > 0 ? "fail" :
			   "none",
	    k->away ? "fail" : "pass", "pass");
	buf_fini(&b);
	arena_free(a);
}

/* The kinds in an order that mixes them well, by share. */
static const struct kind *
kind_of(unsigned i)
{
	unsigned at = i * 7 % 20;

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		if (at < kinds[k].share)
			return &kinds[k];
		at -= kinds[k].share;
	}
	return &kinds[0];
}

int
main(int argc, char **argv)
{
	struct world w = { .dir = argc == 2 ? argv[1] : NULL,
		.seed = 20260302 };
	struct arena *a = arena_new(MEMORY);
	char path[512];

	if (w.dir == NULL || a == NULL) {
		fprintf(stderr, "usage: corpus DIR\n");
		return 64;
	}
	(void)snprintf(path, sizeof(path), "%s/m", w.dir);
	if ((mkdir(w.dir, 0755) != 0 && errno != EEXIST) ||
	    (mkdir(path, 0755) != 0 && errno != EEXIST))
		die(path);
	for (unsigned d = 0; d < DOMAINS; d++) {
		struct slice pem = test_rsa_pem(a, 2048, PEM_PKCS8);

		w.rsa[d] = key_private(pem);
		if (d == 0)
			put(open_file(&w, "key.pem"), pem);
	}
	w.service = key_private(test_rsa_pem(a, 2048, PEM_PKCS8));
	w.ed = key_private(test_ed25519_pem(a));
	zone_write(&w, a);
	w.index = open_file(&w, "index.new");
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
		for (unsigned i = 0; i < sizes[s].count; i++)
			write_message(&w, &sizes[s], kind_of(i), i % DOMAINS);
	put(w.index, SL(""));
	(void)snprintf(path, sizeof(path), "%s/index.new", w.dir);
	{
		char to[512];

		(void)snprintf(to, sizeof(to), "%s/index", w.dir);
		if (rename(path, to) != 0)
			die(to);
	}
	for (unsigned d = 0; d < DOMAINS; d++)
		key_free(w.rsa[d]);
	key_free(w.service);
	key_free(w.ed);
	arena_free(a);
	return 0;
}
