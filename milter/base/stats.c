/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stats: a hash table of counters that only grows, behind one lock for
 * registration; counting itself is one relaxed atomic addition. Entries are
 * never freed: a pointer to a counter stays good until the process ends.
 */
#include "base/stats.h"

#include <pthread.h>

#define MAX_COUNTERS ((size_t)4096)
#define MAX_HISTOGRAMS ((size_t)64)
#define MAX_VALUE ((size_t)255) /* bytes of a label value that are kept */
#define CHAINS ((size_t)1024)

struct stat_counter {
	struct stat_counter *next; /* in its chain */
	const char *family;
	const char *label[2];
	char value[2][MAX_VALUE + 1];
	_Atomic uint64_t n;
};

static const int64_t bounds[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000,
	2000, 5000, 10000, 20000, 30000, 60000 };

struct stat_histogram {
	const char *family;
	_Atomic uint64_t bucket[ARRAY_LEN(bounds) + 1]; /* last: over all */
	_Atomic uint64_t sum;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stat_counter *chains[CHAINS];
static size_t n_counters;
static struct stat_histogram *histograms[MAX_HISTOGRAMS];
static size_t n_histograms;
static struct stat_counter overflow = { .family = "stats_overflow_total" };
static struct stat_histogram overflow_histogram = { .family =
							"stats_overflow_ms" };

static bool
same_label(const char *have, const char *want)
{
	if (have == NULL || want == NULL)
		return have == want;
	return strcmp(have, want) == 0;
}

static bool
same_counter(const struct stat_counter *c, const char *family,
    const char *const label[2], const struct slice value[2])
{
	if (strcmp(c->family, family) != 0)
		return false;
	for (size_t i = 0; i < 2; i++)
		if (!same_label(c->label[i], label[i]) ||
		    !slice_eq(slice_c(c->value[i]), value[i]))
			return false;
	return true;
}

/* Label values are C strings from here on: cut at a NUL and at MAX_VALUE. */
static struct slice
label_value(const char *label, struct slice value)
{
	if (label == NULL)
		return slice_of("", 0);
	value = slice_sub(value, 0, slice_chr(value, '\0'));
	return slice_sub(value, 0, MAX_VALUE);
}

static struct stat_counter *
counter_new(const char *family, const char *const label[2],
    const struct slice value[2])
{
	struct stat_counter *c;

	if (n_counters >= MAX_COUNTERS)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->family = family;
	for (size_t i = 0; i < 2; i++) {
		c->label[i] = label[i];
		if (value[i].n > 0)
			memcpy(c->value[i], value[i].p, value[i].n);
	}
	n_counters++;
	return c;
}

struct stat_counter *
stats_counter(const char *family, const char *label1, struct slice value1,
    const char *label2, struct slice value2)
{
	const char *const label[2] = { label1, label2 };
	const struct slice value[2] = { label_value(label1, value1),
		label_value(label2, value2) };
	struct stat_counter *c;
	uint64_t hash = slice_ihash(slice_c(family), 0);
	size_t chain;

	hash = slice_ihash(value[1], slice_ihash(value[0], hash));
	chain = (size_t)(hash % CHAINS);
	(void)pthread_mutex_lock(&lock);
	for (c = chains[chain]; c != NULL; c = c->next)
		if (same_counter(c, family, label, value))
			break;
	if (c == NULL) {
		c = counter_new(family, label, value);
		if (c != NULL) {
			c->next = chains[chain];
			chains[chain] = c;
		}
	}
	(void)pthread_mutex_unlock(&lock);
	return c != NULL ? c : &overflow;
}

void
stats_add(struct stat_counter *c, uint64_t n)
{
	(void)atomic_fetch_add_explicit(&c->n, n, memory_order_relaxed);
}

uint64_t
stats_get(const struct stat_counter *c)
{
	return atomic_load_explicit(&c->n, memory_order_relaxed);
}

struct stat_histogram *
stats_histogram(const char *family)
{
	struct stat_histogram *h = NULL;

	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_histograms && h == NULL; i++)
		if (strcmp(histograms[i]->family, family) == 0)
			h = histograms[i];
	if (h == NULL && n_histograms < MAX_HISTOGRAMS) {
		h = calloc(1, sizeof(*h));
		if (h != NULL) {
			h->family = family;
			histograms[n_histograms++] = h;
		}
	}
	(void)pthread_mutex_unlock(&lock);
	return h != NULL ? h : &overflow_histogram;
}

void
stats_observe(struct stat_histogram *h, int64_t ms)
{
	size_t i = 0;

	if (ms < 0)
		ms = 0;
	while (i < ARRAY_LEN(bounds) && ms > bounds[i])
		i++;
	(void)atomic_fetch_add_explicit(&h->bucket[i], 1, memory_order_relaxed);
	(void)atomic_fetch_add_explicit(&h->sum, (uint64_t)ms,
	    memory_order_relaxed);
}

static int
by_name(const void *a, const void *b)
{
	const struct stat_counter *const *pa = a, *const *pb = b;
	const struct stat_counter *x = *pa, *y = *pb;
	int order = strcmp(x->family, y->family);

	if (order == 0)
		order = strcmp(x->value[0], y->value[0]);
	return order != 0 ? order : strcmp(x->value[1], y->value[1]);
}

/* A label value by the rules of the Prometheus text format. */
static void
print_label(struct buf *out, const char *label, const char *value)
{
	buf_printf(out, "%s=\"", label);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			buf_adds(out, "\\n");
		else if (*value == '"' || *value == '\\')
			buf_printf(out, "\\%c", *value);
		else
			buf_addc(out, *value);
	}
	buf_addc(out, '"');
}

static void
print_counter(struct buf *out, const struct stat_counter *c,
    const char *family_before)
{
	if (family_before == NULL || strcmp(family_before, c->family) != 0)
		buf_printf(out, "# TYPE chopmark_%s counter\n", c->family);
	buf_printf(out, "chopmark_%s", c->family);
	if (c->label[0] != NULL || c->label[1] != NULL) {
		buf_addc(out, '{');
		if (c->label[0] != NULL)
			print_label(out, c->label[0], c->value[0]);
		if (c->label[0] != NULL && c->label[1] != NULL)
			buf_addc(out, ',');
		if (c->label[1] != NULL)
			print_label(out, c->label[1], c->value[1]);
		buf_addc(out, '}');
	}
	buf_printf(out, " %" PRIu64 "\n", stats_get(c));
}

static void
print_histogram(struct buf *out, const struct stat_histogram *h)
{
	uint64_t total = 0;

	buf_printf(out, "# TYPE chopmark_%s histogram\n", h->family);
	for (size_t i = 0; i <= ARRAY_LEN(bounds); i++) {
		total +=
		    atomic_load_explicit(&h->bucket[i], memory_order_relaxed);
		buf_printf(out, "chopmark_%s_bucket{le=\"", h->family);
		if (i < ARRAY_LEN(bounds))
			buf_printf(out, "%" PRId64, bounds[i]);
		else
			buf_adds(out, "+Inf");
		buf_printf(out, "\"} %" PRIu64 "\n", total);
	}
	buf_printf(out, "chopmark_%s_sum %" PRIu64 "\n", h->family,
	    atomic_load_explicit(&h->sum, memory_order_relaxed));
	buf_printf(out, "chopmark_%s_count %" PRIu64 "\n", h->family, total);
}

void
stats_print(struct buf *out)
{
	const struct stat_counter **all, *const *end;
	const char *before = NULL;
	size_t n = 0, n_h;

	(void)pthread_mutex_lock(&lock);
	n_h = n_histograms;
	all = calloc(n_counters + 2, sizeof(struct stat_counter *));
	for (size_t i = 0; all != NULL && i < CHAINS; i++)
		for (struct stat_counter *c = chains[i]; c != NULL; c = c->next)
			all[n++] = c;
	(void)pthread_mutex_unlock(&lock);
	if (all == NULL) {
		out->bad = true;
		return;
	}
	if (stats_get(&overflow) > 0)
		all[n++] = &overflow;
	qsort(all, n, sizeof(all[0]), by_name);
	end = all + n;
	for (const struct stat_counter **c = all; c < end; c++) {
		print_counter(out, *c, before);
		before = (*c)->family;
	}
	free(all);
	/* Entries below n_h never change any more. */
	for (size_t i = 0; i < n_h; i++)
		print_histogram(out, histograms[i]);
}
