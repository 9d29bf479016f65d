/* SPDX-License-Identifier: BSD-2-Clause
 *
 * shortage: what the system does not give us is counted and told, with what an
 * operator can do about it: at once when it begins, then once a minute for as
 * long as it lasts. From any thread.
 */
#ifndef CM_DAEMON_SHORTAGE_H
#define CM_DAEMON_SHORTAGE_H

#include "base/base.h"

enum shortage {
	SHORTAGE_THREADS,
	SHORTAGE_DESCRIPTORS,
	SHORTAGE_MEMORY,
	SHORTAGES
};

/* Before any thread: names the counters, `shortages_total` by what is short. */
void shortage_prepare(void);
/* It happened again; err: an errno. */
void shortage_tell(enum shortage what, int err);
/* Did it happen within the last second? */
bool shortage_lately(enum shortage what);

#endif
