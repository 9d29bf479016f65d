/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz: see fuzz.h.
 */
#include "fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

__attribute__((weak)) unsigned
fuzz_slowness(void)
{
	return 1;
}

void
fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

void
fuzz_run(struct slice in)
{
	struct arena *a = arena_new(FUZZ_ARENA);
	char *exact = malloc(in.n > 0 ? in.n : 1);

	if (a == NULL || exact == NULL)
		fuzz_fail(__FILE__, __LINE__, "memory");
	if (in.n > 0)
		memcpy(exact, in.p, in.n);
	fuzz_one(a, slice_of(exact, in.n));
	free(exact);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_run(slice_of((const char *)data, size));
	return 0;
}

bool
fuzz_inside(struct slice part, struct slice whole)
{
	return part.n == 0 ||
	    (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

uint8_t
fuzz_byte(struct slice *in)
{
	uint8_t byte = in->n > 0 ? (uint8_t)in->p[0] : 0;

	*in = slice_from(*in, 1);
	return byte;
}

struct slice
fuzz_line(struct slice *in)
{
	struct slice line = { "", 0 };

	(void)slice_cut(in, '\n', &line);
	return line;
}

size_t
fuzz_number(struct slice *in, size_t below)
{
	return fuzz_byte(in) % below;
}

static void
fill_file(int fd, struct slice text, char path[FUZZ_PATH])
{
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, text.p, text.n, 0) != (ssize_t)text.n)
		fuzz_fail(__FILE__, __LINE__, "a file in memory");
	(void)snprintf(path, FUZZ_PATH, "/proc/self/fd/%d", fd);
}

const char *
fuzz_file(struct slice text)
{
	static char path[FUZZ_PATH];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	fill_file(fd, text, path);
	return path;
}

void
fuzz_keep_file(struct slice text, char path[FUZZ_PATH])
{
	fill_file(memfd_create("fuzz", MFD_CLOEXEC), text, path);
}
