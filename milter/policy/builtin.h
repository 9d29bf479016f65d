/* SPDX-License-Identifier: BSD-2-Clause
 *
 * builtin.h: conf/policy.conf and conf/replies.conf, byte by byte, for a host
 * that has no file of its own. The build makes builtin.c from those files, so
 * that the two cannot differ.
 */
#ifndef CM_POLICY_BUILTIN_H
#define CM_POLICY_BUILTIN_H

#include "base/slice.h"

extern const struct slice builtin_policy;
extern const struct slice builtin_replies;

#endif
