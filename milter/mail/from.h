/* SPDX-License-Identifier: BSD-2-Clause
 *
 * from: the author field by RFC 5322 section 3.6.2 (and RFC 6854 groups,
 * RFC 6532 UTF-8, the obsolete syntax), read so that odd input never means
 * "no author": what is wrong is named, and an address that can be told is
 * salvaged. One thread; results live in the arena.
 */
#ifndef CM_MAIL_FROM_H
#define CM_MAIL_FROM_H

#include "base/limits.h"
#include "mail/address.h"
#include "mail/header.h"

enum from_error {
	FROM_OK,
	FROM_NONE, /* no From field: word "missing" */
	FROM_SEVERAL_FIELDS,
	FROM_SEVERAL_MAILBOXES,
	FROM_GROUP,  /* group syntax, with or without members */
	FROM_SYNTAX, /* not RFC 5322, perhaps salvaged */
	/* Nothing from which a domain can be told, or not for one of several
	 * mailboxes. */
	FROM_NO_DOMAIN
};

struct author {
	struct mailbox mailbox; /* as written */
	/* A-labels, lower case, no final dot; "" if it is none. */
	struct slice domain;
};
VEC_DEFINE(author_vec, struct author);

struct from_field {
	enum from_error error;
	bool salvaged; /* the address was told from broken syntax */
	/* Every mailbox of every From field; at most MOST_AUTHORS are kept, and of
	 * distinct domains rather than of one. */
	struct author_vec authors;
	bool more; /* there may be others: a limit was met */
	/* an address has a domain that cannot be told, such as one that is not
	 * UTF-8 */
	bool unreadable;
	struct limits limits;
};

/* The word for rules: "none" (all is well), "missing", "several-fields",
 * "several-mailboxes", "group", "syntax", "no-domain". */
const char *from_error_word(enum from_error e);

/* 0 or ERR_NOMEM. */
int from_parse(struct arena *a, const struct header_list *h,
    struct from_field *out) A_MUST_USE;

#endif
