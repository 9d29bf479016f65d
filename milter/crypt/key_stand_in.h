/* SPDX-License-Identifier: BSD-2-Clause
 *
 * key_stand_in: our executables define d2i_PUBKEY_bio themselves, so that
 * libopendkim reads RSA keys by our DER reader. OpenSSL 3.0's own decoder
 * takes some 230 us a key, seven times the verification that follows; it was
 * the largest cost of a small signed message. What our reader does not take
 * goes to OpenSSL's function as before.
 */
#ifndef CM_CRYPT_KEY_STAND_IN_H
#define CM_CRYPT_KEY_STAND_IN_H

#include "base/base.h"

/* Does nothing, but whoever calls it has the stand-in linked. */
void key_stand_in(void);

#endif
