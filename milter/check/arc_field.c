/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_field: the two signatures are read by the reader of DKIM-Signature; here
 * is what RFC 8617 adds: i=, cv=, and what must not be there.
 */
#include "check/arc_field.h"

#include "base/err.h"
#include "mail/scan.h"

#define INSTANCE_DIGITS 2

static const char *const names[] = {
	[ARC_RESULTS] = "ARC-Authentication-Results",
	[ARC_MESSAGE] = "ARC-Message-Signature",
	[ARC_SEAL] = "ARC-Seal",
};

_Static_assert(ARRAY_LEN(names) == ARC_KINDS, "one name a kind");

const char *
arc_kind_name(enum arc_kind k)
{
	return names[k];
}

bool
arc_kind_parse(struct slice name, enum arc_kind *out)
{
	for (unsigned k = 0; k < ARC_KINDS; k++)
		if (slice_ieq(name, slice_c(names[k]))) {
			*out = (enum arc_kind)k;
			return true;
		}
	return false;
}

/* The number if it is one from 1 to 50, else 0. */
static unsigned
instance_of(struct slice text)
{
	uint64_t n = 0;

	if (tags_number(text, INSTANCE_DIGITS, &n) != 0 || n > ARC_MAX_SETS)
		return 0;
	return (unsigned)n;
}

/* [CFWS] "i" [CFWS] "=" [CFWS] 1*2DIGIT [CFWS] ";" (section 4.2.1). */
static void
read_results(struct arc_field *out, struct slice value)
{
	size_t at = scan_cfws(value, 0), end;

	out->fault = SL("i= is missing or not from 1 to 50");
	if (at == value.n || value.p[at] != 'i')
		return;
	at = scan_cfws(value, at + 1);
	if (at == value.n || value.p[at] != '=')
		return;
	at = scan_cfws(value, at + 1);
	end = scan_class(value, at, CHAR_DIGIT);
	out->instance = instance_of(slice_sub(value, at, end - at));
	at = scan_cfws(value, end);
	if (at == value.n || value.p[at] != ';')
		out->instance = 0;
	if (out->instance == 0)
		return;
	out->results = slice_from(value, at + 1);
	out->fault = SL("");
}

/* True for the names that section 4.1.2 forbids in h=. */
static bool
must_not_be_signed(struct slice name)
{
	enum arc_kind unused;

	return arc_kind_parse(name, &unused) ||
	    slice_ieq(name, SL("Authentication-Results"));
}

static void
check_names(struct arc_field *out)
{
	const struct slice_vec *signed_names = &out->sig.names;

	for (size_t i = 0; i < signed_names->n; i++)
		if (must_not_be_signed(signed_names->at[i]))
			out->fault =
			    SL("h= names a field that it must not sign");
}

static void
read_cv(struct arc_field *out)
{
	const struct slice *cv = tags_get(&out->sig.tags, SL("cv"));

	out->cv = VERDICT_POLICY;
	if (cv == NULL)
		return;
	if (slice_ieq(*cv, SL("none")))
		out->cv = VERDICT_NONE;
	else if (slice_ieq(*cv, SL("pass")))
		out->cv = VERDICT_PASS;
	else if (slice_ieq(*cv, SL("fail")))
		out->cv = VERDICT_FAIL;
}

/* Section 4.1.3: no h=, for it is known what a seal covers. */
static void
check_seal(struct arc_field *out)
{
	if (tags_get(&out->sig.tags, SL("h")) != NULL)
		out->fault = SL("h= is not allowed");
	else if (out->cv == VERDICT_POLICY)
		out->fault = SL("cv= is missing or unknown");
}

static int
read_signature(struct arena *a, const struct header_field *f, int64_t now,
    int64_t drift, struct arc_field *out)
{
	bool seal = out->kind == ARC_SEAL;
	const struct slice *i;
	int err = dkim_field_read_form(a, f,
	    seal ? DKIM_FORM_ARC_SEAL : DKIM_FORM_ARC_MESSAGE, now, drift,
	    &out->sig);

	if (err != 0)
		return err;
	i = tags_get(&out->sig.tags, SL("i"));
	out->instance = i != NULL ? instance_of(*i) : 0;
	if (seal)
		read_cv(out);
	if (out->instance == 0)
		out->fault = SL("i= is missing or not from 1 to 50");
	else if (out->sig.verdict != VERDICT_PASS)
		out->fault = out->sig.reason;
	else if (seal)
		check_seal(out);
	else
		check_names(out);
	return 0;
}

int
arc_field_read(struct arena *a, const struct header_field *f,
    enum arc_kind kind, int64_t now, int64_t drift, struct arc_field *out)
{
	*out = (struct arc_field){ .kind = kind,
		.fault = SL(""),
		.raw = f->raw,
		.cv = VERDICT_POLICY,
		.results = SL("") };
	if (kind != ARC_RESULTS)
		return read_signature(a, f, now, drift, out);
	read_results(out, f->value);
	return 0;
}
