/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sandbox_landlock: the fence around files, by system calls alone: the C
 * library has no functions for them and headers of older kernels know less
 * than the kernel that runs. What is handled is forbidden unless a rule allows
 * it; reading is not handled, for a reload may name any file that our user may
 * read.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/sandbox.h"

#ifdef SYS_landlock_create_ruleset

#define ABI_NET 4
#define ABI_SCOPE 6

/* Rights of the kernel's interface, by the ABI they came with. */
#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_ABI1 ((UINT64_C(1) << 13) - 1)
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_BIND_TCP (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

#define CREATE_VERSION 1U
#define RULE_PATH_BENEATH 1

struct ruleset {
	uint64_t fs, net, scoped;
};

struct path_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static uint64_t
handled_fs(long abi)
{
	uint64_t fs = FS_ABI1 & ~(FS_READ_FILE | FS_READ_DIR);

	if (abi >= 2)
		fs |= FS_REFER;
	if (abi >= 3)
		fs |= FS_TRUNCATE;
	if (abi >= 5)
		fs |= FS_IOCTL_DEV;
	return fs;
}

static int
make_ruleset(long abi, uint64_t fs)
{
	struct ruleset r = { .fs = fs };
	size_t size = sizeof(r.fs);

	if (abi >= ABI_NET) {
		r.net = NET_BIND_TCP;
		size += sizeof(r.net);
	}
	if (abi >= ABI_SCOPE) {
		r.scoped = SCOPE_SIGNAL;
		size += sizeof(r.scoped);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
}

/* What is not there needs no rule. */
static bool
allow(int ruleset, const char *path, uint64_t rights)
{
	struct path_rule rule = { .allowed = rights };
	bool good;

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0)
		return true;
	good = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule,
		   0) == 0;
	(void)close(rule.parent);
	return good;
}

static bool
allow_removal(int ruleset, const char *path)
{
	char dir[4096];
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;

	if (slash == NULL || (size_t)(slash - path) >= sizeof(dir))
		return true;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	return allow(ruleset, dir[0] != '\0' ? dir : "/", FS_REMOVE_FILE);
}

static bool
allow_all(int ruleset, const struct sandbox_needs *needs)
{
	bool good = allow(ruleset, "/dev/null", FS_WRITE_FILE);

	for (size_t i = 0; i < SANDBOX_PATHS; i++)
		good = allow_removal(ruleset, needs->removed[i]) && good;
	return good;
}

int
sandbox_landlock(const struct sandbox_needs *needs, char text[SANDBOX_TEXT])
{
	long abi =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
	bool good;
	int fd;

	if (abi < 1) {
		(void)snprintf(text, SANDBOX_TEXT,
		    "no Landlock (the kernel has none: %s)", strerror(errno));
		return ERR_NOTFOUND;
	}
	fd = make_ruleset(abi, handled_fs(abi));
	good = fd >= 0 && allow_all(fd, needs) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	if (good)
		(void)snprintf(text, SANDBOX_TEXT, "Landlock (ABI %ld)", abi);
	else
		(void)snprintf(text, SANDBOX_TEXT, "no Landlock (%s)",
		    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return good ? 0 : ERR_NOTFOUND;
}

#else

int
sandbox_landlock(const struct sandbox_needs *needs, char text[SANDBOX_TEXT])
{
	(void)needs;
	(void)snprintf(text, SANDBOX_TEXT,
	    "no Landlock (built on a system without it)");
	return ERR_NOTFOUND;
}

#endif
