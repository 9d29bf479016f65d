/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_unbound_setup: how libunbound is configured; dns_unbound uses it. These
 * two files are the door to that library.
 */
#ifndef CM_DNS_DNS_UNBOUND_SETUP_H
#define CM_DNS_DNS_UNBOUND_SETUP_H

#include "dns/resolver.h"

struct ub_ctx;

/* Sets every option; 0, or ERR_CONFIG and the reason in `why`. */
int dns_unbound_setup(struct ub_ctx *ctx, const struct resolver_options *o,
    char why[RESOLVER_WHY]) A_MUST_USE;

/* Makes libunbound take its configuration and start its thread, which
 * inherits the signal mask of the caller, by a question that needs no network.
 * 0, ERR_LIBRARY. */
int dns_unbound_start(struct ub_ctx *ctx, const struct resolver_options *o,
    char why[RESOLVER_WHY]) A_MUST_USE;

#endif
