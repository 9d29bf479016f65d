/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sandbox: see sandbox.h.
 */
#include "daemon/sandbox.h"

#include "base/err.h"

int
sandbox_enter(enum sandbox_mode mode, const struct sandbox_needs *needs,
    char text[SANDBOX_TEXT])
{
	char files[SANDBOX_TEXT], calls[SANDBOX_TEXT];
	bool good = true;

	text[0] = '\0';
	switch (mode) {
	case SANDBOX_NO:
		(void)snprintf(text, SANDBOX_TEXT, "Sandbox is off");
		return 0;
	case SANDBOX_YES:
	case SANDBOX_REQUIRE:
		break;
	}
	good = sandbox_landlock(needs, files) == 0;
	good = sandbox_seccomp(calls) == 0 && good;
	if (good || mode != SANDBOX_REQUIRE) {
		(void)snprintf(text, SANDBOX_TEXT, "sandbox: %.100s; %.100s",
		    files, calls);
		return 0;
	}
	(void)snprintf(text, SANDBOX_TEXT,
	    "Sandbox require: %.80s; %.80s; with \"Sandbox yes\" what is "
	    "missing is done without",
	    files, calls);
	return ERR_UNSAFE;
}
