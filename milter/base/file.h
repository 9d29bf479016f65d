/* SPDX-License-Identifier: BSD-2-Clause
 *
 * file: reading a whole file, with a ceiling and, for secrets, a check of
 * owner and mode of the file and of every directory above it.
 */
#ifndef CM_BASE_FILE_H
#define CM_BASE_FILE_H

#include "base/arena.h"

/* Longest text of a file_error with its NUL. */
#define FILE_WHY 512

/* Reads a regular file of at most `max` bytes into the arena; a NUL follows
 * the text (not counted). 0, ERR_IO, ERR_NOTFOUND, ERR_LIMIT, ERR_NOMEM; `why`
 * then names the path and the reason. */
int file_read(struct arena *a, const char *path, size_t max, struct slice *out,
    char why[FILE_WHY]) A_MUST_USE;

/* The same for a secret. Unsafe (ERR_UNSAFE) is: a file that group may write
 * or others may read or write, except that group may read; an owner that is
 * neither root nor the effective user nor `uid`, of the file or of a directory
 * on its resolved path; such a directory that others, or a group, may write
 * (unless sticky and owned by root).
 * The mode is taken from the descriptor that is read, so it cannot change in
 * between. `why` names the file or directory that is at fault and the mode it
 * should have. `uid` is the user the daemon will run as; (unsigned)-1: none. */
int file_read_secret(struct arena *a, const char *path, size_t max,
    unsigned uid, bool check, struct slice *out, char why[FILE_WHY]) A_MUST_USE;
/* Overwrites a secret that file_read_secret gave, before its arena goes. */
void file_forget(struct slice secret);

#endif
