/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_chain: the ARC sets of a message: collected as their fields arrive,
 * checked for structure at the end of the header section (RFC 8617 section 5.2,
 * steps 1 to 3), verified at end-of-message (steps 4 to 6). One message, one
 * thread; all memory is the message's arena.
 */
#ifndef CM_CHECK_ARC_CHAIN_H
#define CM_CHECK_ARC_CHAIN_H

#include "check/arc_field.h"
#include "crypt/sig.h"

struct evaluation;

struct arc_set {
	struct arc_field *part[ARC_KINDS];
	int body; /* handle of the digest that ARC_MESSAGE wants, or ERR_LIMIT */
};

struct arc_chain {
	struct arc_set sets[ARC_MAX_SETS]; /* by instance, from 1 */
	unsigned n;                        /* highest instance seen */
	size_t fields;                     /* of whatever instance */
	bool unreadable;                   /* a field without an instance */
	/* two of a kind in one set: the first such */
	const struct arc_field *twin;
	/* none: no field at all. pass: whole as far as known. fail: broken */
	enum verdict verdict;
	struct slice reason;  /* why it is broken */
	bool ended;           /* the newest seal says fail: nobody may go on */
	bool unreachable;     /* broken because a key could not be asked for */
	unsigned oldest_pass; /* of a chain that verified ... */
	bool oldest_known;    /* ... if this was looked into far enough */
};

/* Adds a field; *out is where it is kept, NULL if it is one too many or tells
 * no instance. `now` and `drift` as for dkim_field_read. 0 or ERR_NOMEM. */
int arc_chain_add(struct arc_chain *c, struct arena *a,
    const struct header_field *f, int64_t now, int64_t drift,
    struct arc_field **out) A_MUST_USE;

/* When all fields are there. 0 or ERR_NOMEM. */
int arc_chain_check(struct arc_chain *c, struct arena *a) A_MUST_USE;

/* Asks for the digests of the body that the message signatures of a whole
 * chain need. 0 or ERR_*. */
int arc_chain_want(struct arc_chain *c, struct evaluation *ev) A_MUST_USE;

/* Verifies a whole chain, after body_hashes_end. 0 or ERR_*. */
int arc_chain_verify(struct arc_chain *c, struct evaluation *ev) A_MUST_USE;

/* The same of a message that was changed behind us: its seals alone make the
 * chain fail; *message_holds tells of the newest message signature. */
int arc_chain_verify_seals(struct arc_chain *c, struct evaluation *ev,
    bool *message_holds) A_MUST_USE;

/* All fields of a whole chain, set by set, in the order in which a seal covers
 * them. 0 or ERR_NOMEM. */
int arc_chain_sets(const struct arc_chain *c, struct arena *a,
    struct slice_vec *raws) A_MUST_USE;
/* The same for its first `n` sets, but the last seal: what that covers. */
int arc_chain_covered(const struct arc_chain *c, struct arena *a, unsigned n,
    struct slice_vec *raws) A_MUST_USE;

#endif
