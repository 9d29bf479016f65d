/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs_stand: a host that forwards with SRS, for tests: its secret and a zone in
 * a directory of their own, options as a configuration would fill them. Memory
 * is t_arena(). One thread.
 */
#ifndef CM_TESTS_LIB_SRS_STAND_H
#define CM_TESTS_LIB_SRS_STAND_H

#include "dns/resolver.h"
#include "forward/srs_map.h"

/* Makes the directory; `zone`: its zone as text, or NULL. Ends the program on
 * failure. */
void srs_stand_begin(const char *zone);
void srs_stand_end(void);

/* What loading came to; begun anew by srs_stand_map(). */
extern struct problems srs_stand_problems;

/* A host with the domain fwd.example.net that rewrites all. */
struct forward_options srs_stand_options(void);
/* "{a, b}" as a set. */
const struct set *srs_stand_set(const char *source);
/* NULL: see the problems. */
struct outbound *srs_stand_outbound(const struct forward_options *o);
struct srs_map *srs_stand_map(const struct forward_options *o);
/* Answers from the zone; NULL after a note. */
struct resolver *srs_stand_resolver(void);

#endif
