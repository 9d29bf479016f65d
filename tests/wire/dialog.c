/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dialog: see dialog.h.
 */
#include "wire/dialog.h"

#define FIELD_MAX ((size_t)1 << 26)
#define CHUNK ((size_t)65535)

/* "550 5.7.1 text\n550 5.7.1 more" into its parts. */
static void
see_reply(struct dialog *d, struct slice reply)
{
	struct slice line;
	struct buf text;

	buf_init(&text, d->a, (size_t)1 << 16);
	d->seen.code = SL("250");
	d->seen.enhanced = SL("");
	while (slice_cut(&reply, '\n', &line)) {
		size_t sp;

		d->seen.code = slice_sub(line, 0, 3);
		line = slice_from(line, 4);
		sp = slice_chr(line, ' ');
		if (slice_chr(slice_sub(line, 0, sp), '.') == 1) {
			d->seen.enhanced = slice_sub(line, 0, sp);
			line = slice_from(line,
			    sp == SLICE_NONE ? line.n : sp + 1);
		}
		buf_adds(&text, text.n > 0 ? "\n" : "");
		buf_add(&text, line);
	}
	d->seen.text = buf_slice(&text);
}

static void
see_delivered(struct dialog *d)
{
	enum mta_verdict v = d->answer.verdict;

	if (v != MTA_ACCEPT && v != MTA_CONTINUE)
		return;
	header_list_init(&d->delivered, d->a);
	for (size_t i = 0; i < d->mta->headers.n; i++) {
		const struct mta_header *h = &d->mta->headers.at[i];

		if (!h->gone &&
		    header_list_add(&d->delivered, h->name, h->value, NULL) !=
			0)
			abort();
	}
	d->seen.delivered = &d->delivered;
}

static bool
see(struct dialog *d, struct mta_answer answer)
{
	d->seen = (struct observed){ 0 };
	d->answer = answer;
	see_reply(d, mta_reply(d->mta, answer));
	return true;
}

bool
dialog_connect(struct dialog *d, const char *socket, const char *queue_id,
    const struct scn_event *e)
{
	char ip[IP_TEXT];
	bool kept = d->mta != NULL;

	if (!kept)
		d->mta = mta_open(socket, d->kind);
	if (d->mta == NULL)
		return false;
	d->mta->macros.n = 0; /* of the session before */
	mta_macro(d->mta, "j", "mx.local.test");
	mta_macro(d->mta, "i", queue_id);
	if (!kept && !mta_negotiate(d->mta, MTA_OFFER_FULL))
		return false;
	return see(d,
	    mta_connect(d->mta,
		arena_cstr(d->a, e->name.n > 0 ? e->name : SL("unknown")),
		e->ip.family != 0 ? ip_print(&e->ip, ip) : NULL, 4321));
}

static const char *
command_args(struct dialog *d, const struct scn_event *e)
{
	struct buf b;

	buf_init(&b, d->a, (size_t)1 << 16);
	buf_add(&b, e->text);
	for (size_t i = 0; i < e->args.n; i++) {
		buf_addc(&b, ' ');
		buf_add(&b, e->args.at[i]);
	}
	return buf_cstr(&b);
}

static bool
goes_on(const struct dialog *d, char step)
{
	return d->go_on == NULL || d->go_on(d->ctx, step);
}

/* One field, with its folds, off the front of the text, as it stands. */
static void
send_field(struct dialog *d, struct slice *rest)
{
	size_t end = 0, colon;
	struct buf b;

	do {
		size_t eol = slice_search(slice_from(*rest, end), SL("\r\n"));

		end = eol == SLICE_NONE ? rest->n : end + eol + 2;
	} while (
	    end < rest->n && (rest->p[end] == ' ' || rest->p[end] == '\t'));
	buf_init(&b, d->a, FIELD_MAX);
	for (size_t i = 0; i < end; i++)
		if (rest->p[i] != '\r')
			buf_addc(&b, rest->p[i]);
	buf_cut(&b, b.n - 1);
	colon = slice_chr(buf_slice(&b), ':');
	/* both MTAs take white space off a name */
	(void)mta_header(d->mta,
	    slice_rtrim(slice_sub(buf_slice(&b), 0, colon)),
	    slice_from(buf_slice(&b), colon == SLICE_NONE ? b.n : colon + 1));
	*rest = slice_from(*rest, end);
}

/* DATA, the header section and the body as they stand. */
static struct mta_answer
send_message(struct dialog *d, struct slice rest)
{
	static const struct mta_answer stopped = { .verdict = MTA_LOST };

	if (!goes_on(d, 'T'))
		return stopped;
	(void)mta_data(d->mta);
	while (rest.n > 0 && !slice_starts(rest, SL("\r\n"))) {
		if (!goes_on(d, 'L'))
			return stopped;
		send_field(d, &rest);
	}
	if (!goes_on(d, 'N'))
		return stopped;
	(void)mta_eoh(d->mta);
	if (rest.n >= 2)
		rest = slice_from(rest, 2);
	while (rest.n > 0 && !d->mta->body_skipped) {
		if (!goes_on(d, 'B'))
			return stopped;
		(void)mta_body(d->mta, slice_sub(rest, 0, CHUNK));
		rest = slice_from(rest, rest.n < CHUNK ? rest.n : CHUNK);
	}
	return goes_on(d, 'E') ? mta_end(d->mta) : stopped;
}

bool
dialog_do(struct dialog *d, const struct scn_event *e)
{
	switch (e->kind) {
	case SCN_MACRO:
		mta_macro(d->mta, arena_cstr(d->a, e->name),
		    arena_cstr(d->a, e->text));
		return false;
	case SCN_HELO:
		return see(d, mta_helo(d->mta, arena_cstr(d->a, e->text)));
	case SCN_STARTTLS:
		mta_macro(d->mta, "{tls_version}", "TLSv1.3");
		return false;
	case SCN_MAIL:
		return see(d, mta_mail(d->mta, command_args(d, e)));
	case SCN_RCPT:
		return see(d, mta_rcpt(d->mta, command_args(d, e)));
	case SCN_MESSAGE:
		(void)see(d, send_message(d, e->text));
		see_delivered(d);
		return true;
	case SCN_RSET:
		mta_abort(d->mta);
		return false;
	case SCN_CONNECT:
	case SCN_RELOAD:
	case SCN_EXPECT:
		break;
	}
	return false;
}

void
dialog_close(struct dialog *d)
{
	if (d->mta == NULL)
		return;
	mta_quit(d->mta);
	mta_close(d->mta);
	d->mta = NULL;
}

struct slice
dialog_log_value(struct slice line, const char *key)
{
	struct slice want = slice_c(key);

	for (size_t at; (at = slice_search(line, want)) != SLICE_NONE;) {
		bool word = at > 0 && line.p[at - 1] == ' ';

		line = slice_from(line, at + want.n);
		if (word && slice_starts(line, SL("=")))
			return slice_sub(line, 1, slice_chr(line, ' ') - 1);
	}
	return SL("");
}

bool
dialog_decision(struct dialog *d, struct slice line)
{
	struct slice action = dialog_log_value(line, "action"), t;

	if (action.n == 0)
		return false;
	d->seen.sees_decision = true;
	d->seen.action = action;
	d->seen.rule = dialog_log_value(line, "rule");
	while ((t = dialog_log_value(line, "test")).n > 0) {
		struct slice name = slice_sub(t, 0, slice_chr(t, ':'));

		if (slice_vec_add(&d->seen.tests, d->a, name) != 0)
			abort();
		line = slice_from(line, (size_t)(t.p - line.p));
	}
	return true;
}
