/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_eval: check_host() of RFC 7208 section 4. Records are walked mechanism
 * by mechanism with a fixed stack of frames: an include opens one, a redirect
 * takes the place of its own. Which addresses and names match is for libspf2
 * to say (spf_lib); order, limits and results are settled here.
 */
#include "check/spf_eval.h"

#include "base/err.h"
#include "base/log.h"
#include "check/spf_memo.h"
#include "check/spf_prefetch.h"
#include "mail/chars.h"
#include "mail/domain.h"
#include "mail/scan.h"

#define PATH_SHOWN 64 /* includes and redirects shown of a path */
#define MECHANISM_MAX 2048

/* Stands for the mechanism where none matched (section 4.7). */
static const struct slice no_match = SLICE_INIT("default");

static void
add_term(struct buf *b, struct slice text)
{
	buf_add(b, slice_sub(text, 0, SPF_TERM_SHOWN));
	if (text.n > SPF_TERM_SHOWN)
		buf_adds(b, "...");
}

/* Writes result->mechanism: the way to the record, then the term in it. */
static void
tell_mechanism(struct spf_eval *e, const struct spf_path *path,
    struct slice term)
{
	const struct spf_path *nodes[PATH_SHOWN];
	struct buf b;
	size_t n = 0;

	for (; path != NULL && n < PATH_SHOWN; path = path->outer)
		nodes[n++] = path;
	buf_init(&b, e->arena, MECHANISM_MAX);
	while (n > 0) {
		add_term(&b, nodes[--n]->text);
		if (n > 0 || term.n > 0)
			buf_addc(&b, ' ');
	}
	add_term(&b, term);
	e->result->mechanism = buf_slice(&b);
	if (arena_failed(e->arena))
		e->err = ERR_NOMEM;
}

void
spf_stop(struct spf_eval *e, enum verdict v, const char *fmt, ...)
{
	struct buf b;
	va_list ap;
	char text[512];

	if (spf_stopped(e))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_init(&b, e->arena, sizeof(text));
	buf_adds(&b, text);
	e->result->reason = buf_slice(&b);
	e->result->verdict = v;
	e->decided = true;
	if (!buf_ok(&b))
		e->err = ERR_NOMEM;
}

static struct spf_frame *
top(struct spf_eval *e)
{
	return &e->frames[e->depth - 1];
}

/* How a failed lookup of the record ends things. Section 4.3: without a record
 * the domain we began with has no policy; whoever points to one that has none
 * is at fault (sections 5.2, 6.1). */
static void
stop_without_record(struct spf_eval *e, const struct dns_answer *a,
    struct slice domain, unsigned found, bool first)
{
	int n = (int)slice_sub(domain, 0, SPF_TERM_SHOWN).n;

	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		spf_stop(e, VERDICT_TEMPERROR,
		    "DNS lookup of the SPF record of %.*s failed: %s", n,
		    domain.p, a->why);
	else if (found > 1)
		spf_stop(e, VERDICT_PERMERROR, "several SPF records at %.*s", n,
		    domain.p);
	else if (!first)
		spf_stop(e, VERDICT_PERMERROR, "no SPF record at %.*s", n,
		    domain.p);
	else
		spf_stop(e, VERDICT_NONE, "%s",
		    a->status == DNS_NXDOMAIN ? "domain does not exist" :
						"no SPF record");
}

static void
stop_for_flaw(struct spf_eval *e, const struct spf_flaw *flaw,
    struct slice domain)
{
	struct slice term = slice_sub(flaw->term, 0, 64);
	char shown[65];

	if (flaw->too_long)
		limits_meet(&e->result->limits, LIMIT_SPF_SPEC);
	for (size_t i = 0; i < term.n; i++)
		shown[i] = char_is(term.p[i], CHAR_VCHAR) ? term.p[i] : '?';
	shown[term.n] = '\0';
	spf_stop(e, VERDICT_PERMERROR, "%s%s in the SPF record of %.*s: %s",
	    shown, flaw->term.n > term.n ? "..." : "",
	    SL_ARG(slice_sub(domain, 0, SPF_TERM_SHOWN)), flaw->why);
}

/* A record costs what it is long, with each message; genuine trees have a few
 * thousand octets. false: stopped. */
static bool
take_octets(struct spf_eval *e, struct slice record, struct slice domain)
{
	e->result->octets += record.n;
	if (e->result->octets <= MOST_SPF_OCTETS)
		return true;
	limits_meet(&e->result->limits, LIMIT_SPF_OCTETS);
	spf_stop(e, VERDICT_PERMERROR,
	    "SPF records of over %d octets, the last at %.*s", MOST_SPF_OCTETS,
	    SL_ARG(slice_sub(domain, 0, SPF_TERM_SHOWN)));
	return false;
}

bool
spf_is_domain(struct slice d)
{
	struct ip ip;

	return domain_is_fqdn(d) && !ip_parse(d, &ip);
}

/* Fetches and reads the record of frame->domain. false: stopped. */
static bool
load(struct spf_eval *e, struct spf_frame *frame)
{
	const struct dns_answer *a;
	struct spf_flaw flaw;
	struct slice text;
	unsigned found;

	/* Sections 4.3, 5.2 and 6.1 treat a malformed name like one without a
	 * record. */
	if (!spf_is_domain(frame->domain)) {
		spf_stop(e,
		    frame->path == NULL ? VERDICT_NONE : VERDICT_PERMERROR,
		    "not a domain name that can be asked for: %.*s",
		    SL_ARG(slice_sub(frame->domain, 0, SPF_TERM_SHOWN)));
		return false;
	}
	a = spf_ask(e, frame->domain, DNS_TXT);
	if (a == NULL)
		return false;
	found = spf_record_select(a, &text);
	if (found != 1) {
		stop_without_record(e, a, frame->domain, found,
		    frame->path == NULL);
		return false;
	}
	if (!take_octets(e, text, frame->domain))
		return false;
	if (frame->path == NULL)
		e->result->record = text;
	if (!spf_record_read(text, &frame->record, &flaw)) {
		stop_for_flaw(e, &flaw, frame->domain);
		tell_mechanism(e, frame->path, flaw.term);
		return false;
	}
	if (frame->path == NULL)
		e->result->null = frame->record.nobody;
	if (e->result->lookups < e->query->options->max_lookups) {
		e->values.domain = frame->domain;
		spf_prefetch_targets(e->dns, &frame->record, &e->values,
		    e->query->options->max_lookups - e->result->lookups);
	}
	return true;
}

/* Opens the record of another domain: on top of the stack for an include, in
 * the place of the top one for a redirect. */
static void
enter(struct spf_eval *e, const struct spf_term *t, struct slice domain)
{
	struct spf_frame next = { .include = *t };
	struct spf_path *path = arena_alloc(e->arena, sizeof(*path));

	next.domain = arena_lower(e->arena, domain);
	if (path == NULL || next.domain.p == NULL) {
		e->err = ERR_NOMEM;
		return;
	}
	*path = (struct spf_path){ top(e)->path, t->text };
	next.path = path;
	if (t->kind == SPF_REDIRECT) {
		next.include = top(e)->include;
		e->depth--;
	}
	if (e->depth == SPF_DEPTH) {
		spf_stop(e, VERDICT_PERMERROR, "includes nested over %d deep",
		    SPF_DEPTH);
		return;
	}
	e->frames[e->depth++] = next;
	if (load(e, top(e)))
		return;
	if (!e->err && e->result->mechanism.n == 0)
		tell_mechanism(e, path, slice_of(NULL, 0));
}

/* For humans; a pass needs no reason. */
static void
tell_reason(struct spf_eval *e, bool matched)
{
	static const char *const says[VERDICT_COUNT] = {
		[VERDICT_FAIL] = "does not allow",
		[VERDICT_SOFTFAIL] = "does not seem to allow",
		[VERDICT_NEUTRAL] = "says neither yes nor no to",
	};
	const char *text = says[e->result->verdict];
	char client[IP_TEXT];

	if (!matched)
		text = "says nothing of";
	if (text == NULL)
		return;
	e->result->reason =
	    arena_printf(e->arena, "%.*s %s %s", SL_ARG(e->result->domain),
		text, ip_print(&e->values.client, client));
	if (e->result->reason.p == NULL)
		e->err = ERR_NOMEM;
}

/* The top record came to a result. An include turns it into match or no match
 * of its own (section 5.2), which may end the record below as well. */
static void
conclude(struct spf_eval *e, enum verdict v, struct slice term)
{
	const struct spf_path *path = top(e)->path;
	bool matched = !slice_eq(term, no_match);

	while (e->depth > 1) {
		struct spf_frame *f = top(e);

		e->depth--;
		if (v != VERDICT_PASS)
			return; /* the include did not match: go on below */
		v = f->include.qualifier;
	}
	e->result->verdict = v;
	e->decided = true;
	tell_mechanism(e, path, term);
	tell_reason(e, matched);
}

static unsigned
prefix(const struct spf_term *t)
{
	return t->kind == SPF_IP4 ? t->bits4 : t->bits6;
}

static bool
covers(const struct spf_term *t, const struct ip *client)
{
	return ip_match(&t->ip, client, prefix(t));
}

/* The library's word on networks; e->err if it has none. */
static enum spf_lib_match
ask_of_networks(struct spf_eval *e, const struct spf_term *run, size_t n)
{
	enum spf_lib_match match = SPF_LIB_NO;
	struct spf_memo_key key;
	struct spf_lib *lib;

	spf_memo_key(&key, &e->values.client, run, n);
	if (spf_memo_find(&key, &match))
		return match;
	lib = spf_library(e);
	if (lib == NULL)
		return match;
	e->err = spf_lib_networks(lib, run, n, &match);
	if (e->err == 0)
		spf_memo_keep(&key, match);
	return match;
}

/* ip4 and ip6 mechanisms that follow each other are judged together. That one
 * of them matches is the library's word; which one it is, and a prefix length
 * of 0, is found here. */
static void
judge_networks(struct spf_eval *e, const struct spf_term *first)
{
	struct spf_term run[SPF_LIB_RUN], t;
	enum spf_lib_match match;
	size_t n = 0, at = top(e)->at, hit = SLICE_NONE;

	run[n++] = *first;
	while (n < SPF_LIB_RUN && spf_record_next(&top(e)->record, &at, &t) &&
	    (t.kind == SPF_IP4 || t.kind == SPF_IP6)) {
		run[n++] = t;
		top(e)->at = at;
	}
	match = ask_of_networks(e, run, n);
	for (size_t i = 0; i < n && hit == SLICE_NONE; i++)
		if (covers(&run[i], &e->values.client))
			hit = i;
	if (e->err == ERR_LIBRARY ||
	    (e->err == 0 && hit != SLICE_NONE && prefix(&run[hit]) > 0 &&
		match != SPF_LIB_YES) ||
	    (e->err == 0 && hit == SLICE_NONE && match != SPF_LIB_NO)) {
		log_text(LOG_LEVEL_WARN,
		    "libspf2 does not judge %.*s and its neighbours as we do",
		    SL_ARG(slice_sub(first->text, 0, SPF_TERM_SHOWN)));
		e->err = 0;
	}
	if (e->err == 0 && hit != SLICE_NONE)
		conclude(e, run[hit].qualifier, run[hit].text);
}

/* The name a term is about. false: there is none, so it does not match, or
 * stopped. */
static bool
find_target(struct spf_eval *e, const struct spf_term *t,
    char room[SPF_NAME_ROOM], struct slice *out)
{
	*out = e->values.domain;
	if (t->spec.n == 0)
		return true;
	/* RFC 8616 section 4: no name is made from such a local-part. */
	if (e->local_high &&
	    (t->macros & (SPF_LETTER('s') | SPF_LETTER('l'))) != 0)
		return false;
	if ((t->macros & SPF_LETTER('p')) != 0) {
		/* Section 4.6.4: its PTR lookup counts, once. */
		if (!e->counted_p && !spf_count_lookup(e))
			return false;
		e->counted_p = true;
		if (!spf_validate_client(e))
			return false;
	}
	*out = spf_macro_name(t->spec, &e->values, room);
	return true;
}

/* Section 4.6.4: terms whose lookups bring nothing. false: over the limit. */
static bool
count_void(struct spf_eval *e)
{
	unsigned limit = e->query->options->max_voids;

	if (!e->term_void || ++e->result->voids <= limit)
		return true;
	limits_meet(&e->result->limits, LIMIT_SPF_VOIDS);
	spf_stop(e, VERDICT_PERMERROR, "%u void DNS lookups, limit is %u",
	    e->result->voids, limit);
	return false;
}

static void
judge_term(struct spf_eval *e, const struct spf_term *t)
{
	char room[SPF_NAME_ROOM];
	struct slice target;
	int match = 0;

	e->values.domain = top(e)->domain;
	e->term_void = false;
	if (!spf_count_lookup(e))
		return;
	if (find_target(e, t, room, &target)) {
		if (t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT) {
			if (count_void(e))
				enter(e, t, target);
			return;
		}
		match = spf_judge_names(e, t, target);
	}
	if (spf_stopped(e) || (match == 0 && !count_void(e)))
		return;
	if (match == 1)
		conclude(e, t->qualifier, t->text);
}

/* One mechanism, or what stands behind the last one. */
static void
step(struct spf_eval *e)
{
	struct spf_frame *f = top(e);
	const struct spf_path *path = f->path;
	struct spf_term t = { 0 };

	if (!spf_record_next(&f->record, &f->at, &t)) {
		if (f->record.redirect.text.n == 0 || f->record.has_all) {
			conclude(e, VERDICT_NEUTRAL, no_match);
			return;
		}
		t = f->record.redirect;
		judge_term(e, &t);
		/* Still here: no name could be made of its target. */
		if (!spf_stopped(e) && top(e)->path == path)
			conclude(e, VERDICT_NEUTRAL, no_match);
	} else if (t.kind == SPF_ALL) {
		conclude(e, t.qualifier, t.text);
	} else if (t.kind == SPF_IP4 || t.kind == SPF_IP6) {
		judge_networks(e, &t);
	} else {
		judge_term(e, &t);
	}
	if (e->decided && e->result->mechanism.n == 0 &&
	    e->result->verdict != VERDICT_NONE)
		tell_mechanism(e, top(e)->path, t.text);
}

/* A domain as the name to ask for; what is none stays as it is. */
static struct slice
to_ascii(struct arena *a, struct slice d)
{
	struct slice ascii = domain_to_ascii(a, d);

	return ascii.p != NULL ? ascii : d;
}

/* The domain is p == NULL if it is none. */
static struct spf_values
values_of(struct arena *a, const struct spf_query *q)
{
	return (struct spf_values){
		.local = q->local.n > 0 ? q->local : SPF_POSTMASTER,
		.sender_domain = to_ascii(a, q->sender_domain),
		.domain = domain_to_ascii(a, q->domain),
		.helo = scan_is_ascii(q->helo) ? q->helo : to_ascii(a, q->helo),
		.receiver = q->receiver,
		.client = ip_unmap(q->client),
		.epoch = clock_epoch(),
	};
}

int
spf_begin_host(struct arena *a, struct dns_message *dns,
    const struct spf_query *q)
{
	const struct spf_values v = values_of(a, q);

	if (arena_failed(a))
		return ERR_NOMEM;
	if (v.client.family != 0 && spf_is_domain(v.domain))
		spf_prefetch_domain(dns, &v, q->options->max_lookups);
	return 0;
}

static void
begin(struct spf_eval *e)
{
	const struct spf_query *q = e->query;
	bool named;

	e->waited = dns_message_waited(e->dns);
	e->local_high = !scan_is_ascii(q->local);
	e->values = values_of(e->arena, q);
	named = e->values.domain.p != NULL;
	if (!named)
		e->values.domain = q->domain;
	*e->result = (struct spf_result){
		.domain = e->values.domain,
		.identity = arena_printf(e->arena, "%.*s@%.*s",
		    SL_ARG(e->values.local), SL_ARG(e->values.sender_domain)),
	};
	if (arena_failed(e->arena))
		e->err = ERR_NOMEM;
	else if (e->values.client.family == 0)
		spf_stop(e, VERDICT_NONE, "no client address");
	else if (!named)
		spf_stop(e, VERDICT_NONE, "not a domain name");
}

int
spf_check_host(struct arena *a, struct dns_message *dns,
    const struct spf_query *q, struct spf_result *out)
{
	struct spf_eval e = { .arena = a,
		.dns = dns,
		.query = q,
		.result = out };

	begin(&e);
	if (!spf_stopped(&e)) {
		e.frames[0].domain = e.values.domain;
		e.depth = 1;
		(void)load(&e, &e.frames[0]);
	}
	while (!spf_stopped(&e))
		step(&e);
	if (e.err == 0 && out->verdict == VERDICT_FAIL && q->want_explanation)
		spf_explain(&e);
	spf_lib_free(e.lib);
	if (e.err == 0 && arena_failed(a))
		e.err = ERR_NOMEM;
	if (e.err != 0)
		*out = (struct spf_result){ 0 };
	out->done = e.err == 0;
	return e.err;
}
