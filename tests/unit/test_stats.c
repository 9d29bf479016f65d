/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stats: counters by name and label, histograms, the Prometheus text, and
 * counting from several threads.
 */
#include "base/stats.h"

#include <pthread.h>

#include "lib/tap.h"

#define NONE slice_of(NULL, 0)

static void *
count_much(void *arg)
{
	struct stat_counter *c = arg;

	for (int i = 0; i < 20000; i++)
		stats_add(c, 1);
	return NULL;
}

static void
test_counters(void)
{
	struct stat_counter *a =
	    stats_counter("t_total", "verdict", t_slice("pass"), NULL, NONE);
	struct stat_counter *b =
	    stats_counter("t_total", "verdict", t_slice("fail"), NULL, NONE);
	struct stat_counter *same =
	    stats_counter("t_total", "verdict", t_slice("pass"), NULL, NONE);
	struct stat_counter *plain =
	    stats_counter("t_total", NULL, NONE, NULL, NONE);
	pthread_t threads[4];

	ok(a == same, "the same name and labels give the same counter");
	ok(a != b && a != plain, "others give others");
	stats_add(a, 2);
	stats_add(a, 3);
	is_int((int64_t)stats_get(a), 5, "it adds up");
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		if (pthread_create(&threads[i], NULL, count_much, b) != 0)
			abort();
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		(void)pthread_join(threads[i], NULL);
	is_int((int64_t)stats_get(b), 80000, "no addition of a thread is lost");
}

static void
test_print(void)
{
	struct stat_histogram *h = stats_histogram("t_ms");
	struct buf out;

	(void)stats_counter("t_total", "verdict", t_slice("a\"b\\c\nd"), "rule",
	    t_slice("r"));
	stats_observe(h, 0);
	stats_observe(h, 1);
	stats_observe(h, 3);
	stats_observe(h, 99999);
	stats_observe(h, -7);
	ok(stats_histogram("t_ms") == h, "the same histogram by name");
	buf_init(&out, NULL, (size_t)1 << 20);
	stats_print(&out);
	ok(buf_ok(&out), "all is printed");
	ok(slice_search(buf_slice(&out),
	       SL("# TYPE chopmark_t_total counter\n"
		  "chopmark_t_total 0\n"
		  "chopmark_t_total{verdict=\"a\\\"b\\\\c\\nd\",rule=\"r\"} 0\n"
		  "chopmark_t_total{verdict=\"fail\"} 80000\n"
		  "chopmark_t_total{verdict=\"pass\"} 5\n")) != SLICE_NONE,
	    "a family stands together under one type, values are escaped");
	ok(slice_search(buf_slice(&out),
	       SL("# TYPE chopmark_t_ms histogram\n"
		  "chopmark_t_ms_bucket{le=\"1\"} 3\n"
		  "chopmark_t_ms_bucket{le=\"2\"} 3\n"
		  "chopmark_t_ms_bucket{le=\"5\"} 4\n")) != SLICE_NONE,
	    "buckets are cumulative, a negative time counts as 0");
	ok(slice_search(buf_slice(&out),
	       SL("chopmark_t_ms_bucket{le=\"60000\"} 4\n"
		  "chopmark_t_ms_bucket{le=\"+Inf\"} 5\n"
		  "chopmark_t_ms_sum 100003\n"
		  "chopmark_t_ms_count 5\n")) != SLICE_NONE,
	    "sum and count close it");
	buf_fini(&out);
}

static void
test_overflow(void)
{
	struct stat_counter *last = NULL, *over;
	char value[16];

	for (int i = 0; i < 5000; i++) {
		(void)snprintf(value, sizeof(value), "%d", i);
		last = stats_counter("t_many_total", "n", t_slice(value), NULL,
		    NONE);
	}
	over = stats_counter("t_more_total", NULL, NONE, NULL, NONE);
	ok(last != NULL && last == over,
	    "over the limit one shared counter takes all");
	stats_add(over, 1);
	is_int((int64_t)stats_get(last), 1, "and counts");
}

int
main(void)
{
	test_counters();
	test_print();
	test_overflow();
	return tap_done();
}
