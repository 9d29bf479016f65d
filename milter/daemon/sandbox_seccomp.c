/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sandbox_seccomp: the fence around system calls, by libseccomp. What is not
 * listed does not exist for us (ENOSYS, which makes the C library fall back to
 * an older call where it has one); programs cannot be executed, processes not
 * be made, memory not be writable and executable at once, and sockets are of
 * the families we speak.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/err.h"
#include "daemon/sandbox.h"

static const char *const allowed[] = {
	/* files, read; written only where Landlock lets */
	"read", "readv", "pread64", "preadv", "write", "writev", "pwrite64",
	"open", "openat", "close", "close_range", "stat", "stat64", "fstat",
	"fstat64", "lstat", "lstat64", "newfstatat", "fstatat64", "statx",
	"statfs", "statfs64", "fstatfs", "fstatfs64", "lseek", "_llseek",
	"readlink", "readlinkat", "access", "faccessat", "faccessat2",
	"getdents", "getdents64", "getcwd", "chdir", "fchdir", "unlink",
	"unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat",
	"ftruncate", "ftruncate64", "fsync", "fdatasync", "flock", "fchmod",
	"fchown", "fallocate", "fadvise64", "fadvise64_64", "umask",
	"utimensat", "dup", "dup2", "dup3", "fcntl", "fcntl64", "ioctl", "pipe",
	"pipe2", "eventfd2",
	/* memory */
	"brk", "munmap", "mremap", "madvise", "mlock", "munlock", "membarrier",
	/* sockets: socket() itself below */
	"connect", "accept", "accept4", "bind", "listen", "getsockname",
	"getpeername", "getsockopt", "setsockopt", "send", "sendto", "sendmsg",
	"sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg",
	"recvmmsg_time64", "shutdown", "poll", "ppoll", "ppoll_time64",
	"select", "_newselect", "pselect6", "pselect6_time64", "epoll_create",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
	"epoll_pwait2",
	/* threads and signals: clone() itself below */
	"futex", "futex_time64", "set_robust_list", "get_robust_list",
	"set_tid_address", "rseq", "sched_yield", "sched_getaffinity",
	"sched_getparam", "sched_getscheduler", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "sigreturn", "rt_sigpending",
	"rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64",
	"sigaltstack", "kill", "tkill", "tgkill", "exit", "exit_group",
	"restart_syscall",
	/* time */
	"clock_gettime", "clock_gettime64", "clock_getres",
	"clock_getres_time64", "clock_nanosleep", "clock_nanosleep_time64",
	"nanosleep", "gettimeofday", "time", "times", "timerfd_create",
	"timerfd_settime", "timerfd_gettime", "alarm", "setitimer",
	/* who and where we are */
	"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid",
	"getgroups", "getresuid", "getresgid", "getuid32", "geteuid32",
	"getgid32", "getegid32", "getrandom", "getrusage", "getrlimit",
	"ugetrlimit", "prlimit64", "sysinfo", "uname", "prctl", "arch_prctl",
	"getcpu"
};

/* Told apart from what merely is not listed. */
static const char *const refused[] = { "execve", "execveat", "fork", "vfork",
	"ptrace", "process_vm_readv", "process_vm_writev", "chroot", "mount",
	"unshare", "setns", "bpf", "keyctl", "add_key", "request_key",
	"personality", "setuid", "setgid", "setresuid", "setresgid",
	"setgroups" };

static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

/* A call that this machine's kernel never had is none to be listed. */
static bool
add(scmp_filter_ctx ctx, uint32_t action, const char *name, unsigned n,
    const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr == __NR_SCMP_ERROR ||
	    seccomp_rule_add_array(ctx, action, nr, n, args) == 0;
}

/* Calls that are allowed with some arguments alone. */
static bool
add_conditions(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp thread =
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	const struct scmp_arg_cmp not_executable =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp not_writable =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC);
	bool good = add(ctx, SCMP_ACT_ALLOW, "clone", 1, &thread);

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct scmp_arg_cmp family =
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0);

		good = add(ctx, SCMP_ACT_ALLOW, "socket", 1, &family) &&
		    add(ctx, SCMP_ACT_ALLOW, "socketpair", 1, &family) && good;
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const calls[] = { "mmap", "mmap2",
			"mprotect" };

		good = add(ctx, SCMP_ACT_ALLOW, calls[i], 1, &not_executable) &&
		    add(ctx, SCMP_ACT_ALLOW, calls[i], 1, &not_writable) &&
		    good;
	}
	return good;
}

static bool
add_all(scmp_filter_ctx ctx)
{
	bool good = add_conditions(ctx);

	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		good = add(ctx, SCMP_ACT_ALLOW, allowed[i], 0, NULL) && good;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		good = add(ctx, SCMP_ACT_ERRNO(EPERM), refused[i], 0, NULL) &&
		    good;
	return good;
}

int
sandbox_seccomp(char text[SANDBOX_TEXT])
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int err = ctx == NULL || !add_all(ctx) ? -ENOMEM : seccomp_load(ctx);

	if (ctx != NULL)
		seccomp_release(ctx);
	if (err == 0)
		(void)snprintf(text, SANDBOX_TEXT, "system calls are filtered");
	else
		(void)snprintf(text, SANDBOX_TEXT,
		    "no filter of system calls (seccomp: %s)", strerror(-err));
	return err == 0 ? 0 : ERR_NOTFOUND;
}
