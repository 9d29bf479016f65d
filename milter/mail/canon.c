/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon: two steps. Relaxed bodies first have their white space reduced; what
 * comes of it, or the simple body, then loses its trailing empty lines. Both
 * steps look for the places where something may change and let pass what lies
 * between in one piece, from where it is if it is long. The CRLF that ends a
 * line with content always goes out, so it goes out at once; only the empty
 * lines behind it wait for more content.
 */
#include "mail/canon.h"

#include "mail/canon_scan.h"

/* Stretches of at least this go to the sink from where they are. */
#define LONG_STRETCH (CANON_STAGE / 4)
/* Input that is packed at once where white space changes often. */
#define PACK ((size_t)1024)
/* Stretches between changes that are worth not to be copied. */
#define CLEAN_STRETCH ((size_t)256)

void
canon_body_init(struct canon_body *c, enum canon how, canon_sink_fn sink,
    void *ctx)
{
	c->how = how;
	c->sink = sink;
	c->ctx = ctx;
	c->out = 0;
	c->crlfs = 0;
	c->cr = c->wsp = c->wsp_cr = c->line = false;
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
}

static void
end_line(struct canon_body *c)
{
	if (c->line)
		emit(c, "\r\n", 2);
	else
		c->crlfs++;
	c->line = false;
}

/* Reads line ends from offset i on. Returns the offset of the first byte of
 * content, or n. */
static size_t
gap(struct canon_body *c, const char *p, size_t i, size_t n)
{
	for (; i < n && p[i] == '\r'; i += 2) {
		if (i + 1 == n) {
			c->cr = true;
			return n;
		}
		if (p[i + 1] != '\n')
			return i;
		end_line(c);
	}
	return i;
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

/* The second step: lines. */
static void
add_lines(struct canon_body *c, const char *p, size_t n)
{
	size_t i = 0;

	if (n == 0)
		return;
	if (c->cr && settle_cr(c, p[0] == '\n'))
		i = 1;
	while ((i = gap(c, p, i, n)) < n) {
		const char *from = p + i;
		/* p[i] is content, whatever the scan would say of it. */
		size_t len = 1 + canon_scan_lines(from + 1, n - i - 1);

		release(c);
		emit(c, from, len);
		c->line = len < 2 || memcmp(from + len - 2, "\r\n", 2) != 0;
		i += len;
	}
}

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* The first step byte by byte: to the end, or until nothing is held back any
 * more if there is enough left to go on faster. Returns how many were read. */
static size_t
reduce_slowly(struct canon_body *c, const char *p, size_t n)
{
	char out[2 * CANON_PACK_LEAST];
	size_t made = 0, i = 0;

	for (; i < n; i++) {
		bool crlf = c->wsp_cr && p[i] == '\n';

		if (!c->wsp && n - i >= CANON_PACK_LEAST)
			break;
		if (c->wsp && !c->wsp_cr && is_wsp(p[i]))
			continue;
		if (c->wsp && !c->wsp_cr && p[i] == '\r') {
			c->wsp_cr = true;
			continue;
		}
		/* What was held back is decided now. */
		if (c->wsp && !crlf)
			out[made++] = ' ';
		if (c->wsp_cr)
			out[made++] = '\r';
		c->wsp_cr = false;
		c->wsp = is_wsp(p[i]);
		if (!c->wsp)
			out[made++] = p[i];
	}
	add_lines(c, out, made);
	return i;
}

/* The first step: white space (relaxed). */
static void
reduce(struct canon_body *c, const char *p, size_t n)
{
	while (n > 0) {
		char out[PACK + CANON_PACK_SLACK];
		size_t made, used = 0;

		if (!c->wsp)
			used = canon_scan_wsp(p, n);
		if (used == n || used >= CLEAN_STRETCH) {
			add_lines(c, p, used);
		} else if (c->wsp || n < CANON_PACK_LEAST) {
			used = reduce_slowly(c, p, n);
		} else {
			used =
			    canon_pack_wsp(p, n < PACK ? n : PACK, out, &made);
			add_lines(c, out, made);
		}
		p += used;
		n -= used;
	}
}

void
canon_body_add(struct canon_body *c, const char *p, size_t n)
{
	if (c->how == CANON_RELAXED)
		reduce(c, p, n);
	else
		add_lines(c, p, n);
}

void
canon_body_end(struct canon_body *c)
{
	if (c->wsp_cr)
		add_lines(c, " \r", 2);
	if (c->cr)
		(void)settle_cr(c, false);
	if (c->line || (c->out == 0 && c->how == CANON_SIMPLE))
		emit(c, "\r\n", 2);
	c->line = false;
	flush(c);
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
	char *p = buf_room(out, s.n), *to = p;
	bool space = false;

	for (size_t i = 0; p != NULL && i < s.n; i++) {
		char c = s.p[i];

		if (is_wsp(c)) {
			space = true;
		} else if (c == '\r' && is_fold(s, i)) {
			i++; /* the white space behind it comes next */
		} else {
			if (space && to > p)
				*to++ = ' ';
			space = false;
			*to++ = c;
		}
	}
	if (p != NULL)
		out->n += (size_t)(to - p);
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
