/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show_json: the verdict as one JSON object. Its names are an interface, told
 * in chopmark(1). The only file that includes jansson.
 */
#include <jansson.h>

#include "base/num.h"
#include "cli/show.h"
#include "mail/scan.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD for bytes that are no UTF-8 */

/* Text as JSON has it; a caller's failure is seen at the end, when an object
 * with a missing part is refused. */
static json_t *
text(struct slice s)
{
	struct buf b;
	json_t *j;
	size_t at = 0;

	if (scan_is_utf8(s))
		return json_stringn(s.n > 0 ? s.p : "", s.n);
	buf_init(&b, NULL, num_add(num_mul(s.n, 3), 1));
	while (at < s.n) {
		unsigned char c = (unsigned char)s.p[at];
		size_t end = c < 0x80 ? at + 1 : scan_utf8(s, at);

		if (end > at)
			buf_add(&b, slice_sub(s, at, end - at));
		else
			buf_adds(&b, REPLACEMENT);
		at = end > at ? end : at + 1;
	}
	j = buf_ok(&b) ? json_stringn(b.p, b.n) : NULL;
	buf_fini(&b);
	return j;
}

static json_t *
texts(const struct slice_vec *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++)
		if (json_array_append_new(list, text(v->at[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
reply(const struct reply *r)
{
	if (!r->set)
		return json_null();
	return json_pack("{s:s, s:s, s:o, s:o}", "code", r->code, "enhanced",
	    r->enhanced, "tag", text(r->tag), "lines", texts(&r->lines));
}

/* Appends to a list; once something failed the list is gone and stays so. */
static void
append(json_t **list, json_t *one)
{
	if (*list != NULL && json_array_append_new(*list, one) == 0)
		return;
	if (*list == NULL)
		json_decref(one);
	json_decref(*list);
	*list = NULL;
}

static json_t *
tests(const struct plan_test_vec *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++)
		append(&list,
		    json_pack("{s:o, s:o}", "rule", text(v->at[i].rule),
			"action", text(v->at[i].action)));
	return list;
}

static json_t *
edits(const struct edit_vec *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++)
		append(&list,
		    json_pack("{s:s, s:i, s:o, s:o}", "kind",
			show_edit_word(v->at[i].kind), "index",
			(int)v->at[i].index, "name", text(v->at[i].name),
			"value", text(v->at[i].value)));
	return list;
}

static json_t *
properties(const struct finding_prop_vec *v)
{
	json_t *object = json_object();

	for (size_t i = 0; i < v->n; i++) {
		const struct finding_prop *p = &v->at[i];
		char name[128];

		(void)snprintf(name, sizeof(name), "%s%s%s",
		    p->ptype != NULL ? p->ptype : "",
		    p->ptype != NULL ? "." : "", p->name);
		if (p->value.n > 0 &&
		    json_object_set_new(object, name, text(p->value)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *
findings(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->all.n; i++) {
		const struct finding *one = f->all.at[i];

		append(&list,
		    json_pack("{s:s, s:s, s:o, s:b, s:o}", "method",
			method_word(one->method), "result",
			verdict_word(one->verdict), "reason", text(one->reason),
			"hidden", one->hidden ? 1 : 0, "properties",
			properties(&one->props)));
	}
	return list;
}

static json_t *
fact(const struct fact_value *v)
{
	switch (v->type) {
	case FACT_BOOL:
		return json_boolean(v->yes);
	case FACT_NUMBER:
		return json_integer((json_int_t)v->number);
	case FACT_LIST:
		return texts(&v->list);
	case FACT_WORD:
	case FACT_TEXT:
	case FACT_ADDRESS:
		break;
	}
	return text(v->text);
}

static json_t *
all_facts(const struct verdict_view *v)
{
	json_t *object = json_object();
	struct fact_value value;

	for (size_t i = 0; i < facts_count; i++) {
		int got = show_fact(v, i, &value);

		if (got < 0 ||
		    (got > 0 &&
			json_object_set_new(object, facts[i].name,
			    fact(&value)) != 0)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *
record(const struct dns_answer *a, const struct dns_record *r)
{
	char ip[IP_TEXT];

	switch (a->type) {
	case DNS_TXT:
		return text(r->text);
	case DNS_A:
	case DNS_AAAA:
		return json_string(ip_print(&r->ip, ip));
	case DNS_MX:
		return json_pack("{s:i, s:o}", "preference", (int)r->preference,
		    "name", text(r->name));
	case DNS_PTR:
	case DNS_CNAME:
		break;
	}
	return text(r->name);
}

static json_t *
answer(const struct dns_answer *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n; i++)
		append(&list, record(a, &a->rr[i]));
	return json_pack("{s:o, s:s, s:s, s:s, s:b, s:I, s:o}", "name",
	    text(a->name), "type", dns_type_name(a->type), "status",
	    dns_status_name(a->status), "why", a->why, "secure",
	    a->secure ? 1 : 0, "ttl", (json_int_t)a->ttl, "records", list);
}

static json_t *
answers(const struct dns_message *dns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dns_message_count(dns); i++)
		append(&list, answer(dns_message_answer(dns, i)));
	return list;
}

static json_t *
milliseconds(int64_t us)
{
	return json_real((double)us / 1000);
}

static json_t *
timed_part(const struct timeline *t, const struct timeline_part *part,
    const char *name, const struct dns_waited_vec *waits)
{
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "name", name,
	    "times", (int)part->times, "at",
	    milliseconds(part->from_us - t->began_us), "took",
	    milliseconds(part->wall_us), "cpu", milliseconds(part->cpu_us),
	    "waited", milliseconds(timeline_waited_us(part, waits)));
}

static json_t *
timed_steps(const struct timeline *t, const struct dns_waited_vec *waits)
{
	json_t *list = json_array();

	for (unsigned s = 0; s < TIMELINE_STEPS; s++) {
		const struct timeline_part *p = t->parts[s];
		json_t *step, *parts;

		if (p[0].times == 0)
			continue;
		step = timed_part(t, p,
		    timeline_step_word((enum timeline_step)s), waits);
		parts = json_array();
		for (size_t i = 1; i < TIMELINE_PARTS && p[i].times > 0; i++)
			append(&parts, timed_part(t, &p[i], p[i].name, waits));
		if (step != NULL &&
		    json_object_set_new(step, "parts", parts) != 0) {
			json_decref(step);
			step = NULL;
		}
		append(&list, step);
	}
	return list;
}

/* Who waited for a lookup. */
static json_t *
waiters(const struct timeline *t, const struct dns_waited_vec *waits,
    const struct dns_lookup *l)
{
	json_t *list = json_array();
	struct timeline_waiter w;
	size_t at = 0;

	while (timeline_next_waiter(t, waits, l, &at, &w))
		append(&list,
		    json_pack("{s:s, s:s, s:o}", "step", w.step, "part", w.part,
			"took", milliseconds(w.took_us)));
	return list;
}

static json_t *
timed_lookups(const struct timeline *t, const struct dns_waited_vec *waits,
    const struct dns_lookup_vec *all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++) {
		const struct dns_lookup *l = &all->at[i];

		append(&list,
		    json_pack("{s:s, s:o, s:o, s:o, s:i, s:o, s:o}", "type",
			dns_type_name(l->type), "name", text(l->name), "asked",
			milliseconds(l->began_us - t->began_us), "answered",
			l->ended_us < 0 ?
			    json_null() :
			    milliseconds(l->ended_us - t->began_us),
			"chain", (int)l->depth, "after",
			l->after == SLICE_NONE ?
			    json_null() :
			    json_integer((json_int_t)l->after),
			"waits", waiters(t, waits, l)));
	}
	return list;
}

static json_t *
timing(const struct timeline *t, const struct dns_message *dns)
{
	const struct dns_waited_vec *waits = dns_message_waited_for(dns);
	size_t chain[TIMELINE_CHAIN];
	struct dns_lookup_vec all;

	if (dns_message_lookups(dns, &all) != 0)
		return NULL;
	return json_pack("{s:o, s:o, s:i}", "steps", timed_steps(t, waits),
	    "lookups", timed_lookups(t, waits, &all), "chain",
	    (int)timeline_longest_chain(&all, chain, TIMELINE_CHAIN));
}

static json_t *
decision(const struct plan *p)
{
	return json_pack("{s:s, s:o, s:b, s:b, s:o, s:o, s:o}", "action",
	    action_word(p->action), "rule", text(p->rule), "quarantine",
	    p->quarantine ? 1 : 0, "hold", p->hold ? 1 : 0, "reply",
	    reply(&p->reply), "tests", tests(&p->tests), "edits",
	    edits(&p->edits));
}

void
show_json(const struct verdict_view *v, struct buf *out)
{
	const struct evaluation *ev = engine_evaluation(v->session);
	const struct timeline *t = engine_timeline(v->session);
	json_t *all = decision(v->plan);
	char *dumped = NULL;

	if (all != NULL && ev != NULL &&
	    (json_object_set_new(all, "judged", json_boolean(ev->judged)) !=
		    0 ||
		json_object_set_new(all, "findings", findings(&ev->findings)) !=
		    0 ||
		json_object_set_new(all, "facts", all_facts(v)) != 0 ||
		json_object_set_new(all, "dns", answers(ev->dns)) != 0 ||
		(t != NULL &&
		    json_object_set_new(all, "timing", timing(t, ev->dns)) !=
			0))) {
		json_decref(all);
		all = NULL;
	}
	if (all != NULL)
		dumped =
		    json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	if (dumped == NULL)
		out->bad = true;
	else
		buf_printf(out, "%s\n", dumped);
	free(dumped);
	json_decref(all);
}
