/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scan: one function per grammar rule that several readers need (RFC 5321,
 * 5322, 6376, 2045, 6532). Each takes a text and an offset and returns the
 * offset behind what the rule matches there; the offset itself means no match
 * (rules that may be empty match the empty text, which looks the same). They
 * take the longest match, never look outside the text, need no memory and no
 * recursion, and are linear. Pure, any thread.
 *
 * "lenient" functions take what mail programs take beyond the standard: bare
 * CR, LF and NUL as white space, any byte inside quotes and comments.
 */
#ifndef CM_MAIL_SCAN_H
#define CM_MAIL_SCAN_H

#include "mail/chars.h"

/* Bytes of any of the classes. */
size_t scan_class(struct slice s, size_t at, unsigned classes) A_PURE;
/* 1*WSP. */
size_t scan_wsp(struct slice s, size_t at) A_PURE;
/* FWS and obs-FWS: white space, with CRLFs that white space follows. */
size_t scan_fws(struct slice s, size_t at) A_PURE;
/* A comment, nested ones inside, RFC 5322 section 3.2.2. */
size_t scan_comment(struct slice s, size_t at) A_PURE;
/* FWS and comments. */
size_t scan_cfws(struct slice s, size_t at) A_PURE;
/* 1*atext. */
size_t scan_atom(struct slice s, size_t at) A_PURE;
/* The same with UTF-8 (RFC 6532). */
size_t scan_atom_utf8(struct slice s, size_t at) A_PURE;
/* Atoms with single dots between; a trailing dot is left. */
size_t scan_dot_atom(struct slice s, size_t at) A_PURE;
/* The same with UTF-8 in the atoms (RFC 6532). */
size_t scan_dot_atom_utf8(struct slice s, size_t at) A_PURE;
/* Quotes included; RFC 5322 section 3.2.4 with FWS inside, UTF-8 as RFC 6532. */
size_t scan_quoted_string(struct slice s, size_t at) A_PURE;
/* Brackets included; RFC 5322 section 3.4.1. */
size_t scan_domain_literal(struct slice s, size_t at) A_PURE;
/* RFC 2045 token. */
size_t scan_token(struct slice s, size_t at) A_PURE;
/* One well-formed UTF-8 character above U+007F (RFC 3629). */
size_t scan_utf8(struct slice s, size_t at) A_PURE;
/* ALPHA *ALNUMPUNC: a tag name (RFC 6376 section 3.2). */
size_t scan_tag_name(struct slice s, size_t at) A_PURE;

/* White space of any kind: SP, TAB, CR, LF, NUL. */
size_t scan_lenient_space(struct slice s, size_t at) A_PURE;
/* To the closing parenthesis, any bytes inside; no match if it is not closed. */
size_t scan_lenient_comment(struct slice s, size_t at) A_PURE;
/* Lenient space and lenient comments. */
size_t scan_lenient_cfws(struct slice s, size_t at) A_PURE;
/* To the closing quote, any bytes inside; no match if it is not closed. */
size_t scan_lenient_quoted(struct slice s, size_t at) A_PURE;

/* The text of a quoted-string without quotes and backslashes, FWS reduced by its
 * CRLFs; other text is copied as it is. `out` has room for s.n bytes; returns
 * the length. */
size_t scan_unquote(struct slice s, char *out);

/* True if the whole text is ASCII / well-formed UTF-8. */
bool scan_is_ascii(struct slice s) A_PURE;
bool scan_is_utf8(struct slice s) A_PURE;

#endif
