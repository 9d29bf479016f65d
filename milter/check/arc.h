/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc: the place of the Authenticated Received Chain (RFC 8617) in an
 * evaluation. Until the ARC room is built every message's chain is `none`.
 */
#ifndef CM_CHECK_ARC_H
#define CM_CHECK_ARC_H

#include "check/verdict.h"

struct arc_result {
	bool done;
	enum verdict verdict; /* none pass fail */
	struct slice sealer;  /* d= of the newest seal of a passing chain */
	bool trusted;
	bool saw_pass;
};

#endif
