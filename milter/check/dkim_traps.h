/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_traps: what a message holds that an MTA behind us may not deliver as it
 * is, so that its signature would break: 8-bit text, long lines, bare CR and
 * LF (RFC 6376 section 5.3). State between chunks of the body; one thread.
 */
#ifndef CM_CHECK_DKIM_TRAPS_H
#define CM_CHECK_DKIM_TRAPS_H

#include "mail/header.h"

/* RFC 5321 section 4.5.3.1.6 allows 998 octets without CRLF, and Postfix breaks
 * what is longer; Sendmail's mailers break lines of more than 990. */
#define DKIM_TRAPS_LINE 990
/* "Content-Transfer-Encoding: 8bit", and some space. */
#define DKIM_TRAPS_LABEL 40

struct dkim_traps {
	/* octets over 127 in the body, or a part of it that says so: Postfix
	 * believes the label */
	bool eight_bit;
	bool eight_bit_header; /* octets over 127 there */
	bool long_line; /* a line of header or body over DKIM_TRAPS_LINE */
	bool bare;      /* CR or LF that is no line end */
	/* private */
	size_t line;                  /* octets of the line so far */
	bool cr;                      /* the last octet was CR */
	char label[DKIM_TRAPS_LABEL]; /* how it begins, if that may matter */
	size_t label_n;
};

void dkim_traps_headers(struct dkim_traps *t, const struct header_list *h);
void dkim_traps_body(struct dkim_traps *t, struct slice chunk);
/* At the end of the body. */
void dkim_traps_end(struct dkim_traps *t);

#endif
