/* SPDX-License-Identifier: BSD-2-Clause
 *
 * body_hash: SHA-256 of the body, computed once per distinct
 * (canonicalisation, length limit) however many signatures, seals or signers
 * ask for it. Ask at eoh, feed body chunks, finish at end, then read. A limit
 * costs next to nothing: it is a prefix of the one running digest of its
 * canonicalisation. One message, one thread at a time.
 */
#ifndef CM_CHECK_BODY_HASH_H
#define CM_CHECK_BODY_HASH_H

#include "base/arena.h"
#include "base/limits.h"
#include "mail/canon.h"

struct body_hashes;

#define BODY_HASH_NO_LIMIT UINT64_MAX
/* Distinct finite limits per canonicalisation. */
#define BODY_HASH_BYTES 32

/* NULL when out of memory. */
struct body_hashes *body_hashes_new(struct arena *a) A_MUST_USE;
/* A handle (>= 0) for the digest of the canonical body's first `limit` octets;
 * the same handle for the same wish. ERR_LIMIT: too many distinct limits;
 * ERR_NOMEM; ERR_BUG: asked after the first chunk. */
int body_hash_want(struct body_hashes *b, enum canon how,
    uint64_t limit) A_MUST_USE;
void body_hashes_add(struct body_hashes *b, struct slice chunk);
/* Ends all digests; idempotent. 0 or ERR_LIBRARY. */
int body_hashes_end(struct body_hashes *b) A_MUST_USE;
/* After a good end. `total` (may be NULL): canonical length of the whole body;
 * when that is less than the limit the digest is that of the whole body. */
const uint8_t *body_hash_get(const struct body_hashes *b, int handle,
    uint64_t *total);
/* True if nobody wants the body (SMFIS_SKIP is then right). */
bool body_hashes_idle(const struct body_hashes *b);

#endif
