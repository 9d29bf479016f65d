/* SPDX-License-Identifier: BSD-2-Clause
 *
 * foreign: options of OpenDKIM, OpenDMARC and the SPF policy daemon that are
 * not ours. None is taken silently: an operator who moves here is told what
 * does the same, or why nothing does.
 */
#ifndef CM_CONFIG_FOREIGN_H
#define CM_CONFIG_FOREIGN_H

#include "base/slice.h"

struct foreign_option {
	const char *name;
	const char *origin;  /* "OpenDKIM" ... */
	const char *instead; /* a sentence for the operator */
};

/* By name without case; NULL if we do not know it. */
const struct foreign_option *foreign_find(struct slice name);

#endif
