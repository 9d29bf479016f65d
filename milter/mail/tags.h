/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tags: tag=value lists by RFC 6376 section 3.2, for DKIM signatures, key
 * records, DMARC and ARC alike. Values borrow from the input, FWS around them
 * trimmed. One thread.
 */
#ifndef CM_MAIL_TAGS_H
#define CM_MAIL_TAGS_H

#include "base/limits.h"
#include "base/vec.h"

struct tag {
	struct slice name;  /* case kept: names are case-sensitive */
	struct slice value; /* trimmed; inner FWS kept */
};
VEC_DEFINE(tag_vec, struct tag);

enum tags_flags {
	TAGS_STRICT = 0,
	TAGS_LENIENT =
	    1 /* DMARC (RFC 9989 section 4.8): a malformed tag is left out,
			    not an error; the first of repeated names counts */
};

/* 0; ERR_SYNTAX (grammar; non-ASCII outside what RFC 8616 allows: UTF-8 in d=,
 * i= and s=; a repeated name, RFC 6376 section 3.2; *bad, if not NULL, then
 * tells which tag or text); ERR_LIMIT; ERR_NOMEM. White space is FWS: SP, TAB,
 * CRLF before WSP; it may also follow the last semicolon. */
int tags_parse(struct arena *a, struct slice text, unsigned flags,
    struct tag_vec *out, struct slice *bad) A_MUST_USE;
/* NULL if absent. */
const struct slice *tags_get(const struct tag_vec *tags, struct slice name);
/* A value with all FWS removed (for base64 and domains). Empty with p == NULL
 * when out of memory. */
struct slice tags_strip_fws(struct arena *a, struct slice v) A_MUST_USE;
/* base64 by RFC 6376 section 2.10 (FWS ignored, padding required, at least one
 * byte). ERR_SYNTAX or ERR_NOMEM. */
int tags_base64(struct arena *a, struct slice v, struct slice *out) A_MUST_USE;
/* Digits only, 1 to `digits` of them, else ERR_SYNTAX; values over INT64_MAX
 * saturate there (RFC 6376 section 3.5 allows 76 digits). */
int tags_number(struct slice v, size_t digits, uint64_t *out) A_MUST_USE;

#endif
