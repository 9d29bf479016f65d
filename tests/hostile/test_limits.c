/* SPDX-License-Identifier: BSD-2-Clause
 *
 * limits: each one of the table is met by some message, and then says so: in
 * the log line, by a finding, to the rules and by its counter; and what comes
 * of the message is what the table says.
 */
#include "base/limits.h"

#include "base/log.h"
#include "hostile/attack.h"
#include "lib/arc_signer.h"
#include "lib/tap.h"

static struct attack_world w;

/* ---- one message for each ---- */

static void
times(struct arena *a, struct attack_message *m, unsigned n, const char *name,
    const char *before, const char *behind)
{
	for (unsigned i = 0; i < n; i++)
		attack_field(m, name,
		    arena_printf(a, "%s%u%s", before, i, behind));
}

/* A field of its own in place of From. */
static void
author(struct arena *a, struct attack_message *m, struct slice value)
{
	header_list_init(&m->mail.headers, a);
	attack_field(m, "From", value);
}

static void
signature(struct arena *a, struct attack_message *m, const char *tags)
{
	attack_field(m, "DKIM-Signature",
	    arena_printf(a,
		" v=1; a=rsa-sha256; d=example.org; s=sel; %s; "
		"bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=QUJD",
		tags));
}

static void
header_octets(struct arena *a, struct attack_message *m)
{
	attack_field(m, "X", attack_repeat(a, "x", (size_t)520 << 10));
}

static void
header_fields(struct arena *a, struct attack_message *m)
{
	times(a, m, 10001, "X", "", "");
}

static void
message_memory(struct arena *a, struct attack_message *m)
{
	/* Each is one mailbox that has to be kept. */
	m->rcpts = 9000;
	times(a, m, 9000, "X", " ", "");
	attack_field(m, "List-Id", attack_repeat(a, "x", (size_t)200 << 10));
}

static void
recipients(struct arena *a, struct attack_message *m)
{
	(void)a;
	m->rcpts = 10001;
}

static void
session_text(struct arena *a, struct attack_message *m)
{
	m->helo = arena_printf(a, "%.*s",
	    SL_ARG(attack_repeat(a, "x", MOST_SESSION_TEXT + 1)))
		      .p;
}

static void
from_fields(struct arena *a, struct attack_message *m)
{
	times(a, m, MOST_FROM_FIELDS, "From", " a@b", ".example");
}

static void
from_addresses(struct arena *a, struct attack_message *m)
{
	author(a, m, attack_repeat(a, "(a@b.example", 4000));
}

static void
from_brackets(struct arena *a, struct attack_message *m)
{
	author(a, m, attack_repeat(a, "<>", 2 * (MOST_FROM_BRACKETS + 1)));
}

static void
authors(struct arena *a, struct attack_message *m)
{
	struct buf b;

	buf_init(&b, a, 65536);
	for (unsigned i = 0; i < MOST_AUTHORS + 1; i++)
		buf_printf(&b, "%s a@d%u.example", i > 0 ? "," : "", i);
	author(a, m, buf_slice(&b));
}

static void
author_domains(struct arena *a, struct attack_message *m)
{
	author(a, m,
	    SL(" a@b.example, a@c.example, a@d.example, a@e.example, "
	       "a@f.example"));
}

static void
results(struct arena *a, struct attack_message *m)
{
	times(a, m, MOST_RESULTS + 1, "Authentication-Results", " mx",
	    ".example; none");
}

static void
forged_results(struct arena *a, struct attack_message *m)
{
	times(a, m, MOST_FORGED_RESULTS + 1, "Authentication-Results",
	    " mx.local.test; dkim=pass header.d=d", ".example");
}

static void
results_octets(struct arena *a, struct attack_message *m)
{
	struct slice name = attack_repeat(a, "0123456789abcdef.", 180);

	for (unsigned i = 0; i < 40; i++)
		attack_field(m, "DKIM-Signature",
		    arena_printf(a,
			" v=1; a=rsa-sha256; d=%.*sexample; s=%.*sx; h=from; "
			"i=%.*s@%.*sexample; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5"
			"NMpJWZG3hSuFU=; b=QUJD",
			SL_ARG(slice_sub(name, 0, 170)),
			SL_ARG(slice_sub(name, 0, 51)),
			SL_ARG(attack_repeat(a, "x", 380)),
			SL_ARG(slice_sub(name, 0, 170))));
}

static void
received_octets(struct arena *a, struct attack_message *m)
{
	struct header_list old = m->mail.headers;

	m->relay = true;
	header_list_init(&m->mail.headers, a);
	attack_field(m, "Received",
	    arena_printf(a, " from x (x [192.0.2.9]) by y (%.*s); now",
		SL_ARG(attack_repeat(a, "x", MOST_RECEIVED_OCTETS))));
	for (size_t i = 0; i < old.fields.n; i++)
		attack_field(m, arena_cstr(a, old.fields.at[i].name),
		    old.fields.at[i].value);
}

static void
signatures_read(struct arena *a, struct attack_message *m)
{
	times(a, m, MOST_SIGNATURES_READ + 1, "DKIM-Signature", " v=", "");
}

static void
signatures_octets(struct arena *a, struct attack_message *m)
{
	for (unsigned i = 0; i < 10; i++)
		attack_field(m, "DKIM-Signature",
		    attack_repeat(a, "v=1;", 30000));
}

static void
signatures_verified(struct arena *a, struct attack_message *m)
{
	for (unsigned i = 0; i < 41; i++)
		signature(a, m, "h=from");
}

static void
signature_octets(struct arena *a, struct attack_message *m)
{
	attack_field(m, "DKIM-Signature",
	    attack_repeat(a, " ", MOST_SIGNATURE_OCTETS));
}

static void
tags(struct arena *a, struct attack_message *m)
{
	struct buf b;

	buf_init(&b, a, 65536);
	for (unsigned i = 0; i < MOST_TAGS + 1; i++)
		buf_printf(&b, " x%u=1;", i);
	attack_field(m, "DKIM-Signature", buf_slice(&b));
}

static void
signed_names(struct arena *a, struct attack_message *m)
{
	signature(a, m,
	    arena_printf(a, "h=from%.*s",
		SL_ARG(attack_repeat(a, ":x", 2 * MOST_SIGNED_NAMES)))
		.p);
}

static void
signed_octets(struct arena *a, struct attack_message *m)
{
	attack_field(m, "X", attack_repeat(a, "x", (size_t)400 << 10));
	for (unsigned i = 0; i < 12; i++)
		signature(a, m, "h=from:x");
}

static void
body_limits(struct arena *a, struct attack_message *m)
{
	for (unsigned i = 0; i < MOST_BODY_LIMITS + 1; i++)
		signature(a, m, arena_printf(a, "h=from; l=%u", i).p);
}

static void
key_records(struct arena *a, struct attack_message *m)
{
	(void)a;
	attack_field(m, "DKIM-Signature",
	    SL(" v=1; a=rsa-sha256; d=many.example; s=many; h=from; "
	       "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=QUJD"));
}

static void
sender(struct attack_message *m, const char *path)
{
	m->mail_from = path;
}

static void
address_octets(struct arena *a, struct attack_message *m)
{
	m->own = true;
	attack_field(m, "Cc",
	    attack_repeat(a, " a@b.example,", MOST_ADDRESS_OCTETS));
}

static void
spf_lookups(struct arena *a, struct attack_message *m)
{
	(void)a;
	sender(m, "<a@eleven.example>");
}

static void
spf_voids(struct arena *a, struct attack_message *m)
{
	(void)a;
	sender(m, "<a@voids.example>");
}

static void
spf_names(struct arena *a, struct attack_message *m)
{
	(void)a;
	sender(m, "<a@hosts.example>");
}

static void
spf_octets(struct arena *a, struct attack_message *m)
{
	(void)a;
	sender(m, "<a@one.huge.example>");
}

static void
spf_spec(struct arena *a, struct attack_message *m)
{
	(void)a;
	sender(m, "<a@long.macro.example>");
}

static void
dmarc_identifiers(struct arena *a, struct attack_message *m)
{
	(void)a;
	/* Without a key that can be had just now. */
	for (unsigned i = 0; i < MOST_DMARC_IDENTIFIERS + 1; i++)
		attack_field(m, "DKIM-Signature",
		    SL(" v=1; a=rsa-sha256; d=broken.example; s=broken; "
		       "h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF"
		       "U=; b=QUJD"));
}

static void
dns_lookups(struct arena *a, struct attack_message *m)
{
	(void)a;
	sender(m, "<a@mxs.example>");
}

static void
dns_time(struct arena *a, struct attack_message *m)
{
	(void)a;
	(void)m; /* every answer takes a minute */
}

static void
arc_fields(struct arena *a, struct attack_message *m)
{
	times(a, m, MOST_ARC_FIELDS + 1, "ARC-Seal", " i=", "");
}

static void
arc_older(struct arena *a, struct attack_message *m)
{
	arc_signer_chain(a, &(struct arc_signer){ .key = w.ed, .s = "ed" },
	    MOST_ARC_OLDER + 2, &m->mail);
}

static void
arc_results(struct arena *a, struct attack_message *m)
{
	struct slice many = arena_printf(a, "x%.*s",
	    SL_ARG(attack_repeat(a, "; x=pass", 8 * (MOST_ARC_RESULTS + 1))));

	arc_signer_seal(a,
	    &(struct arc_signer){ .key = w.ed, .s = "ed", .results = many.p },
	    &m->mail);
}

static const struct {
	void (*make)(struct arena *a, struct attack_message *m);
	enum action action; /* CONTINUE: not its doing */
	const char *reply;
} cases[LIMIT_OF_NO_MESSAGE] = {
	[LIMIT_HEADER_OCTETS] = { header_octets, ACTION_REJECT, "552" },
	[LIMIT_HEADER_FIELDS] = { header_fields, ACTION_REJECT, "552" },
	[LIMIT_MESSAGE_MEMORY] = { message_memory, ACTION_TEMPFAIL, "451" },
	[LIMIT_RECIPIENTS] = { recipients, ACTION_TEMPFAIL, "452" },
	[LIMIT_SESSION_TEXT] = { session_text },
	[LIMIT_FROM_FIELDS] = { from_fields },
	[LIMIT_FROM_ADDRESSES] = { from_addresses },
	[LIMIT_FROM_BRACKETS] = { from_brackets },
	[LIMIT_AUTHORS] = { authors },
	[LIMIT_AUTHOR_DOMAINS] = { author_domains },
	[LIMIT_RESULTS] = { results, ACTION_REJECT, "552" },
	[LIMIT_FORGED_RESULTS] = { forged_results, ACTION_REJECT, "552" },
	[LIMIT_RESULTS_OCTETS] = { results_octets },
	[LIMIT_RECEIVED_OCTETS] = { received_octets },
	[LIMIT_SIGNATURES_READ] = { signatures_read },
	[LIMIT_SIGNATURES_OCTETS] = { signatures_octets },
	[LIMIT_SIGNATURES_VERIFIED] = { signatures_verified },
	[LIMIT_SIGNATURE_OCTETS] = { signature_octets },
	[LIMIT_TAGS] = { tags },
	[LIMIT_SIGNED_NAMES] = { signed_names },
	[LIMIT_SIGNED_OCTETS] = { signed_octets },
	[LIMIT_BODY_LIMITS] = { body_limits },
	[LIMIT_KEY_RECORDS] = { key_records },
	[LIMIT_ADDRESS_OCTETS] = { address_octets },
	[LIMIT_SPF_LOOKUPS] = { spf_lookups },
	[LIMIT_SPF_VOIDS] = { spf_voids },
	[LIMIT_SPF_NAMES] = { spf_names },
	[LIMIT_SPF_OCTETS] = { spf_octets },
	[LIMIT_SPF_SPEC] = { spf_spec },
	[LIMIT_DMARC_IDENTIFIERS] = { dmarc_identifiers },
	[LIMIT_DNS_LOOKUPS] = { dns_lookups },
	[LIMIT_DNS_TIME] = { dns_time },
	[LIMIT_ARC_FIELDS] = { arc_fields },
	[LIMIT_ARC_OLDER] = { arc_older },
	[LIMIT_ARC_RESULTS] = { arc_results },
};

/* ---- and what it says ---- */

struct seen {
	struct buf log;
};

static void
take_line(void *ctx, enum log_level level, struct slice line)
{
	struct seen *seen = ctx;

	(void)level;
	buf_add(&seen->log, line);
	buf_addc(&seen->log, '\n');
}

/* Whether limits= of the log has the word. */
static bool
is_logged(const struct buf *log, const char *word)
{
	size_t at = slice_search(buf_slice(log), SL("limits="));
	struct slice rest, one;

	if (at == SLICE_NONE)
		return false;
	rest = slice_from(buf_slice(log), at + 7);
	rest = slice_sub(rest, 0, slice_chr(rest, ' '));
	while (slice_cut(&rest, ',', &one))
		if (slice_eq(one, slice_c(word)))
			return true;
	return false;
}

static bool
is_found(const struct evaluation *ev, const char *word)
{
	for (size_t i = 0; i < ev->findings.all.n; i++) {
		const struct finding *f = ev->findings.all.at[i];

		if (f->method == METHOD_LIMIT && f->hidden &&
		    slice_eq(finding_get(f, SL("name")), slice_c(word)))
			return true;
	}
	return false;
}

/* Whether a rule that asks for it was told. */
static bool
is_known(struct engine_session *s, const char *word)
{
	const struct fact *f = fact_find(SL("limits"));
	struct fact_value value = { 0 };

	if (f == NULL || engine_fact(s, f, SL(""), &value) != 0)
		return false;
	for (size_t i = 0; i < value.list.n; i++)
		if (slice_eq(value.list.at[i], slice_c(word)))
			return true;
	return false;
}

static void
check(struct attack_world *world, enum limit limit)
{
	const char *word = limit_word(limit);
	struct arena *a = arena_new((size_t)64 << 20);
	struct seen seen;
	struct attack_message m;
	const struct plan *plan;
	struct engine_session *s;
	uint64_t before;

	buf_init(&seen.log, NULL, (size_t)1 << 20);
	attack_begin(a, &m);
	cases[limit].make(a, &m);
	before = limits_counted(limit);
	log_set_sink(take_line, &seen);
	s = attack_run(world, &m, &plan);
	log_set_sink(NULL, NULL);
	ok(is_logged(&seen.log, word), "%s: in the log", word);
	ok(limit == LIMIT_MESSAGE_MEMORY ||
		is_found(engine_evaluation(s), word),
	    "%s: a finding", word);
	ok(limit == LIMIT_MESSAGE_MEMORY || is_known(s, word),
	    "%s: known to rules", word);
	is_int((int64_t)(limits_counted(limit) - before), 1, "%s: counted",
	    word);
	if (cases[limit].reply != NULL) {
		is_int(plan->action, cases[limit].action, "%s: %s", word,
		    action_word(cases[limit].action));
		is_text(slice_c(plan->reply.code), cases[limit].reply,
		    "%s: by a reply", word);
	} else {
		ok(plan->action == ACTION_ACCEPT, "%s: and no refusal", word);
	}
	engine_session_free(s);
	buf_fini(&seen.log);
	arena_free(a);
}

static void
test_tell(void)
{
	struct seen seen;
	uint64_t before = limits_counted(LIMIT_SESSION_TEXT);

	buf_init(&seen.log, NULL, 4096);
	log_set_sink(take_line, &seen);
	for (unsigned i = 0; i < 100; i++)
		limits_tell(LIMIT_SESSION_TEXT, "number %u", i);
	log_set_sink(NULL, NULL);
	is_text(buf_slice(&seen.log), "limit session-text: number 0\n",
	    "what belongs to no message is told once a second");
	is_int((int64_t)(limits_counted(LIMIT_SESSION_TEXT) - before), 100,
	    "and counted each time");
	buf_fini(&seen.log);
}

static const char config[] = "MaximumMessageMemory 4M\n"
			     "MaximumSignaturesToVerify 40\n"
			     "MessageDNSLookups 50\n"
			     "MessageDNSBudget 1s\n"
			     "DNSTimeout 5s\n"
			     "RelayHosts 192.0.2.20\n";

static const char *
zone_text(void)
{
	static struct buf b;

	buf_init(&b, t_arena(), 65536);
	buf_adds(&b,
	    "broken._domainkey.broken.example SERVFAIL\n"
	    "voids.example TXT \"v=spf1 a:x.voids.example a:y.voids.example "
	    "a:z.voids.example -all\"\n"
	    "hosts.example TXT \"v=spf1 mx -all\"\n"
	    "eleven.example TXT \"v=spf1");
	for (unsigned i = 0; i < 11; i++)
		buf_printf(&b, " a:h%u-0.mxs.example", i % 9);
	buf_adds(&b, " -all\"\n");
	for (unsigned i = 0; i < 11; i++)
		buf_printf(&b, "hosts.example MX %u mail.example.org\n", i);
	for (unsigned i = 0; i < MOST_KEY_RECORDS + 1; i++)
		buf_printf(&b, "many._domainkey.many.example TXT \"k=%u\"\n",
		    i);
	return buf_cstr(&b);
}

int
main(void)
{
	attack_world_open(&w, config, zone_text());
	for (unsigned l = 0; l < LIMIT_OF_NO_MESSAGE; l++)
		if (l != LIMIT_DNS_TIME)
			check(&w, (enum limit)l);
	attack_world_close(&w);
	attack_world_open(&w, config, "$DELAY 60000\n");
	check(&w, LIMIT_DNS_TIME);
	attack_world_close(&w);
	test_tell();
	return tap_done();
}
