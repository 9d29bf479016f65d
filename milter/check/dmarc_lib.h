/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_lib: the door to libopendmarc. The library is asked to name the policy
 * from facts that are ours: a record of nothing but the effective policy, and
 * per method the author domain itself when our alignment accepted an identifier.
 * All else in it is unsafe: its record reader, discovery and alignment.
 *
 * Kept apart from dmarc.h, whose names the library's header takes as macros.
 * Thread-safe; the library is initialised once.
 */
#ifndef CM_CHECK_DMARC_LIB_H
#define CM_CHECK_DMARC_LIB_H

#include "base/arena.h"

struct dmarc_lib_facts {
	struct slice author; /* A-labels */
	const char *policy;  /* "none", "quarantine", "reject" */
	bool spf_aligned, dkim_aligned;
};

/* What the library says: "pass", "none", "quarantine", "reject", or the text of
 * its error. The handle lives as long as the arena. 0 or ERR_NOMEM. */
int dmarc_lib_ask(struct arena *a, const struct dmarc_lib_facts *facts,
    const char **out) A_MUST_USE;

#endif
