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

#define CANON_STAGE ((size_t)2048)

/* Body canonicaliser: state between chunks, no allocation. Long stretches go
 * from the caller's buffer to the sink as they are; short ones are gathered in
 * `stage`. What the sink has not seen yet it gets by canon_body_end() at the
 * latest. */
struct canon_body {
	enum canon how;
	canon_sink_fn sink;
	void *ctx;
	/* canonical bytes produced, those in `stage` included */
	uint64_t out;
	/* private to canon.c from here on */
	uint64_t crlfs; /* empty lines held back: trailing ones go */
	bool cr;        /* a CR held back: was the last byte */
	bool wsp;       /* relaxed: white space held back */
	bool wsp_cr;    /* relaxed: and a CR behind it */
	bool line;      /* the last line produced has no CRLF yet */
	size_t staged;
	char stage[CANON_STAGE];
};

void canon_body_init(struct canon_body *c, enum canon how, canon_sink_fn sink,
    void *ctx);
/* Any chunking, n == 0 too. Only CRLF ends a line: a bare CR or LF is an
 * ordinary byte (RFC 6376 section 3.4; both MTAs show every line end that they
 * take for one as CRLF, so what is left bare is content). */
void canon_body_add(struct canon_body *c, const char *p, size_t n);
/* End of body, once: a last line without CRLF gets one, trailing empty lines
 * go; simple: an empty body is one CRLF, relaxed: nothing. */
void canon_body_end(struct canon_body *c);

/* One header field (RFC 6376 sections 3.4.1 and 3.4.2), with its CRLF when
 * `crlf`. raw = "Name:value" without final CRLF. A CRLF inside that no white
 * space follows is no fold: it stays, as any other byte. */
void canon_header(struct buf *out, enum canon how, struct slice raw, bool crlf);

#endif
