/* SPDX-License-Identifier: BSD-2-Clause
 *
 * watch: what is seen of the filter from outside while it works: its log, read
 * as it grows, and what the kernel counts of it. The log may be asked by any
 * thread.
 */
#ifndef CM_TESTS_SOAK_WATCH_H
#define CM_TESTS_SOAK_WATCH_H

#include "wire/filter.h"

struct watch;

struct watch_counts {
	uint64_t decided; /* lines about the end of a message */
	uint64_t early;   /* about a refusal at MAIL or RCPT */
	uint64_t reloads, refused_reloads;
	uint64_t sanitizer; /* reports in it */
	uint64_t errors;    /* but those about a broken configuration */
};

struct watch *watch_new(const struct filter *f);
void watch_free(struct watch *w);
/* The log's line about the end of the message with this number in its queue
 * id, "S" and 16 digits; p == NULL: there is none, or it was more than some
 * thousand messages ago. */
struct slice watch_line(struct watch *w, uint64_t number, struct arena *a);
struct watch_counts watch_counts(struct watch *w);

#define WATCH_QUEUE_ID 20
void watch_queue_id(uint64_t number, char out[WATCH_QUEUE_ID]);

struct sample {
	uint64_t messages;
	unsigned long rss_kb, pss_kb;
	unsigned descriptors, threads;
};
/* Of a process, but `messages`. */
struct sample watch_sample(pid_t pid);
/* Bytes a message by which the memory grows, by least squares. */
double watch_slope(const struct sample *s, size_t n);

#endif
