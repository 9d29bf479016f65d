/* SPDX-License-Identifier: BSD-2-Clause
 *
 * map_server: answers the MTAs' lookups of SRS addresses (SRSSocket) on
 * connections that stay open, in one thread of its own. Clients are strangers:
 * how many there are, how long a request is, how long half of one may take and
 * how long nothing at all is said, all has a limit. Main thread only.
 */
#ifndef CM_DAEMON_MAP_SERVER_H
#define CM_DAEMON_MAP_SERVER_H

#include "daemon/listen.h"

struct map_server;

/* Begins to serve; after the configuration was installed and privileges were
 * dropped. The listener stays the caller's until the server has stopped. NULL
 * if memory, descriptors or threads are short. */
struct map_server *map_server_start(const struct listener *l) A_MUST_USE;
/* Ends all connections and frees the server; NULL is harmless. false if
 * lookups were still under way, in our code. */
bool map_server_stop(struct map_server *s) A_MUST_USE;

#endif
