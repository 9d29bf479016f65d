/* SPDX-License-Identifier: BSD-2-Clause
 *
 * snapshot: one immutable loaded configuration with the engine built from it.
 * Sessions hold a reference to the one they began with; a reload builds the
 * next and swaps one pointer; the old one goes with its last session.
 */
#ifndef CM_CONFIG_SNAPSHOT_H
#define CM_CONFIG_SNAPSHOT_H

#include "config/parse.h"

struct snapshot;

/* Reads the source and builds everything. `before` is the snapshot in use at
 * a reload, else NULL: its DNS resolver is taken over if no option of the
 * resolver changed, and a change of an option that needs a restart is warned
 * of. Call after fork(): it starts the DNS thread. NULL after reporting to p,
 * which may hold warnings in any case. The problems are in the arena of p,
 * which is the caller's. */
struct snapshot *snapshot_load(const struct config_source *src,
    const struct snapshot *before, struct problems *p) A_MUST_USE;

/* References are counted atomically. The last put frees all; no session may
 * use it any more. NULL is harmless. */
struct snapshot *snapshot_get(struct snapshot *s);
void snapshot_put(struct snapshot *s);

const struct config *snapshot_config(const struct snapshot *s);
const struct daemon_options *snapshot_daemon(const struct snapshot *s);
const struct engine *snapshot_engine(const struct snapshot *s);

#endif
