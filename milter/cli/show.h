/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show: the verdict on a message, as text for people and as JSON for programs.
 */
#ifndef CM_CLI_SHOW_H
#define CM_CLI_SHOW_H

#include "engine/engine.h"

/* After engine_end(), with the plan it gave. */
struct verdict_view {
	struct engine_session *session;
	const struct plan *plan;
	bool colour;
};

/* Appends; a failure sticks to the buffer. */
void show_text(const struct verdict_view *v, struct buf *out);
void show_json(const struct verdict_view *v, struct buf *out);
/* When it came about, if the session kept its timeline; else nothing. The JSON
 * object has it by itself. */
void show_timing(const struct verdict_view *v, struct buf *out);

/* What both ask: the i-th fact that has a value worth showing, and that value.
 * 1; 0: this one has none; negative: ERR_*. */
int show_fact(const struct verdict_view *v, size_t i,
    struct fact_value *out) A_MUST_USE;
/* "delete", "insert" ... */
const char *show_edit_word(enum edit_kind kind);

#endif
