/* SPDX-License-Identifier: BSD-2-Clause
 *
 * privs: see privs.h. The C library applies a change of user to all threads.
 */
#include "daemon/privs.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"

int
privs_group(const char *name, unsigned *gid)
{
	const struct group *gr = getgrnam(name);
	uint64_t n;

	if (gr != NULL)
		*gid = gr->gr_gid;
	else if (num_parse(slice_c(name), UINT_MAX - 1, &n) == 0)
		*gid = (unsigned)n;
	else
		return ERR_NOTFOUND;
	return 0;
}

static int
find_user(const char *name, struct privs *out)
{
	const struct passwd *pw = getpwnam(name);
	uint64_t n;

	if (pw == NULL && num_parse(slice_c(name), UINT_MAX - 1, &n) == 0)
		pw = getpwuid((uid_t)n);
	if (pw == NULL)
		return ERR_NOTFOUND;
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	(void)snprintf(out->name, sizeof(out->name), "%s", pw->pw_name);
	return 0;
}

int
privs_resolve(const char *user, struct privs *out, char why[PRIVS_WHY])
{
	struct slice rest = slice_c(user), part = SL("");
	char name[64];

	*out = (struct privs){ .uid = PRIVS_NONE, .gid = PRIVS_NONE };
	if (!slice_cut(&rest, ':', &part) || part.n == 0)
		return 0;
	(void)snprintf(name, sizeof(name), "%.*s", SL_ARG(part));
	if (find_user(name, out) != 0) {
		(void)snprintf(why, PRIVS_WHY, "there is no user %s (UserID)",
		    name);
		return ERR_NOTFOUND;
	}
	(void)snprintf(name, sizeof(name), "%.*s", SL_ARG(rest));
	if (rest.n > 0 && privs_group(name, &out->gid) != 0) {
		(void)snprintf(why, PRIVS_WHY, "there is no group %s (UserID)",
		    name);
		return ERR_NOTFOUND;
	}
	if (geteuid() == 0)
		return 0;
	if (out->uid != geteuid()) {
		(void)snprintf(why, PRIVS_WHY, "only root can become user %s",
		    out->name);
		return ERR_UNSAFE;
	}
	*out = (struct privs){ .uid = PRIVS_NONE, .gid = PRIVS_NONE };
	return 0;
}

void
privs_prepare(void)
{
	struct rlimit lim;

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 &&
	    lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim) != 0)
			log_text(LOG_LEVEL_WARN,
			    "cannot raise the limit of open files: %s",
			    strerror(errno));
	}
}

/* What a service manager may have given a user that is not root, so that it can
 * give its socket away. */
static int
drop_capabilities(char why[PRIVS_WHY])
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (geteuid() == 0 || syscall(SYS_capset, &head, none) == 0)
		return 0;
	(void)snprintf(why, PRIVS_WHY, "cannot give up capabilities: %s",
	    strerror(errno));
	return ERR_UNSAFE;
}

int
privs_drop(const struct privs *p, char why[PRIVS_WHY])
{
	if (p->name[0] == '\0')
		return drop_capabilities(why);
	if (initgroups(p->name, p->gid) != 0 ||
	    setresgid(p->gid, p->gid, p->gid) != 0 ||
	    setresuid(p->uid, p->uid, p->uid) != 0) {
		(void)snprintf(why, PRIVS_WHY, "cannot become user %s: %s",
		    p->name, strerror(errno));
		return ERR_UNSAFE;
	}
	if (p->uid != 0 && (setuid(0) == 0 || geteuid() != p->uid)) {
		(void)snprintf(why, PRIVS_WHY,
		    "user %s could become root again", p->name);
		return ERR_UNSAFE;
	}
	return 0;
}
