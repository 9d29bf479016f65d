/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canon: DKIM canonicalisation (RFC 6376 section 3.4), streaming and by
 * blocks: the body is scanned by memchr and SIMD, not byte by byte, and goes
 * out in long runs. The same code serves verification, signing and ARC.
 */
#ifndef CM_MAIL_CANON_H
#define CM_MAIL_CANON_H

#include "base/buf.h"

enum canon { CANON_SIMPLE, CANON_RELAXED };

/* Receives canonical bytes in order; n > 0. */
typedef void (*canon_sink_fn)(void *ctx, const char *p, size_t n);

/* Body canonicaliser: state between chunks, 4 KB at most, no allocation. */
struct canon_body {
	enum canon how;
	canon_sink_fn sink;
	void *ctx;
	uint64_t out;	/* canonical bytes delivered */
	/* private to canon.c from here on */
	uint64_t crlfs;	/* line ends held back: trailing empty lines */
	bool cr;	/* a CR at the end of the last chunk */
	bool wsp;	/* relaxed: white space held back */
	bool line;	/* the current line has content already delivered or held */
};

void canon_body_init(struct canon_body *c, enum canon how, canon_sink_fn sink,
    void *ctx);
/* Any chunking; only CRLF ends a line (RFC 6376 section 2.x: bare CR and LF are ordinary bytes here; a
 * LF alone is not a line end). */
void canon_body_add(struct canon_body *c, const char *p, size_t n);
/* End of body: a last line without CRLF gets one, trailing empty lines go;
 * simple: an empty body is one CRLF, relaxed: nothing. */
void canon_body_end(struct canon_body *c);

/* One header field, with its CRLF when `crlf`. raw = "Name:value" without
 * final CRLF. */
void canon_header(struct buf *out, enum canon how, struct slice raw, bool crlf);

#endif
