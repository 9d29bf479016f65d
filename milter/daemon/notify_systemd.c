/* SPDX-License-Identifier: BSD-2-Clause
 *
 * notify: by libsystemd. See notify.h.
 */
#include "daemon/notify.h"

#include <systemd/sd-daemon.h>

bool
notify_wanted(void)
{
	const char *socket = getenv("NOTIFY_SOCKET");

	return socket != NULL && socket[0] != '\0';
}

void
notify_ready(const char *status)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void
notify_reloading(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(0,
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64
	    "\nSTATUS=Reading the configuration",
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void
notify_stopping(const char *status)
{
	(void)sd_notifyf(0, "STOPPING=1\nSTATUS=%s", status);
}
