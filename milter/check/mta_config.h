/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_config: what the MTA does to messages behind the filter, read from its
 * own configuration when ours is loaded: Sendmail's masquerading and
 * genericstable (sendmail.cf), Postfix's smtp_generic_maps (main.cf). Immutable
 * and shared by all threads afterwards.
 */
#ifndef CM_CHECK_MTA_CONFIG_H
#define CM_CHECK_MTA_CONFIG_H

#include "base/lines.h"

struct mta_config;

enum mta_kind { MTA_OTHER, MTA_POSTFIX, MTA_SENDMAIL };

/* What an MTA says of itself in its macro v. */
enum mta_kind mta_kind_of(struct slice v) A_PURE;

/* Reads files, each of Sendmail or Postfix, and the classes and tables that
 * they name, into the arena. Warns, at its place, of what breaks signatures;
 * `mended`: not of what mta_config_rewrite() can tell. A file that is not there
 * is an error if `needed`, else it is passed over. NULL after reporting to p. */
struct mta_config *mta_config_load(struct arena *a,
    const struct slice_vec *files, bool needed, bool mended,
    struct problems *p) A_MUST_USE;

/* All that follows takes NULL for "nothing was read". */

/* True if a configuration of such an MTA was read. */
bool mta_config_knows(const struct mta_config *c, enum mta_kind kind) A_PURE;
/* False if 8-bit text goes to every next hop as it is. */
bool mta_config_encodes(const struct mta_config *c, enum mta_kind kind) A_PURE;

enum mta_fate {
	MTA_KEEPS,    /* the address is delivered as it is */
	MTA_REWRITES, /* as another one, which is told */
	MTA_UNKNOWN   /* it may be rewritten */
};

/* An address of a header field on its way through the MTA. */
struct mta_address {
	enum mta_kind kind;
	struct slice host;   /* the MTA's own name */
	bool sender;         /* of a field that names senders */
	struct slice local;  /* local-part, as written */
	struct slice domain; /* "": a bare name */
};
enum mta_fate mta_config_rewrite(const struct mta_config *c, struct arena *a,
    struct mta_address *address);

#endif
