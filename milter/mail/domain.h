/* SPDX-License-Identifier: BSD-2-Clause
 *
 * domain: domain names as text. "Domain" means dot-separated labels without
 * final dot unless said. Pure unless an arena is taken. IDN by libidn2 (UTS 46
 * non-transitional), nowhere else.
 */
#ifndef CM_MAIL_DOMAIN_H
#define CM_MAIL_DOMAIN_H

#include "base/arena.h"

#define DOMAIN_MAX 253 /* octets of a name without final dot */

/* Equal without case, a final dot on either side ignored. */
bool domain_eq(struct slice a, struct slice b) A_PURE;
/* d equals parent or lies below it. */
bool domain_within(struct slice d, struct slice parent) A_PURE;
/* Number of labels; 0 for an empty name. */
unsigned domain_labels(struct slice d) A_PURE;
/* The rightmost n labels. */
struct slice domain_suffix(struct slice d, unsigned n) A_PURE;
/* Without its first label; empty when there is one label. */
struct slice domain_parent(struct slice d) A_PURE;
/* Labels of 1..63 octets of letters, digits, hyphen and underscore, hyphen not at the
 * ends, 253 octets in all. */
bool domain_is_hostname(struct slice d) A_PURE;
/* As DNS can carry it: labels 1..63 octets of any bytes, 253 in all. */
bool domain_is_carryable(struct slice d) A_PURE;
/* The same and at least two labels, no literal: what RFC 7208 section 4.3
 * lets be checked. */
bool domain_is_fqdn(struct slice d) A_PURE;

/* Lower-case A-label form without final dot. Empty with p == NULL when it is
 * no domain name at all (empty, bad IDN, too long), or out of memory. Plain ASCII
 * names that IDNA would refuse (underscores, double hyphens) pass unchanged. */
struct slice domain_to_ascii(struct arena *a, struct slice d) A_MUST_USE;

#endif
