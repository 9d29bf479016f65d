/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sign: where a signature meets the other edits of a message. What is signed
 * is the header section as the next host will see it: with what rules add or
 * take away, and, if we are to, with a Date and a Message-ID of our own where
 * the message has none and with addresses as Sendmail writes them (it does
 * both behind the filter).
 */
#include "base/err.h"
#include "engine/engine_private.h"

#define FIELD "DKIM-Signature"
/* A message has one of each, or it is odd and stays so. */
#define CHANGES_MAX ((size_t)32)

static bool
has(const struct header_list *h, struct slice name)
{
	return header_list_count(h, name) > 0;
}

/* RFC 6409 section 8: a submission server may add what is missing. */
static int
add_missing(const struct evaluation *ev, struct plan *plan)
{
	const struct message *m = ev->message;
	char date[CLOCK_TEXT];
	int err = 0;

	if (!has(&m->headers, SL("Date"))) {
		clock_format_rfc5322(m->epoch, date);
		err = plan_add_header(plan, SL("Date"),
		    arena_printf(ev->arena, " %s", date));
	}
	if (err == 0 && !has(&m->headers, SL("Message-ID")))
		err = plan_add_header(plan, SL("Message-ID"),
		    arena_printf(ev->arena, " <%s@%.*s>", m->id,
			SL_ARG(m->session->hostname)));
	return err;
}

static int
normalize_addresses(struct evaluation *ev, struct plan *plan)
{
	const struct header_list *h = &ev->message->headers;
	size_t changes = 0;
	int err = 0;

	for (size_t i = 0; i < h->fields.n && changes < CHANGES_MAX; i++) {
		const struct header_field *f = &h->fields.at[i];
		struct slice value;
		unsigned nth = 0;

		err = dkim_sign_normalize(ev, f, &value);
		if (err != 0)
			break;
		if (value.p == NULL)
			continue;
		for (size_t k = 0; k <= i; k++)
			nth += slice_ieq(h->fields.at[k].name, f->name);
		err = plan_change_header(plan, f->name, nth, value);
		if (err != 0)
			break;
		changes++;
	}
	return err;
}

/* For each field of the message the edit that takes it out, or puts another
 * value in its place; NULL for most. */
static int
find_edits(const struct evaluation *ev, const struct plan *plan,
    const struct edit ***out)
{
	const struct header_list *h = &ev->message->headers;
	const struct edit **edits =
	    arena_array(ev->arena, h->fields.n + 1, sizeof(*edits));

	*out = edits;
	if (edits == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < plan->edits.n; i++) {
		const struct edit *e = &plan->edits.at[i];
		const struct header_field *f;
		size_t at;

		if ((e->kind != EDIT_DELETE_HEADER &&
			e->kind != EDIT_CHANGE_HEADER) ||
		    e->index == 0)
			continue;
		f = header_list_get(h, e->name, e->index - 1);
		if (f == NULL)
			continue;
		at = (size_t)(f - h->fields.at);
		if (edits[at] == NULL || e->kind == EDIT_DELETE_HEADER)
			edits[at] = e;
	}
	return 0;
}

static int
add_edits(const struct plan *plan, enum edit_kind kind, struct header_list *to)
{
	int err = 0;

	for (size_t i = 0; i < plan->edits.n && err == 0; i++)
		if (plan->edits.at[i].kind == kind)
			err = header_list_add(to, plan->edits.at[i].name,
			    plan->edits.at[i].value, NULL);
	return err;
}

/* The header section with the edits made. Those of the message itself keep
 * their text, however odd. */
static int
as_delivered(const struct evaluation *ev, const struct plan *plan,
    struct header_list *out)
{
	const struct header_list *h = &ev->message->headers;
	const struct edit **edits;
	int err;

	if (plan->edits.n == 0) {
		*out = *h;
		return 0;
	}
	header_list_init(out, ev->arena);
	err = find_edits(ev, plan, &edits);
	if (err == 0)
		err = add_edits(plan, EDIT_INSERT_HEADER, out);
	for (size_t i = 0; i < h->fields.n && err == 0; i++) {
		const struct edit *e = edits[i];
		struct header_field *slot;

		if (e != NULL && e->kind == EDIT_CHANGE_HEADER) {
			err = header_list_add(out, e->name, e->value, NULL);
			continue;
		}
		if (e != NULL)
			continue;
		slot = header_field_vec_push(&out->fields, ev->arena);
		if (slot == NULL)
			return ERR_NOMEM;
		*slot = h->fields.at[i];
	}
	return err != 0 ? err : add_edits(plan, EDIT_ADD_HEADER, out);
}

/* Puts an edit before all others: it is made last, and stands on top. */
static int
put_on_top(struct plan *plan, struct slice value)
{
	struct edit_vec rest = plan->edits;
	int err;

	plan->edits = (struct edit_vec){ 0 };
	err = plan_insert_header(plan, 0, SL(FIELD), value);
	for (size_t i = 0; i < rest.n && err == 0; i++) {
		struct edit *slot = edit_vec_push(&plan->edits, plan->arena);

		if (slot == NULL)
			err = ERR_NOMEM;
		else
			*slot = rest.at[i];
	}
	return err;
}

int
sign_apply(const struct engine *e, struct evaluation *ev, struct plan *plan)
{
	struct header_list headers;
	struct slice_vec values;
	int err = 0;

	if (ev->sign_state == NULL)
		return 0;
	if (e->options.check.sign.add_missing)
		err = add_missing(ev, plan);
	if (err == 0)
		err = normalize_addresses(ev, plan);
	if (err == 0)
		err = as_delivered(ev, plan, &headers);
	if (err == 0)
		err = dkim_sign_end(ev, &headers, &values);
	for (size_t i = values.n; i > 0 && err == 0; i--)
		err = put_on_top(plan, values.at[i - 1]);
	return err;
}
