/* SPDX-License-Identifier: BSD-2-Clause
 *
 * crowd: how many sessions each client has at once, so that one of them does
 * not take the place of all. Any thread.
 */
#ifndef CM_DAEMON_CROWD_H
#define CM_DAEMON_CROWD_H

#include "base/ip.h"

/* One more session of this client. False if it has `most` already, or memory
 * is short; else crowd_leave() is due. */
bool crowd_enter(const struct ip *client, size_t most) A_MUST_USE;
void crowd_leave(const struct ip *client);
/* How many it has. */
size_t crowd_count(const struct ip *client);

#endif
