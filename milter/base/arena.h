/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arena: memory that lives as long as one message (or one snapshot). It only
 * grows; arena_reset() ends everything in it at once, running the hooks of
 * foreign handles in reverse order of their registration. One arena belongs
 * to one thread at a time; there is no lock.
 *
 * Every arena has a ceiling in bytes, so that no input can make it grow
 * without bound: over it (or out of memory) an allocation returns NULL and
 * arena_failed() stays true until the reset. Callers may therefore build on
 * and ask once.
 */
#ifndef CM_BASE_ARENA_H
#define CM_BASE_ARENA_H

#include "base/slice.h"

struct arena;

/* A new arena with a ceiling of `limit` bytes. NULL when out of memory. */
struct arena *arena_new(size_t limit) A_MUST_USE;
/* Runs the hooks and frees all. NULL is harmless. */
void arena_free(struct arena *a);
/* Runs the hooks, forgets all allocations, keeps one block for reuse. */
void arena_reset(struct arena *a);

/* n bytes aligned for any object; arena_zalloc clears them. NULL when over
 * the ceiling or out of memory. n == 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n) A_MUST_USE;
void *arena_zalloc(struct arena *a, size_t n) A_MUST_USE;
/* The same for an array; an overflow of count * size counts as failure. */
void *arena_array(struct arena *a, size_t count, size_t size) A_MUST_USE;

/* A copy of text. On failure the slice is empty with p == NULL; a copy of an
 * empty text has a non-NULL p. A NUL follows the copy (not counted), so .p
 * may be handed to a foreign library if the text has no NUL inside. */
struct slice arena_copy(struct arena *a, struct slice s) A_MUST_USE;
/* The same, ASCII letters in lower case. */
struct slice arena_lower(struct arena *a, struct slice s) A_MUST_USE;
/* NUL-terminated copy; NULL on failure. A NUL inside the text stays inside. */
char *arena_cstr(struct arena *a, struct slice s) A_MUST_USE;
/* Formatted text, terminated like arena_copy. */
struct slice arena_printf(struct arena *a, const char *fmt, ...)
    A_PRINTF(2, 3) A_MUST_USE;

/* Calls fn(ptr) at reset or free. 0, or ERR_NOMEM: then fn was *not* noted
 * and the caller still owns ptr. */
int arena_hook(struct arena *a, void (*fn)(void *), void *ptr) A_MUST_USE;

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);
/* True if any allocation failed since the last reset. */
bool arena_failed(const struct arena *a);
/* True if one of them failed for the ceiling. */
bool arena_full(const struct arena *a);

#endif
