/* SPDX-License-Identifier: BSD-2-Clause
 *
 * quiet: for programs in which log lines by the thousand tell nobody anything.
 */
#ifndef CM_TESTS_LIB_QUIET_H
#define CM_TESTS_LIB_QUIET_H

/* From here on nothing is logged. */
void quiet_log(void);

#endif
