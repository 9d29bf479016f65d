/* SPDX-License-Identifier: BSD-2-Clause
 *
 * display_name: the name in front of an address or a group, written so that
 * Sendmail leaves it alone. Pure but for the arena.
 */
#ifndef CM_MAIL_DISPLAY_NAME_H
#define CM_MAIL_DISPLAY_NAME_H

#include "base/buf.h"

/* Appends the name. It stays as it is unless it has a character outside of
 * quotes and comments that Sendmail wants quoted: then words are put into
 * quotes together, and an encoded word (RFC 2047), which means nothing in quotes,
 * gets the character encoded. White space behind it stays. `name` holds no
 * line ends. False, with nothing of use in `out`, if it is none. */
bool display_name_write(struct arena *a, struct slice name,
    struct buf *out) A_MUST_USE;

#endif
