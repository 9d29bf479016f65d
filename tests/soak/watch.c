/* SPDX-License-Identifier: BSD-2-Clause
 *
 * watch: see watch.h.
 */
#include "soak/watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/num.h"
#include "wire/dialog.h"

#define LINE_MAX_OCTETS ((size_t)1 << 20)
#define REMEMBERED ((size_t)8192)

struct watch {
	pthread_mutex_t lock;
	int fd;
	struct buf half; /* of a line that has not ended */
	struct watch_counts counts;
	struct {
		uint64_t number;
		char *line;
		size_t n;
	} seen[REMEMBERED];
};

struct watch *
watch_new(const struct filter *f)
{
	struct watch *w = calloc(1, sizeof(*w));
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/log", f->dir);
	if (w == NULL || pthread_mutex_init(&w->lock, NULL) != 0)
		abort();
	w->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (w->fd < 0)
		abort();
	buf_init(&w->half, NULL, LINE_MAX_OCTETS);
	return w;
}

void
watch_free(struct watch *w)
{
	for (size_t i = 0; i < REMEMBERED; i++)
		free(w->seen[i].line);
	buf_fini(&w->half);
	(void)close(w->fd);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

void
watch_queue_id(uint64_t number, char out[WATCH_QUEUE_ID])
{
	(void)snprintf(out, WATCH_QUEUE_ID, "S%016" PRIu64, number);
}

static bool
has(struct slice line, const char *text)
{
	return slice_search(line, slice_c(text)) != SLICE_NONE;
}

static void
remember(struct watch *w, struct slice line)
{
	struct slice id = dialog_log_value(line, "qid");
	uint64_t number;
	size_t at;

	if (!slice_starts(id, SL("S")) ||
	    num_parse(slice_from(id, 1), UINT64_MAX, &number) != 0)
		return;
	at = number % REMEMBERED;
	free(w->seen[at].line);
	w->seen[at].line = malloc(line.n);
	if (w->seen[at].line == NULL)
		abort();
	memcpy(w->seen[at].line, line.p, line.n);
	w->seen[at].n = line.n;
	w->seen[at].number = number;
}

static void
take_line(struct watch *w, struct slice line)
{
	if (dialog_log_value(line, "action").n > 0) {
		if (dialog_log_value(line, "at").n > 0) {
			w->counts.early++;
			return;
		}
		w->counts.decided++;
		remember(w, line);
		return;
	}
	w->counts.reloads += has(line, "configuration read again");
	w->counts.refused_reloads += has(line, "the old one stays");
	w->counts.sanitizer +=
	    has(line, "Sanitizer:") || has(line, "runtime error:");
	w->counts.errors += slice_starts(line, SL("error: ")) &&
	    !has(line, "configuration") && !has(line, "chopmark.conf:");
}

static void
read_on(struct watch *w)
{
	static char chunk[65536]; /* under the lock */
	ssize_t n;

	while ((n = read(w->fd, chunk, sizeof(chunk))) > 0) {
		struct slice rest = slice_of(chunk, (size_t)n);
		size_t eol;

		while ((eol = slice_chr(rest, '\n')) != SLICE_NONE) {
			buf_add(&w->half, slice_sub(rest, 0, eol));
			take_line(w, buf_slice(&w->half));
			buf_clear(&w->half);
			rest = slice_from(rest, eol + 1);
		}
		buf_add(&w->half, rest);
	}
}

struct slice
watch_line(struct watch *w, uint64_t number, struct arena *a)
{
	struct slice line = { NULL, 0 };
	size_t at = number % REMEMBERED;

	(void)pthread_mutex_lock(&w->lock);
	read_on(w);
	if (w->seen[at].line != NULL && w->seen[at].number == number)
		line = arena_copy(a, slice_of(w->seen[at].line, w->seen[at].n));
	(void)pthread_mutex_unlock(&w->lock);
	return line;
}

struct watch_counts
watch_counts(struct watch *w)
{
	struct watch_counts c;

	(void)pthread_mutex_lock(&w->lock);
	read_on(w);
	c = w->counts;
	(void)pthread_mutex_unlock(&w->lock);
	return c;
}

static unsigned
entries(pid_t pid, const char *what)
{
	char path[64];
	unsigned n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	dir = opendir(path);
	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		(void)closedir(dir);
	return n > 2 ? n - 2 : 0; /* . and .. */
}

struct sample
watch_sample(pid_t pid)
{
	struct sample s = { .descriptors = entries(pid, "fd"),
		.threads = entries(pid, "task") };
	char path[64], line[256];
	FILE *in;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	in = fopen(path, "r");
	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		if (strncmp(line, "Rss:", 4) == 0)
			s.rss_kb = strtoul(line + 4, NULL, 10);
		if (strncmp(line, "Pss:", 4) == 0)
			s.pss_kb = strtoul(line + 4, NULL, 10);
	}
	if (in != NULL)
		(void)fclose(in);
	return s;
}

double
watch_slope(const struct sample *s, size_t n)
{
	double x = 0, y = 0, xx = 0, xy = 0, spread;

	for (size_t i = 0; i < n; i++) {
		x += (double)s[i].messages / (double)n;
		y += (double)s[i].rss_kb * 1024 / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		spread = (double)s[i].messages - x;
		xx += spread * spread;
		xy += spread * ((double)s[i].rss_kb * 1024 - y);
	}
	return xx > 0 ? xy / xx : 0;
}
