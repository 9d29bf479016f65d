/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_message: a whole message through the fake MTA, and what the SMTP client
 * is told in the end.
 */
#include "wire/mta.h"

#define MAX_BODY ((size_t)256 << 20)

/* The message is over with this answer. */
static bool
final(struct mta_answer a)
{
	return a.verdict != MTA_QUIET && a.verdict != MTA_CONTINUE &&
	    a.verdict != MTA_SKIPPED;
}

static struct mta_answer
send_rcpts(struct mta *m, const char *const *rcpts, size_t n)
{
	struct mta_answer last = { .verdict = MTA_CONTINUE, .stage = 'R' };

	for (size_t i = 0; i < n; i++) {
		struct mta_answer a = mta_rcpt(m, rcpts[i]);

		last = a;
		if (a.verdict == MTA_LOST || a.verdict == MTA_ACCEPT ||
		    a.verdict == MTA_DISCARD)
			return a;
	}
	if (m->rcpts.n > 0)
		last.verdict = MTA_CONTINUE;
	else if (n > 0)
		mta_abort(m);
	return last;
}

/* Takes one field with its folds off the front; false at the empty line that
 * ends the header, which is taken too. Line ends become LF. */
static bool
cut_field(struct mta *m, struct slice *rest, struct slice *name,
    struct slice *value)
{
	struct slice line;
	struct buf b;
	size_t colon;

	if (!slice_cut(rest, '\n', &line))
		return false;
	if (slice_ends(line, SL("\r")))
		line.n--;
	colon = slice_chr(line, ':');
	if (line.n == 0 || colon == SLICE_NONE)
		return false;
	*name = slice_rtrim(slice_sub(line, 0, colon)); /* as both MTAs do */
	buf_init(&b, m->arena, (size_t)1 << 20);
	buf_add(&b, slice_from(line, colon + 1));
	while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t') &&
	    slice_cut(rest, '\n', &line)) {
		if (slice_ends(line, SL("\r")))
			line.n--;
		buf_addc(&b, '\n');
		buf_add(&b, line);
	}
	*value = buf_slice(&b);
	return true;
}

/* The body with CRLF line ends. */
static struct slice
wire_body(struct mta *m, struct slice text)
{
	struct slice line;
	struct buf b;

	buf_init(&b, m->arena, MAX_BODY);
	while (slice_cut(&text, '\n', &line)) {
		if (slice_ends(line, SL("\r")))
			line.n--;
		buf_add(&b, line);
		buf_adds(&b, "\r\n");
	}
	if (!buf_ok(&b))
		abort();
	return buf_slice(&b);
}

static struct mta_answer
send_content(struct mta *m, struct slice text)
{
	struct mta_answer a = mta_data(m);
	struct slice name, value, body;

	while (!final(a) && cut_field(m, &text, &name, &value))
		a = mta_header(m, name, value);
	if (!final(a))
		a = mta_eoh(m);
	body = wire_body(m, text);
	while (!final(a) && body.n > 0) {
		a = mta_body(m, slice_sub(body, 0, 65535));
		body = slice_from(body, 65535);
	}
	return final(a) ? a : mta_end(m);
}

struct mta_answer
mta_message(struct mta *m, const char *mail, const char *const *rcpts,
    size_t n_rcpts, struct slice text)
{
	struct mta_answer a = mta_mail(m, mail);

	if (!final(a))
		a = send_rcpts(m, rcpts, n_rcpts);
	if (!final(a))
		a = send_content(m, text);
	return a;
}

static const char *
generic(const struct mta *m, bool permanent)
{
	if (permanent)
		return "550 5.7.1 Command rejected";
	return m->kind == MTA_POSTFIX ?
	    "451 4.7.1 Service unavailable - try again later" :
	    "451 4.3.2 Please try again later";
}

/* Both halve "%%". A lone '%' is dropped by Postfix; Sendmail drops the whole
 * text (*bad). */
static void
add_line(const struct mta *m, struct buf *b, struct slice line, bool *bad)
{
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '%') {
			if (i + 1 < line.n && line.p[i + 1] == '%')
				i++;
			else if (m->kind == MTA_SENDMAIL)
				*bad = true;
			else
				continue;
		}
		buf_addc(b, line.p[i]);
	}
}

struct slice
mta_reply(struct mta *m, struct mta_answer a)
{
	struct slice rest = a.raw, line;
	struct buf b;
	bool bad = false;

	if (a.verdict == MTA_REJECT)
		return slice_c(generic(m, true));
	if (a.verdict == MTA_TEMPFAIL)
		return slice_c(generic(m, false));
	if (a.verdict != MTA_REPLY)
		return SL("");
	/* An enhanced code of another class: Postfix calls it malformed. */
	if (m->kind == MTA_POSTFIX && a.raw.n > 5 && a.raw.p[5] == '.' &&
	    a.raw.p[4] != a.raw.p[0])
		return SL("451 4.3.5 Server configuration error - "
			  "try again later");
	buf_init(&b, m->arena, 65536);
	while (slice_cut(&rest, '\n', &line)) {
		if (slice_ends(line, SL("\r")))
			line.n--;
		if (b.n > 0)
			buf_addc(&b, '\n');
		add_line(m, &b, line, &bad);
	}
	return bad ? slice_c(generic(m, a.raw.p[0] == '5')) : buf_slice(&b);
}
