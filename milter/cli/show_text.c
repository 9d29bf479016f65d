/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show_text: the verdict in aligned columns, most important first.
 */
#include "base/err.h"
#include "cli/print.h"
#include "cli/show.h"

#define LABEL ((size_t)12)      /* columns of a label */
#define FACT_LABEL ((size_t)18) /* of a fact's name */
#define VERDICT ((size_t)10)    /* of a verdict */
#define TEXT_MEMORY ((size_t)16 << 20)

static enum tint
verdict_tint(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return TINT_GOOD;
	case VERDICT_FAIL:
	case VERDICT_POLICY:
	case VERDICT_PERMERROR:
		return TINT_BAD;
	case VERDICT_SOFTFAIL:
	case VERDICT_TEMPERROR:
		return TINT_DOUBT;
	case VERDICT_NONE:
	case VERDICT_NEUTRAL:
	case VERDICT_COUNT:
		break;
	}
	return TINT_NONE;
}

static enum tint
action_tint(const struct plan *p)
{
	switch (p->action) {
	case ACTION_ACCEPT:
		return p->quarantine || p->hold ? TINT_DOUBT : TINT_GOOD;
	case ACTION_REJECT:
	case ACTION_DISCARD:
		return TINT_BAD;
	case ACTION_TEMPFAIL:
		return TINT_DOUBT;
	case ACTION_CONTINUE:
		break;
	}
	return TINT_NONE;
}

static void
field(struct print *p, const char *label, struct slice value)
{
	if (value.n == 0)
		return;
	print_label(p, label, LABEL);
	print_text(p, value);
	print_end(p);
}

static void
show_decision(struct print *p, const struct plan *plan)
{
	const struct reply *r = &plan->reply;

	print_heading(p, "Decision");
	print_label(p, "action", LABEL);
	print_word(p, action_word(plan->action), 0, action_tint(plan));
	buf_printf(p->out, "%s%s\n", plan->quarantine ? ", marked" : "",
	    plan->hold ? ", held in the MTA's queue" : "");
	field(p, "rule", plan->rule.n > 0 ? plan->rule : SL("none matched"));
	for (size_t i = 0; r->set && i < r->lines.n; i++) {
		print_label(p, i == 0 ? "reply" : "", LABEL);
		buf_printf(p->out, "%s %s ", r->code, r->enhanced);
		print_text(p, r->lines.at[i]);
		print_end(p);
	}
	for (size_t i = 0; i < plan->tests.n; i++) {
		print_label(p, "test", LABEL);
		print_text(p, plan->tests.at[i].rule);
		buf_adds(p->out, ": ");
		print_text(p, plan->tests.at[i].action);
		print_end(p);
	}
}

static void
show_finding(struct print *p, const struct finding *f)
{
	print_label(p, method_word(f->method), LABEL);
	print_word(p, verdict_word(f->verdict), f->reason.n > 0 ? VERDICT : 0,
	    verdict_tint(f->verdict));
	print_text(p, f->reason);
	print_end(p);
	for (size_t i = 0; i < f->props.n; i++) {
		const struct finding_prop *one = &f->props.at[i];

		if (one->value.n == 0)
			continue;
		print_label(p, "", LABEL + VERDICT);
		if (one->ptype != NULL)
			buf_printf(p->out, "%s.", one->ptype);
		buf_printf(p->out, "%s=", one->name);
		print_text(p, one->value);
		print_end(p);
	}
}

static void
show_findings(struct print *p, const struct evaluation *ev)
{
	print_heading(p, "Findings");
	if (!ev->judged)
		buf_printf(p->out, "  %s mail is not judged\n",
		    direction_word(ev->direction));
	for (size_t i = 0; i < ev->findings.all.n; i++)
		show_finding(p, ev->findings.all.at[i]);
}

int
show_fact(const struct verdict_view *v, size_t i, struct fact_value *out)
{
	const struct evaluation *ev = engine_evaluation(v->session);
	const struct fact *f = &facts[i];
	int err;

	if (f->takes_argument || ev == NULL)
		return 0;
	/* To show it would be to run it. */
	if (strcmp(f->name, "iprev") == 0 && !ev->iprev.done)
		return 0;
	err = engine_fact(v->session, f, SL(""), out);
	if (err != 0)
		return err == ERR_TIMEOUT ? 0 : err;
	switch (out->type) {
	case FACT_WORD:
		return !slice_eq(out->text, SL("none")) && out->text.n > 0;
	case FACT_TEXT:
	case FACT_ADDRESS:
		return out->text.n > 0;
	case FACT_LIST:
		return out->list.n > 0;
	case FACT_BOOL:
		return out->yes;
	case FACT_NUMBER:
		return 1;
	}
	return 0;
}

static void
show_facts(struct print *p, const struct verdict_view *v)
{
	struct arena *a = arena_new(TEXT_MEMORY);
	struct fact_value value;

	if (a == NULL) {
		p->out->bad = true;
		return;
	}
	print_heading(p, "Facts");
	for (size_t i = 0; i < facts_count; i++) {
		if (show_fact(v, i, &value) <= 0)
			continue;
		print_label(p, facts[i].name, FACT_LABEL);
		print_text(p, fact_text(a, &value));
		print_end(p);
	}
	arena_free(a);
}

const char *
show_edit_word(enum edit_kind kind)
{
	static const char *const words[] = {
		[EDIT_DELETE_HEADER] = "delete",
		[EDIT_CHANGE_HEADER] = "change",
		[EDIT_INSERT_HEADER] = "insert",
		[EDIT_ADD_HEADER] = "add",
		[EDIT_CHANGE_FROM] = "sender",
		[EDIT_ADD_RCPT] = "add-rcpt",
		[EDIT_DELETE_RCPT] = "delete-rcpt",
		[EDIT_HOLD] = "hold",
	};

	return (unsigned)kind < ARRAY_LEN(words) ? words[kind] : "unknown";
}

/* A value whose folds continue below its beginning. */
static void
show_value(struct print *p, struct slice value)
{
	struct slice line;
	bool first = true;

	while (slice_cut(&value, '\n', &line)) {
		if (!first)
			print_label(p, "", LABEL + 4);
		print_text(p, first ? line : slice_trim(line));
		print_end(p);
		first = false;
	}
	if (first)
		print_end(p);
}

static void
show_edits(struct print *p, const struct plan *plan)
{
	if (plan->edits.n == 0)
		return;
	print_heading(p, "Edits");
	for (size_t i = 0; i < plan->edits.n; i++) {
		const struct edit *e = &plan->edits.at[i];

		print_label(p, show_edit_word(e->kind), LABEL);
		print_text(p, e->name);
		if (e->kind == EDIT_DELETE_HEADER)
			buf_printf(p->out, " %u\n", e->index);
		else if (e->name.n > 0)
			buf_addc(p->out, ':');
		if (e->kind != EDIT_DELETE_HEADER)
			show_value(p, e->value);
	}
}

static void
show_record(struct print *p, const struct dns_answer *a,
    const struct dns_record *r)
{
	char ip[IP_TEXT];

	print_label(p, "", LABEL);
	if (a->type == DNS_TXT) {
		buf_addc(p->out, '"');
		print_text(p, r->text);
		buf_addc(p->out, '"');
	} else if (a->type == DNS_A || a->type == DNS_AAAA) {
		print_text(p, slice_c(ip_print(&r->ip, ip)));
	} else {
		if (a->type == DNS_MX)
			buf_printf(p->out, "%u ", r->preference);
		print_text(p, r->name);
	}
	print_end(p);
}

static void
show_dns(struct print *p, const struct dns_message *dns)
{
	size_t n = dns_message_count(dns);

	if (n == 0)
		return;
	print_heading(p, "DNS");
	for (size_t i = 0; i < n; i++) {
		const struct dns_answer *a = dns_message_answer(dns, i);

		print_label(p, dns_type_name(a->type), LABEL);
		print_text(p, a->name);
		buf_printf(p->out, "  %s%s%s%s\n", dns_status_name(a->status),
		    a->why[0] != '\0' ? " " : "", a->why,
		    a->secure ? ", secure" : "");
		for (size_t k = 0; k < a->n; k++)
			show_record(p, a, &a->rr[k]);
	}
}

void
show_text(const struct verdict_view *v, struct buf *out)
{
	const struct evaluation *ev = engine_evaluation(v->session);
	struct print p = { .out = out, .colour = v->colour };

	show_decision(&p, v->plan);
	if (ev == NULL)
		return;
	show_findings(&p, ev);
	show_facts(&p, v);
	show_edits(&p, v->plan);
	show_dns(&p, ev->dns);
}
