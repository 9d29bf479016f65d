/* SPDX-License-Identifier: BSD-2-Clause
 *
 * zone: a resolver that answers from the lines of an input, for targets whose
 * reader sees what strangers publish. One thread.
 */
#ifndef CM_TESTS_FUZZ_ZONE_H
#define CM_TESTS_FUZZ_ZONE_H

#include "dns/resolver.h"
#include "fuzz/fuzz.h"

/* Of all that is left of the input, the lines of a zone file that can be read.
 * Never NULL; for resolver_free. */
struct resolver *zone_resolver(struct arena *a, struct slice in);

#endif
