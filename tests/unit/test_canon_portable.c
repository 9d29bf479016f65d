/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon on a machine without SSE2: the same tests with the other inner loops,
 * which stand in for those of the library at link time.
 */
#include "base/base.h"

#undef __SSE2__
#include "mail/canon_scan.c"
#include "unit/test_canon.c"
