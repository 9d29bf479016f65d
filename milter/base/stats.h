/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stats: atomic counters and latency histograms, named once at load, counted
 * without a lock. A counter belongs to a family (metric name) and carries at
 * most two label values. Counters live until the process ends: a reload that
 * registers the same name and labels gets the same counter.
 */
#ifndef CM_BASE_STATS_H
#define CM_BASE_STATS_H

#include "base/buf.h"

struct stat_counter;
struct stat_histogram;

/* Finds or makes a counter. `family`, label names: literals that live forever;
 * label values are copied. NULL label = none. Never returns NULL: when out of
 * memory, or over 4096 counters, a shared "overflow" counter. Takes a lock: call
 * at load or once per site, not per message. */
struct stat_counter *stats_counter(const char *family, const char *label1,
    struct slice value1, const char *label2, struct slice value2);
void stats_add(struct stat_counter *c, uint64_t n);
uint64_t stats_get(const struct stat_counter *c);

/* Latency in milliseconds, fixed buckets 1 2 5 10 ... 60000. */
struct stat_histogram *stats_histogram(const char *family);
void stats_observe(struct stat_histogram *h, int64_t ms);

/* All of it as Prometheus text ("chopmark_" before each family). */
void stats_print(struct buf *out);

#endif
