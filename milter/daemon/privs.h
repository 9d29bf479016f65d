/* SPDX-License-Identifier: BSD-2-Clause
 *
 * privs: who we are and what we may do. Called once at start, before any
 * session; process-wide.
 */
#ifndef CM_DAEMON_PRIVS_H
#define CM_DAEMON_PRIVS_H

#include "base/slice.h"

#define PRIVS_WHY 256
#define PRIVS_NONE ((unsigned)-1)

struct privs {
	char name[64]; /* of the user; "" = stay who we are */
	unsigned uid, gid;
};

/* "user" or "user:group", names or numbers; NULL or "" = stay. Not being
 * root, anybody but the user we already are is refused. 0, ERR_NOTFOUND,
 * ERR_UNSAFE. */
int privs_resolve(const char *user, struct privs *out,
    char why[PRIVS_WHY]) A_MUST_USE;
/* A group by name or number. 0 or ERR_NOTFOUND. */
int privs_group(const char *name, unsigned *gid) A_MUST_USE;

/* Before everything else: nothing we or our threads execute can gain rights.
 * Raises the limit of open files to what is allowed: out of descriptors
 * libmilter's accept loop spins. */
void privs_prepare(void);

/* Becomes that user, with its groups, for good (checked). Who stays and is not
 * root gives up what else it has: capabilities. Before any thread: they are the
 * calling one's. 0 or ERR_UNSAFE. */
int privs_drop(const struct privs *p, char why[PRIVS_WHY]) A_MUST_USE;

#endif
