/* SPDX-License-Identifier: BSD-2-Clause
 *
 * plan: what is to be done with a message: an action, a reply, and edits in
 * order. Checks and policy fill it, the daemon performs it, the command line
 * prints it, tests compare its text. It lives in the message's arena.
 */
#ifndef CM_POLICY_PLAN_H
#define CM_POLICY_PLAN_H

#include "base/buf.h"
#include "base/vec.h"

enum action {
	ACTION_CONTINUE, /* nothing decided yet (before end-of-message) */
	ACTION_ACCEPT,
	ACTION_TEMPFAIL,
	ACTION_REJECT,
	ACTION_DISCARD
};
const char *action_word(enum action a);

#define REPLY_MAX_LINES 32

struct reply {
	bool set;
	char code[4];      /* "550" */
	char enhanced[12]; /* "5.7.23" */
	struct slice tag;  /* "MI:SPF" */
	/* printable ASCII, '%' not yet doubled, at least one */
	struct slice_vec lines;
};

enum edit_kind {
	EDIT_DELETE_HEADER, /* name, nth from the top counted from 1 among its name */
	EDIT_CHANGE_HEADER, /* the same, and the value in its place */
	EDIT_INSERT_HEADER, /* index (0 = very top), name, value */
	EDIT_ADD_HEADER,    /* at the end: name, value */
	EDIT_CHANGE_FROM,   /* value = new reverse-path with <> */
	EDIT_ADD_RCPT,      /* value */
	EDIT_DELETE_RCPT,   /* value */
	EDIT_HOLD           /* the MTA's quarantine queue; value = reason */
};

struct edit {
	enum edit_kind kind;
	unsigned index;
	struct slice name;
	struct slice value; /* headers: begins with SP, folds LF + WSP, no CR */
};
VEC_DEFINE(edit_vec, struct edit);

/* A rule that would have decided (test, on N%). */
struct plan_test {
	struct slice rule;
	struct slice action;
};
VEC_DEFINE(plan_test_vec, struct plan_test);

struct plan {
	struct arena *arena;
	enum action action;
	struct slice rule; /* name of the rule that decided, or "" */
	bool quarantine;   /* mark and deliver */
	bool hold;         /* MTA's quarantine queue */
	bool seal;         /* with an ARC set, if it is accepted */
	struct reply reply;
	struct edit_vec edits;
	struct plan_test_vec tests;
};

void plan_init(struct plan *p, struct arena *a);
/* Names and values are borrowed and must live as long as the arena. Bytes that
 * could end a field or a line (CR, NUL, a LF that is no fold) become spaces in
 * a copy. 0, ERR_NOMEM, or ERR_BUG for a name that is no field name. */
int plan_delete_header(struct plan *p, struct slice name,
    unsigned nth) A_MUST_USE;
int plan_change_header(struct plan *p, struct slice name, unsigned nth,
    struct slice value) A_MUST_USE;
int plan_insert_header(struct plan *p, unsigned index, struct slice name,
    struct slice value) A_MUST_USE;
int plan_add_header(struct plan *p, struct slice name,
    struct slice value) A_MUST_USE;
int plan_envelope(struct plan *p, enum edit_kind kind,
    struct slice value) A_MUST_USE;
int plan_hold(struct plan *p, struct slice reason) A_MUST_USE;

/* Text form, a line each: `action reject`, `rule spf-fail`, `quarantine`,
 * `seal`, `reply 550 5.7.23 MI:SPF ...` per reply line, `delete Authentication-Results 2`,
 * `change 1 To: value`,
 * `insert 0 Authentication-Results: ...`, `add Name: value`, `hold reason`,
 * `change-from <...>`, `add-rcpt <...>`, `delete-rcpt <...>`,
 * `test NAME reject`. Folds are shown as "\n" + TAB turned into one SP. */
void plan_print(const struct plan *p, struct buf *out);

#endif
