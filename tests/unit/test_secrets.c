/* SPDX-License-Identifier: BSD-2-Clause
 *
 * secrets: what lines of the file count, which files are refused, and new
 * secrets.
 */
#include "srs/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/tap.h"

static char dir[] = "secrets-test-XXXXXX";
static char path[64];

static void
write_file(const char *text, size_t n, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t done = write(fd, text, n);

	if (done != (ssize_t)n || fchmod(fd, (mode_t)mode) != 0)
		note("cannot write %s", path);
	(void)close(fd);
}

static int
load(const char *text, unsigned mode, struct slice_vec *out, struct problems *p)
{
	problems_init(p, t_arena());
	write_file(text, strlen(text), mode);
	return secrets_load(t_arena(), path, (unsigned)-1,
	    (struct place){ "chopmark.conf", 7 }, p, out);
}

static void
test_lines(void)
{
	struct problems p;
	struct slice_vec v;

	is_int(
	    load("# made today\n\nfirst secret of ours\r\n"
		 " second, with blanks around \n#old\nthe third secret, last",
		0600, &v, &p),
	    0, "a file is read");
	is_int((int64_t)v.n, 3, "comments and empty lines do not count");
	is_text(v.at[0], "first secret of ours", "a line end with CR is one");
	is_text(v.at[1], " second, with blanks around ",
	    "blanks belong to the secret");
	is_text(v.at[2], "the third secret, last",
	    "the last line needs no end");
	is_int((int64_t)p.all.n, 0, "nothing to complain about");
	is_int(load("tiny\n", 0640, &v, &p), 0, "a short one is taken");
	ok(p.errors == 0 && p.all.n == 1 && p.all.at[0].place.line == 1,
	    "with a warning at its line");
}

static void
test_refusals(void)
{
	struct problems p;
	struct slice_vec v;
	char many[SECRETS_MAX * 24 + 40] = "";

	is_int(load("# nothing\n", 0600, &v, &p), ERR_CONFIG,
	    "a file without secrets is an error");
	ok(p.errors == 1 && p.all.at[0].place.line == 7,
	    "at the option's place");
	is_int(load("a secret of enough length\n", 0644, &v, &p), ERR_CONFIG,
	    "others may read it: refused");
	is_int(load("a secret of enough length\n", 0660, &v, &p), ERR_CONFIG,
	    "its group may write it: refused");
	for (int i = 0; i < SECRETS_MAX; i++)
		(void)snprintf(many + strlen(many), 24, "a long secret %03u\n",
		    (unsigned)i % 1000);
	is_int(load(many, 0600, &v, &p), 0, "as many as may be");
	is_int((int64_t)v.n, SECRETS_MAX, "are all there");
	(void)snprintf(many + strlen(many), 20, "a long secret one\n");
	is_int(load(many, 0600, &v, &p), ERR_CONFIG, "one more is refused");
	problems_init(&p, t_arena());
	is_int(secrets_load(t_arena(), "secrets-test-none", (unsigned)-1,
		   (struct place){ "chopmark.conf", 7 }, &p, &v),
	    ERR_CONFIG, "no file is an error");
}

static void
test_made(void)
{
	struct slice x = secrets_make(t_arena()), y = secrets_make(t_arena());
	bool plain = true;

	is_int((int64_t)x.n, (int64_t)SECRETS_MADE, "a new one has its length");
	ok(!slice_eq(x, y), "two are not the same");
	for (size_t i = 0; i < x.n; i++) {
		char c = x.p[i];

		plain = plain &&
		    ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z') || c == '-' || c == '_');
	}
	ok(plain, "nothing in it needs quoting");
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/srs.secret", dir);
	test_lines();
	test_refusals();
	test_made();
	(void)unlink(path);
	(void)rmdir(dir);
	return tap_done();
}
