/* SPDX-License-Identifier: BSD-2-Clause
 *
 * parse: configuration files and command line settings become a struct
 * config. Everything that is wrong is collected with file and line before
 * anything is refused.
 */
#ifndef CM_CONFIG_PARSE_H
#define CM_CONFIG_PARSE_H

#include "config/options.h"

/* One `Name value` from the command line; it goes before what a file says. */
struct config_override {
	struct slice name, value;
};

struct config_source {
	/* NULL: no file, defaults alone. Absolute if it is to be read
	 * again after a change of directory. */
	const char *path;
	const struct config_override *overrides;
	size_t n_overrides;
};

/* Reads a source, fills in defaults and checks every value and what belongs
 * together. Nothing is built yet, no thread started, no policy read. All texts
 * live in the arena. 0 or ERR_CONFIG after reporting to p. */
int config_read(struct arena *a, const struct config_source *src,
    struct config *out, struct problems *p) A_MUST_USE;

/* "Name=value", "Name = value" or "Name value" cut in two. False if it is
 * none of them. */
bool config_override_parse(struct slice text, struct config_override *out);

/* A path as it is told, made absolute: relative to `dir`, or to the current
 * directory where dir is NULL. NULL when out of memory. */
const char *config_absolute(struct arena *a, const char *dir,
    struct slice path) A_MUST_USE;

#endif
