/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fold: building a header value out of words so that lines stay short. Folds are
 * LF + TAB, as libmilter wants them; never CR. One thread.
 */
#ifndef CM_MAIL_FOLD_H
#define CM_MAIL_FOLD_H

#include "base/buf.h"

struct fold {
	struct buf *out;
	size_t column; /* of the current line, from 0 */
	size_t width;  /* fold before a word would pass this column (78) */
	bool first;    /* no word yet: private to fold.c */
};

/* `column`: where the value begins (length of "Name:"). */
void fold_init(struct fold *f, struct buf *out, size_t column, size_t width);
/* A word that must not be broken, after one SP or a fold. */
void fold_word(struct fold *f, struct slice word);
/* Directly behind the last word, never folded between. */
void fold_glue(struct fold *f, struct slice text);
/* Directly behind the last word if it fits there, else on a new line. */
void fold_join(struct fold *f, struct slice word);
/* Text that may be broken anywhere (base64). */
void fold_break(struct fold *f, struct slice text);

#endif
