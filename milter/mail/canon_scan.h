/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon_scan: how far a piece of body can go out unchanged; the inner loops of
 * canon.c and for it alone. Pure.
 */
#ifndef CM_MAIL_CANON_SCAN_H
#define CM_MAIL_CANON_SCAN_H

#include "base/base.h"

/* Both return how many of the n bytes at p are certainly canonical as they
 * stand. They may stop early, but never between CR and LF and always in front of
 *   - a CR that follows a LF (an empty line), or is the last byte;
 *   - relaxed: a TAB, and a SP that is the last byte or that SP, TAB or CR
 *     follows. */
size_t canon_scan_simple(const char *p, size_t n) A_PURE;
size_t canon_scan_relaxed(const char *p, size_t n) A_PURE;

#endif
