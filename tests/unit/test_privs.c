/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who the daemon becomes. The change itself is made in a child process, and
 * only where the test is run by root.
 */
#include "daemon/privs.h"

#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/tap.h"

static void
names(void)
{
	char why[PRIVS_WHY];
	struct privs p;
	unsigned gid;

	is_int(privs_resolve(NULL, &p, why), 0, "no user: stay");
	is_text(slice_c(p.name), "", "as we are");
	is_int(privs_resolve("", &p, why), 0, "an empty one, too");
	is_int(privs_resolve("no-such-user", &p, why), ERR_NOTFOUND,
	    "a user that does not exist");
	ok(slice_search(slice_c(why), SL("no-such-user")) != SLICE_NONE,
	    "is named");
	is_int(privs_resolve("root:no-such-group", &p, why), ERR_NOTFOUND,
	    "a group that does not exist");
	is_int(privs_group("0", &gid), 0, "a group by number");
	is_int(gid, 0, "is that number");
	is_int(privs_group("no-such-group", &gid), ERR_NOTFOUND,
	    "an unknown group");
}

/* Becomes nobody; 0 if nothing of root is left. */
static int
become_nobody(void)
{
	char why[PRIVS_WHY];
	struct rlimit lim;
	struct privs p;

	privs_prepare();
	if (privs_resolve("nobody:daemon", &p, why) != 0 ||
	    privs_drop(&p, why) != 0)
		return 1;
	if (getuid() != p.uid || geteuid() != p.uid || getegid() != p.gid)
		return 2;
	if (setuid(0) == 0 || seteuid(0) == 0)
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 4;
	if (getrlimit(RLIMIT_NOFILE, &lim) != 0 || lim.rlim_cur != lim.rlim_max)
		return 5;
	/* nobody may not become somebody else, but is somebody already */
	if (privs_resolve("root", &p, why) != ERR_UNSAFE)
		return 6;
	if (privs_resolve("nobody", &p, why) != 0 || p.name[0] != '\0')
		return 7;
	return 0;
}

/* As a service manager starts it: not root, but able to give a file away. 0 if
 * that is gone after the drop. */
static int
drop_a_capability(void)
{
	struct privs stay = { .uid = PRIVS_NONE, .gid = PRIVS_NONE };
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct cap[2] = { 0 };
	char why[PRIVS_WHY];
	uid_t uid = getpwnam("nobody")->pw_uid;

	cap[0].effective = cap[0].permitted = cap[0].inheritable = 1U
	    << CAP_CHOWN;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setuid(uid) != 0 ||
	    syscall(SYS_capset, &head, cap) != 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0) != 0)
		return 1;
	if (privs_drop(&stay, why) != 0)
		return 2;
	if (syscall(SYS_capget, &head, cap) != 0 || cap[0].permitted != 0 ||
	    cap[0].effective != 0 || cap[0].inheritable != 0)
		return 3;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0) != 0)
		return 4;
	return 0;
}

static void
in_a_child(int (*attempt)(void), const char *what)
{
	int status = -1;
	pid_t child;

	(void)fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(attempt());
	(void)waitpid(child, &status, 0);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0, "%s", what);
}

static void
change(void)
{
	if (geteuid() != 0 || getpwnam("nobody") == NULL) {
		skip("needs root", "becoming nobody");
		return;
	}
	in_a_child(become_nobody, "root becomes nobody for good");
	in_a_child(drop_a_capability, "who is not root keeps no capability");
}

int
main(void)
{
	names();
	change();
	return tap_done();
}
