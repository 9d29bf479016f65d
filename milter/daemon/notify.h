/* SPDX-License-Identifier: BSD-2-Clause
 *
 * notify: telling the service manager (systemd, Type=notify) how we are. One
 * of two files is built: notify_systemd.c, or notify_none.c without it.
 */
#ifndef CM_DAEMON_NOTIFY_H
#define CM_DAEMON_NOTIFY_H

#include "base/base.h"

/* True if somebody wants to be told: then we stay in the foreground. */
bool notify_wanted(void);
void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(const char *status);

#endif
