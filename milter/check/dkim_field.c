/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_field: the tags are read one by one, in the order in which RFC 6376
 * section 6.1.1 names the checks; the first fault gives the reason. RFC 8601
 * section 2.7.1 calls syntax errors and what cannot be processed `neutral`.
 */
#include "check/dkim_field.h"

#include "base/err.h"
#include "mail/chars.h"
#include "mail/domain.h"
#include "mail/header.h"

#define SHA256_OCTETS 32
#define NUMBER_DIGITS 12   /* of t= and x= */
#define LIMIT_DIGITS 76    /* of l= */
#define MAX_SIGNATURE 1024 /* octets of b=: RSA of 8192 bits */

/* State of one reading. A reader returns false after it has set the reason. */
struct reading {
	struct arena *arena;
	struct dkim_field *f;
	enum dkim_form form;
	int64_t now, drift;
	bool nomem;
};

static bool
refuse(struct reading *r, enum verdict v, const char *reason)
{
	r->f->verdict = v;
	r->f->reason = slice_c(reason);
	return false;
}

static bool
neutral(struct reading *r, const char *reason)
{
	return refuse(r, VERDICT_NEUTRAL, reason);
}

static bool
over(struct reading *r, enum limit limit, const char *reason)
{
	limits_meet(&r->f->limits, limit);
	return neutral(r, reason);
}

static bool
no_memory(struct reading *r)
{
	r->nomem = true;
	return false;
}

static const struct slice *
get(const struct reading *r, const char *name)
{
	return tags_get(&r->f->tags, slice_c(name));
}

/* Takes the next part of a colon-separated list, FWS around it trimmed. */
static bool
next_part(struct slice *rest, bool *more, struct slice *part)
{
	size_t colon = slice_chr(*rest, ':');

	if (!*more)
		return false;
	*part = slice_trim(slice_sub(*rest, 0, colon));
	*more = colon != SLICE_NONE;
	*rest = slice_from(*rest, *more ? colon + 1 : rest->n);
	return true;
}

static bool
read_version(struct reading *r)
{
	const struct slice *v = get(r, "v");

	if (v == NULL)
		return neutral(r, "signature has no v=");
	if (!slice_eq(*v, SL("1")))
		return neutral(r, "signature version is not supported");
	return true;
}

static bool
read_required(struct reading *r)
{
	static const struct {
		const char *name, *absent, *empty;
		bool not_sealing;
	} required[] = {
		{ "a", "signature has no a=", "a= is empty", false },
		{ "b", "signature has no b=", "b= is empty", false },
		{ "bh", "signature has no bh=", "bh= is empty", true },
		{ "d", "signature has no d=", "d= is empty", false },
		{ "h", "signature has no h=", "h= is empty", true },
		{ "s", "signature has no s=", "s= is empty", false },
	};
	bool seal = r->form == DKIM_FORM_ARC_SEAL;

	for (size_t i = 0; i < ARRAY_LEN(required); i++) {
		const struct slice *v = get(r, required[i].name);

		if (seal && required[i].not_sealing)
			continue;
		if (v == NULL)
			return neutral(r, required[i].absent);
		if (v->n == 0)
			return neutral(r, required[i].empty);
	}
	return true;
}

/* As a host name in A-labels; false without a reason if it is none. */
static bool
to_name(struct reading *r, struct slice text, struct slice *out)
{
	struct slice name = domain_to_ascii(r->arena, text);

	/* A final dot is no part of the grammar. */
	if (name.p == NULL || text.p[text.n - 1] == '.' ||
	    !domain_is_hostname(name))
		return false;
	*out = name;
	return true;
}

static bool
read_domain(struct reading *r)
{
	if (!to_name(r, *get(r, "d"), &r->f->domain))
		return neutral(r, "d= is not a domain name");
	return true;
}

static bool
read_selector(struct reading *r)
{
	static const char label[] = "._domainkey.";

	if (!to_name(r, *get(r, "s"), &r->f->selector))
		return neutral(r, "s= is not a selector");
	if (r->f->selector.n + sizeof(label) - 1 + r->f->domain.n > DOMAIN_MAX)
		return neutral(r, "s= and d= make too long a name");
	return true;
}

static bool
read_algorithm(struct reading *r)
{
	struct slice a = *get(r, "a");

	if (slice_ieq(a, SL("rsa-sha256")))
		r->f->algorithm = DKIM_RSA_SHA256;
	else if (slice_ieq(a, SL("ed25519-sha256")))
		r->f->algorithm = DKIM_ED25519_SHA256;
	else if (slice_ieq(a, SL("rsa-sha1")))
		r->f->algorithm = DKIM_RSA_SHA1;
	else
		return neutral(r, "signature algorithm is not supported");
	return true;
}

static bool
read_names(struct reading *r)
{
	struct slice rest = *get(r, "h"), name;
	bool more = true, from = false;

	while (next_part(&rest, &more, &name)) {
		if (!header_is_name(name))
			return neutral(r, "h= is not a list of field names");
		if (r->f->names.n == MOST_SIGNED_NAMES)
			return over(r, LIMIT_SIGNED_NAMES,
			    "h= names too many fields");
		if (slice_vec_add(&r->f->names, r->arena, name) != 0)
			return no_memory(r);
		from = from || slice_ieq(name, SL("from"));
	}
	if (!from)
		return neutral(r, "h= does not name From");
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* dkim-quoted-printable (RFC 6376 section 2.11), FWS dropped. Empty with p ==
 * NULL if it is none, or out of memory. */
static struct slice
decode_quoted(struct arena *a, struct slice text)
{
	char *p = arena_alloc(a, text.n);
	size_t n = 0;

	for (size_t i = 0; p != NULL && i < text.n; i++) {
		char c = text.p[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c == '=') {
			int hi = i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
			int lo = hi >= 0 ? hex_value(text.p[i + 2]) : -1;

			if (lo < 0)
				return slice_of(NULL, 0);
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		p[n++] = c;
	}
	return slice_of(p, n);
}

static bool
identity_of_domain(struct reading *r)
{
	r->f->identity_is_domain = true;
	r->f->identity = arena_printf(r->arena, "@%.*s", SL_ARG(r->f->domain));
	return r->f->identity.p != NULL || no_memory(r);
}

/* i= must be d= or below it; its local-part may be empty. */
static bool
read_identity(struct reading *r)
{
	const struct slice *v = get(r, "i");
	struct slice text, name;
	size_t at;

	if (v == NULL)
		return identity_of_domain(r);
	text = decode_quoted(r->arena, *v);
	at = slice_rchr(text, '@');
	if (text.p == NULL || at == SLICE_NONE || at + 1 == text.n ||
	    !to_name(r, slice_from(text, at + 1), &name))
		return neutral(r, "i= is not an identity");
	if (!domain_within(name, r->f->domain))
		return neutral(r, "i= is not within d=");
	r->f->identity_is_domain = domain_eq(name, r->f->domain);
	return true;
}

static bool
read_query(struct reading *r)
{
	const struct slice *v = get(r, "q");
	struct slice rest, part;
	bool more = true;

	if (v == NULL)
		return true;
	rest = *v;
	while (next_part(&rest, &more, &part))
		if (slice_ieq(part, SL("dns/txt")))
			return true;
	return neutral(r, "q= does not offer dns/txt");
}

static bool
canon_of(struct slice word, enum canon *out)
{
	*out = slice_ieq(word, SL("relaxed")) ? CANON_RELAXED : CANON_SIMPLE;
	return *out == CANON_RELAXED || slice_ieq(word, SL("simple"));
}

static bool
read_canon(struct reading *r)
{
	const struct slice *v = get(r, "c");
	size_t slash;

	r->f->header_canon = r->f->body_canon = CANON_SIMPLE;
	if (v == NULL)
		return true;
	slash = slice_chr(*v, '/');
	if (!canon_of(slice_sub(*v, 0, slash), &r->f->header_canon) ||
	    (slash != SLICE_NONE &&
		!canon_of(slice_from(*v, slash + 1), &r->f->body_canon)))
		return neutral(r, "c= is not supported");
	return true;
}

static bool
read_limit(struct reading *r)
{
	const struct slice *v = get(r, "l");

	r->f->limited = v != NULL;
	if (v != NULL && tags_number(*v, LIMIT_DIGITS, &r->f->limit) != 0)
		return neutral(r, "l= is not a number");
	return true;
}

static bool
read_times(struct reading *r)
{
	const struct slice *t = get(r, "t"), *x = get(r, "x");
	uint64_t made = 0, ends = 0;

	if (t != NULL && tags_number(*t, NUMBER_DIGITS, &made) != 0)
		return neutral(r, "t= is not a time");
	if (x != NULL && tags_number(*x, NUMBER_DIGITS, &ends) != 0)
		return neutral(r, "x= is not a time");
	if (t != NULL && x != NULL && ends <= made)
		return neutral(r, "x= is not later than t=");
	if (x != NULL && r->now - r->drift > (int64_t)ends)
		return refuse(r, VERDICT_PERMERROR, "signature expired");
	if (t != NULL && r->now + r->drift < (int64_t)made)
		return refuse(r, VERDICT_PERMERROR,
		    "signature is from the future");
	return true;
}

static bool
decode(struct reading *r, const char *name, const char *fault,
    struct slice *out)
{
	int err = tags_base64(r->arena, *get(r, name), out);

	if (err == ERR_NOMEM)
		return no_memory(r);
	return err == 0 || neutral(r, fault);
}

/* A seal's (RFC 8617 section 4.1.3). */
static bool
read_time_made(struct reading *r)
{
	const struct slice *t = get(r, "t");
	uint64_t made;

	if (t != NULL && tags_number(*t, NUMBER_DIGITS, &made) != 0)
		return neutral(r, "t= is not a time");
	return true;
}

static bool
read_body_hash(struct reading *r)
{
	return decode(r, "bh", "bh= is not base64", &r->f->body_hash);
}

static bool
read_signature(struct reading *r)
{
	if (!decode(r, "b", "b= is not base64", &r->f->signature))
		return false;
	if (r->f->signature.n > MAX_SIGNATURE)
		return neutral(r, "b= is too long");
	if (r->f->algorithm == DKIM_RSA_SHA1) /* RFC 8301 section 3.1 */
		return refuse(r, VERDICT_POLICY, "rsa-sha1 is not accepted");
	return true;
}

static bool
check_body_hash(struct reading *r)
{
	if (r->f->body_hash.n != SHA256_OCTETS)
		return neutral(r, "bh= is not a SHA-256 digest");
	return true;
}

/* For reports, whatever is wrong elsewhere. */
static int
read_texts(struct reading *r)
{
	const struct slice *a = get(r, "a"), *b = get(r, "b"), *i = get(r, "i");
	struct dkim_field *f = r->f;

	if (a != NULL)
		f->a = *a;
	if (i != NULL) {
		f->identity = tags_strip_fws(r->arena, *i);
		if (f->identity.p == NULL)
			return ERR_NOMEM;
	}
	if (b != NULL) {
		struct slice text = tags_strip_fws(r->arena, *b);

		if (text.p == NULL)
			return ERR_NOMEM;
		f->b8 = slice_sub(text, 0, 8);
	}
	return 0;
}

/* Everything between "b=" and the next semicolon, white space included: RFC
 * 6376 section 3.7 deletes that before hashing. */
static void
find_b_text(struct reading *r)
{
	struct slice raw = r->f->raw, b = *get(r, "b");
	size_t from = (size_t)(b.p - raw.p), to = from + b.n;

	while (raw.p[from - 1] != '=')
		from--;
	while (to < raw.n && raw.p[to] != ';')
		to++;
	r->f->b_text = slice_sub(raw, from, to - from);
}

static bool
relaxed_header(struct reading *r)
{
	r->f->header_canon = CANON_RELAXED;
	return true;
}

typedef bool (*reader_fn)(struct reading *);

static const reader_fn of_signature[] = { read_version, read_required,
	read_domain, read_selector, read_algorithm, read_names, read_identity,
	read_query, read_canon, read_limit, read_body_hash, read_signature,
	check_body_hash, read_times, NULL };
static const reader_fn of_arc_message[] = { read_required, read_domain,
	read_selector, read_algorithm, read_names, identity_of_domain,
	read_query, read_canon, read_limit, read_body_hash, read_signature,
	check_body_hash, read_times, NULL };
static const reader_fn of_arc_seal[] = { read_required, read_domain,
	read_selector, read_algorithm, identity_of_domain, relaxed_header,
	read_signature, read_time_made, NULL };

static bool
read_all(struct reading *r)
{
	static const reader_fn *const forms[] = {
		[DKIM_FORM_SIGNATURE] = of_signature,
		[DKIM_FORM_ARC_MESSAGE] = of_arc_message,
		[DKIM_FORM_ARC_SEAL] = of_arc_seal,
	};

	for (const reader_fn *next = forms[r->form]; *next != NULL; next++)
		if (!(*next)(r))
			return false;
	find_b_text(r);
	return true;
}

/* d= and s= of a field that was refused before they were read. */
static void
salvage_names(struct reading *r)
{
	const struct slice *d = get(r, "d"), *s = get(r, "s");

	if (r->f->domain.n == 0 && d != NULL && d->n > 0)
		(void)to_name(r, *d, &r->f->domain);
	if (r->f->selector.n == 0 && s != NULL && s->n > 0)
		(void)to_name(r, *s, &r->f->selector);
}

/* A tag list that is none. What can be read is shown nevertheless. */
static int
read_broken(struct reading *r, struct slice value, struct slice bad, int err)
{
	if (err == ERR_LIMIT)
		(void)over(r, LIMIT_TAGS, "signature has too many tags");
	else
		(void)neutral(r, "");
	if (err == ERR_SYNTAX)
		r->f->reason =
		    arena_printf(r->arena, "malformed or repeated tag: %.*s",
			SL_ARG(slice_sub(bad, 0, 32)));
	err = tags_parse(r->arena, value, TAGS_LENIENT, &r->f->tags, NULL);
	return err == ERR_NOMEM ? err : 0;
}

int
dkim_field_read(struct arena *a, const struct header_field *f, int64_t now,
    int64_t drift, struct dkim_field *out)
{
	return dkim_field_read_form(a, f, DKIM_FORM_SIGNATURE, now, drift, out);
}

int
dkim_field_read_form(struct arena *a, const struct header_field *f,
    enum dkim_form form, int64_t now, int64_t drift, struct dkim_field *out)
{
	struct reading r = { .arena = a,
		.f = out,
		.form = form,
		.now = now,
		.drift = drift };
	struct slice bad = { 0 };
	int err;

	*out = (struct dkim_field){ .verdict = VERDICT_PASS, .raw = f->raw };
	out->domain = out->selector = out->identity = out->a = out->b8 =
	    out->reason = SL("");
	if (f->raw.n > MOST_SIGNATURE_OCTETS) {
		(void)over(&r, LIMIT_SIGNATURE_OCTETS,
		    "signature field is too long");
		return 0;
	}
	err = tags_parse(a, f->value, TAGS_STRICT, &out->tags, &bad);
	if (err == ERR_NOMEM)
		return err;
	if (err != 0)
		err = read_broken(&r, f->value, bad, err);
	if (err == 0)
		err = read_texts(&r);
	if (err != 0)
		return err;
	if (out->verdict == VERDICT_PASS)
		(void)read_all(&r);
	if (out->verdict != VERDICT_PASS)
		salvage_names(&r);
	return r.nomem || arena_failed(a) ? ERR_NOMEM : 0;
}
