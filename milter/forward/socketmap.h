/* SPDX-License-Identifier: BSD-2-Clause
 *
 * socketmap: the protocol by which Postfix and Sendmail look up tables in
 * another process: netstrings, `NAME KEY` as request, a word and data as
 * reply, on a connection that stays open. Nothing here reads or writes a
 * socket. Tables: `forward` for envelope senders, `reverse` for recipients.
 *
 * An address that stays as it is, or that is not to be believed, is NOTFOUND:
 * the MTA then goes on with it as it stands, and refuses a recipient that it
 * does not know. PERM would be taken for a fault of ours and deferred.
 */
#ifndef CM_FORWARD_SOCKETMAP_H
#define CM_FORWARD_SOCKETMAP_H

#include "base/buf.h"
#include "base/stats.h"
#include "forward/srs_map.h"

/* Octets of a request; longer ones end the connection. */
#define SOCKETMAP_REQUEST ((size_t)MOST_MAP_REQUEST)
/* Octets of a reply, far under what MTAs take (100000). */
#define SOCKETMAP_REPLY ((size_t)8192)

enum socketmap_read { SOCKETMAP_MORE, SOCKETMAP_TAKEN, SOCKETMAP_BROKEN };

struct socketmap_request {
	struct slice name, key; /* borrowed from the input */
	size_t used;            /* octets of the input that it took */
};

/* Reads one request off the front of what came so far. */
enum socketmap_read socketmap_read(struct slice in,
    struct socketmap_request *out);

enum socketmap_table {
	SOCKETMAP_FORWARD,
	SOCKETMAP_REVERSE,
	SOCKETMAP_TABLES /* no table of ours */
};
enum socketmap_table socketmap_table(struct slice name);

/* Of lookups by table and outcome; the last one: failures of ours. */
struct socketmap_counters {
	struct stat_counter *count[SOCKETMAP_TABLES][SRS_MAP_EXPIRED + 2];
	struct srs_long_counters long_senders;
};
void socketmap_counters_load(struct socketmap_counters *c);

/* True if the answer may have to wait for the DNS. */
bool socketmap_waits(const struct srs_map *m, struct arena *a,
    const struct socketmap_request *r);

/* Appends the reply, counts and, where an operator would want to know, logs.
 * `m` NULL: there is no SRS, nothing is found. `dns` as in srs_map_sender. */
void socketmap_answer(const struct srs_map *m, struct arena *a,
    const struct socketmap_request *r, struct dns_message *dns,
    const struct socketmap_counters *c, struct buf *out);
/* Appends a reply of that word and data; also for failures of the caller:
 * "TEMP". */
void socketmap_reply(struct buf *out, const char *word, struct slice data);

#endif
