/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_world: everything around DKIM verification in a test: keys, a zone
 * with their records, a resolver that answers from it, and evaluations led
 * through the steps of the check.
 */
#ifndef CM_TESTS_LIB_DKIM_WORLD_H
#define CM_TESTS_LIB_DKIM_WORLD_H

#include "check/check.h"
#include "lib/dkim_signer.h"

struct dkim_world {
	struct check_options options;
	struct check_env env;
	struct buf zone; /* text of the zone, filled before dkim_world_open */
	struct key *rsa, *ed;
	size_t memory; /* ceiling of an evaluation's arena; 0: plenty */
	char path[40]; /* of the zone's file */
};

/* Keys of both kinds, records for "sel" (RSA) and "ed" below example.org. Ends the
 * program on failure. */
void dkim_world_init(struct dkim_world *w);
/* Adds a TXT record (any length) for selector._domainkey.domain. */
void dkim_world_key(struct dkim_world *w, const char *selector,
    const char *domain, struct slice record);
/* From here on the zone is fixed. */
void dkim_world_open(struct dkim_world *w);
void dkim_world_close(struct dkim_world *w);

/* Leads a message through header, eoh, body (in pieces of `chunk` octets; 0:
 * all at once) and end. The evaluation lives in an arena of its own: free it by
 * dkim_world_done. NULL (after a note) when a step failed. */
struct evaluation *dkim_world_run(struct dkim_world *w,
    const struct test_mail *m, size_t chunk);
void dkim_world_done(struct evaluation *ev);

#endif
