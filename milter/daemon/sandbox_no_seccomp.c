/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sandbox_no_seccomp: stands in where the filter of system calls is not built:
 * without libseccomp, or with sanitizers, which need calls of their own.
 */
#include "base/err.h"
#include "daemon/sandbox.h"

int
sandbox_seccomp(char text[SANDBOX_TEXT])
{
	(void)snprintf(text, SANDBOX_TEXT,
	    "no filter of system calls (built without libseccomp)");
	return ERR_NOTFOUND;
}
