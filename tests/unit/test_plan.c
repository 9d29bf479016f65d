/* SPDX-License-Identifier: BSD-2-Clause
 *
 * plan: its text form, and that no edit can add a second field or line.
 */
#include "policy/plan.h"

#include "base/err.h"
#include "lib/tap.h"

static struct slice
text_of(const struct plan *p)
{
	struct buf b;

	buf_init(&b, t_arena(), 65536);
	plan_print(p, &b);
	return buf_slice(&b);
}

static void
test_text_form(void)
{
	struct plan p;

	plan_init(&p, t_arena());
	is_text(text_of(&p), "action continue\n",
	    "an empty plan decides nothing");
	p.action = ACTION_REJECT;
	p.rule = SL("spf-fail");
	p.reply =
	    (struct reply){ .set = true, .code = "550", .enhanced = "5.7.23" };
	ok(slice_vec_add(&p.reply.lines, p.arena, SL("MI:SPF one")) == 0 &&
		slice_vec_add(&p.reply.lines, p.arena, SL("two")) == 0,
	    "two reply lines");
	is_text(text_of(&p),
	    "action reject\nrule spf-fail\nreply 550 5.7.23 MI:SPF one\n"
	    "reply 550 5.7.23 two\n",
	    "a refusal with its reply, a line each");
}

static void
test_edits_in_order(void)
{
	struct plan p;
	struct plan_test *t;

	plan_init(&p, t_arena());
	p.action = ACTION_ACCEPT;
	p.quarantine = true;
	ok(plan_delete_header(&p, SL("Authentication-Results"), 2) == 0,
	    "delete");
	ok(plan_insert_header(&p, 0, SL("Authentication-Results"),
	       SL(" mx;\n\tspf=pass")) == 0,
	    "insert");
	ok(plan_change_header(&p, SL("To"), 1, SL(" a@b,\n\tc@d")) == 0,
	    "change");
	ok(plan_add_header(&p, SL("X-A"), SL(" b")) == 0, "add");
	ok(plan_envelope(&p, EDIT_CHANGE_FROM, SL("<x@y>")) == 0, "from");
	ok(plan_envelope(&p, EDIT_ADD_RCPT, SL("<r@y>")) == 0, "add rcpt");
	ok(plan_envelope(&p, EDIT_DELETE_RCPT, SL("<s@y>")) == 0, "del rcpt");
	ok(plan_hold(&p, SL("why not")) == 0, "hold");
	t = plan_test_vec_push(&p.tests, p.arena);
	ok(t != NULL, "test");
	if (t != NULL)
		*t = (struct plan_test){ SL("r"), SL("reject") };
	is_text(text_of(&p),
	    "action accept\nquarantine\ndelete Authentication-Results 2\n"
	    "insert 0 Authentication-Results: mx; spf=pass\n"
	    "change 1 To: a@b, c@d\nadd X-A: b\n"
	    "change-from <x@y>\nadd-rcpt <r@y>\ndelete-rcpt <s@y>\n"
	    "hold why not\ntest r reject\n",
	    "edits keep their order, a fold shows as one space");
	ok(p.hold, "a hold is also told by the plan itself");
}

static void
test_no_second_field(void)
{
	static const char nul[] = " a\0b";
	struct plan p;

	plan_init(&p, t_arena());
	ok(plan_change_header(&p, SL("To"), 1, SL(" a\nBcc: evil@x")) == 0 &&
		slice_eq(p.edits.at[0].value, SL(" a Bcc: evil@x")),
	    "a changed value is one field");
	plan_init(&p, t_arena());
	ok(plan_insert_header(&p, 0, SL("X-A"), SL(" a\r\nBcc: evil@x")) == 0,
	    "a value with a line end is taken");
	is_text(p.edits.at[0].value, " a  Bcc: evil@x",
	    "CR and LF that are no fold become spaces");
	ok(plan_insert_header(&p, 0, SL("X-A"), SL(" a\n\nb\n\tc\n")) == 0,
	    "an empty line in a value");
	is_text(p.edits.at[1].value, " a  b\n\tc ",
	    "only a LF before white space stays");
	ok(plan_insert_header(&p, 0, SL("X-A"), t_bytes(nul, 4)) == 0, "NUL");
	is_text(p.edits.at[2].value, " a b", "NUL becomes a space");
	ok(plan_hold(&p, SL("a\n\tb\r\nc")) == 0, "a hold reason");
	is_text(p.edits.at[3].value, "a \tb  c", "a hold reason has no folds");
	ok(plan_envelope(&p, EDIT_ADD_RCPT, SL("<a@b>\r\nDATA")) == 0, "rcpt");
	is_text(p.edits.at[4].value, "<a@b>  DATA", "an address is one line");
	is_int(plan_insert_header(&p, 0, SL("X-A: b\nC"), SL(" d")), ERR_BUG,
	    "a name with a colon is refused");
	is_int(plan_add_header(&p, SL("X A"), SL(" d")), ERR_BUG,
	    "a name with a space is refused");
	is_int(plan_add_header(&p, SL(""), SL(" d")), ERR_BUG,
	    "an empty name is refused");
	is_int((int64_t)p.edits.n, 5, "what was refused leaves no edit");
}

static void
test_print_is_safe(void)
{
	struct plan p;

	plan_init(&p, t_arena());
	p.rule = SL("a\nb");
	is_text(text_of(&p), "action continue\nrule a\\x0ab\n",
	    "no value can add a line to the text form");
}

int
main(void)
{
	test_text_form();
	test_edits_in_order();
	test_no_second_field();
	test_print_is_safe();
	return tap_done();
}
