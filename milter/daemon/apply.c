/* SPDX-License-Identifier: BSD-2-Clause
 *
 * apply: see apply.h. A reply that was set and not used stays in libmilter
 * and would come out with a later message: it is set as the last thing before
 * the callback returns, and only with an action of its class.
 */
#include "daemon/apply.h"

#include "base/err.h"
#include "base/log.h"

/* Octets of a reply line before '%' is doubled: an SMTP line is 512 with code
 * and CRLF (RFC 5321 section 4.5.3.1.5), libmilter takes 980. */
#define REPLY_LINE ((size_t)480)
#define REPLY_BYTES (2 * REPLY_LINE + 1)

struct reply_text {
	char line[REPLY_MAX_LINES][REPLY_BYTES];
};

/* '%' doubled (both MTAs halve it; a lone one costs the text), anything but
 * printable ASCII shown as '?'. */
static void
reply_line(char out[REPLY_BYTES], struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && i < REPLY_LINE; i++) {
		char c = text.p[i];

		if (c < 0x20 || c > 0x7e)
			c = '?';
		if (c == '%')
			out[n++] = '%';
		out[n++] = c;
	}
	out[n] = '\0';
}

/* smfi_setmlreply() takes its lines as arguments up to a NULL. */
static int
set_lines(SMFICTX *ctx, const char *code, const char *enhanced,
    struct reply_text *t, size_t lines)
{
	char *l[REPLY_MAX_LINES + 1] = { NULL };

	for (size_t i = 0; i < lines; i++)
		l[i] = t->line[i];
	return smfi_setmlreply(ctx, code, enhanced, l[0], l[1], l[2], l[3],
	    l[4], l[5], l[6], l[7], l[8], l[9], l[10], l[11], l[12], l[13],
	    l[14], l[15], l[16], l[17], l[18], l[19], l[20], l[21], l[22],
	    l[23], l[24], l[25], l[26], l[27], l[28], l[29], l[30], l[31],
	    (char *)NULL);
}

_Static_assert(REPLY_MAX_LINES == 32, "set_lines names every slot");

/* Without a text the MTA says something generic: never worth more than that. */
static void
set_reply(SMFICTX *ctx, const struct reply *r, char class)
{
	size_t lines = r->lines.n;
	struct reply_text *t;

	if (!r->set)
		return;
	if (r->code[0] != class ||
	    (r->enhanced[0] != '\0' && r->enhanced[0] != class)) {
		log_text(LOG_LEVEL_ERROR,
		    "bug: reply %s %s does not suit a %cxx answer", r->code,
		    r->enhanced, class);
		return;
	}
	t = malloc(sizeof(*t));
	if (t == NULL)
		return;
	if (lines > REPLY_MAX_LINES)
		lines = REPLY_MAX_LINES;
	for (size_t i = 0; i < lines; i++)
		reply_line(t->line[i], r->lines.at[i]);
	if (lines == 0 ||
	    set_lines(ctx, r->code, r->enhanced[0] != '\0' ? r->enhanced : NULL,
		t, lines) != MI_SUCCESS)
		log_text(LOG_LEVEL_ERROR, "libmilter refused the reply %s %s",
		    r->code, r->enhanced);
	free(t);
}

static sfsistat
refuse(SMFICTX *ctx, const struct plan *plan)
{
	if (plan->action == ACTION_REJECT) {
		set_reply(ctx, &plan->reply, '5');
		return SMFIS_REJECT;
	}
	set_reply(ctx, &plan->reply, '4');
	return SMFIS_TEMPFAIL;
}

sfsistat
apply_early(SMFICTX *ctx, const struct plan *plan)
{
	switch (plan->action) {
	case ACTION_REJECT:
	case ACTION_TEMPFAIL:
		return refuse(ctx, plan);
	case ACTION_DISCARD:
		return SMFIS_DISCARD;
	case ACTION_CONTINUE:
	case ACTION_ACCEPT:
		break;
	}
	return SMFIS_CONTINUE;
}

/* ---- edits ---- */

struct applier {
	SMFICTX *ctx;
	const struct negotiated *n;
	struct arena *arena;
	const char *failed; /* the first edit that did not work */
};

/* Text for libmilter; NULL (and the plan has failed) when there is no memory
 * or it holds what no edit may hold. */
static char *
text(struct applier *ap, struct slice s)
{
	char *p = NULL;

	if (slice_chr(s, '\0') == SLICE_NONE &&
	    slice_chr(s, '\r') == SLICE_NONE)
		p = arena_cstr(ap->arena, s);
	if (p == NULL && ap->failed == NULL)
		ap->failed = "text";
	return p;
}

/* What the MTA is to write behind the colon: it sets a space of its own
 * unless "leading space" is negotiated. */
static char *
value(struct applier *ap, struct slice s)
{
	if ((ap->n->steps & SMFIP_HDR_LEADSPC) == 0 && slice_starts(s, SL(" ")))
		s = slice_from(s, 1);
	return text(ap, s);
}

static void
apply_one(struct applier *ap, const struct edit *e)
{
	int (*const envelope[])(SMFICTX *, char *) = {
		[EDIT_ADD_RCPT] = smfi_addrcpt,
		[EDIT_DELETE_RCPT] = smfi_delrcpt,
		[EDIT_HOLD] = smfi_quarantine,
	};
	char *name = text(ap, e->name);
	char *val = value(ap, e->value);
	int done = MI_FAILURE;

	if (name == NULL || val == NULL)
		return;
	switch (e->kind) {
	case EDIT_DELETE_HEADER:
		done = smfi_chgheader(ap->ctx, name, (int)e->index, NULL);
		break;
	case EDIT_CHANGE_HEADER:
		done = smfi_chgheader(ap->ctx, name, (int)e->index, val);
		break;
	case EDIT_INSERT_HEADER:
		done = smfi_insheader(ap->ctx, (int)e->index, name, val);
		break;
	case EDIT_ADD_HEADER:
		done = smfi_addheader(ap->ctx, name, val);
		break;
	case EDIT_CHANGE_FROM:
		done = smfi_chgfrom(ap->ctx, val, NULL);
		break;
	case EDIT_ADD_RCPT:
	case EDIT_DELETE_RCPT:
	case EDIT_HOLD:
		done = envelope[e->kind](ap->ctx, val);
		break;
	}
	if (done != MI_SUCCESS && ap->failed == NULL)
		ap->failed = e->name.n > 0 ? name : val;
}

static int
highest_first(const void *a, const void *b)
{
	const struct edit *const *x = a;
	const struct edit *const *y = b;

	return ((*x)->index < (*y)->index) - ((*x)->index > (*y)->index);
}

static void
delete_headers(struct applier *ap, const struct edit_vec *edits)
{
	const struct edit **order =
	    arena_array(ap->arena, edits->n + 1, sizeof(order[0]));
	size_t n = 0;

	if (order == NULL) {
		ap->failed = "memory";
		return;
	}
	for (size_t i = 0; i < edits->n; i++) {
		if (edits->at[i].kind == EDIT_DELETE_HEADER)
			order[n++] = &edits->at[i];
	}
	qsort(order, n, sizeof(order[0]), highest_first);
	for (size_t i = 0; i < n && ap->failed == NULL; i++)
		apply_one(ap, order[i]);
}

static void
apply_kind(struct applier *ap, const struct edit_vec *edits,
    enum edit_kind kind)
{
	bool reverse = kind == EDIT_INSERT_HEADER;

	for (size_t i = 0; i < edits->n && ap->failed == NULL; i++) {
		size_t at = reverse ? edits->n - 1 - i : i;

		if (edits->at[at].kind == kind)
			apply_one(ap, &edits->at[at]);
	}
}

/* True if all edits were made. */
static bool
apply_edits(struct applier *ap, const struct edit_vec *edits)
{
	/* both name fields by their place in the message as it came */
	apply_kind(ap, edits, EDIT_CHANGE_HEADER);
	delete_headers(ap, edits);
	apply_kind(ap, edits, EDIT_CHANGE_FROM);
	apply_kind(ap, edits, EDIT_DELETE_RCPT);
	apply_kind(ap, edits, EDIT_ADD_RCPT);
	if ((ap->n->actions & SMFIF_ADDHDRS) != 0) {
		apply_kind(ap, edits, EDIT_ADD_HEADER);
		apply_kind(ap, edits, EDIT_INSERT_HEADER);
	}
	apply_kind(ap, edits, EDIT_HOLD);
	return ap->failed == NULL;
}

sfsistat
apply_end(SMFICTX *ctx, const struct negotiated *n, const struct plan *plan,
    const char *id)
{
	struct applier ap = { .ctx = ctx, .n = n, .arena = plan->arena };

	if (plan->action == ACTION_REJECT || plan->action == ACTION_TEMPFAIL)
		return refuse(ctx, plan);
	if (plan->action == ACTION_DISCARD)
		return SMFIS_DISCARD;
	if (plan->edits.n == 0 || apply_edits(&ap, &plan->edits))
		return SMFIS_CONTINUE;
	log_text(LOG_LEVEL_ERROR,
	    "id=%s: the MTA does not let me edit the message (%s); tempfailed",
	    id, ap.failed);
	return SMFIS_TEMPFAIL;
}
