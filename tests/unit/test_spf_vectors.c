/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_spf_vectors: runs the cases of tests/vectors/spf-*.txt (or of the files
 * named as arguments) through check_host() over a zone file. Their form:
 *
 *     # comment
 *     zone                    the indented lines below are the DNS; this also
 *         NAME TYPE DATA      takes the settings back to their defaults
 *     client IP               settings of the queries that follow
 *     helo NAME
 *     from LOCAL@DOMAIN       "" is the null sender
 *     limits LOOKUPS VOIDS
 *     record RESULT TEXT      a record of its own, asked for by itself
 *     query "WHAT IT SHOWS" [client=IP] [helo=N] [from=A] => RESULT
 *         [by="TERM"] [exp="TEXT"] [lookups=N] [voids=N] [reason="PART"]
 *         [null=yes] [record="TEXT"] [explainer=DOMAIN]   all on one line
 *
 * In quotes and in record texts \xHH stands for a byte, \" for a quote.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/num.h"
#include "check/spf.h"
#include "dns/dns_message.h"
#include "lib/tap.h"
#include "mail/chars.h"

#include <unistd.h>

static char zone_path[] = "/tmp/chopmark-spf-XXXXXX";

struct settings {
	struct slice client, helo, from;
	unsigned lookups, voids;
};

static const struct settings defaults = { SLICE_INIT("192.0.2.1"),
	SLICE_INIT("mail.client.example"), SLICE_INIT("user@example.org"), 10,
	2 };

/* A file that is read twice: once for the zone of a block, once for its
 * queries. */
struct block {
	struct arena *arena;
	struct slice text; /* from behind "zone" to before the next */
	struct buf zone;
	struct resolver *resolver;
	struct settings now;
	unsigned records;
};

static struct slice
next_line(struct slice *rest)
{
	struct slice line;

	if (!slice_cut(rest, '\n', &line))
		return slice_of(NULL, 0);
	return line;
}

/* Takes the next word off; quotes keep blanks together. Escapes undone. */
static struct slice
next_word(struct arena *a, struct slice *rest)
{
	struct buf b;
	bool quoted = false;
	size_t i = 0;

	*rest = slice_trim(*rest);
	buf_init(&b, a, 1 << 20);
	for (; i < rest->n && (quoted || rest->p[i] != ' '); i++) {
		char c = rest->p[i];

		if (c == '"') {
			quoted = !quoted;
		} else if (c == '\\' && i + 3 < rest->n &&
		    rest->p[i + 1] == 'x') {
			buf_addc(&b,
			    (char)(char_hex_value(rest->p[i + 2]) * 16 +
				char_hex_value(rest->p[i + 3])));
			i += 3;
		} else if (c == '\\' && i + 1 < rest->n) {
			buf_addc(&b, rest->p[++i]);
		} else {
			buf_addc(&b, c);
		}
	}
	*rest = slice_from(*rest, i);
	return buf_slice(&b);
}

/* The bytes of a record text, as a quoted string of a zone file. */
static void
add_zone_string(struct buf *b, struct slice s)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 3 < s.n && s.p[i + 1] == 'x') {
			c = (char)(char_hex_value(s.p[i + 2]) * 16 +
			    char_hex_value(s.p[i + 3]));
			i += 3;
		}
		if (char_is(c, CHAR_VCHAR) && c != '"' && c != '\\')
			buf_addc(b, c);
		else
			buf_printf(b, "\\%03u", (unsigned char)c);
	}
	buf_addc(b, '"');
}

static void
collect_zone(struct block *k)
{
	struct slice rest = k->text, word;
	unsigned records = 0;

	buf_init(&k->zone, k->arena, 1 << 22);
	while (rest.n > 0) {
		struct slice line = next_line(&rest);

		if (line.n > 0 && (line.p[0] == '\t' || line.p[0] == ' ')) {
			buf_add(&k->zone, slice_trim(line));
			buf_addc(&k->zone, '\n');
		} else if (slice_starts(line, SL("record "))) {
			line = slice_from(line, 7);
			word = next_word(k->arena, &line);
			buf_printf(&k->zone, "r%u.record.example TXT ",
			    records++);
			add_zone_string(&k->zone, slice_from(line, 1));
			buf_addc(&k->zone, '\n');
			(void)word;
		}
	}
}

static bool
open_zone(struct block *k)
{
	struct resolver_options o = { .zone_file = zone_path,
		.timeout_ms = 1000,
		.cache_entries = 10000 };
	char why[RESOLVER_WHY];
	struct slice text = buf_slice(&k->zone);
	FILE *f = fopen(zone_path, "w");

	if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n ||
	    fclose(f) != 0)
		abort();
	k->resolver = resolver_new(&o, why);
	if (k->resolver == NULL)
		ok(false, "the zone can be read: %s", why);
	return k->resolver != NULL;
}

/* One evaluation; the arenas are small, so leaks of memory would show. */
static struct spf_result
evaluate(struct block *k, const struct settings *s, struct arena *a)
{
	struct spf_options options = { s->lookups, s->voids, 20000 };
	struct dns_message *dns = dns_message_new(k->resolver, a, 20000, NULL);
	size_t at = slice_rchr(s->from, '@');
	struct slice domain =
	    at == SLICE_NONE ? s->from : slice_from(s->from, at + 1);
	struct spf_query q = {
		.helo = t_bytes(s->helo.p, s->helo.n),
		.local = at == SLICE_NONE ? slice_of("", 0) :
					    slice_sub(s->from, 0, at),
		.receiver = SL("mx.receiver.example"),
		.options = &options,
		.want_explanation = true,
	};
	struct spf_result r = { 0 };
	int err;

	if (dns == NULL || !ip_parse(s->client, &q.client))
		abort();
	if (s->from.n == 0)
		domain = s->helo;
	q.sender_domain = q.domain = t_bytes(domain.p, domain.n);
	err = spf_check_host(a, dns, &q, &r);
	if (err != 0)
		note("check_host: %s", err_text(err));
	return r;
}

static void
run_record(struct block *k, struct slice line)
{
	struct arena *a = arena_new(1 << 20);
	struct settings s = k->now;
	struct spf_result r;
	struct slice want = next_word(k->arena, &line);

	s.from =
	    arena_printf(k->arena, "user@r%u.record.example", k->records++);
	r = evaluate(k, &s, a);
	if (!is_text(slice_c(verdict_word(r.verdict)),
		arena_cstr(k->arena, want), "%.*s: %.*s", SL_ARG(want),
		SL_ARG(slice_trim(line))))
		note("%.*s", SL_ARG(r.reason));
	arena_free(a);
}

/* One key=value behind "=>". */
static void
expect(struct block *k, const struct spf_result *r, struct slice name,
    struct slice pair)
{
	size_t eq = slice_chr(pair, '=');
	struct slice key = slice_sub(pair, 0, eq);
	const char *want = arena_cstr(k->arena, slice_from(pair, eq + 1));
	int n = (int)name.n;
	const char *p = name.p;

	if (slice_eq(key, SL("by")))
		is_text(r->mechanism, want, "%.*s: mechanism", n, p);
	else if (slice_eq(key, SL("exp")))
		is_text(r->explanation, want, "%.*s: explanation", n, p);
	else if (slice_eq(key, SL("explainer")))
		is_text(r->explainer, want, "%.*s: explainer", n, p);
	else if (slice_eq(key, SL("record")))
		is_text(r->record, want, "%.*s: record", n, p);
	else if (slice_eq(key, SL("domain")))
		is_text(r->domain, want, "%.*s: domain", n, p);
	else if (slice_eq(key, SL("identity")))
		is_text(r->identity, want, "%.*s: identity", n, p);
	else if (slice_eq(key, SL("lookups")))
		is_int(r->lookups, strtol(want, NULL, 10), "%.*s: lookups", n,
		    p);
	else if (slice_eq(key, SL("voids")))
		is_int(r->voids, strtol(want, NULL, 10), "%.*s: voids", n, p);
	else if (slice_eq(key, SL("null")))
		ok(r->null == (want[0] == 'y'), "%.*s: null", n, p);
	else if (slice_eq(key, SL("reason")))
		ok(slice_search(r->reason, slice_c(want)) != SLICE_NONE,
		    "%.*s: reason \"%.*s\"", n, p, SL_ARG(r->reason));
	else
		ok(false, "%.*s: unknown key %.*s", n, p, SL_ARG(key));
}

static void
run_query(struct block *k, struct slice line)
{
	struct arena *a = arena_new(1 << 20);
	struct settings s = k->now;
	struct slice name = next_word(k->arena, &line), word, want, part;
	struct spf_result r;
	bool found = false;

	for (;;) {
		word = next_word(k->arena, &line);
		if (word.n == 0 || slice_eq(word, SL("=>")))
			break;
		if (slice_starts(word, SL("client=")))
			s.client = slice_from(word, 7);
		else if (slice_starts(word, SL("helo=")))
			s.helo = slice_from(word, 5);
		else if (slice_starts(word, SL("from=")))
			s.from = slice_from(word, 5);
		else
			ok(false, "%.*s: unknown setting %.*s", SL_ARG(name),
			    SL_ARG(word));
	}
	want = next_word(k->arena, &line);
	r = evaluate(k, &s, a);
	/* several right answers are told apart by '|' */
	for (word = want; slice_cut(&word, '|', &part);)
		found =
		    found || slice_eq(part, slice_c(verdict_word(r.verdict)));
	if (!ok(r.done && found, "%.*s: %.*s", SL_ARG(name), SL_ARG(want)))
		note("got %s: %.*s", verdict_word(r.verdict), SL_ARG(r.reason));
	for (line = slice_trim(line); line.n > 0; line = slice_trim(line))
		expect(k, &r, name, next_word(k->arena, &line));
	arena_free(a);
}

static unsigned
number(struct block *k, struct slice *line)
{
	uint64_t n = 0;

	if (num_parse(next_word(k->arena, line), 1000, &n) != 0)
		ok(false, "a number");
	return (unsigned)n;
}

static void
run_line(struct block *k, struct slice line)
{
	struct slice word = next_word(k->arena, &line);

	if (slice_eq(word, SL("client"))) {
		k->now.client = next_word(k->arena, &line);
	} else if (slice_eq(word, SL("helo"))) {
		k->now.helo = next_word(k->arena, &line);
	} else if (slice_eq(word, SL("from"))) {
		k->now.from = next_word(k->arena, &line);
	} else if (slice_eq(word, SL("limits"))) {
		k->now.lookups = number(k, &line);
		k->now.voids = number(k, &line);
	} else if (slice_eq(word, SL("record"))) {
		run_record(k, line);
	} else if (slice_eq(word, SL("query"))) {
		run_query(k, line);
	} else {
		ok(false, "unknown line %.*s", SL_ARG(word));
	}
}

static void
run_block(struct slice text)
{
	struct block k = { .arena = arena_new((size_t)64 << 20),
		.text = text,
		.now = defaults };
	struct slice rest = text;

	collect_zone(&k);
	if (open_zone(&k))
		while (rest.n > 0) {
			struct slice line = next_line(&rest);

			if (line.n > 0 && line.p[0] != '#' &&
			    line.p[0] != '\t' && line.p[0] != ' ')
				run_line(&k, line);
		}
	resolver_free(k.resolver);
	arena_free(k.arena);
}

static void
run_file(const char *path)
{
	struct arena *a = t_arena();
	char why[FILE_WHY];
	struct slice rest;

	if (file_read(a, path, 8 << 20, &rest, why) != 0) {
		ok(false, "%s", why);
		return;
	}
	while (rest.n > 0) {
		size_t from = slice_starts(rest, SL("zone\n")) ?
		    0 :
		    slice_search(rest, SL("\nzone\n"));
		size_t end;

		if (from == SLICE_NONE)
			break;
		rest = slice_from(rest, from + (from == 0 ? 5 : 6));
		end = slice_search(rest, SL("\nzone\n"));
		run_block(
		    slice_sub(rest, 0, end == SLICE_NONE ? end : end + 1));
		rest = slice_from(rest, end);
	}
}

int
main(int argc, char **argv)
{
	static const char *const files[] = {
		CM_SRCDIR "/tests/vectors/spf-syntax.txt",
		CM_SRCDIR "/tests/vectors/spf-evaluation.txt",
		CM_SRCDIR "/tests/vectors/spf-macros.txt",
		CM_SRCDIR "/tests/vectors/spf-limits.txt",
		CM_SRCDIR "/tests/vectors/spf-explanation.txt",
	};
	int fd = mkstemp(zone_path);

	if (fd < 0 || close(fd) != 0)
		abort();
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	for (size_t i = 0; argc == 1 && i < ARRAY_LEN(files); i++)
		run_file(files[i]);
	(void)unlink(zone_path);
	return tap_done();
}
