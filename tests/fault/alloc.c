/* SPDX-License-Identifier: BSD-2-Clause
 *
 * alloc: see alloc.h. The linker (--wrap) leads calls of malloc here and
 * offers the real one under another name.
 */
#include "fault/alloc.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static size_t count, first_failing, n_failing;
static bool faults;

void
alloc_plan(size_t first, size_t failing)
{
	count = 0;
	first_failing = first;
	n_failing = failing;
}

void
alloc_faults(bool on)
{
	faults = on;
}

size_t
alloc_count(void)
{
	return count;
}

static bool
fails(void)
{
	size_t now;

	if (!faults)
		return false;
	now = count++;
	return now >= first_failing && now - first_failing < n_failing;
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}
