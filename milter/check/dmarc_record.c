/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_record: the version by its own rule (first, case-sensitive), the rest
 * as a lenient tag list.
 */
#include "check/dmarc_record.h"

#include "base/err.h"
#include "mail/scan.h"
#include "mail/tags.h"

static const char *const policies[] = {
	[DMARC_POLICY_NONE] = "none",
	[DMARC_POLICY_QUARANTINE] = "quarantine",
	[DMARC_POLICY_REJECT] = "reject",
};

const char *
dmarc_policy_word(enum dmarc_policy p)
{
	return policies[p];
}

/* "v" equals %s"DMARC1", then the end or a separator. */
static bool
has_version(struct slice s)
{
	size_t at = scan_wsp(s, 1);

	if (s.n == 0 || s.p[0] != 'v' || at >= s.n || s.p[at] != '=')
		return false;
	at = scan_wsp(s, at + 1);
	if (!slice_starts(slice_from(s, at), SL("DMARC1")))
		return false;
	at = scan_wsp(s, at + 6);
	return at == s.n || s.p[at] == ';';
}

static void
read_policy(const struct tag_vec *tags, const char *name,
    struct dmarc_record *r, enum dmarc_policy *out)
{
	const struct slice *value = tags_get(tags, slice_c(name));

	if (value == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		if (slice_ieq(*value, slice_c(policies[i]))) {
			*out = (enum dmarc_policy)i;
			return;
		}
	}
	if (r->bad.n == 0)
		r->bad = slice_c(name);
}

/* True if the tag is there and says `letter`, in either case. */
static bool
says(const struct tag_vec *tags, struct slice name, char letter)
{
	const struct slice *value = tags_get(tags, name);

	return value != NULL && value->n == 1 &&
	    slice_lower(value->p[0]) == letter;
}

static unsigned
read_fo(struct slice value)
{
	static const char letters[] = "01ds";
	struct slice part;
	unsigned fo = 0;

	while (slice_cut(&value, ':', &part)) {
		size_t bit;

		part = slice_trim(part);
		bit = part.n == 1 ?
		    slice_chr(slice_c(letters), slice_lower(part.p[0])) :
		    SLICE_NONE;
		if (bit == SLICE_NONE)
			return DMARC_FO_ALL;
		fo |= 1U << bit;
	}
	return fo == 0 ? DMARC_FO_ALL : fo;
}

bool
dmarc_uri_is_valid(struct slice uri)
{
	size_t colon = slice_chr(uri, ':'), at;
	struct slice rest;

	if (colon == SLICE_NONE || !char_is(uri.p[0], CHAR_ALPHA))
		return false;
	for (size_t i = 0; i < colon; i++)
		if (!char_is(uri.p[i], CHAR_LDH) && uri.p[i] != '+' &&
		    uri.p[i] != '.')
			return false;
	rest = slice_from(uri, colon + 1);
	if (rest.n == 0 || scan_class(rest, 0, CHAR_VCHAR) != rest.n)
		return false;
	if (!slice_ieq(slice_sub(uri, 0, colon), SL("mailto")))
		return true;
	at = slice_rchr(rest, '@');
	return at != SLICE_NONE && at > 0 && at + 1 < rest.n &&
	    rest.p[at + 1] != '!';
}

static bool
has_valid_uri(struct slice list)
{
	struct slice uri;

	while (slice_cut(&list, ',', &uri))
		if (dmarc_uri_is_valid(slice_trim(uri)))
			return true;
	return false;
}

static struct slice
value_of(const struct tag_vec *tags, struct slice name)
{
	const struct slice *value = tags_get(tags, name);

	return value != NULL ? *value : slice_of("", 0);
}

int
dmarc_record_read(struct arena *a, struct slice text, struct dmarc_record *out)
{
	struct tag_vec tags;
	int err;

	*out = (struct dmarc_record){ .text = text };
	if (!has_version(text))
		return ERR_SYNTAX;
	/* More tags than we take: those that were taken count. */
	err = tags_parse(a, text, TAGS_LENIENT, &tags, NULL);
	if (err == ERR_NOMEM)
		return err;
	out->cut = err == ERR_LIMIT;
	read_policy(&tags, "p", out, &out->p);
	out->sp = out->p;
	read_policy(&tags, "sp", out, &out->sp);
	out->np = out->sp;
	read_policy(&tags, "np", out, &out->np);
	out->strict_dkim = says(&tags, SL("adkim"), 's');
	out->strict_spf = says(&tags, SL("aspf"), 's');
	out->testing = says(&tags, SL("t"), 'y');
	if (says(&tags, SL("psd"), 'y'))
		out->psd = DMARC_PSD_YES;
	else if (says(&tags, SL("psd"), 'n'))
		out->psd = DMARC_PSD_NO;
	out->rua = value_of(&tags, SL("rua"));
	out->ruf = value_of(&tags, SL("ruf"));
	out->reports = has_valid_uri(out->rua);
	if (out->ruf.n > 0)
		out->fo = read_fo(value_of(&tags, SL("fo")));
	return 0;
}
