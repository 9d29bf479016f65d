/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs: the Sender Rewriting Scheme, one address at a time. A forwarder that
 * leaves the envelope sender as it is fails SPF at the next hop; with SRS the
 * sender becomes an address of the forwarder, who can tell its own addresses
 * from forged ones and sends bounces back the way they came.
 *
 *   user@host                      SRS0=HHHH=TT=host=user@us
 *   SRS0=HHHH=TT=host=user@first   SRS1=HHHH=first==HHHH=TT=host=user@us
 *   SRS1=HHHH=first==...@second    SRS1=HHHH=first==...@us
 *
 * HHHH are the first characters of a base64 HMAC-SHA1 over what follows in
 * lower case (TT, host and user, or first and the rest), TT is the day modulo
 * 1024 in base32. The character behind SRS0 and SRS1 may be '=', '+' or '-'.
 * The hash is of the unquoted local-part, as an MTA may quote and unquote on
 * the way. Addresses of libsrs2, postsrsd and Mail::SRS are the same.
 *
 * Pure but for the arena; `now` is the time in seconds since 1970. Any thread.
 */
#ifndef CM_SRS_SRS_H
#define CM_SRS_SRS_H

#include "base/vec.h"
#include "mail/address.h"

#define SRS_LOCAL_MAX 64 /* octets, RFC 5321 section 4.5.3.1.1 */
#define SRS_PATH_MAX 254 /* octets without <>, section 4.5.3.1.3 */
#define SRS_HASH_MAX 27  /* base64 characters of 160 bits */
#define SRS_HASH_LEAST 4
#define SRS_DAYS 1024 /* days until stamps come round */

struct srs_options {
	struct slice domain;      /* of the addresses we make */
	struct slice_vec secrets; /* the first signs; at least one */
	char separator;           /* '=', '+' or '-' behind SRS0 and SRS1 */
	unsigned hash_length;     /* characters we make */
	unsigned hash_min;        /* fewest we take */
	unsigned max_age;         /* days an address is good for */
	bool allow_long;          /* make local-parts over 64 octets too */
};

enum srs_status {
	SRS_OK,
	SRS_FOREIGN,   /* reverse: not an SRS address at all */
	SRS_MALFORMED, /* reverse: fields are missing; forward: an address that
			  cannot be carried */
	SRS_FORGED,    /* the hash is of none of our secrets */
	SRS_EXPIRED,   /* made by us, too long ago (or tomorrow) */
	SRS_TOO_LONG   /* forward: longer than mail can carry, or than asked */
};
/* "ok" "foreign" "malformed" "forged" "expired" "too-long" */
const char *srs_status_word(enum srs_status s);

/* True if the local-part begins with SRS0 or SRS1 and a separator. */
bool srs_is_tagged(struct slice local) A_PURE;

/* The address under which a message of `sender` is sent on; *out lives in the
 * arena and is set with SRS_OK alone. 0, ERR_NOMEM, ERR_LIBRARY. */
int srs_forward(struct arena *a, const struct srs_options *o,
    const struct mailbox *sender, int64_t now, struct slice *out,
    enum srs_status *status) A_MUST_USE;

/* Whom mail to one of our addresses is for; the domain of `rcpt` is not looked
 * at. Of SRS1 that is the first forwarder's address, not the author's. Results
 * as above. */
int srs_reverse(struct arena *a, const struct srs_options *o,
    const struct mailbox *rcpt, int64_t now, struct slice *out,
    enum srs_status *status) A_MUST_USE;

#endif
