/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dump: the list of options written out: as the values in effect, as the
 * sample configuration file and as the table of the manual page.
 */
#ifndef CM_CONFIG_DUMP_H
#define CM_CONFIG_DUMP_H

#include "config/options.h"

/* Every option with its value, one a line, in a form that reads back to the
 * same configuration. An option without value is a comment. */
void dump_values(const struct config *c, struct buf *out);
/* chopmark.conf as it is shipped: every option with its help, commented out
 * where it has its default. */
void dump_sample(const struct config_paths *paths, struct buf *out);
/* The OPTIONS part of chopmark.conf(5), mdoc. */
void dump_manual(const struct config_paths *paths, struct buf *out);

#endif
