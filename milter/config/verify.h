/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verify: what must hold between options, and the few fields that are made
 * from several of them. For parse.c, after every option has its value.
 */
#ifndef CM_CONFIG_VERIFY_H
#define CM_CONFIG_VERIFY_H

#include "config/options.h"
#include "config/socket.h"

/* Problems go to p. 0 or ERR_NOMEM. */
int config_verify(struct arena *a, struct config *c,
    struct problems *p) A_MUST_USE;

/* For verify.c: the options of forwarding. 0 or ERR_NOMEM. */
int config_verify_forward(struct arena *a, struct config *c,
    struct problems *p) A_MUST_USE;
/* Where an option was set, or the built-in defaults. */
struct place config_place_of(const struct config *c, enum option_id id);
/* Says what is wrong with the text of a socket option; *spec is set if it is
 * good. 0, ERR_CONFIG (reported) or ERR_NOMEM. */
int config_verify_socket_text(struct arena *a, const struct config *c,
    struct problems *p, enum option_id id, const char *text,
    struct socket_spec *spec) A_MUST_USE;
/* Warns of a socket that others than the MTA can connect to; harm: what they
 * can do then. */
void config_verify_reach(const struct config *c, struct problems *p,
    enum option_id id, const char *text, const struct socket_spec *spec,
    const char *harm);

#endif
