/* SPDX-License-Identifier: BSD-2-Clause
 *
 * template_value: what a variable of a template stands for in one message,
 * and the form in which it can be sent.
 */
#include "base/clock.h"
#include "base/err.h"
#include "mail/chars.h"
#include "policy/reply_tags.h"
#include "policy/template.h"

#define REASON_MAX ((size_t)300)

struct slice
template_printable(struct arena *a, struct slice s, size_t max)
{
	char *out = arena_alloc(a, max + 1);
	size_t n = 0;
	bool odd = false;

	if (out == NULL)
		return slice_of(NULL, 0);
	s = slice_trim(s);
	for (size_t i = 0; i < s.n && n <= max; i++) {
		bool was_odd = odd;

		odd = !char_is(s.p[i], CHAR_VCHAR) && s.p[i] != ' ';
		if (!odd)
			out[n++] = s.p[i];
		else if (!was_odd)
			out[n++] = '?';
	}
	if (n > max) {
		n = max;
		for (size_t i = n > 3 ? n - 3 : 0; i < n; i++)
			out[i] = '.';
	}
	return slice_of(out, n);
}

static struct arena *
arena_of(const struct template_source *s)
{
	return s->context->ev->arena;
}

static struct slice
time_text(struct arena *a, enum template_var var)
{
	char text[CLOCK_TEXT];
	int64_t now = clock_epoch();

	if (var == TEMPLATE_EPOCH)
		return arena_printf(a, "%" PRId64, now);
	clock_format_iso(now, text);
	return arena_copy(a, slice_c(text));
}

/* RFC 7208 section 6.2: it must be plain that the text is the sender's. */
static struct slice
explanation(const struct template_source *s)
{
	const struct evaluation *ev = s->context->ev;
	struct arena *a = arena_of(s);
	const struct spf_result *spf = &ev->spf;
	struct slice who, text;

	if (slice_eq(s->tag, slice_c(reply_tags[REPLY_TAG_HELO].text)))
		spf = &ev->spf_helo;
	if (spf->explanation.n == 0)
		return SL("");
	who = template_printable(a, spf->explainer, TEMPLATE_VALUE_MAX);
	text = template_printable(a, spf->explanation, TEMPLATE_VALUE_MAX);
	return arena_printf(a, "%.*s explains: %.*s", SL_ARG(who),
	    SL_ARG(text));
}

/* What the caller says, else what did not pass, else the rule. */
static struct slice
reason(const struct template_source *s)
{
	const struct finding_vec *all = &s->context->ev->findings.all;
	struct buf b;

	if (s->extra->reason.n > 0)
		return s->extra->reason;
	buf_init(&b, arena_of(s), REASON_MAX);
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = all->at[i];

		if (f->hidden || f->verdict == VERDICT_PASS ||
		    f->verdict == VERDICT_NONE)
			continue;
		buf_printf(&b, "%s%s%s=%s", b.n > 0 ? "; " : "",
		    method_word(f->method),
		    finding_get(f, SL("smtp.helo")).n > 0 ? ".helo" : "",
		    verdict_word(f->verdict));
		if (f->reason.n > 0)
			buf_printf(&b, " (%.*s)", SL_ARG(f->reason));
	}
	if (b.n == 0)
		buf_printf(&b, "rule %.*s", SL_ARG(s->extra->rule));
	return buf_slice(&b);
}

static int
fact_value(const struct template_source *s, const struct template_part *part,
    struct template_value *out)
{
	struct fact_value v;
	int err = fact_get(part->fact, s->context, part->text, &v);

	/* Not known at this stage, or DNS did not answer in time. */
	if (err == ERR_TIMEOUT) {
		out->text = SL("unknown");
		return 0;
	}
	if (err != 0)
		return err;
	out->theirs = v.type == FACT_TEXT || v.type == FACT_LIST;
	out->firm = !out->theirs;
	out->text = fact_text(arena_of(s), &v);
	return 0;
}

int
template_value_raw(const struct template_source *s,
    const struct template_part *part, struct template_value *out)
{
	const struct message *m = s->context->ev->message;

	*out = (struct template_value){ .firm = true };
	switch (part->var) {
	case TEMPLATE_TEXT:
		break;
	case TEMPLATE_FACT:
		return fact_value(s, part, out);
	case TEMPLATE_HOST:
		out->text = m->session->hostname;
		break;
	case TEMPLATE_ID:
		out->text = slice_c(m->id);
		break;
	case TEMPLATE_QID:
		out->text = m->queue_id;
		break;
	case TEMPLATE_EPOCH:
	case TEMPLATE_TIME:
		out->text = time_text(arena_of(s), part->var);
		break;
	case TEMPLATE_TAG:
		out->text = s->tag;
		break;
	case TEMPLATE_REASON:
		out->text = reason(s);
		out->firm = false;
		break;
	case TEMPLATE_RULE:
		out->text = s->extra->rule;
		break;
	case TEMPLATE_HELP:
		out->text = s->help;
		break;
	case TEMPLATE_LANG:
		out->text = s->lang;
		break;
	case TEMPLATE_SPF_EXP:
		out->text = explanation(s);
		out->firm = false;
		break;
	case TEMPLATE_DKIM_REASON:
		out->text = s->context->ev->dkim.reason;
		out->firm = false;
		break;
	case TEMPLATE_DMARC_RECORD:
		out->text = s->context->ev->dmarc.record;
		out->firm = false;
		out->theirs = true;
		break;
	}
	return 0;
}

int
template_value(const struct template_source *s,
    const struct template_part *part, size_t max, struct template_value *out)
{
	int err = template_value_raw(s, part, out);
	bool words = false;
	char *p;

	if (err != 0)
		return err;
	out->text = template_printable(arena_of(s), out->text, max);
	if (out->text.p == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < out->text.n; i++)
		if (out->text.p[i] == ' ' || out->text.p[i] == '"')
			words = true;
	out->theirs = out->theirs && words;
	if (!out->theirs)
		return 0;
	p = arena_alloc(arena_of(s), out->text.n);
	if (p == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < out->text.n; i++)
		p[i] = out->text.p[i] == '"' ? '\'' : out->text.p[i];
	out->text.p = p;
	return 0;
}
