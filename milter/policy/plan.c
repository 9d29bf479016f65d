/* SPDX-License-Identifier: BSD-2-Clause
 *
 * plan: collects what is to be done and shows it as text. It is the last gate
 * before an edit reaches the MTA: whatever asked for it, a header edit that
 * leaves here is one field, and an address is one line.
 */
#include "policy/plan.h"

#include "base/err.h"
#include "mail/header.h"

#define NAME_MAX_OCTETS ((size_t)76) /* a field name, RFC 5322 line of 78 */

const char *
action_word(enum action a)
{
	switch (a) {
	case ACTION_CONTINUE:
		break;
	case ACTION_ACCEPT:
		return "accept";
	case ACTION_TEMPFAIL:
		return "tempfail";
	case ACTION_REJECT:
		return "reject";
	case ACTION_DISCARD:
		return "discard";
	}
	return "continue";
}

void
plan_init(struct plan *p, struct arena *a)
{
	*p = (struct plan){ .arena = a };
}

/* True if byte i may stay: a LF is a fold only before white space. */
static bool
may_stay(struct slice s, size_t i, bool folds)
{
	char c = s.p[i];

	if (c == '\n')
		return folds && i + 1 < s.n &&
		    (s.p[i + 1] == ' ' || s.p[i + 1] == '\t');
	return (unsigned char)c >= ' ' ? c != 0x7f : c == '\t';
}

/* The value with every byte that could end a line made a space; borrowed
 * when there is none. */
static struct slice
one_field(struct arena *a, struct slice s, bool folds)
{
	bool clean = true;
	char *copy;

	for (size_t i = 0; i < s.n && clean; i++)
		clean = may_stay(s, i, folds);
	if (clean && s.p != NULL)
		return s;
	copy = arena_alloc(a, s.n);
	if (copy == NULL)
		return slice_of(NULL, 0);
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (!may_stay(s, i, folds))
			copy[i] = ' ';
	return slice_of(copy, s.n);
}

static int
add_edit(struct plan *p, enum edit_kind kind, unsigned index, struct slice name,
    struct slice value)
{
	bool header = kind == EDIT_INSERT_HEADER || kind == EDIT_ADD_HEADER ||
	    kind == EDIT_CHANGE_HEADER;
	struct edit *e;

	value = one_field(p->arena, value, header);
	e = value.p != NULL ? edit_vec_push(&p->edits, p->arena) : NULL;
	if (e == NULL)
		return ERR_NOMEM;
	*e = (struct edit){ .kind = kind,
		.index = index,
		.name = name,
		.value = value };
	return 0;
}

int
plan_delete_header(struct plan *p, struct slice name, unsigned nth)
{
	return add_edit(p, EDIT_DELETE_HEADER, nth, name, SL(""));
}

int
plan_change_header(struct plan *p, struct slice name, unsigned nth,
    struct slice value)
{
	return add_edit(p, EDIT_CHANGE_HEADER, nth, name, value);
}

int
plan_insert_header(struct plan *p, unsigned index, struct slice name,
    struct slice value)
{
	if (!header_is_name(name) || name.n > NAME_MAX_OCTETS)
		return ERR_BUG;
	return add_edit(p, EDIT_INSERT_HEADER, index, name, value);
}

int
plan_add_header(struct plan *p, struct slice name, struct slice value)
{
	if (!header_is_name(name) || name.n > NAME_MAX_OCTETS)
		return ERR_BUG;
	return add_edit(p, EDIT_ADD_HEADER, 0, name, value);
}

int
plan_envelope(struct plan *p, enum edit_kind kind, struct slice value)
{
	if (kind != EDIT_CHANGE_FROM && kind != EDIT_ADD_RCPT &&
	    kind != EDIT_DELETE_RCPT)
		return ERR_BUG;
	return add_edit(p, kind, 0, SL(""), value);
}

int
plan_hold(struct plan *p, struct slice reason)
{
	p->hold = true;
	return add_edit(p, EDIT_HOLD, 0, SL(""), reason);
}

/* A fold becomes one space, anything else that would break the line \xHH. */
static void
print_text(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n' && i + 1 < s.n && s.p[i + 1] == '\t')
			continue;
		if (c == '\t')
			buf_addc(out, ' ');
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
}

static void
print_line(struct buf *out, const char *what, struct slice text)
{
	buf_adds(out, what);
	print_text(out, text);
	buf_addc(out, '\n');
}

static void
print_header(struct buf *out, const struct edit *e)
{
	if (e->kind == EDIT_ADD_HEADER)
		buf_adds(out, "add ");
	else
		buf_printf(out, "%s %u ",
		    e->kind == EDIT_CHANGE_HEADER ? "change" : "insert",
		    e->index);
	print_text(out, e->name);
	print_line(out, ":", e->value);
}

static void
print_edit(struct buf *out, const struct edit *e)
{
	switch (e->kind) {
	case EDIT_DELETE_HEADER:
		buf_adds(out, "delete ");
		print_text(out, e->name);
		buf_printf(out, " %u\n", e->index);
		break;
	case EDIT_CHANGE_HEADER:
	case EDIT_INSERT_HEADER:
	case EDIT_ADD_HEADER:
		print_header(out, e);
		break;
	case EDIT_CHANGE_FROM:
		print_line(out, "change-from ", e->value);
		break;
	case EDIT_ADD_RCPT:
		print_line(out, "add-rcpt ", e->value);
		break;
	case EDIT_DELETE_RCPT:
		print_line(out, "delete-rcpt ", e->value);
		break;
	case EDIT_HOLD:
		print_line(out, "hold ", e->value);
		break;
	}
}

void
plan_print(const struct plan *p, struct buf *out)
{
	buf_printf(out, "action %s\n", action_word(p->action));
	if (p->rule.n > 0)
		print_line(out, "rule ", p->rule);
	if (p->quarantine)
		buf_adds(out, "quarantine\n");
	if (p->seal)
		buf_adds(out, "seal\n");
	for (size_t i = 0; p->reply.set && i < p->reply.lines.n; i++) {
		buf_printf(out, "reply %s %s ", p->reply.code,
		    p->reply.enhanced);
		print_line(out, "", p->reply.lines.at[i]);
	}
	for (size_t i = 0; i < p->edits.n; i++)
		print_edit(out, &p->edits.at[i]);
	for (size_t i = 0; i < p->tests.n; i++) {
		buf_adds(out, "test ");
		print_text(out, p->tests.at[i].rule);
		print_line(out, " ", p->tests.at[i].action);
	}
}
