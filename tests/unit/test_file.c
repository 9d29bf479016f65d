/* SPDX-License-Identifier: BSD-2-Clause
 *
 * file: reading with a ceiling, and every way in which a secret can be unsafe.
 */
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/tap.h"

static char base[] = "/tmp/test_file.XXXXXX";
static char dir[64], path[96];
static char why[FILE_WHY];
static bool root_tmp_is_sticky;

static void
write_file(const char *name, const char *text, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		abort();
	(void)close(fd);
}

static void
set_mode(const char *name, unsigned mode)
{
	if (chmod(name, (mode_t)mode) != 0)
		abort();
}

static int
read_it(const char *name, size_t max, struct slice *out)
{
	return file_read(t_arena(), name, max, out, why);
}

static void
test_read(void)
{
	struct slice s;

	write_file(path, "a\0b", 3);
	ok(read_it(path, 3, &s) == 0 && s.n == 3 && s.p[3] == '\0',
	    "a file of exactly the ceiling; a NUL follows");
	is_int(read_it(path, 2, &s), ERR_LIMIT, "one byte over the ceiling");
	ok(strstr(why, path) != NULL && s.n == 0, "the reason names the file");
	write_file(path, "", 0);
	ok(read_it(path, 10, &s) == 0 && s.n == 0 && s.p != NULL,
	    "an empty file is no failure");
	is_int(read_it("/nonexistent/file", 10, &s), ERR_NOTFOUND,
	    "a missing file");
	is_text(slice_c(why), "/nonexistent/file: No such file or directory",
	    "and why");
	is_int(read_it(dir, 10, &s), ERR_IO, "a directory is not read");
	ok(strstr(why, "not a regular file") != NULL, "and why");
	(void)unlink(path);
	if (mkfifo(path, 0600) != 0)
		abort();
	is_int(read_it(path, 10, &s), ERR_IO, "a pipe is not waited for");
	(void)unlink(path);
}

static int
read_secret(unsigned uid, bool check)
{
	struct slice s;

	return file_read_secret(t_arena(), path, 100, uid, check, &s, why);
}

static void
test_modes(void)
{
	static const struct {
		unsigned mode;
		int err;
		const char *says;
	} v[] = {
		{ 0600, 0, "" },
		{ 0400, 0, "" },
		{ 0640, 0, "" },
		{ 0644, ERR_UNSAFE,
		    "mode 0644, others may read it; it should be 0640" },
		{ 0604, ERR_UNSAFE,
		    "mode 0604, others may read it; it should be 0600" },
		{ 0602, ERR_UNSAFE,
		    "mode 0602, others may write it; it should be 0600" },
		{ 0660, ERR_UNSAFE,
		    "mode 0660, its group may write it; it should be 0640" },
		{ 0666, ERR_UNSAFE,
		    "mode 0666, others may write it; it should be 0640" },
	};

	write_file(path, "secret", 6);
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		set_mode(path, v[i].mode);
		is_int(read_secret(UINT_MAX, true), v[i].err,
		    "a file of mode %04o", v[i].mode);
		ok(strstr(why, v[i].says) != NULL &&
			(v[i].err == 0 ||
			    strncmp(why, path, strlen(path)) == 0),
		    "mode %04o: file, mode and cure are named", v[i].mode);
	}
	set_mode(path, 0644);
	is_int(read_secret(UINT_MAX, false), 0, "unchecked, any mode is read");
	set_mode(path, 0600);
}

static void
test_directories(void)
{
	set_mode(dir, 0770);
	is_int(read_secret(UINT_MAX, true), ERR_UNSAFE,
	    "a directory its group may write");
	ok(strncmp(why, dir, strlen(dir)) == 0 && why[strlen(dir)] == ':' &&
		strstr(why, "its group may write this directory") != NULL &&
		strstr(why, "should be 0750") != NULL,
	    "is named with mode and cure");
	set_mode(dir, 0707);
	is_int(read_secret(UINT_MAX, true), ERR_UNSAFE,
	    "a directory others may write");
	set_mode(dir, 0700);
	set_mode(base, 0777);
	is_int(read_secret(UINT_MAX, true), ERR_UNSAFE, "also further up");
	ok(strncmp(why, base, strlen(base)) == 0 && why[strlen(base)] == ':',
	    "the directory at fault is named");
	set_mode(base, 0700);
	is_int(read_secret(UINT_MAX, true), 0, "all well again");
}

static void
test_links(void)
{
	char outside[96], open_dir[64];

	(void)snprintf(open_dir, sizeof(open_dir), "%s/open", base);
	(void)snprintf(outside, sizeof(outside), "%s/key", open_dir);
	if (mkdir(open_dir, 0700) != 0)
		abort();
	write_file(outside, "secret", 6);
	(void)unlink(path);
	if (symlink(outside, path) != 0)
		abort();
	is_int(read_secret(UINT_MAX, true), 0, "a link to a safe place");
	set_mode(open_dir, 0777);
	is_int(read_secret(UINT_MAX, true), ERR_UNSAFE,
	    "a link to an unsafe directory");
	ok(strncmp(why, open_dir, strlen(open_dir)) == 0,
	    "the resolved directory is named");
	(void)unlink(path);
	(void)unlink(outside);
	(void)rmdir(open_dir);
}

static void
test_owners(void)
{
	if (geteuid() != 0) {
		skip("needs root", "owners other than ourselves");
		return;
	}
	write_file(path, "secret", 6);
	if (chown(path, 12345, 0) != 0)
		abort();
	is_int(read_secret(UINT_MAX, true), ERR_UNSAFE,
	    "a file of another user");
	ok(strstr(why, "owned by user 12345") != NULL, "who is named");
	is_int(read_secret(12345, true), 0,
	    "unless the daemon runs as that user");
	if (chown(path, 0, 0) != 0 || chown(dir, 12345, 0) != 0)
		abort();
	is_int(read_secret(UINT_MAX, true), ERR_UNSAFE,
	    "a directory of another user");
	ok(strncmp(why, dir, strlen(dir)) == 0, "which is named");
	is_int(read_secret(12345, true), 0,
	    "unless the daemon runs as that user");
	(void)unlink(path);
}

int
main(void)
{
	struct stat st;

	root_tmp_is_sticky = stat("/tmp", &st) == 0 && st.st_uid == 0 &&
	    ((st.st_mode & S_ISVTX) || !(st.st_mode & 022));
	if (mkdtemp(base) == NULL)
		abort();
	(void)snprintf(dir, sizeof(dir), "%s/keys", base);
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	if (mkdir(dir, 0700) != 0)
		abort();
	test_read();
	if (root_tmp_is_sticky) {
		test_modes();
		test_directories();
		test_links();
		test_owners();
	} else {
		skip("/tmp is not safe here", "secrets");
	}
	(void)unlink(path);
	(void)rmdir(dir);
	(void)rmdir(base);
	return tap_done();
}
