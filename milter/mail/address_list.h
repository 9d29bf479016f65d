/* SPDX-License-Identifier: BSD-2-Clause
 *
 * address_list: header fields that hold addresses, written as Sendmail writes
 * them when it delivers. It qualifies bare names, quotes display names with
 * certain characters, drops routes, sets separators and folds anew; whoever
 * signs the header before that has to sign the text that comes out. What is
 * written here comes out of Sendmail as it is. Pure but for the arena; any
 * thread.
 */
#ifndef CM_MAIL_ADDRESS_LIST_H
#define CM_MAIL_ADDRESS_LIST_H

#include "base/arena.h"

/* Which fields Sendmail rewrites, and whose addresses they hold. */
enum address_field {
	ADDRESS_FIELD_NONE,
	ADDRESS_FIELD_SENDER,
	ADDRESS_FIELD_RECIPIENT
};
enum address_field address_list_field(struct slice name) A_PURE;

/* What becomes of one address. `domain` is "" for a bare name, and has no
 * final dot. May put other texts in place, of the arena. False: it cannot be
 * told. */
typedef bool (
    *address_map_fn)(void *ctx, struct slice *local, struct slice *domain);

/* The value of a field "name: value" as Sendmail delivers it: begins with the
 * spaces it began with, folds are LF + 8 SP, nothing else in it ends a line.
 * ERR_SYNTAX: what Sendmail makes of it is not known: it is no address-list of
 * RFC 5322 (with a few things that people write, such as bare dots in names),
 * or the map cannot tell. ERR_LIMIT: an address with its name is longer than
 * Sendmail takes. ERR_NOMEM. */
int address_list_write(struct arena *a, struct slice name, struct slice value,
    address_map_fn map, void *ctx, struct slice *out) A_MUST_USE;

#endif
