/* SPDX-License-Identifier: BSD-2-Clause
 *
 * from_parts: private to the files that read the author field: what they
 * have found so far. from.c owns the order of things, from_strict.c the
 * grammar, from_salvage.c everything that is not the grammar. One thread.
 */
#ifndef CM_MAIL_FROM_PARTS_H
#define CM_MAIL_FROM_PARTS_H

#include "base/buf.h"
#include "mail/from.h"

VEC_DEFINE(mailbox_vec, struct mailbox);

/* The result of the strict reading of one field. */
struct from_strict {
	struct mailbox_vec mailboxes; /* CFWS around and inside them gone */
	struct slice_vec angles;      /* what stood between < and > */
	unsigned groups;
};

/* True if the value is an address-list of RFC 5322 (RFC 6532, RFC 6854,
 * obsolete forms except routes and divided domains); else `out` is of no use.
 * *err becomes ERR_NOMEM when out of memory. */
bool from_strict_read(struct arena *a, struct slice value,
    struct from_strict *out, int *err) A_MUST_USE;

/* Authors found, over all fields. */
struct from_reader {
	struct arena *a;
	struct from_field *out;
	bool odd;   /* something is not by the grammar, or reads in two ways */
	bool found; /* from_add() was given a domain or literal */
	bool only_new;   /* take no second mailbox of a domain */
	bool unreadable; /* a plain mailbox has no domain that can be told */
	int err;         /* 0 or ERR_NOMEM, sticks */
	unsigned fields, groups; /* so far */
	unsigned at_signs;     /* looked at so far: bounds the work, as does: */
	size_t comment_octets; /* walked over in comments, again and again */
	struct slice_vec angles; /* what from_salvage() read between < and > */
};

/* Something was left out for the sake of this limit. */
void from_more(struct from_reader *r, enum limit limit);

/* Adds a mailbox unless it is there already. Sets out->more when there is no
 * room, odd when characters at the ends of the domain had to go. True if it
 * has a domain or an address literal. */
bool from_add(struct from_reader *r, struct slice local, struct slice domain);

/* Every mailbox that can be told from text that is no address-list: addresses
 * in angle brackets, bare ones where no bracket follows, and, in a part that
 * has neither, what is written in quotes, comments or encoded words. No NUL in
 * the value. */
void from_salvage(struct from_reader *r, struct slice value);
/* Every '@' with a domain of at least two labels behind it, in quotes,
 * comments and encoded words too. True if there was any. */
bool from_salvage_all(struct from_reader *r, struct slice text);
/* What a program sees that knows no comments, no backslashes and no quotes
 * inside brackets. `known` are the brackets that were read already. */
void from_salvage_naive(struct from_reader *r, struct slice value,
    const struct slice_vec *known);

#endif
