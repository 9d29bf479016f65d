/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_parts: what the readers of an MTA's configuration share: logical lines
 * and tables; and what each of them found. Private to check/mta_*.c.
 */
#ifndef CM_CHECK_MTA_PARTS_H
#define CM_CHECK_MTA_PARTS_H

#include "check/mta_config.h"

/* ---- lines: a line that begins with white space continues the one before ---- */

struct mta_lines {
	struct arena *arena;
	struct slice rest;
	struct place place; /* of the line read last */
	unsigned line;      /* physical lines so far */
};

/* 0, or ERR_* with `why` (FILE_WHY octets). `path` must live on. */
int mta_lines_open(struct arena *a, const char *path, struct mta_lines *l,
    char *why) A_MUST_USE;
/* The next line that is neither empty nor a comment, trimmed at its end. */
bool mta_lines_next(struct mta_lines *l, struct slice *out);
/* Takes the next word, between white space, off the rest; false: none. */
bool mta_word(struct slice *rest, struct slice *word);

/* ---- tables: keys without case ---- */

struct mta_entry {
	struct slice key, value;
	size_t order; /* the first of equal keys counts */
};
VEC_DEFINE(mta_table, struct mta_entry);

int mta_table_add(struct mta_table *t, struct arena *a, struct slice key,
    struct slice value) A_MUST_USE;
/* Once, when all is added and before anything is looked for. */
void mta_table_sort(struct mta_table *t);
const struct slice *mta_table_find(const struct mta_table *t,
    struct slice key) A_PURE;
/* Adds the lines "key value" of a file. Results as mta_lines_open(). */
int mta_table_read(struct mta_table *t, struct arena *a, const char *path,
    char *why) A_MUST_USE;
/* True if the domain is in the table, or, `below`, some parent of it. */
bool mta_table_has_domain(const struct mta_table *t, struct slice domain,
    bool below) A_PURE;

/* ---- what was found ---- */

struct mta_sendmail {
	struct slice masquerade;                 /* MASQUERADE_AS, or "" */
	struct slice host;                       /* confDOMAIN_NAME, or "" */
	struct mta_table classes[5];             /* by enum mta_class */
	bool entire_masquerade, entire_generics; /* subdomains, too */
	bool limited;           /* FEATURE(limited_masquerade): not class w */
	bool all;               /* FEATURE(allmasquerade): recipients, too */
	bool generics;          /* there is a genericstable */
	struct mta_table table; /* its text */
	/* something was not read or not understood */
	bool classes_unknown, table_unknown;
};

enum mta_class { CLASS_M, CLASS_N, CLASS_E, CLASS_G, CLASS_W };

/* Reads sendmail.cf: 0, ERR_NOMEM. The lines were opened at its beginning. */
int mta_sendmail_read(struct mta_lines *l, bool mended, struct problems *p,
    struct mta_sendmail *out) A_MUST_USE;
enum mta_fate mta_sendmail_rewrite(const struct mta_sendmail *s,
    struct arena *a, struct mta_address *address);

struct mta_postfix {
	bool keeps_8bit; /* disable_mime_output_conversion */
	struct mta_table generic;
	bool generic_unknown;
	struct slice delimiters; /* recipient_delimiter */
};

/* The same for main.cf. */
int mta_postfix_read(struct mta_lines *l, bool mended, struct problems *p,
    struct mta_postfix *out) A_MUST_USE;
enum mta_fate mta_postfix_rewrite(const struct mta_postfix *f, struct arena *a,
    struct mta_address *address);

#endif
