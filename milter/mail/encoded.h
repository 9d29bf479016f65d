/* SPDX-License-Identifier: BSD-2-Clause
 *
 * encoded: MIME encoded words (RFC 2047) undone, as leniently as mail programs do
 * it: in any place, of any length. Meant for finding what a reader might be
 * shown, not for display: the character set is not converted. One thread.
 */
#ifndef CM_MAIL_ENCODED_H
#define CM_MAIL_ENCODED_H

#include "base/arena.h"

/* True if there may be an encoded word in it. */
bool encoded_has(struct slice s) A_PURE;
/* The text with every "=?charset?B|Q?...?=" replaced by its bytes; NULs are
 * dropped, so that UTF-16 of ASCII reads as ASCII. Never longer than s. Empty with
 * p == NULL when out of memory. */
struct slice encoded_decode(struct arena *a, struct slice s) A_MUST_USE;

#endif
