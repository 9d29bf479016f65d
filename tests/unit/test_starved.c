/* SPDX-License-Identifier: BSD-2-Clause
 *
 * starved: the readers of mail data with less and less memory. Each either does
 * all of its work or says ERR_NOMEM; nothing in between.
 */
#include "base/err.h"
#include "lib/tap.h"
#include "mail/authres.h"
#include "mail/sets.h"
#include "mail/tags.h"

#define ENOUGH ((size_t)65536)

/* Does the work of one reader; 0, or the code of its error. */
typedef int (*work_fn)(struct arena *a);

static int
work_tags(struct arena *a)
{
	struct tag_vec tags;
	struct slice bytes;
	int err =
	    tags_parse(a, SL("a=1; b=QUJD; c=3; d=4; e=5; f=6; g=7; h=8; i=9;"),
		TAGS_STRICT, &tags, NULL);

	if (err != 0)
		return err;
	if (tags.n != 9 || tags_get(&tags, SL("i")) == NULL)
		return ERR_BUG;
	err = tags_base64(a, *tags_get(&tags, SL("b")), &bytes);
	return err == 0 && !slice_eq(bytes, SL("ABC")) ? ERR_BUG : err;
}

static int
work_authres(struct arena *a)
{
	struct authres r;
	int err = authres_parse(a,
	    SL(" (c) \"a b\" 1; spf=pass reason=\"x y\" smtp.mailfrom=a@b.example "
	       "smtp.helo=\"c\"; dkim=fail header.d=x; arc=none; x=y a.b=c"),
	    &r);

	if (err != 0)
		return err;
	return r.items.n == 4 && r.items.at[0].props.n == 2 ? 0 : ERR_BUG;
}

/* Out of memory must not let a field of ours pass for somebody else's. */
static int
work_claim(struct arena *a)
{
	enum authres_claim claim =
	    authres_claim(a, SL(" \"MX.\r\n b\303\274cher.example\" 1; none"),
		SL("mx.xn--bcher-kva.example"));

	if (claim == AUTHRES_CLAIMS)
		return 0;
	return claim == AUTHRES_BROKEN ? ERR_NOMEM : ERR_BUG;
}

static int
work_set(struct arena *a)
{
	struct problems p;
	struct set *s;
	int err;

	problems_init(&p, a);
	err = set_load(a,
	    SL("{a, b.example, .c.example, u@d.example, \"q r\"@e.example, "
	       "192.0.2.0/24, 2001:db8::/32, b\xc3\xbc"
	       "cher.example, !x, w, y, z}"),
	    (struct place){ "input", 1 }, &p, &s);
	if (err != 0)
		return err;
	return set_count(s) == 12 && set_has(s, SL("z")) &&
		set_has(s, SL("xn--bcher-kva.example")) &&
		set_has(s, SL("192.0.2.77")) && !set_has(s, SL("x")) ?
	    0 :
	    ERR_BUG;
}

static void
starve(work_fn work, const char *name)
{
	unsigned hungry = 0, done = 0, wrong = 0;

	for (size_t limit = 0; limit < ENOUGH;
	     limit += limit < 8192 ? 24 : 4096) {
		struct arena *a = arena_new(limit);
		int err = a != NULL ? work(a) : ERR_NOMEM;

		hungry += err == ERR_NOMEM;
		done += err == 0;
		wrong += err != ERR_NOMEM && err != 0;
		arena_free(a);
	}
	is_int(wrong, 0,
	    "%s: with little memory it is ERR_NOMEM and nothing else", name);
	ok(hungry > 0 && done > 0, "%s: there was too little, and enough",
	    name);
}

int
main(void)
{
	starve(work_tags, "tags");
	starve(work_authres, "authres");
	starve(work_claim, "claim");
	starve(work_set, "sets");
	return tap_done();
}
