/* SPDX-License-Identifier: BSD-2-Clause
 *
 * notify: built without libsystemd there is nobody to tell. See notify.h.
 */
#include "daemon/notify.h"

bool
notify_wanted(void)
{
	return false;
}

void
notify_ready(const char *status)
{
	(void)status;
}

void
notify_reloading(void)
{
}

void
notify_stopping(const char *status)
{
	(void)status;
}
