/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_seal: the next ARC set of a message (RFC 8617 section 5.1), made when all
 * other edits are settled. The sealer is loaded with the configuration,
 * immutable and shared by all threads.
 */
#ifndef CM_CHECK_ARC_SEAL_H
#define CM_CHECK_ARC_SEAL_H

#include "base/lines.h"
#include "check/arc_field.h"

struct evaluation;
struct check_options;
struct arc_sealer;

/* Reads the key, under the rules of keys for DKIM. NULL: after reporting to p;
 * or, without a report, when nothing is to be sealed and no key is named. */
struct arc_sealer *arc_sealer_load(const struct check_options *o,
    struct problems *p) A_MUST_USE;
void arc_sealer_free(struct arc_sealer *s); /* NULL is harmless */

/* After arc_end: the instance of a set of ours; 0 if there must or can be none:
 * no key, no wish at the end of the header section, a chain whose newest seal says
 * fail, or one of 50 sets. */
unsigned arc_seal_instance(const struct evaluation *ev);

/* True if that is the domain of our own seals. */
bool arc_seal_is_ours(const struct evaluation *ev, struct slice domain);

/* Builds the set: values of the three fields as they go into edits, with
 * leading SP and folds as LF + WSP. `results`: all local results, written like the
 * value of an Authentication-Results field, of returned mail (arc_return) those
 * that it brings. Over a broken chain the seal says so
 * and covers our own set alone (section 5.1.2). 0, ERR_NOMEM or ERR_LIBRARY. */
int arc_seal(struct evaluation *ev, struct slice results,
    struct slice out[ARC_KINDS]) A_MUST_USE;

#endif
