/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_rounds: a link-time stand-in for dns_unbound: the network as seen by one
 * thread, without a clock. Questions wait until the test lets a round of them
 * land: all that wait now, none that these answers lead to. How many rounds a
 * message needs is how many round trips its longest chain of lookups takes.
 *
 * A program that uses this asks no network; the zone is set before a resolver
 * is made. One thread.
 */
#ifndef CM_TESTS_LIB_DNS_ROUNDS_H
#define CM_TESTS_LIB_DNS_ROUNDS_H

#include "base/slice.h"

/* What is answered from now on; see dns/dns_zone.h. Aborts for a bad one. */
void dns_rounds_zone(const char *text);

/* Lands what waits now; how many questions that were. */
unsigned dns_rounds_land(void);
/* Lands rounds until nothing waits; how many rounds that were. */
unsigned dns_rounds_settle(void);
/* Questions so far. */
unsigned dns_rounds_asked(void);
/* Those that wait, "TXT example.org A host ...", for notes. */
void dns_rounds_tell(void);

#endif
