/* SPDX-License-Identifier: BSD-2-Clause
 *
 * feed: header lines are gathered to fields; the body goes through in blocks.
 */
#include "cli/feed.h"

#include "base/err.h"

#define MAX_FIELD ((size_t)16 << 20)
#define BLOCK ((size_t)65536) /* bytes of the body given at once */

struct feed {
	struct engine_session *session;
	struct buf line;  /* of the header section, not ended yet */
	struct buf field; /* with its continuation lines so far */
	struct buf block; /* of the body */
	bool first_line_seen;
	bool in_body;
	bool cr; /* the body's last byte was CR */
};

struct feed *
feed_new(struct engine_session *s)
{
	struct feed *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->session = s;
	buf_init(&f->line, NULL, MAX_FIELD);
	buf_init(&f->field, NULL, MAX_FIELD);
	buf_init(&f->block, NULL, BLOCK);
	return f;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	buf_fini(&f->line);
	buf_fini(&f->field);
	buf_fini(&f->block);
	free(f);
}

static void
send_block(struct feed *f)
{
	/* The answer "no more is needed" is not an error to send more. */
	if (f->block.n > 0)
		(void)engine_body(f->session, buf_slice(&f->block));
	buf_clear(&f->block);
}

static void
add_body(struct feed *f, struct slice s)
{
	while (s.n > 0) {
		size_t room = BLOCK - f->block.n;
		struct slice part = slice_sub(s, 0, room);

		buf_add(&f->block, part);
		s = slice_from(s, part.n);
		if (f->block.n == BLOCK)
			send_block(f);
	}
}

/* Bytes of the body; a LF without CR before it gets one. */
static void
take_body(struct feed *f, struct slice s)
{
	while (s.n > 0) {
		size_t lf = slice_chr(s, '\n');
		struct slice part = slice_sub(s, 0, lf);
		bool cr = part.n > 0 ? part.p[part.n - 1] == '\r' : f->cr;

		add_body(f, part);
		f->cr = cr;
		if (lf == SLICE_NONE)
			return;
		add_body(f, cr ? SL("\n") : SL("\r\n"));
		f->cr = false;
		s = slice_from(s, lf + 1);
	}
}

static void
send_field(struct feed *f)
{
	struct slice field = buf_slice(&f->field);
	size_t colon = slice_chr(field, ':');

	if (field.n > 0)
		engine_header(f->session, slice_sub(field, 0, colon),
		    slice_from(field, colon + 1));
	buf_clear(&f->field);
}

static void
begin_body(struct feed *f)
{
	send_field(f);
	engine_eoh(f->session);
	f->in_body = true;
}

/* A field's first line: a name of printable characters, then a colon. */
static bool
is_field(struct slice line)
{
	size_t colon = slice_chr(line, ':');
	struct slice name = slice_trim(slice_sub(line, 0, colon));

	if (colon == SLICE_NONE || name.n == 0)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f)
			return false;
	return true;
}

/* The line that an mbox puts before a message; "From : x" is a field. */
static bool
is_mbox_line(struct slice line)
{
	return slice_starts(line, SL("From ")) &&
	    !slice_starts(slice_trim(slice_from(line, 5)), SL(":"));
}

/* A line of the header section without its end. */
static void
take_header_line(struct feed *f, struct slice line, struct slice end)
{
	bool folded = line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
	bool first = !f->first_line_seen;

	f->first_line_seen = true;
	if (first && is_mbox_line(line))
		return;
	if (line.n == 0) {
		begin_body(f);
	} else if (folded && f->field.n > 0) {
		buf_addc(&f->field, '\n');
		buf_add(&f->field, line);
	} else if (!folded && is_field(line)) {
		send_field(f);
		buf_add(&f->field, line);
	} else {
		begin_body(f);
		take_body(f, line);
		take_body(f, end);
	}
}

/* Takes a line off *s if its end is there. */
static void
take_header(struct feed *f, struct slice *s)
{
	size_t lf = slice_chr(*s, '\n');
	struct slice line;

	buf_add(&f->line, slice_sub(*s, 0, lf));
	*s = slice_from(*s, lf == SLICE_NONE ? s->n : lf + 1);
	if (lf == SLICE_NONE)
		return;
	line = buf_slice(&f->line);
	if (slice_ends(line, SL("\r")))
		line.n--;
	take_header_line(f, line, SL("\n"));
	if (buf_ok(&f->line))
		buf_clear(&f->line);
}

void
feed_add(struct feed *f, struct slice bytes)
{
	while (
	    bytes.n > 0 && !f->in_body && buf_ok(&f->line) && buf_ok(&f->field))
		take_header(f, &bytes);
	if (f->in_body)
		take_body(f, bytes);
}

int
feed_end(struct feed *f)
{
	struct slice line = buf_slice(&f->line);

	if (!buf_ok(&f->line) || !buf_ok(&f->field))
		return ERR_LIMIT;
	if (!f->in_body && line.n > 0) {
		if (slice_ends(line, SL("\r")))
			line.n--;
		take_header_line(f, line, SL(""));
	}
	if (!f->in_body)
		begin_body(f);
	send_block(f);
	return 0;
}
