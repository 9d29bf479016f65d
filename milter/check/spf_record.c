/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_record: see spf_record.h. One function per rule of the grammar; each
 * returns NULL or, as static text, what is wrong.
 */
#include "check/spf_record.h"

#include "check/spf_macro.h"
#include "mail/chars.h"

static const struct slice version = SLICE_INIT("v=spf1");

unsigned
spf_record_select(const struct dns_answer *txt, struct slice *out)
{
	unsigned found = 0;

	*out = slice_of(NULL, 0);
	if (txt->status != DNS_OK)
		return 0;
	for (size_t i = 0; i < txt->n && found < 2; i++) {
		struct slice s = txt->rr[i].text;

		if (!slice_istarts(s, version) ||
		    (s.n > version.n && s.p[version.n] != ' '))
			continue;
		if (found++ == 0)
			*out = s;
	}
	return found;
}

static const char prefix_flaw[] = "not a valid prefix length";

/* "0" or a number without leading zero, at most max. */
static const char *
read_prefix(struct slice digits, unsigned max, uint8_t *out)
{
	unsigned value = 0;

	if (digits.n == 0 || digits.n > 3 ||
	    (digits.n > 1 && digits.p[0] == '0'))
		return prefix_flaw;
	for (size_t i = 0; i < digits.n; i++) {
		if (!char_is(digits.p[i], CHAR_DIGIT))
			return prefix_flaw;
		value = value * 10 + (unsigned)(digits.p[i] - '0');
	}
	if (value > max)
		return prefix_flaw;
	*out = (uint8_t)value;
	return NULL;
}

/* Offset of the '/' before digits at the end of s, or SLICE_NONE. */
static size_t
final_slash(struct slice s)
{
	size_t at = s.n;

	while (at > 0 && char_is(s.p[at - 1], CHAR_DIGIT))
		at--;
	return at < s.n && at > 0 && s.p[at - 1] == '/' ? at - 1 : SLICE_NONE;
}

/* Takes dual-cidr-length off the end. A domain-spec cannot end like one: its
 * last label may hold no '/'. */
static const char *
cut_dual_prefix(struct slice *s, struct spf_term *t)
{
	size_t slash = final_slash(*s);
	const char *flaw;

	if (slash == SLICE_NONE)
		return NULL;
	if (slash > 0 && s->p[slash - 1] == '/') {
		flaw = read_prefix(slice_from(*s, slash + 1), 128, &t->bits6);
		if (flaw != NULL)
			return flaw;
		s->n = slash - 1;
		slash = final_slash(*s);
		if (slash == SLICE_NONE)
			return NULL;
	}
	flaw = read_prefix(slice_from(*s, slash + 1), 32, &t->bits4);
	s->n = slash;
	return flaw;
}

/* qnum of RFC 7208: no leading zeros; four of them. */
static bool
is_dotted_quad(struct slice s)
{
	struct slice part;
	unsigned parts = 0;

	if (s.n == 0 || s.p[s.n - 1] == '.')
		return false;
	while (slice_cut(&s, '.', &part)) {
		if (part.n == 0 || part.n > 3 ||
		    (part.n > 1 && part.p[0] == '0'))
			return false;
		parts++;
	}
	return parts == 4;
}

static const char *
read_network(struct slice s, struct spf_term *t)
{
	bool v4 = t->kind == SPF_IP4;
	size_t slash = slice_chr(s, '/');
	struct slice address = slice_sub(s, 0, slash);

	/* ip_parse takes more than the grammar has: both families, "IPv6:". */
	if (v4 ? !is_dotted_quad(address) :
		 slice_chr(address, ':') == SLICE_NONE ||
		    slice_istarts(address, SL("IPv6:")))
		return "not an address";
	if (!ip_parse(address, &t->ip) || t->ip.family != (v4 ? 4 : 6))
		return "not an address";
	if (slash == SLICE_NONE)
		return NULL;
	s = slice_from(s, slash + 1);
	return v4 ? read_prefix(s, 32, &t->bits4) :
		    read_prefix(s, 128, &t->bits6);
}

/* A name has 253 octets at most; this leaves room for macros, of which each
 * takes time with each message. */
static const char *
spec_flaw(struct spf_term *t)
{
	return t->spec.n > MOST_SPF_SPEC ?
	    "longer than any name" :
	    spf_domain_spec_flaw(t->spec, &t->macros);
}

/* What follows a mechanism's name. */
static const char *
read_arguments(struct slice rest, struct spf_term *t)
{
	bool needs = t->kind == SPF_INCLUDE || t->kind == SPF_EXISTS;
	const char *flaw;

	if (t->kind == SPF_ALL)
		return rest.n > 0 ? "\"all\" takes no argument" : NULL;
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6) {
		if (rest.n == 0 || rest.p[0] != ':')
			return "no address given";
		return read_network(slice_from(rest, 1), t);
	}
	if (t->kind == SPF_A || t->kind == SPF_MX) {
		flaw = cut_dual_prefix(&rest, t);
		if (flaw != NULL)
			return flaw;
	}
	if (rest.n == 0)
		return needs ? "no domain given" : NULL;
	if (rest.p[0] != ':')
		return t->kind == SPF_A || t->kind == SPF_MX ?
		    prefix_flaw :
		    "no prefix length may stand here";
	t->spec = slice_from(rest, 1);
	return spec_flaw(t);
}

static const struct {
	struct slice name;
	enum spf_kind kind;
} mechanisms[] = {
	{ SLICE_INIT("ip4"), SPF_IP4 },
	{ SLICE_INIT("include"), SPF_INCLUDE },
	{ SLICE_INIT("all"), SPF_ALL },
	{ SLICE_INIT("a"), SPF_A },
	{ SLICE_INIT("mx"), SPF_MX },
	{ SLICE_INIT("ip6"), SPF_IP6 },
	{ SLICE_INIT("exists"), SPF_EXISTS },
	{ SLICE_INIT("ptr"), SPF_PTR },
};

static const char *
read_mechanism(struct slice s, struct spf_term *t)
{
	size_t end = 0;

	switch (s.p[0]) {
	case '-':
		t->qualifier = VERDICT_FAIL;
		break;
	case '~':
		t->qualifier = VERDICT_SOFTFAIL;
		break;
	case '?':
		t->qualifier = VERDICT_NEUTRAL;
		break;
	default:
		t->qualifier = VERDICT_PASS;
		break;
	}
	if (t->qualifier != VERDICT_PASS || s.p[0] == '+')
		s = slice_from(s, 1);
	while (end < s.n && s.p[end] != ':' && s.p[end] != '/')
		end++;
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (slice_ieq(slice_sub(s, 0, end), mechanisms[i].name)) {
			t->kind = mechanisms[i].kind;
			return read_arguments(slice_from(s, end), t);
		}
	return "no known mechanism";
}

/* Length of the name of a modifier, SLICE_NONE if s is none. */
static size_t
modifier_name(struct slice s)
{
	size_t at = 0;

	if (!char_is(s.p[0], CHAR_ALPHA))
		return SLICE_NONE;
	while (at < s.n &&
	    (char_is(s.p[at], CHAR_LDH) || s.p[at] == '_' || s.p[at] == '.'))
		at++;
	return at < s.n && s.p[at] == '=' ? at : SLICE_NONE;
}

static const char *
read_modifier(struct slice s, size_t name, struct spf_term *t)
{
	struct slice word = slice_sub(s, 0, name);

	t->qualifier = VERDICT_PASS;
	t->spec = slice_from(s, name + 1);
	t->kind = slice_ieq(word, SL("redirect")) ? SPF_REDIRECT :
	    slice_ieq(word, SL("exp"))            ? SPF_EXP :
						    SPF_UNKNOWN;
	if (t->kind != SPF_UNKNOWN)
		return spec_flaw(t);
	return spf_macro_check(t->spec, false, &t->macros) ?
	    NULL :
	    "a modifier whose value is no macro-string";
}

/* The term at or behind *at. false: there is none. */
static bool
next_term(struct slice text, size_t *at, struct spf_term *t, const char **flaw)
{
	size_t name;

	while (*at < text.n && text.p[*at] == ' ')
		++*at;
	if (*at >= text.n)
		return false;
	*t = (struct spf_term){ .bits4 = 32, .bits6 = 128 };
	t->text = slice_from(text, *at);
	t->text = slice_sub(t->text, 0, slice_chr(t->text, ' '));
	*at += t->text.n;
	name = modifier_name(t->text);
	*flaw = name != SLICE_NONE ? read_modifier(t->text, name, t) :
				     read_mechanism(t->text, t);
	return true;
}

/* Sections 5.1, 6: what a record holds once. */
static const char *
note_term(struct spf_record *r, const struct spf_term *t)
{
	struct spf_term *once = t->kind == SPF_REDIRECT ? &r->redirect :
	    t->kind == SPF_EXP                          ? &r->exp :
							  NULL;

	if (t->kind == SPF_ALL)
		r->has_all = true;
	if (once == NULL)
		return NULL;
	if (once->text.n > 0)
		return "given twice";
	*once = *t;
	return NULL;
}

bool
spf_record_read(struct slice text, struct spf_record *out,
    struct spf_flaw *flaw)
{
	size_t at = version.n, mechanisms_seen = 0;
	struct spf_term t;
	bool refuses = false;

	*out = (struct spf_record){ .text = text };
	*flaw = (struct spf_flaw){ 0 };
	while (next_term(text, &at, &t, &flaw->why)) {
		if (flaw->why == NULL)
			flaw->why = note_term(out, &t);
		if (flaw->why != NULL) {
			flaw->term = t.text;
			flaw->too_long =
			    t.kind != SPF_UNKNOWN && t.spec.n > MOST_SPF_SPEC;
			return false;
		}
		if (t.kind < SPF_REDIRECT) {
			out->counting += !out->has_all && spf_term_counts(&t);
			mechanisms_seen++;
			refuses =
			    t.kind == SPF_ALL && t.qualifier == VERDICT_FAIL;
		}
	}
	out->nobody = mechanisms_seen == 1 && refuses;
	return true;
}

bool
spf_record_next(const struct spf_record *r, size_t *at, struct spf_term *out)
{
	const char *flaw = NULL;

	if (*at == 0)
		*at = version.n;
	while (next_term(r->text, at, out, &flaw))
		if (out->kind < SPF_REDIRECT)
			return true;
	return false;
}

bool
spf_term_counts(const struct spf_term *t)
{
	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_REDIRECT:
		return true;
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_UNKNOWN:
		return false;
	}
	return false;
}
