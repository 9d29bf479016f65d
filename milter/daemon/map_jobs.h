/* SPDX-License-Identifier: BSD-2-Clause
 *
 * map_jobs: lookups of the socketmap server that wait for the DNS, done by a
 * few threads of their own, so that who asks for something known is never
 * kept waiting by them.
 */
#ifndef CM_DAEMON_MAP_JOBS_H
#define CM_DAEMON_MAP_JOBS_H

#include "base/buf.h"
#include "forward/socketmap.h"

struct map_job {
	uint64_t client;    /* whose it is */
	struct buf request; /* as it came: a whole netstring */
	struct buf reply;
	struct map_job *next;
};

struct map_jobs;

/* `wake_fd`: an eventfd that is written to when a job is done. NULL when out
 * of memory. No thread is started before the first job. */
struct map_jobs *map_jobs_new(int wake_fd,
    const struct socketmap_counters *counters) A_MUST_USE;
/* Takes a copy of the request. 0, ERR_LIMIT (too much waits already),
 * ERR_NOMEM. */
int map_jobs_add(struct map_jobs *j, uint64_t client,
    struct slice request) A_MUST_USE;
/* A job that is done, or NULL; for map_job_free. */
struct map_job *map_jobs_take(struct map_jobs *j) A_MUST_USE;
void map_job_free(struct map_job *job);

/* Lets the threads end and frees all. false if some were still waiting after
 * `patience_ms`: then they go on, and nothing is freed. */
bool map_jobs_stop(struct map_jobs *j, int64_t patience_ms) A_MUST_USE;

#endif
