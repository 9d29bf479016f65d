/* SPDX-License-Identifier: BSD-2-Clause
 *
 * address: envelope paths and mailboxes (RFC 5321 section 4.1.2, RFC 6531).
 * Parsed parts borrow from the text or live in the arena. One thread.
 */
#ifndef CM_MAIL_ADDRESS_H
#define CM_MAIL_ADDRESS_H

#include "base/arena.h"

struct mailbox {
	/* local@domain as given, without <> and route; "" = null */
	struct slice text;
	struct slice local;  /* local-part, quotes kept as given */
	struct slice domain; /* domain or [literal], no final dot; "" if none */
};

/* A path as the MTA hands it over: "<a@b>", "a@b", "<@route:a@b>", "<>", ""
 * (Postfix for non-SMTP mail). Lenient: the last unquoted '@' splits, missing domain is
 * allowed; anything else stays in text. Never fails; 0 or ERR_NOMEM. */
int address_parse_path(struct arena *a, struct slice s,
    struct mailbox *out) A_MUST_USE;
bool address_is_null(const struct mailbox *m) A_PURE;
/* Strict addr-spec of RFC 5321/6531: dot-string or quoted-string, domain of
 * valid labels or address literal. */
bool address_is_valid(const struct mailbox *m) A_PURE;
/* The local-part with quotes and backslashes undone. */
struct slice address_local_unquoted(struct arena *a, struct slice local);
/* Same mailbox: domain without case, local-part with case unless `fold`. */
bool address_eq(const struct mailbox *a, const struct mailbox *b, bool fold);

#endif
