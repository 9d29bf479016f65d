/* SPDX-License-Identifier: BSD-2-Clause
 *
 * load_corpus: messages and what is expected of them; and the little helpers
 * that all files use.
 */
#include "bench/load.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_MESSAGES 1024

static struct message messages[MAX_MESSAGES];
static size_t n_messages, next_message;
static const char *corpus, *only_size, *only_kind;

void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

double
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void
octets_add(struct octets *o, const void *p, size_t n)
{
	if (o->cap - o->n < n) {
		o->cap = (o->n + n) * 2;
		o->p = realloc(o->p, o->cap);
		if (o->p == NULL)
			die("memory");
	}
	if (n > 0)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

void
put32(char *p, uint32_t v)
{
	p[0] = (char)(unsigned char)(v >> 24);
	p[1] = (char)(unsigned char)(v >> 16);
	p[2] = (char)(unsigned char)(v >> 8);
	p[3] = (char)(unsigned char)v;
}

uint32_t
get32(const char *p)
{
	const unsigned char *u = (const void *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
	    (uint32_t)u[2] << 8 | u[3];
}
static void
read_fields(struct message *m, char *p, char *end)
{
	while (p + 1 < end && !(p[0] == '\r' && p[1] == '\n')) {
		char *colon = memchr(p, ':', (size_t)(end - p)), *w;
		struct field *f;

		if (m->n_fields == m->cap_fields) {
			m->cap_fields = m->cap_fields * 2 + 32;
			m->fields = realloc(m->fields,
			    m->cap_fields * sizeof(*m->fields));
		}
		if (colon == NULL || m->fields == NULL)
			die("a message without header");
		f = &m->fields[m->n_fields++];
		f->name = p;
		f->name_n = (size_t)(colon - p);
		*colon = '\0';
		f->value = w = p = colon + 1;
		while (p + 2 < end &&
		    !(p[0] == '\r' && p[1] == '\n' && p[2] != ' ' &&
			p[2] != '\t')) {
			if (*p != '\r')
				*w++ = *p;
			p++;
		}
		f->value_n = (size_t)(w - f->value);
		p += 2;
		*w = '\0';
	}
	m->body = p + 2;
	m->body_n = (size_t)(end - m->body);
}

static void
read_message(struct message *m, const char *name)
{
	char path[512];
	struct stat st;
	char *map;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", corpus, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		die(path);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		die(path);
	close(fd);
	read_fields(m, map, map + st.st_size);
}

void
corpus_read(const char *dir, const char *size_wanted, const char *kind_wanted)
{
	char path[512], line[512];
	FILE *f;

	corpus = dir;
	only_size = size_wanted;
	only_kind = kind_wanted;
	(void)snprintf(path, sizeof(path), "%s/index", corpus);
	f = fopen(path, "r");
	if (f == NULL)
		die(path);
	while (
	    n_messages < MAX_MESSAGES && fgets(line, sizeof(line), f) != NULL) {
		struct message *m = &messages[n_messages];
		char name[32], size[8], kind[8];

		if (sscanf(line, "%31s %7s %7s %39s %63s %79s %11s %11s %11s",
			name, size, kind, m->client, m->helo, m->from, m->dkim,
			m->spf, m->dmarc) != 9)
			die("index");
		if ((only_size != NULL && strcmp(size, only_size) != 0) ||
		    (only_kind != NULL && strcmp(kind, only_kind) != 0))
			continue;
		read_message(m, name);
		n_messages++;
	}
	(void)fclose(f);
	if (n_messages == 0)
		die("no such messages");
}

struct message *
corpus_next(void)
{
	return &messages[next_message++ % n_messages];
}

void
corpus_skip(size_t n)
{
	next_message = n;
}
