/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon_scan: the inner loops of body canonicalisation, for canon.c alone. Pure.
 */
#ifndef CM_MAIL_CANON_SCAN_H
#define CM_MAIL_CANON_SCAN_H

#include "base/base.h"

/* How many of the n bytes at p come before a line end that may belong to an
 * empty line: before a CR that follows a LF, or that is the last byte. May stop
 * early, but never between CR and LF. */
size_t canon_scan_lines(const char *p, size_t n) A_PURE;

/* How many of the n bytes at p come before white space that may change: before a
 * TAB, and before a SP that is the last byte or that SP, TAB or CR follows. */
size_t canon_scan_wsp(const char *p, size_t n) A_PURE;

#define CANON_PACK_LEAST ((size_t)48) /* canon_pack_wsp needs as many bytes */
#define CANON_PACK_SLACK ((size_t)16) /* of room behind what it makes */

/* Copies the bytes at p, runs of white space as one SP and none before CRLF.
 * Decides what it has seen enough of: returns how many of the n >=
 * CANON_PACK_LEAST bytes it has read (at least one), *made how many it wrote. `out` has
 * room for n + CANON_PACK_SLACK. */
size_t canon_pack_wsp(const char *p, size_t n, char *out, size_t *made);

#endif
