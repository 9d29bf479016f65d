/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_headers: which header fields a signature covers (RFC 6376 section
 * 5.4.2), found quickly however many fields and names there are, and the
 * digest over them (section 3.7). One message, one thread.
 */
#ifndef CM_CHECK_DKIM_HEADERS_H
#define CM_CHECK_DKIM_HEADERS_H

#include "check/dkim_field.h"
#include "crypt/sig.h"

struct evaluation;

/* The fields of a message, sorted by name, from the bottom within one name. */
struct dkim_headers {
	const struct header_field **at;
	size_t n;
};

/* Valid while the list does not grow. 0 or ERR_NOMEM. */
int dkim_headers_index(struct arena *a, const struct header_list *h,
    struct dkim_headers *out) A_MUST_USE;
/* How many fields have this name (without case). */
size_t dkim_headers_count(const struct dkim_headers *h, struct slice name);
/* The fields that h= of this signature selects, in its order; names for which
 * nothing is left select nothing, and a signature never selects itself (RFC
 * 6376 section 5.4: "dkim-signature" in h= means others). 0 or ERR_NOMEM. */
int dkim_headers_select(struct arena *a, const struct dkim_headers *h,
    const struct dkim_field *f, struct slice_vec *raws) A_MUST_USE;
size_t dkim_headers_octets(const struct slice_vec *raws);
/* Whether as much may still be hashed for this message (MOST_SIGNED_OCTETS);
 * then it counts as done. */
bool dkim_headers_afford(struct evaluation *ev, const struct slice_vec *raws);
/* SHA-256 over the selected fields and the signature field without its b=. 0,
 * ERR_NOMEM, ERR_LIBRARY. */
int dkim_headers_digest(const struct dkim_field *f,
    const struct slice_vec *raws, uint8_t out[SHA256_BYTES]) A_MUST_USE;

/* The name of a field that a message may have once (RFC 5322 section 3.6) but
 * has more often than this signature covers (RFC 6376 section 8.15); NULL if
 * there is none. */
const char *dkim_headers_surplus(const struct dkim_headers *h,
    const struct slice_vec *names);

#endif
