/* SPDX-License-Identifier: BSD-2-Clause
 *
 * values: the text of one option becomes the value of its field. For
 * parse.c; every problem is reported here, at the place of the text.
 */
#ifndef CM_CONFIG_VALUES_H
#define CM_CONFIG_VALUES_H

#include "config/options.h"

struct value_context {
	struct arena *arena;
	struct problems *problems;
	const char *dir;    /* relative paths begin here */
	struct place place; /* of the text */
};

/* Cuts what stands behind an option's name into values, appended to *out: unquoted, paths made
 * absolute, a list in its entries. One value for all but lists. 0, ERR_CONFIG
 * (reported) or ERR_NOMEM. */
int values_split(const struct value_context *c, const struct config_option *o,
    struct slice text, struct given_vec *out) A_MUST_USE;

/* Sets the option's field in *config from its values; c->place is not used.
 * Results as above. */
int values_apply(const struct value_context *c, const struct config_option *o,
    const struct given_vec *values, struct config *config) A_MUST_USE;

#endif
