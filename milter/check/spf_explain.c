/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_explain: the domain owner's own words for a fail (RFC 7208 section
 * 6.2). Whatever is wrong with them means that there are none. See
 * spf_eval.h.
 */
#include "check/spf_eval.h"

#include "base/err.h"
#include "mail/chars.h"
#include "mail/domain.h"

/* It goes into a line of an SMTP reply beside other text. */
#define EXPLANATION_MAX 400

/* RFC 8616 section 4: names cannot be made from a local-part that is not ASCII. */
static bool
unusable(const struct spf_eval *e, uint32_t letters)
{
	return e->local_high &&
	    (letters & (SPF_LETTER('s') | SPF_LETTER('l'))) != 0;
}

static bool
validate_if_asked(struct spf_eval *e, uint32_t letters)
{
	return (letters & SPF_LETTER('p')) == 0 || spf_validate_client(e);
}

static bool
is_printable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is(s.p[i], CHAR_VCHAR) && s.p[i] != ' ')
			return false;
	return s.n > 0;
}

/* The one TXT record of the name that exp= gives; empty if there is none. */
static struct slice
fetch(struct spf_eval *e, const struct spf_term *exp)
{
	const struct slice none = { NULL, 0 };
	const struct dns_answer *a;
	char room[SPF_NAME_ROOM];
	struct slice name;

	if (unusable(e, exp->macros) || !validate_if_asked(e, exp->macros))
		return none;
	name = spf_macro_name(exp->spec, &e->values, room);
	if (!domain_is_carryable(name))
		return none;
	a = spf_ask(e, name, DNS_TXT);
	return a != NULL && a->status == DNS_OK && a->n == 1 ? a->rr[0].text :
							       none;
}

void
spf_explain(struct spf_eval *e)
{
	const struct spf_frame *top = &e->frames[0];
	struct spf_result kept = *e->result;
	char text[EXPLANATION_MAX];
	struct slice source, out = { NULL, 0 };
	uint32_t letters;

	if (top->record.exp.text.n == 0)
		return;
	/* The verdict stands: neither a limit nor a deadline may change it. */
	e->decided = false;
	e->values.domain = top->domain;
	source = fetch(e, &top->record.exp);
	if (source.n > 0 && spf_macro_check(source, true, &letters) &&
	    !unusable(e, letters) && validate_if_asked(e, letters))
		out = slice_of(text,
		    spf_macro_expand(source, &e->values, false, text,
			sizeof(text)));
	*e->result = kept;
	e->decided = true;
	if (e->err == ERR_TIMEOUT)
		e->err = 0;
	if (e->err != 0 || !is_printable(out))
		return;
	e->result->explanation = arena_copy(e->arena, out);
	e->result->explainer = top->domain;
	if (e->result->explanation.p == NULL)
		e->err = ERR_NOMEM;
}
