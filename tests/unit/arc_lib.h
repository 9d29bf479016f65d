/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_lib: a plain message, and what a test demands of its chain.
 */
#ifndef CM_TESTS_UNIT_ARC_LIB_H
#define CM_TESTS_UNIT_ARC_LIB_H

#include "lib/arc_signer.h"
#include "lib/dkim_world.h"

/* From ann@example.org, with To, Subject and Date in this order. */
struct test_mail arc_mail(void);

/* The chain's verdict; of a fail, the reason, too. */
void arc_judged(struct dkim_world *w, const struct test_mail *m,
    enum verdict want, const char *reason, const char *what);
void arc_passes(struct dkim_world *w, const struct test_mail *m,
    const char *what);
void arc_fails(struct dkim_world *w, const struct test_mail *m,
    const char *reason, const char *what);

#endif
