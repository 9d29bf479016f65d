/* SPDX-License-Identifier: BSD-2-Clause
 *
 * finding: one statement of one check about one identity, with its reason and
 * properties. A message's findings are what the header, the log, the trace
 * and the tests are made from. They live in the message's arena.
 */
#ifndef CM_CHECK_FINDING_H
#define CM_CHECK_FINDING_H

#include "base/buf.h"
#include "base/vec.h"
#include "check/verdict.h"

/* Methods by their RFC 8601 names; METHOD_COUNT last. */
enum method {
	METHOD_IPREV,
	METHOD_AUTH,
	METHOD_SPF,
	METHOD_DKIM,
	METHOD_DMARC,
	METHOD_ARC,
	METHOD_LIMIT, /* no result: a limit was met, name=WORD; never shown */
	METHOD_COUNT
};
const char *method_word(enum method m);

/* ptype NULL: for trace, log and tests only, not for headers. */
struct finding_prop {
	const char *ptype; /* "smtp", "header", "policy" or NULL */
	const char *name;
	struct slice value;
};
VEC_DEFINE(finding_prop_vec, struct finding_prop);

struct finding {
	enum method method;
	enum verdict verdict;
	struct slice reason; /* human text; may hold a remote's bytes */
	struct finding_prop_vec props;
	bool hidden; /* trace only, not in Authentication-Results */
};
VEC_DEFINE(finding_vec, struct finding *);

struct findings {
	struct arena *arena;
	struct finding_vec all;
};

/* A new finding at the end; NULL when out of memory. The pointer stays valid. */
struct finding *findings_add(struct findings *f, enum method m, enum verdict v,
    struct slice reason) A_MUST_USE;
/* Adds a property; `value` is borrowed and must live as long as the arena. 0 or ERR_NOMEM. */
int finding_prop(struct findings *f, struct finding *one, const char *ptype,
    const char *name, struct slice value) A_MUST_USE;
/* The value of a property by "ptype.name" or, for trace ones, "name"; empty slice with p NULL if absent. */
struct slice finding_get(const struct finding *one, struct slice name);

/* `spf fail reason="..." smtp.mailfrom=a@example.org mechanism=-all`: one
 * line, values quoted where needed, the form that tests compare. */
void finding_print(const struct finding *one, struct buf *out);

#endif
