/* SPDX-License-Identifier: BSD-2-Clause
 *
 * background: see background.h.
 */
#include "daemon/background.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"

static int ready_fd = -1; /* daemon's end of the pipe */

/* The process that was started: 0 when the daemon says that it serves, else
 * the code it ended with. */
static A_NORETURN void
await(int fd, pid_t child)
{
	int status = 0;
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ?
		WEXITSTATUS(status) :
		EX_SOFTWARE);
}

int
background_begin(void)
{
	int fd[2];
	pid_t child;

	if (pipe2(fd, O_CLOEXEC) != 0)
		return ERR_IO;
	child = fork();
	if (child < 0) {
		close(fd[0]);
		close(fd[1]);
		return ERR_IO;
	}
	if (child > 0) {
		close(fd[1]);
		await(fd[0], child);
	}
	close(fd[0]);
	ready_fd = fd[1];
	return setsid() < 0 ? ERR_IO : 0;
}

void
background_ready(void)
{
	int null;

	if (ready_fd < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; i++)
		(void)dup2(null, i);
	if (null > STDERR_FILENO)
		close(null);
	if (chdir("/") != 0 || write(ready_fd, "", 1) != 1)
		(void)errno; /* nobody is left to be told */
	close(ready_fd);
	ready_fd = -1;
}

int
pidfile_write(const char *path, char why[BACKGROUND_WHY])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	char text[32];
	struct stat st;
	int n, err = 0;

	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)snprintf(why, BACKGROUND_WHY, "%s: %s", path,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    (st.st_uid != 0 && st.st_uid != geteuid())) {
		(void)snprintf(why, BACKGROUND_WHY,
		    "%s: not a plain file of root's or ours", path);
		err = ERR_IO;
	} else if (ftruncate(fd, 0) != 0 || write(fd, text, (size_t)n) != n) {
		(void)snprintf(why, BACKGROUND_WHY, "%s: %s", path,
		    strerror(errno));
		err = ERR_IO;
	}
	close(fd);
	return err;
}

void
pidfile_remove(const char *path)
{
	/* In a directory of root's this fails once we are not: what is left
	 * then is a stale file, as after a crash. */
	(void)unlink(path);
}
