/* SPDX-License-Identifier: BSD-2-Clause
 *
 * file: the file is opened once; size, kind, owner and mode come from that
 * descriptor, so that nothing can be exchanged between check and use.
 */
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

A_PRINTF(3, 4)
static int
fail(char why[FILE_WHY], int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, FILE_WHY, fmt, ap);
	va_end(ap);
	return err;
}

/* The text of an error number, in a buffer of the caller: with threads
 * strerror() may not be used. */
static const char *
errno_text(int number, char text[128])
{
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
	return strerror_r(number, text, 128);
#else
	if (strerror_r(number, text, 128) != 0)
		(void)snprintf(text, 128, "error %d", number);
	return text;
#endif
}

/* Opens for reading; never waits for the writer of a pipe. */
static int
open_regular(const char *path, int *fd_out, struct stat *st, char why[FILE_WHY])
{
	char text[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return fail(why, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
		    "%s: %s", path, errno_text(errno, text));
	if (fstat(fd, st) != 0) {
		(void)fail(why, ERR_IO, "%s: %s", path,
		    errno_text(errno, text));
	} else if (!S_ISREG(st->st_mode)) {
		(void)fail(why, ERR_IO, "%s: not a regular file", path);
	} else {
		*fd_out = fd;
		return 0;
	}
	(void)close(fd);
	return ERR_IO;
}

/* All of it: st_size bytes and not one more. */
static int
read_all(struct arena *a, int fd, const char *path, size_t size,
    struct slice *out, char why[FILE_WHY])
{
	char *p = arena_alloc(a, size + 1);
	size_t n = 0;
	char text[128];

	if (p == NULL)
		return fail(why, ERR_NOMEM, "%s: out of memory", path);
	while (n < size + 1) {
		ssize_t got = read(fd, p + n, size + 1 - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(why, ERR_IO, "%s: %s", path,
			    errno_text(errno, text));
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n > size)
		return fail(why, ERR_IO, "%s: changed while it was being read",
		    path);
	p[n] = '\0';
	*out = slice_of(p, n);
	return 0;
}

static int
read_bounded(struct arena *a, int fd, const char *path, const struct stat *st,
    size_t max, struct slice *out, char why[FILE_WHY])
{
	if (st->st_size < 0 || (uint64_t)st->st_size > max)
		return fail(why, ERR_LIMIT, "%s: larger than %zu bytes", path,
		    max);
	return read_all(a, fd, path, (size_t)st->st_size, out, why);
}

int
file_read(struct arena *a, const char *path, size_t max, struct slice *out,
    char why[FILE_WHY])
{
	struct stat st = { 0 };
	int fd = -1, err;

	why[0] = '\0';
	*out = slice_of("", 0);
	err = open_regular(path, &fd, &st, why);
	if (err != 0)
		return err;
	err = read_bounded(a, fd, path, &st, max, out, why);
	(void)close(fd);
	return err;
}

static bool
owner_is_safe(uid_t owner, unsigned uid)
{
	return owner == 0 || owner == geteuid() || owner == (uid_t)uid;
}

static int
check_file(const char *path, const struct stat *st, unsigned uid,
    char why[FILE_WHY])
{
	unsigned mode = st->st_mode & 07777U;
	const char *who = NULL;

	if (!owner_is_safe(st->st_uid, uid))
		return fail(why, ERR_UNSAFE,
		    "%s: owned by user %u, who could replace it; it should "
		    "belong to root or to the daemon's user",
		    path, (unsigned)st->st_uid);
	if (mode & S_IWOTH)
		who = "others may write it";
	else if (mode & S_IROTH)
		who = "others may read it";
	else if (mode & S_IWGRP)
		who = "its group may write it";
	if (who == NULL)
		return 0;
	return fail(why, ERR_UNSAFE, "%s: mode %04o, %s; it should be %04o",
	    path, mode, who, mode & 0740U);
}

static int
check_directory(const char *path, unsigned uid, char why[FILE_WHY])
{
	struct stat st;
	unsigned mode;
	char text[128];

	if (stat(path, &st) != 0)
		return fail(why, ERR_IO, "%s: %s", path,
		    errno_text(errno, text));
	mode = st.st_mode & 07777U;
	if (!owner_is_safe(st.st_uid, uid))
		return fail(why, ERR_UNSAFE,
		    "%s: this directory is owned by user %u, who could replace "
		    "what is in it; it should belong to root or to the "
		    "daemon's user",
		    path, (unsigned)st.st_uid);
	/* Under a sticky bit nobody renames what belongs to another. */
	if ((mode & S_ISVTX) && st.st_uid == 0)
		return 0;
	if (mode & (S_IWGRP | S_IWOTH))
		return fail(why, ERR_UNSAFE,
		    "%s: mode %04o, %s may write this directory and replace "
		    "what is in it; it should be %04o",
		    path, mode, mode & S_IWOTH ? "others" : "its group",
		    mode & 0755U);
	return 0;
}

/* Every directory above the real place of the file. */
static int
check_above(const char *path, const struct stat *opened, unsigned uid,
    char why[FILE_WHY])
{
	char *real = realpath(path, NULL);
	struct stat st;
	char text[128], *slash;
	int err = 0;

	if (real == NULL)
		return fail(why, ERR_IO, "%s: %s", path,
		    errno_text(errno, text));
	if (stat(real, &st) != 0 || st.st_dev != opened->st_dev ||
	    st.st_ino != opened->st_ino)
		err = fail(why, ERR_UNSAFE, "%s: exchanged while it was read",
		    path);
	while (err == 0 && (slash = strrchr(real, '/')) != NULL) {
		*slash = '\0';
		err = check_directory(real[0] != '\0' ? real : "/", uid, why);
	}
	free(real);
	return err;
}

int
file_read_secret(struct arena *a, const char *path, size_t max, unsigned uid,
    bool check, struct slice *out, char why[FILE_WHY])
{
	struct stat st = { 0 };
	int fd = -1, err;

	why[0] = '\0';
	*out = slice_of("", 0);
	err = open_regular(path, &fd, &st, why);
	if (err != 0)
		return err;
	if (check)
		err = check_file(path, &st, uid, why);
	if (check && err == 0)
		err = check_above(path, &st, uid, why);
	if (err == 0)
		err = read_bounded(a, fd, path, &st, max, out, why);
	(void)close(fd);
	return err;
}

void
file_forget(struct slice secret)
{
	if (secret.n > 0)
		explicit_bzero(unconst(secret.p), secret.n);
}
