/* SPDX-License-Identifier: BSD-2-Clause
 *
 * authres: Authentication-Results (RFC 8601), written and read. The writer
 * quotes whatever is no token, so that no value can add a result, a property,
 * a comment or a line. The reader is strict; what it cannot read is told from
 * what belongs to someone else. One thread.
 */
#ifndef CM_MAIL_AUTHRES_H
#define CM_MAIL_AUTHRES_H

#include "base/vec.h"
#include "mail/fold.h"

/* Writer: begin, then per result: result, its props; end. Values are for
 * smfi_insheader with LEADSPC: they begin with SP, folds are LF + TAB. Whether
 * all of it found room says buf_ok() of the buffer. */
struct authres_writer {
	struct fold fold;
	unsigned results;
};

#define AUTHRES_VALUE_MAX \
	((size_t)400) /* octets of a value, reason or comment;
					   longer ones are cut, "..." at the end */

/* The id comes from our configuration; it is quoted if it is no token. */
void authres_begin(struct authres_writer *w, struct buf *out,
    struct slice authserv_id);
/* method and result are our own words. reason: any text or empty. */
void authres_result(struct authres_writer *w, const char *method,
    const char *result, struct slice reason);
/* A comment behind the last item: made printable, parentheses and backslash
 * escaped. */
void authres_comment(struct authres_writer *w, struct slice text);
/* ptype.property=value; value: token, local@domain, or quoted. Control and
 * 8-bit bytes are replaced by '?', except valid UTF-8 if `utf8`. */
void authres_prop(struct authres_writer *w, const char *ptype,
    const char *property, struct slice value, bool utf8);
/* "; none" when there was no result. */
void authres_end(struct authres_writer *w);

struct authres_prop {
	struct slice ptype, property, value; /* unquoted */
};
VEC_DEFINE(authres_prop_vec, struct authres_prop);

struct authres_item {
	struct slice method;  /* lower case */
	struct slice version; /* "" or digits */
	struct slice result;  /* lower case */
	struct slice reason;
	struct authres_prop_vec props;
};
VEC_DEFINE(authres_item_vec, struct authres_item);

struct authres {
	struct slice id;      /* authserv-id, unquoted */
	struct slice version; /* "" = 1 */
	struct authres_item_vec items;
};

#define AUTHRES_ITEMS_MAX 100
#define AUTHRES_BYTES_MAX ((size_t)65536)

/* A field value (leading space, folds as CRLF or LF, comments allowed), by the
 * grammar of RFC 8601 section 2.2 to the letter, but that a domain may be a single
 * label. Texts live in the arena. 0, ERR_SYNTAX, ERR_LIMIT (over 100 items or
 * 64 KB), ERR_NOMEM. A version other than 1 is read all the same: look. */
int authres_parse(struct arena *a, struct slice value,
    struct authres *out) A_MUST_USE;

enum authres_claim {
	AUTHRES_OTHER,  /* somebody else's id */
	AUTHRES_CLAIMS, /* carries `id` in any spelling: case, quoting, comments,
			   folding, white space, A- or U-label, final dots */
	AUTHRES_BROKEN  /* no readable id, or an unsupported version */
};
/* Looks no further than the version: what follows a readable foreign id is its
 * owner's affair. Out of memory counts as BROKEN. */
enum authres_claim authres_claim(struct arena *a, struct slice value,
    struct slice id);

#endif
