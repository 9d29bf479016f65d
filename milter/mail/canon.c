/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon: the body is a sequence of stretches that go out as they are and of
 * gaps (white space and line ends) that may change. scan finds the end of a
 * stretch, gap() reads a gap byte by byte. The CRLF that ends a line with
 * content always goes out, so it goes out at once; only the empty lines behind
 * it wait for more content.
 */
#include "mail/canon.h"

#include "mail/canon_scan.h"

/* Stretches of at least this go to the sink from where they are. */
#define LONG_STRETCH (CANON_STAGE / 4)

void
canon_body_init(struct canon_body *c, enum canon how, canon_sink_fn sink,
    void *ctx)
{
	c->how = how;
	c->sink = sink;
	c->ctx = ctx;
	c->out = 0;
	c->crlfs = 0;
	c->cr = c->wsp = c->line = false;
	c->staged = 0;
}

static void
flush(struct canon_body *c)
{
	if (c->staged > 0)
		c->sink(c->ctx, c->stage, c->staged);
	c->staged = 0;
}

static void
emit(struct canon_body *c, const char *p, size_t n)
{
	c->out += n;
	if (n >= LONG_STRETCH) {
		flush(c);
		c->sink(c->ctx, p, n);
		return;
	}
	if (n > CANON_STAGE - c->staged)
		flush(c);
	memcpy(c->stage + c->staged, p, n);
	c->staged += n;
}

/* Content follows: what was held back belongs to the body. */
static void
release(struct canon_body *c)
{
	static const char lines[] = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
				    "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";

	while (c->crlfs > 0) {
		size_t most = (sizeof(lines) - 1) / 2;
		size_t n = c->crlfs < most ? (size_t)c->crlfs : most;

		emit(c, lines, 2 * n);
		c->crlfs -= n;
	}
	if (c->wsp)
		emit(c, " ", 1);
	c->wsp = false;
}

static void
end_line(struct canon_body *c)
{
	c->wsp = false;
	if (c->line)
		emit(c, "\r\n", 2);
	else
		c->crlfs++;
	c->line = false;
}

/* Reads white space (relaxed) and line ends from offset i on. Returns the
 * offset of the first byte of content, or n. */
static size_t
gap(struct canon_body *c, const char *p, size_t i, size_t n)
{
	while (i < n) {
		if (c->how == CANON_RELAXED && (p[i] == ' ' || p[i] == '\t')) {
			c->wsp = true;
			i++;
		} else if (p[i] != '\r') {
			return i;
		} else if (i + 1 == n) {
			c->cr = true;
			return n;
		} else if (p[i + 1] == '\n') {
			end_line(c);
			i += 2;
		} else {
			return i;
		}
	}
	return n;
}

/* The CR that ended the last chunk, now that its successor is known. Returns
 * true if it took the LF along. */
static bool
settle_cr(struct canon_body *c, bool lf)
{
	c->cr = false;
	if (lf) {
		end_line(c);
		return true;
	}
	release(c);
	emit(c, "\r", 1);
	c->line = true;
	return false;
}

void
canon_body_add(struct canon_body *c, const char *p, size_t n)
{
	size_t i = 0;

	if (n == 0)
		return;
	if (c->cr && settle_cr(c, p[0] == '\n'))
		i = 1;
	while ((i = gap(c, p, i, n)) < n) {
		const char *from = p + i;
		size_t len;

		/* p[i] is content, whatever the scan would say of it. */
		len = c->how == CANON_RELAXED ?
		    1 + canon_scan_relaxed(from + 1, n - i - 1) :
		    1 + canon_scan_simple(from + 1, n - i - 1);
		release(c);
		emit(c, from, len);
		c->line = len < 2 || memcmp(from + len - 2, "\r\n", 2) != 0;
		i += len;
	}
}

void
canon_body_end(struct canon_body *c)
{
	if (c->cr)
		(void)settle_cr(c, false);
	if (c->line || (c->out == 0 && c->how == CANON_SIMPLE))
		emit(c, "\r\n", 2);
	c->line = false;
	flush(c);
}

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* A CRLF that white space follows: a fold (RFC 5322 section 2.2.3). */
static bool
is_fold(struct slice s, size_t i)
{
	return i + 2 < s.n && s.p[i] == '\r' && s.p[i + 1] == '\n' &&
	    is_wsp(s.p[i + 2]);
}

/* Text without folds, white space reduced to single SP and gone at both ends. */
static void
add_relaxed(struct buf *out, struct slice s)
{
	bool first = true;
	size_t i = 0;

	while (i < s.n) {
		size_t from = i;

		while (i < s.n && (is_wsp(s.p[i]) || is_fold(s, i)))
			i += is_wsp(s.p[i]) ? 1 : 2;
		if (i == s.n)
			break;
		if (i > from && !first)
			buf_addc(out, ' ');
		first = false;
		from = i;
		while (i < s.n && !is_wsp(s.p[i]) && !is_fold(s, i))
			i++;
		buf_add(out, slice_sub(s, from, i - from));
	}
}

void
canon_header(struct buf *out, enum canon how, struct slice raw, bool crlf)
{
	size_t colon = slice_chr(raw, ':');
	size_t start = out->n;

	if (how == CANON_SIMPLE || colon == SLICE_NONE) {
		buf_add(out, raw);
	} else {
		add_relaxed(out, slice_sub(raw, 0, colon));
		for (size_t i = start; i < out->n; i++)
			out->p[i] = slice_lower(out->p[i]);
		buf_addc(out, ':');
		add_relaxed(out, slice_from(raw, colon + 1));
	}
	if (crlf)
		buf_adds(out, "\r\n");
}
