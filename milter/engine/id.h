/* SPDX-License-Identifier: BSD-2-Clause
 *
 * id: our own name for a session or message: 16 characters of [0-9a-z],
 * unique, sortable by time, known from connect on (the MTA's queue id comes
 * too late and is used again). Thread-safe.
 */
#ifndef CM_ENGINE_ID_H
#define CM_ENGINE_ID_H

#include "mail/message.h"

/* 8 digits of milliseconds in base 36, 4 of this process, 4 of a counter. */
void id_make(char out[MESSAGE_ID_LEN + 1]);

#endif
