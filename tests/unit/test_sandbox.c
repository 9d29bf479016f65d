/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the sandbox forbids and leaves. Each attempt is made by a child of its
 * own that has gone into it. Where the kernel or the build has no fence, that
 * this is told is the test.
 */
#include "daemon/sandbox.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/tap.h"

static char dir[] = "/tmp/chopmark-sandbox-XXXXXX";
static char other[] = "/tmp/chopmark-sandbox-XXXXXX";
static struct sandbox_needs needs;
static char own_path[64], other_path[64];

/* The errno a call came to; 0: it was done. */
static int
came_to(bool done)
{
	return done ? 0 : errno;
}

static int
write_file(void)
{
	return came_to(open(other_path, O_WRONLY | O_CLOEXEC) >= 0);
}

static int
make_file(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/new", dir);
	return came_to(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) >= 0);
}

static int
remove_foreign(void)
{
	return came_to(unlink(other_path) == 0);
}

static int
remove_own(void)
{
	return came_to(unlink(own_path) == 0);
}

static int
read_file(void)
{
	return came_to(open(other_path, O_RDONLY | O_CLOEXEC) >= 0);
}

static int
execute(void)
{
	char *argv[] = { unconst("true"), NULL };

	(void)execv("/bin/true", argv);
	return errno;
}

static int
make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return came_to(pid > 0);
}

static void *
do_nothing(void *unused)
{
	return unused;
}

static int
make_thread(void)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, do_nothing, NULL);

	return err != 0 ? err : pthread_join(t, NULL);
}

static int
raw_socket(void)
{
	return came_to(socket(AF_PACKET, SOCK_RAW, 0) >= 0);
}

static int
executable_memory(void)
{
	return came_to(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static int
dns_socket(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return came_to(
	    fd >= 0 && bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0);
}

static int
become_root(void)
{
	return came_to(setuid(0) == 0);
}

/* What `attempt` comes to inside. */
static int
inside(int (*attempt)(void))
{
	char text[SANDBOX_TEXT];
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (sandbox_enter(SANDBOX_YES, &needs, text) != 0)
			_exit(255);
		_exit(attempt());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Which fences there are here, found out in a child. */
static unsigned
fences(void)
{
	char text[SANDBOX_TEXT];
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		unsigned found = sandbox_landlock(&needs, text) == 0 ? 1 : 0;

		_exit((int)(found + (sandbox_seccomp(text) == 0 ? 2 : 0)));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 0;
	return (unsigned)WEXITSTATUS(status);
}

static void
around_files(void)
{
	is_int(inside(write_file), EACCES, "no file is written");
	is_int(inside(make_file), EACCES, "none is made");
	is_int(inside(remove_foreign), EACCES, "none elsewhere is removed");
	is_int(inside(remove_own), 0, "our own is");
}

static void
around_calls(void)
{
	is_int(inside(execute), EPERM, "no program is executed");
	is_int(inside(make_process), ENOSYS, "no process is made");
	is_int(inside(raw_socket), ENOSYS, "no raw socket");
	is_int(inside(executable_memory), ENOSYS,
	    "no memory to write and execute");
	is_int(inside(become_root), EPERM, "nobody else is become");
}

static void
required(unsigned have)
{
	char text[SANDBOX_TEXT];
	size_t told;
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (sandbox_enter(SANDBOX_REQUIRE, &needs, text) == 0)
			_exit(0);
		told = slice_search(slice_c(text), SL("Sandbox yes"));
		_exit(told != SLICE_NONE ? 1 : 2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	is_int(WEXITSTATUS(status), have == 3 ? 0 : 1,
	    have == 3 ? "both fences can be required" :
			"a missing fence is told, and how to do without");
	is_int(sandbox_enter(SANDBOX_NO, &needs, text), 0, "it can be off");
	is_text(slice_c(text), "Sandbox is off", "and says so");
}

static void
put_file(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fclose(f) != 0)
		abort();
}

int
main(void)
{
	unsigned have;

	if (mkdtemp(dir) == NULL || mkdtemp(other) == NULL)
		return 1;
	(void)snprintf(own_path, sizeof(own_path), "%s/sock", dir);
	(void)snprintf(other_path, sizeof(other_path), "%s/file", other);
	put_file(own_path);
	put_file(other_path);
	needs.removed[0] = own_path;
	have = fences();
	if ((have & 1) != 0)
		around_files();
	else
		skip("the kernel has no Landlock", "files");
	if ((have & 2) != 0)
		around_calls();
	else
		skip("not built, or the kernel has no seccomp", "calls");
	is_int(inside(read_file), 0, "files are read");
	is_int(inside(make_thread), 0, "threads are made");
	is_int(inside(dns_socket), 0, "the DNS can be asked");
	required(have);
	(void)unlink(own_path);
	(void)unlink(other_path);
	(void)rmdir(dir);
	(void)rmdir(other);
	return tap_done();
}
