/* SPDX-License-Identifier: BSD-2-Clause
 *
 * header: the header section of one message, field by field in order of
 * appearance, exactly as the MTA handed it over. Memory is the message's
 * arena; limits are the caller's. One thread.
 */
#ifndef CM_MAIL_HEADER_H
#define CM_MAIL_HEADER_H

#include "base/vec.h"

/* raw is "Name:value" without the final CRLF, folds as CRLF + WSP; name and
 * value are parts of it. value is everything after the colon, leading space
 * included. A lone LF of the milter protocol has become CRLF; other bytes are
 * untouched (NUL, bare CR and 8-bit can occur). */
struct header_field {
	struct slice raw;
	struct slice name;
	struct slice value;
};
VEC_DEFINE(header_field_vec, struct header_field);

struct header_list {
	struct arena *arena;
	struct header_field_vec fields;
	size_t bytes; /* sum of raw */
};

void header_list_init(struct header_list *h, struct arena *a);
/* Appends a copy. `name` as received (may carry white space before the colon:
 * kept in raw, not in name). 0 or ERR_NOMEM. */
int header_list_add(struct header_list *h, struct slice name,
    struct slice value, const struct header_field **out) A_MUST_USE;

/* How many fields have this name (without case). */
size_t header_list_count(const struct header_list *h, struct slice name);
/* The nth from the top / from the bottom (0 = first), or NULL. */
const struct header_field *header_list_get(const struct header_list *h,
    struct slice name, size_t nth);
const struct header_field *header_list_get_last(const struct header_list *h,
    struct slice name, size_t nth);

/* The value unfolded (RFC 5322 section 2.2.3: CRLF before WSP goes) and
 * trimmed; other CR and LF become SP. Empty with p == NULL when out of memory. */
struct slice header_unfold(struct arena *a, struct slice value) A_MUST_USE;

/* ftext of RFC 5322 section 3.6.8: printable ASCII but colon, at least one. */
bool header_is_name(struct slice s) A_PURE;

#endif
