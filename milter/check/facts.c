/* SPDX-License-Identifier: BSD-2-Clause
 *
 * facts: the one table of variables, and how to find, get and print one. The
 * help texts are those of policy.conf(5); a test compares the two.
 */
#include "check/facts.h"

#include "base/err.h"
#include "base/names.h"
#include "check/facts_private.h"

#define TEXT_MAX ((size_t)65536)

static const char *const direction_words[] = { "inbound", "relayed",
	"originating", NULL };
static const char *const from_words[] = { "none", "missing", "several-fields",
	"several-mailboxes", "group", "syntax", "no-domain", NULL };
static const char *const iprev_words[] = { "none", "pass", "fail", "temperror",
	"permerror", NULL };
static const char *const spf_words[] = { "none", "pass", "fail", "softfail",
	"neutral", "temperror", "permerror", NULL };
static const char *const dkim_words[] = { "none", "pass", "fail", "policy",
	"neutral", "temperror", "permerror", NULL };
static const char *const dmarc_words[] = { "none", "pass", "fail", "temperror",
	"permerror", NULL };
static const char *const policy_words[] = { "none", "quarantine", "reject",
	NULL };
static const char *const arc_words[] = { "none", "pass", "fail", NULL };

#define AT(first, last) .from = STAGE_##first, .until = STAGE_##last
#define FACT_ROW(row_name, row_type, row_get, ...)           \
	{                                                    \
		.name = (row_name), .type = FACT_##row_type, \
		.get = fact_##row_get, __VA_ARGS__           \
	}

const struct fact facts[] = {
#include "check/facts.def"
};

const size_t facts_count = ARRAY_LEN(facts);

const char *
stage_word(enum stage s)
{
	switch (s) {
	case STAGE_MAIL:
		return "mail";
	case STAGE_RCPT:
		return "rcpt";
	case STAGE_EOM:
		break;
	}
	return "eom";
}

const struct fact *
fact_find(struct slice name)
{
	for (size_t i = 0; i < facts_count; i++)
		if (slice_ieq(name, slice_c(facts[i].name)))
			return &facts[i];
	return NULL;
}

void
facts_nearest(struct names_nearest *near)
{
	for (size_t i = 0; i < facts_count; i++)
		names_nearest_try(near, slice_c(facts[i].name));
}

bool
fact_known_at(const struct fact *f, enum stage s)
{
	return s >= f->from && s <= f->until;
}

int
fact_get(const struct fact *f, const struct fact_context *c, struct slice arg,
    struct fact_value *out)
{
	*out = (struct fact_value){ .type = f->type };
	if (!fact_known_at(f, c->stage))
		return ERR_TIMEOUT;
	return f->get(c, arg, out);
}

struct slice
fact_text(struct arena *a, const struct fact_value *v)
{
	struct buf b;

	switch (v->type) {
	case FACT_WORD:
	case FACT_TEXT:
	case FACT_ADDRESS:
	case FACT_NUMBER:
		return v->text.p != NULL ? v->text : SL("");
	case FACT_BOOL:
		return v->yes ? SL("yes") : SL("no");
	case FACT_LIST:
		break;
	}
	buf_init(&b, a, TEXT_MAX);
	for (size_t i = 0; i < v->list.n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		buf_add(&b, v->list.at[i]);
	}
	/* Over the ceiling: as much as fits is still the truth. */
	return arena_failed(a) ? slice_of(NULL, 0) : buf_slice(&b);
}
