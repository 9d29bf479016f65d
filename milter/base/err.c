/* SPDX-License-Identifier: BSD-2-Clause
 *
 * err: texts of the error codes, in the order of the enum.
 */
#include "base/err.h"

#include "base/base.h"

static const char *const texts[] = {
	"success",
	"out of memory",
	"over a limit",
	"syntax error",
	"out of range",
	"input or output failed",
	"not found",
	"unsafe owner or mode",
	"timed out",
	"closed",
	"a library refused valid input",
	"bad configuration",
	"internal error",
};

_Static_assert(ARRAY_LEN(texts) == 1 - ERR_BUG, "one text a code");

const char *
err_text(int err)
{
	if (err > 0 || err < ERR_BUG)
		return "unknown error";
	return texts[-err];
}
