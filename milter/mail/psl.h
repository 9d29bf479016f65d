/* SPDX-License-Identifier: BSD-2-Clause
 *
 * psl: the public suffix list (libpsl). Loaded once, immutable, thread-safe.
 */
#ifndef CM_MAIL_PSL_H
#define CM_MAIL_PSL_H

#include "base/arena.h"

struct psl;

/* From a file (.dat or .dafsa); NULL or "" = the list that the library was
 * built with or the distribution's. NULL on failure. */
struct psl *psl_load(const char *path) A_MUST_USE;
void psl_unload(struct psl *p); /* psl_free is libpsl's own name */
/* A-label, lower-case domain without final dot. The organisational domain
 * (registrable part), or the empty slice when d is itself a public suffix. Part of d. */
struct slice psl_org_domain(const struct psl *p, struct slice d);
bool psl_is_suffix(const struct psl *p, struct slice d);

#endif
