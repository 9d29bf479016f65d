/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_lib: see arc_lib.h.
 */
#include "unit/arc_lib.h"

#include "lib/tap.h"

struct test_mail
arc_mail(void)
{
	return test_mail_parse(t_arena(),
	    SL("From: Ann <ann@example.org>\r\n"
	       "To: Bob <bob@example.net>\r\n"
	       "Subject: Hello  there\r\n"
	       "Date: Sat, 21 Nov 2026 23:00:19 +0000\r\n\r\n"
	       "Hi.\r\n\r\nBye.\r\n"));
}

void
arc_judged(struct dkim_world *w, const struct test_mail *m, enum verdict want,
    const char *reason, const char *what)
{
	struct evaluation *ev = dkim_world_run(w, m, 0);

	if (!ok(ev != NULL && ev->arc.done && ev->arc.verdict == want, "%s: %s",
		what, verdict_word(want)) &&
	    ev != NULL)
		note("%s: %.*s", verdict_word(ev->arc.verdict),
		    SL_ARG(ev->arc.reason));
	if (ev != NULL && want == VERDICT_FAIL)
		is_text(ev->arc.reason, reason, "%s: reason", what);
	dkim_world_done(ev);
}

void
arc_passes(struct dkim_world *w, const struct test_mail *m, const char *what)
{
	arc_judged(w, m, VERDICT_PASS, "", what);
}

void
arc_fails(struct dkim_world *w, const struct test_mail *m, const char *reason,
    const char *what)
{
	arc_judged(w, m, VERDICT_FAIL, reason, what);
}
