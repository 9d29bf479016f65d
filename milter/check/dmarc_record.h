/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_record: one DMARC policy record by RFC 9989 section 4.7 and 4.8. What
 * is wrong in one tag costs that tag alone: its default counts. Pure but for
 * the arena; texts borrow from the record.
 */
#ifndef CM_CHECK_DMARC_RECORD_H
#define CM_CHECK_DMARC_RECORD_H

#include "base/arena.h"
#include "check/dmarc.h"

enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_YES, DMARC_PSD_NO };

/* Bits of fo=, RFC 9989 section 4.7. */
enum dmarc_fo {
	DMARC_FO_ALL = 1, /* "0", the default */
	DMARC_FO_ANY = 2, /* "1" */
	DMARC_FO_DKIM = 4,
	DMARC_FO_SPF = 8
};

struct dmarc_record {
	struct slice text;    /* as published */
	enum dmarc_policy p;  /* absent: none */
	enum dmarc_policy sp; /* absent: p */
	enum dmarc_policy np; /* absent: sp */
	/* "p", "sp" or "np" when its value is none of the three */
	struct slice bad;
	bool reports; /* rua= holds at least one valid URI */
	bool strict_dkim, strict_spf;
	bool testing; /* t=y */
	enum dmarc_psd psd;
	unsigned fo;           /* enum dmarc_fo; 0 without ruf= */
	struct slice rua, ruf; /* as written; empty if absent */
	bool cut; /* it has more than MOST_TAGS, which are unread */
};

/* 0; ERR_SYNTAX: the text does not begin with the version tag, so it is no
 * DMARC record; ERR_NOMEM. */
int dmarc_record_read(struct arena *a, struct slice text,
    struct dmarc_record *out) A_MUST_USE;

/* A reporting URI: scheme and something behind it; mailto needs an address. */
bool dmarc_uri_is_valid(struct slice uri) A_PURE;

#endif
