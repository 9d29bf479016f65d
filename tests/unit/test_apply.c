/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plans as calls of libmilter, whose functions are played here: they write
 * what they were asked for into a log.
 */
#include "daemon/apply.h"

#include "base/buf.h"
#include "lib/quiet.h"
#include "lib/tap.h"

static struct buf calls;
static const char *fails; /* the call that does not work */

static int
called(const char *what)
{
	buf_addc(&calls, '\n');
	return fails != NULL && strcmp(fails, what) == 0 ? MI_FAILURE :
							   MI_SUCCESS;
}

int
smfi_chgheader(A_UNUSED SMFICTX *ctx, char *name, int n, char *value)
{
	buf_printf(&calls, "%s %s %d%s", value == NULL ? "delete" : "change",
	    name, n, value == NULL ? "" : value);
	return called("chgheader");
}

int
smfi_insheader(A_UNUSED SMFICTX *ctx, int at, char *name, char *value)
{
	buf_printf(&calls, "insert %d %s:%s", at, name, value);
	return called("insheader");
}

int
smfi_addheader(A_UNUSED SMFICTX *ctx, char *name, char *value)
{
	buf_printf(&calls, "add %s:%s", name, value);
	return called("addheader");
}

int
smfi_chgfrom(A_UNUSED SMFICTX *ctx, char *from, A_UNUSED char *args)
{
	buf_printf(&calls, "from %s", from);
	return called("chgfrom");
}

int
smfi_addrcpt(A_UNUSED SMFICTX *ctx, char *rcpt)
{
	buf_printf(&calls, "rcpt+ %s", rcpt);
	return called("addrcpt");
}

int
smfi_delrcpt(A_UNUSED SMFICTX *ctx, char *rcpt)
{
	buf_printf(&calls, "rcpt- %s", rcpt);
	return called("delrcpt");
}

int
smfi_quarantine(A_UNUSED SMFICTX *ctx, char *reason)
{
	buf_printf(&calls, "hold %s", reason);
	return called("quarantine");
}

int
smfi_setmlreply(A_UNUSED SMFICTX *ctx, const char *code, const char *enhanced,
    ...)
{
	const char *line;
	va_list ap;

	buf_printf(&calls, "reply %s %s", code,
	    enhanced != NULL ? enhanced : "-");
	va_start(ap, enhanced);
	while ((line = va_arg(ap, const char *)) != NULL)
		buf_printf(&calls, "|%s", line);
	va_end(ap);
	return called("setmlreply");
}

static struct plan *
plan_new(enum action action)
{
	struct arena *a = t_arena();
	struct plan *p = arena_zalloc(a, sizeof(*p));

	if (p == NULL)
		abort();
	plan_init(p, a);
	p->action = action;
	buf_clear(&calls);
	fails = NULL;
	return p;
}

static void
set_reply_text(struct plan *p, const char *code, const char *enhanced)
{
	p->reply.set = true;
	memcpy(p->reply.code, code, strlen(code) + 1);
	memcpy(p->reply.enhanced, enhanced, strlen(enhanced) + 1);
}

static void
line(struct plan *p, struct slice text)
{
	if (slice_vec_add(&p->reply.lines, p->arena, text) != 0)
		abort();
}

static const struct negotiated full = { .actions = 0x1ff,
	.steps = SMFIP_HDR_LEADSPC };

static struct plan *
edited(void)
{
	struct plan *p = plan_new(ACTION_ACCEPT);
	int err = 0;

	err |= plan_insert_header(p, 0, SL("Authentication-Results"), SL(" a"));
	err |= plan_hold(p, SL("look"));
	err |= plan_insert_header(p, 0, SL("Received-SPF"), SL(" b"));
	err |= plan_delete_header(p, SL("X"), 1);
	err |= plan_add_header(p, SL("Z"), SL(" z\n y"));
	err |= plan_delete_header(p, SL("X"), 10);
	err |= plan_delete_header(p, SL("X"), 9);
	err |= plan_change_header(p, SL("To"), 2, SL(" t,\n        u"));
	err |= plan_envelope(p, EDIT_CHANGE_FROM, SL("<srs@x.example>"));
	err |= plan_envelope(p, EDIT_ADD_RCPT, SL("<new@x.example>"));
	err |= plan_envelope(p, EDIT_DELETE_RCPT, SL("<old@x.example>"));
	if (err != 0)
		abort();
	return p;
}

static void
edits_have_one_order(void)
{
	is_int(apply_end(NULL, &full, edited(), "id"), SMFIS_CONTINUE,
	    "it passes");
	is_text(buf_slice(&calls),
	    "change To 2 t,\n        u\n"
	    "delete X 10\ndelete X 9\ndelete X 1\n"
	    "from <srs@x.example>\nrcpt- <old@x.example>\n"
	    "rcpt+ <new@x.example>\nadd Z: z\n y\n"
	    "insert 0 Received-SPF: b\ninsert 0 Authentication-Results: a\n"
	    "hold look\n",
	    "values change first, then deletions from the highest down, "
	    "insertions last and reversed");
}

static void
without_leading_space(void)
{
	static const struct negotiated old = { .actions = 0x3f };
	struct plan *p = plan_new(ACTION_ACCEPT);

	if (plan_insert_header(p, 0, SL("A"), SL(" v")) != 0)
		abort();
	apply_end(NULL, &old, p, "id");
	is_text(buf_slice(&calls), "insert 0 A:v\n",
	    "the space is left to an MTA that sets its own");
}

static void
failing_edits(void)
{
	static const char *const each[] = { "chgheader", "insheader",
		"addheader", "chgfrom", "addrcpt", "delrcpt", "quarantine" };
	static const struct negotiated no_adding = { .actions = SMFIF_CHGHDRS |
		    SMFIF_QUARANTINE | SMFIF_CHGFROM | SMFIF_ADDRCPT |
		    SMFIF_DELRCPT,
		.steps = SMFIP_HDR_LEADSPC };
	struct plan *p;

	for (size_t i = 0; i < ARRAY_LEN(each); i++) {
		p = edited();
		fails = each[i];
		is_int(apply_end(NULL, &full, p, "id"), SMFIS_TEMPFAIL,
		    "%s fails: the message does not pass half done", each[i]);
	}
	p = edited();
	is_int(apply_end(NULL, &no_adding, p, "id"), SMFIS_CONTINUE,
	    "an MTA that takes no new fields: labels are left out");
	ok(slice_search(buf_slice(&calls), SL("insert")) == SLICE_NONE,
	    "and not asked for");
	p = plan_new(ACTION_ACCEPT);
	if (plan_add_header(p, SL("A"), SL(" x")) != 0)
		abort();
	p->edits.at[0].value = SL(" x\r\n y");
	is_int(apply_end(NULL, &full, p, "id"), SMFIS_TEMPFAIL,
	    "CR never reaches the MTA");
}

static void
replies(void)
{
	struct plan *p = plan_new(ACTION_REJECT);
	char percents[500], want[2000];

	set_reply_text(p, "550", "5.7.23");
	line(p, SL("MI:SPF 100%"));
	line(p, SL("see \t\xc3\xa4"));
	if (plan_add_header(p, SL("A"), SL(" v")) != 0)
		abort();
	is_int(apply_end(NULL, &full, p, "id"), SMFIS_REJECT, "reject");
	is_text(buf_slice(&calls), "reply 550 5.7.23|MI:SPF 100%%|see ???\n",
	    "%s", "percent signs doubled, printable ASCII only, no edits");

	p = plan_new(ACTION_TEMPFAIL);
	set_reply_text(p, "451", "");
	memset(percents, '%', sizeof(percents));
	line(p, slice_of(percents, sizeof(percents)));
	is_int(apply_early(NULL, p), SMFIS_TEMPFAIL, "tempfail");
	memset(want, '%', sizeof(want));
	memcpy(want, "reply 451 -|", 12);
	memcpy(want + 12 + 960, "\n", 2);
	is_text(buf_slice(&calls), want, "a line is 480 octets at most");

	p = plan_new(ACTION_REJECT);
	set_reply_text(p, "550", "5.7.1");
	for (int i = 0; i < 40; i++)
		line(p, SL("x"));
	apply_early(NULL, p);
	is_int((int64_t)buf_slice(&calls).n, 15 + 32 * 2 + 1,
	    "32 lines at most");
	p = plan_new(ACTION_REJECT);
	set_reply_text(p, "550", "5.7.1");
	line(p, SL("x"));
	fails = "setmlreply";
	is_int(apply_early(NULL, p), SMFIS_REJECT,
	    "a text that libmilter refuses costs only the text");
}

static void
replies_suit_their_action(void)
{
	static const struct {
		enum action action;
		const char *code, *enhanced;
	} bad[] = { { ACTION_REJECT, "451", "4.7.1" },
		{ ACTION_TEMPFAIL, "550", "5.7.1" },
		{ ACTION_REJECT, "550", "4.7.1" } };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct plan *p = plan_new(bad[i].action);

		set_reply_text(p, bad[i].code, bad[i].enhanced);
		line(p, SL("x"));
		apply_early(NULL, p);
		is_text(buf_slice(&calls), "",
		    "%s %s is not set: it would stay for a later message",
		    bad[i].code, bad[i].enhanced);
	}
}

static void
other_actions(void)
{
	is_int(apply_early(NULL, plan_new(ACTION_ACCEPT)), SMFIS_CONTINUE,
	    "an early accept goes on: labels come at the end");
	is_int(apply_early(NULL, plan_new(ACTION_CONTINUE)), SMFIS_CONTINUE,
	    "continue");
	is_int(apply_early(NULL, plan_new(ACTION_DISCARD)), SMFIS_DISCARD,
	    "discard early");
	is_int(apply_end(NULL, &full, plan_new(ACTION_DISCARD), "id"),
	    SMFIS_DISCARD, "discard");
}

int
main(void)
{
	buf_init(&calls, NULL, (size_t)1 << 20);
	quiet_log();
	edits_have_one_order();
	without_leading_space();
	failing_edits();
	replies();
	replies_suit_their_action();
	other_actions();
	buf_fini(&calls);
	return tap_done();
}
